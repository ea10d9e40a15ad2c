"""Tables whose rows come and go with their run."""

import math

import pytest

from resay.errors import CorpusError
from resay.evaluation.latents.table import as_cell, as_number, read_rows, replace_rows, rows_of


def rows(run, created="1", count=2, **cells):
    return [{"run": run, "created": created, "input": "t", "dimension": place, **cells} for place in range(count)]


def test_rows_of_a_run_are_replaced_together(tmp_path):
    table = tmp_path / "folder" / "spoil.csv"
    replace_rows(table, rows("b"))
    replace_rows(table, rows("a", growth=0.123456789))
    replace_rows(table, rows("b", created="2", count=3))
    found = read_rows(table)
    assert [(row["run"], row["created"], row["dimension"]) for row in found] == [
        *(("a", "1", str(place)) for place in range(2)),
        *(("b", "2", str(place)) for place in range(3)),
    ]
    assert found[0]["growth"] == "0.123457"
    assert math.isnan(as_number(found[2], "growth"))
    assert math.isnan(as_number(found[2], "no such column"))
    assert list(table.parent.iterdir()) == [table]


def test_a_measurement_is_found_by_all_its_cells(tmp_path):
    table = tmp_path / "t.csv"
    replace_rows(table, rows("a", word_dropout=0.5))
    head = {"run": "a", "created": "1", "word_dropout": 0.5}
    assert len(rows_of(read_rows(table), head)) == 2
    for other in ({"created": "2"}, {"word_dropout": 0.0}, {"seed": 1}):
        assert rows_of(read_rows(table), head | other) == []


def test_another_table_is_left_alone(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("model,strategy\na,b\n")
    with pytest.raises(CorpusError, match=r"t.csv: is no table of latents, as it lacks input, run, created"):
        replace_rows(table, rows("a"))
    assert table.read_text() == "model,strategy\na,b\n"


def test_a_second_input_needs_another_folder(tmp_path):
    table = tmp_path / "t.csv"
    replace_rows(table, rows("a"))
    before = table.read_text()
    with pytest.raises(CorpusError, match=r"t.csv: has measurements on t, and these are on other; name another folder"):
        replace_rows(table, [row | {"input": "other"} for row in rows("a")])
    assert table.read_text() == before


def test_classifiers_may_have_several_inputs(tmp_path):
    table = tmp_path / "t.csv"
    replace_rows(table, rows("a", features="bits"))
    replace_rows(table, [row | {"input": "other"} for row in rows("a", features="bits")])
    assert {row["input"] for row in read_rows(table)} == {"t", "other"}


def test_nothing_is_written_for_no_rows(tmp_path):
    replace_rows(tmp_path / "t.csv", [])
    assert read_rows(tmp_path / "t.csv") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (1 / 3, "0.333333"), (1e9, "1e+09"), (12, "12"), (True, "True")]
)
def test_cells(value, text):
    assert as_cell(value) == text
