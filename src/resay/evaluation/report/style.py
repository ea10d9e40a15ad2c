"""The look of the page: light and dark, from a phone's width up."""

STYLE = """\
:root {
  color-scheme: light dark;
  --ink: #1c2024; --faint: #60656c; --paper: #ffffff; --shade: #f4f5f7; --rule: #d9dce1;
  --ours: #b3261e; --reading: #e0847e; --models: #7d8792; --baselines: #2563b0; --tint: #fdf0ef;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e8eb; --faint: #a0a7b0; --paper: #15181c; --shade: #1f2329; --rule: #3a4048;
    --ours: #ff8a80; --reading: #b8645d; --models: #8c96a2; --baselines: #7fb2f5; --tint: #33211f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 58rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
p { margin: .5rem 0; max-width: 46rem; }
.lead, .note, figcaption, small { color: var(--faint); }
.note, figcaption { font-size: .875rem; }
.warning { border-left: 4px solid var(--ours); background: var(--tint); padding: .5rem .75rem; }
.wide { overflow-x: auto; margin: .6rem 0; border: 1px solid var(--rule); border-radius: 6px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { background: var(--shade); vertical-align: bottom; }
thead small { display: block; font-weight: 400; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); font-weight: 500; }
thead th:first-child { background: var(--shade); }
tr.ours > * { background: var(--tint); font-weight: 600; }
col.ours { background: var(--tint); }
tr.baseline > th:first-child { color: var(--baselines); }
figure { margin: .8rem 0; }
figure svg { width: 100%; height: auto; max-width: 36rem; display: block; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .3rem 1rem; margin: .6rem 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
.warning ul { margin: .3rem 0; padding-left: 1.2rem; }
.examples > div { border-top: 1px solid var(--rule); padding: .6rem 0; }
.examples p { margin: 0 0 .2rem; font-weight: 600; }
.examples ol { margin: 0; padding-left: 1.4rem; }
.examples li small { margin-left: .5rem; white-space: nowrap; }
@media (max-width: 30rem) {
  th:first-child { min-width: 6.5rem; white-space: normal; overflow-wrap: break-word; }
  th, td { padding: .3rem .45rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
"""
