"""benchmarks/losses.py at a size that takes seconds: every form runs or says why not."""

import pytest

V, TOKENS = 60, 20


@pytest.fixture(scope="module")
def written(run_script, read_rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("losses")
    sizes = ["--vocabulary", V, 2 * V, "--tokens", TOKENS, "--hidden", 8, "--word-vector-size", 6, "--repetitions", 3]
    limits = ["--table-limit", V, "--memory-budget", 4e-9 * (V**2 + 5 * TOKENS * V), "--device", "cpu"]
    chosen = ["--losses", "ce", "soft-label", "--allocators", "default", "--no-memory", "--no-plot"]
    printed = run_script("losses.py", *sizes, *limits, *chosen, "--out", folder / "losses.csv")
    return printed, read_rows(folder / "losses.csv")


def row_of(rows, vocab_size, loss, form):
    (row,) = [r for r in rows if (r["vocab_size"], r["loss"], r["form"]) == (str(vocab_size), loss, form)]
    return row


def test_every_form_has_a_row(written):
    _, rows = written
    forms = {(row["loss"], row["form"]) for row in rows}
    assert {("ce", form) for form in ("torch-dense", "torch-fused", "drop-in", "fused")} <= forms
    assert {("soft-label", form) for form in ("published", "drop-in", "fused", "fused-ce")} <= forms
    assert len(rows) == 2 * len(forms)


def test_measured_rows_are_ordered_quartiles(written):
    _, rows = written
    measured = [row for row in rows if not row["note"]]
    assert measured
    for row in measured:
        assert 0 < float(row["q25_ms"]) <= float(row["median_ms"]) <= float(row["q75_ms"])
        assert float(row["ratio_to_fused_ce"]) > 0
        assert (row["clock"], row["repetitions"], row["num_tokens"]) == ("cpu", "3", str(TOKENS))
    assert float(row_of(rows, V, "ce", "fused")["ratio_to_fused_ce"]) == 1


def test_a_table_over_the_budget_is_refused_with_its_size(written):
    _, rows = written
    assert row_of(rows, V, "soft-label", "published")["note"] == ""
    refused = row_of(rows, 2 * V, "soft-label", "published")
    assert refused["note"].startswith("would need ")
    assert refused["median_ms"] == ""


def test_made_up_tables_are_marked(written):
    _, rows = written
    assert row_of(rows, V, "soft-label", "fused")["tables"] == "computed"
    assert row_of(rows, 2 * V, "soft-label", "fused")["tables"] == "random"
    assert row_of(rows, V, "ce", "fused")["tables"] == ""


def test_ratios_are_printed(written):
    printed, _ = written
    assert "soft-label" in printed.split("fused loss / fused cross-entropy")[1]


def test_memory_of_one_form(run_script, read_rows, tmp_path):
    sizes = ["--vocabulary", V, "--tokens", TOKENS, "--hidden", 8, "--repetitions", 3, "--device", "cpu", "--no-plot"]
    run_script("losses.py", *sizes, "--losses", "ce", "--allocators", "tuned", "--out", tmp_path / "losses.csv")
    rows = read_rows(tmp_path / "losses.csv")
    assert {row["allocator"] for row in rows} == {"tuned"}
    for row in rows:
        assert 0 < float(row["peak_mb"]) < float(row["process_mb"])
