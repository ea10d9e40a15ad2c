"""The table of results: what is measured again takes the place of what was, and no other table is touched."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from resay.errors import CorpusError
from resay.evaluation import rows as tables
from resay.evaluation.rows import COLUMNS, as_cell, as_number, hardware, read_rows, replace_rows, rows_of, write_rows


def row(system="m", task="mrpc", metric="accuracy", value=70.0, **cells):
    return dict.fromkeys(COLUMNS, "") | {"system": system, "task": task, "metric": metric, "value": value} | cells


def test_rows_of_a_task_are_replaced_together(tmp_path):
    table = tmp_path / "folder" / "results.csv"
    replace_rows(table, [row(), row(metric="f1", value=2 / 3), row(task="trec"), row(reading="latent")])
    replace_rows(table, [row("a")])
    replace_rows(table, [row(value=71.25)])
    found = read_rows(table)
    assert [(one["system"], one["reading"], one["task"], one["metric"], one["value"]) for one in found] == [
        ("a", "", "mrpc", "accuracy", "70"),
        ("m", "", "mrpc", "accuracy", "71.25"),
        ("m", "", "trec", "accuracy", "70"),
        ("m", "latent", "mrpc", "accuracy", "70"),
    ]
    assert tuple(found[0]) == COLUMNS
    assert [path.name for path in table.parent.iterdir()] == ["results.csv"]


def test_another_table_is_left_alone(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("system,reading,task\n")
    with pytest.raises(CorpusError, match=r"t.csv: is no table of results, as it lacks loss, num_neighbours, seed"):
        replace_rows(table, [row()])
    assert table.read_text() == "system,reading,task\n"


def test_a_row_that_lacks_a_column_is_refused(tmp_path):
    lacking = row()
    del lacking["commit"], lacking["seconds"]
    with pytest.raises(CorpusError, match=r"t.csv: a row of results needs the columns commit, seconds, and lacks them"):
        replace_rows(tmp_path / "t.csv", [row("a"), lacking])
    assert list(tmp_path.iterdir()) == []


def test_further_columns_may_be_had(tmp_path):
    table = tmp_path / "t.csv"
    replace_rows(table, [{"hidden_size": 256} | row("a")])
    replace_rows(table, [row("b")])
    assert tuple(read_rows(table)[0]) == (*COLUMNS, "hidden_size")
    assert [one["hidden_size"] for one in read_rows(table)] == ["256", ""]


def test_other_tables_name_their_own_columns(tmp_path):
    table = tmp_path / "runs.csv"
    for accuracy in (0.1, 0.2):
        replace_rows(table, [{"run": "x", "accuracy": accuracy}], ("run",), required=("run",), kind="runs")
    assert read_rows(table, ("run",)) == [{"run": "x", "accuracy": "0.2"}]
    with pytest.raises(CorpusError, match="is no table of runs, as it lacks epochs"):
        read_rows(table, ("run", "epochs"), "runs")


def test_written_rows_are_read_as_text(tmp_path):
    write_rows(tmp_path / "t.csv", [row(value=1 / 3, seed=2, note='20k, train\n"pairs"')])
    (found,) = read_rows(tmp_path / "t.csv")
    assert (found["value"], found["seed"], found["note"]) == ("0.333333", "2", '20k, train\n"pairs"')
    assert as_number(found, "value") == pytest.approx(1 / 3, abs=1e-6)
    assert math.isnan(as_number(found, "loss"))


def test_a_measurement_is_found_by_all_its_cells():
    rows = [row(seed="1"), row(seed="2")]
    assert rows_of(rows, {"system": "m", "seed": 2}) == [rows[1]]
    assert rows_of(rows, {"system": "m", "absent": 1}) == []


def test_nothing_is_written_for_no_rows(tmp_path):
    replace_rows(tmp_path / "t.csv", [])
    assert read_rows(tmp_path / "t.csv") == []


def test_two_writers_at_once_lose_no_row(tmp_path):
    table = tmp_path / "t.csv"

    def write(name):
        for place in range(20):
            replace_rows(table, [row(f"{name}-{place}")])

    with ThreadPoolExecutor() as pool:
        list(pool.map(write, "abc"))
    assert {one["system"] for one in read_rows(table)} == {f"{name}-{place}" for name in "abc" for place in range(20)}
    assert list(tmp_path.iterdir()) == [table]


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (1 / 3, "0.333333"), (79.5, "79.5"), (12, "12"), ("0.10", "0.10")]
)
def test_cells(value, text):
    assert as_cell(value) == text


def test_hardware_is_named_without_the_host(tmp_path, monkeypatch):
    processors = tmp_path / "cpuinfo"
    processors.write_text("processor\t: 0\nmodel name\t: Fast: One\nprocessor\t: 1\nmodel name\t: Fast: One\n")
    monkeypatch.setattr(tables, "PROCESSORS", processors)
    assert hardware().startswith("CPU: Fast: One, ")
    assert ", torch 2." in hardware()
    assert "+" not in hardware()
    monkeypatch.setattr(tables, "PROCESSORS", tmp_path / "nowhere")
    assert hardware().startswith("CPU: ")
