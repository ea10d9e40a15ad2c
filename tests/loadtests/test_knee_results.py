"""Table, plot and page of a search in virtual time."""

import csv
import io

import pytest
from knee.page import write_page
from knee.plot import draw
from knee.rows import ALL, COLUMNS, Context, mark_knee, rows_of, write_rows
from knee.search import Search, knee_of
from traffic.kinds import KINDS

LIMITS_MS = dict.fromkeys(KINDS, 30.0)


@pytest.fixture
def rows(virtual_server, virtual_stand):
    context = Context("made-up", "0123abc", "f00", "one core")
    steps = list(Search(seconds=3).steps(virtual_stand(virtual_server(0.002)).measure))
    found = [row for measured in steps for row in rows_of("interactive", measured, LIMITS_MS, context)]
    mark_knee(found, knee_of(steps))
    return found


def test_the_table_has_a_row_for_each_step(rows):
    stream = io.StringIO()
    write_rows(stream, rows)
    read = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert tuple(read[0]) == COLUMNS
    assert len(read) == len(rows)
    assert [row["knee"] for row in read].count("True") == 1
    assert read[0]["frontend_cpu_ms"] == ""  # no server's process can be seen
    assert {row["model"] for row in read} == {"made-up"}
    assert float(read[0]["limit_ms"]) == 30


def test_the_knee_is_the_best_sustained_rate(rows):
    best = max(row["load"] for row in rows if row["mode"] == "open" and row["sustained"])
    assert [row["load"] for row in rows if row["knee"]] == [best]


def test_page_and_plot_are_made(rows, tmp_path):
    draw(rows, LIMITS_MS, tmp_path / "knee.png")
    assert (tmp_path / "knee.png").read_bytes().startswith(b"\x89PNG")
    write_page(tmp_path / "README.md", rows, LIMITS_MS, "python loadtests/find_knee.py", "knee.png")
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "](knee.png)" in page
    assert page.count("**knee**") == 1
    tables = [line for line in page.splitlines() if line.startswith("|")]
    assert len(tables) == 2 * 2 + 1 + len(rows)
    assert {line.count("|") for line in tables[3:]} == {tables[3].count("|")}


def test_kinds_of_a_mix_have_rows_of_their_own(virtual_server, virtual_stand):
    from generator.stand import Step

    server = virtual_server(0.001)
    stand = virtual_stand(server, users="mix")
    measured = stand.measure(Step(mode="open", load=200, seconds=5))
    found = rows_of("mix", measured, LIMITS_MS | {"bulk": 200.0}, Context("m", "", "c", "h"))
    assert [row["kind"] for row in found] == [ALL, "interactive", "bulk", "paraphrase"]
    assert sum(row["requests"] for row in found[1:]) == found[0]["requests"] == 1000
    # This server knows no base64 and no candidates: those contents are wrong, the interactive ones right.
    assert found[1]["wrong"] == 0
    assert found[2]["wrong"] == found[2]["checked"] > 0
    assert found[3]["wrong"] == found[3]["checked"] > 0


def test_no_knee_is_said(virtual_server, virtual_stand, tmp_path):
    steps = list(Search(seconds=1).steps(virtual_stand(virtual_server(0.1)).measure))
    found = [row for each in steps for row in rows_of("interactive", each, LIMITS_MS, Context("m", "", "c", "h"))]
    mark_knee(found, knee_of(steps))
    draw(found, LIMITS_MS, tmp_path / "knee.png")
    write_page(tmp_path / "README.md", found, LIMITS_MS, "command", "knee.png")
    assert "no rate was sustained" in (tmp_path / "README.md").read_text(encoding="utf-8")
