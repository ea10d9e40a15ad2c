"""The command itself: rows as they should be, nothing measured twice, and errors that say what to do."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from resay.evaluation import tasks
from resay.evaluation.rows import COLUMNS, read_rows
from resay.evaluation.subjects import open_subjects
from resay.evaluation.systems import Sources, VectorCache
from resay.evaluation.tasks import GROUPS, TASKS, Material, choose_tasks, note_of

SCRIPT = Path(__file__).parents[3] / "training" / "evaluate.py"


@pytest.fixture
def measured(monkeypatch):
    """Measure transfer tasks by what a system makes of two words; return what was asked for."""
    asked = []

    def evaluate(name, embed, data, seed):
        vectors = embed(["the soup", "no"])
        assert vectors.shape[0] == 2
        asked.append((name, data, seed))
        return {"accuracy": float(50 + np.abs(vectors).mean()), "f1": 80.0}

    monkeypatch.setattr(tasks, "evaluate_task", evaluate)
    monkeypatch.setattr(tasks, "snli_is_subset", lambda data: True)
    return asked


@pytest.fixture
def evaluate(monkeypatch, measured):
    spec = spec_from_file_location("evaluate", SCRIPT)
    module = module_from_spec(spec)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    spec.loader.exec_module(module)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["evaluate.py", *map(str, arguments)])
        return module.main()

    return run


def test_rows_of_readings_and_tasks(evaluate, run_folder, text_file, tmp_path, measured, capsys):
    table = tmp_path / "new" / "results.csv"
    command = [run_folder, "--tasks", "paper", "reconstruction", "--data", tmp_path, "--text", text_file]
    command += ["--readings", "embedding", "latent", "--out", table]
    assert evaluate(*command) == 0
    rows = read_rows(table)
    assert tuple(rows[0]) == COLUMNS
    found = {(row["system"], row["reading"], row["task"], row["metric"]): row for row in rows}
    paper = [("mrpc", "f1"), ("sick-e", "accuracy"), ("snli", "accuracy")]
    assert {("soft-seed1", reading, *measure) for reading in ("embedding", "latent") for measure in paper} <= set(found)
    one = found["soft-seed1", "latent", "snli", "accuracy"]
    assert (one["loss"], one["num_neighbours"], one["seed"], one["note"]) == ("soft-label", "3", "1", "20k train pairs")
    assert len(one["model_sha256"]) == 64
    assert one["hardware"].startswith("CPU: ")
    assert float(one["seconds"]) >= 0
    assert one["model_sha256"] != found["soft-seed1", "embedding", "snli", "accuracy"]["model_sha256"]
    reconstructions = [row for row in rows if row["task"] == "reconstruction"]
    assert {row["metric"]: row["reading"] for row in reconstructions} == dict.fromkeys(
        ("token_accuracy", "nats_per_token", "exact_reconstruction"), "latent"
    )
    assert (table.parent / "soft-seed1.txt").read_text().startswith("< ")
    assert [name for name, *_ in measured] == [*GROUPS["paper"]] * 2
    before = table.read_bytes()
    capsys.readouterr()
    assert evaluate(*command) == 0
    assert table.read_bytes() == before
    assert capsys.readouterr().out.count("(in the table)") == 8
    assert len(measured) == 6
    assert evaluate(*command, "--again") == 0
    assert len(measured) == 12


def test_what_was_measured_stays_when_another_task_fails(evaluate, run_folder, tmp_path, capsys):
    table = tmp_path / "results.csv"
    command = [run_folder, "--tasks", "mrpc", "reconstruction", "--data", tmp_path, "--out", table]
    assert evaluate(*command, "--text", tmp_path / "none.txt") == 1
    assert "none.txt" in capsys.readouterr().err
    assert {row["task"] for row in read_rows(table)} == {"mrpc"}


def test_another_seed_of_the_task_is_measured_and_told(evaluate, run_folder, tmp_path, measured):
    table = tmp_path / "results.csv"
    for seed in (0, 7, 7):
        assert evaluate(run_folder, "--tasks", "mrpc", "--data", tmp_path, "--out", table, "--seed", seed) == 0
    assert [seed for _, _, seed in measured] == [0, 7]
    assert {row["note"] for row in read_rows(table)} == {"seed of the task 7"}


def test_a_page_of_a_run_and_of_its_export(evaluate, run_folder, model_folder, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    table, page = tmp_path / "results.csv", tmp_path / "pages" / "soft.html"
    assert evaluate(run_folder, "--tasks", "mrpc", "--data", tmp_path, "--out", table, "--report", page) == 0
    text = page.read_text()
    assert "<h1>soft-seed1</h1>" in text
    assert "<h2>Reconstructions</h2>" in text
    assert "Loss on training and dev text" in text
    command = [model_folder, "--tasks", "mrpc", "reconstruction", "--data", tmp_path, "--text", table, "--out", table]
    assert evaluate(*command, "--report", page) == 0
    assert "soft embedding  reconstruction: left out; it needs a run folder" in capsys.readouterr().out
    text = page.read_text()
    assert "<h2>Paraphrases</h2>" in text
    assert '<th scope="row">soft, seeds 1' not in text
    assert evaluate(model_folder, "--report", page, "--out", table) == 0
    assert page.read_text() == text


def test_nothing_is_written_without_a_table(evaluate, run_folder, text_file, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert evaluate(run_folder.resolve(), "--tasks", "mrpc", "reconstruction", "--data", ".", "--text", text_file) == 0
    assert "accuracy 5" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["RUN", "--tasks", "mrcp", "--data", "."],
            r"task must be one of: mrpc, .*; got 'mrcp' (did you mean 'mrpc'?)",
        ),
        (["avrage", "--tasks", "mrpc", "--data", "."], "a system must be one of: "),
        (["avrage", "--tasks", "mrpc", "--data", "."], "there is no such folder"),
        (["RUN", "--tasks", "mrpc"], "task mrpc needs --data DIR"),
        (["RUN", "--tasks", "reconstruction"], "task reconstruction needs --text FILE"),
        (["RUN", "--tasks", "yelp-similarity", "--text", "x"], "task yelp-similarity needs --pairs FILE"),
        (["RUN", "RUN", "--tasks", "mrpc", "--data", "."], "would have one name in the table"),
        (["average", "--tasks", "mrpc", "--data", ".", "--report", "x.html"], "--report writes a page on a model"),
        (["EMPTY", "--tasks", "mrpc", "--data", "."], "is no run folder of training/train.py"),
    ],
)
def test_errors_say_what_to_do(evaluate, run_folder, tmp_path, capsys, arguments, message):
    places = {"RUN": run_folder, "EMPTY": tmp_path}
    assert evaluate(*(places.get(word, word) for word in arguments)) == 1
    error = capsys.readouterr().err
    assert error.startswith("evaluate.py: ")
    for part in message.split(".*"):
        assert part in error


def test_subjects(run_folder, model_folder, tmp_path):
    vectors = tmp_path / "vectors.npz"
    np.savez(vectors, words=np.array(["soup", "no"]), vectors=np.eye(2, dtype=np.float32))
    cache = VectorCache(tmp_path / "cache")
    (average,) = open_subjects("average", ["latent"], Sources(vectors=vectors), cache)
    assert (average.title, average.reading, average.loss, average.folder) == ("average", "", "", None)
    (net,) = open_subjects("random-lstm", [], Sources(vectors=vectors, seed=3), cache)
    assert net.title == "random-lstm-seed3"
    run, exported = (
        next(open_subjects(str(folder), ["latent", "latent"], Sources(), cache))
        for folder in (run_folder, model_folder)
    )
    assert (run.exported, exported.exported) == (False, True)
    np.testing.assert_allclose(run.embed(["the soup"]), exported.embed(["the soup"]), atol=1e-5)
    assert run.sha256 != exported.sha256
    assert list((tmp_path / "cache").iterdir())


def test_all_leaves_out_what_it_lacks(tmp_path):
    chosen, left_out = choose_tasks(["all", "mrpc"], Material(data=tmp_path))
    assert "mrpc" in chosen
    assert len(chosen) == len(set(chosen))
    assert "reconstruction (needs --text FILE)" in left_out
    assert "yelp-similarity (needs --text FILE, --pairs FILE)" in left_out
    assert len(chosen) + len(left_out) == len(TASKS)
    everything = Material(data=tmp_path, text=tmp_path, pairs=tmp_path)
    assert choose_tasks(["all"], everything) == (list(TASKS), [])


def test_notes(monkeypatch, run_folder, tmp_path):
    (subject,) = open_subjects(str(run_folder), ["latent"], Sources(), VectorCache(tmp_path))
    monkeypatch.setattr(tasks, "snli_is_subset", lambda data: False)
    assert note_of("snli", subject, Material(data=tmp_path)) == ""
    monkeypatch.setattr(tasks, "snli_is_subset", lambda data: True)
    assert note_of("snli", subject, Material(data=tmp_path, seed=2)) == "20k train pairs, seed of the task 2"
    assert note_of("snli", subject, Material(data=tmp_path, seed=1)) == "20k train pairs"
    assert note_of("mrpc", subject, Material(data=tmp_path)) == ""
