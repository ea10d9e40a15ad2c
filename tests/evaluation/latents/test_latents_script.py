"""The command itself: tables, plots and the page of runs that have learnt nothing."""

import csv
import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from resay.evaluation.latents.summary import in_order, orders, read_tables

SCRIPT = Path(__file__).parents[3] / "training" / "latents.py"
QUICK = ("--num-draws", "1", "--num-spoiled", "3")


@pytest.fixture
def latents(monkeypatch):
    pytest.importorskip("matplotlib")
    spec = spec_from_file_location("latents_script", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["latents.py", *map(str, arguments)])
        return module.main()

    return run


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def read(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_run_is_measured_once(latents, make_run, text_file, out, capsys):
    runs = [make_run("binary-wd", word_dropout=0.5), make_run("named-otherwise", "gumbel"), make_run("plain", "lm")]
    arguments = ("measure", *runs, "--data", text_file, "--out", out, *QUICK)
    assert latents(*arguments) == 0
    tables = {name: read(out / f"{name}.csv") for name in ("perplexity", "spoil", "means", "covariance")}
    found = [(row["run"], row["latent"], row["word_dropout"]) for row in tables["perplexity"]]
    assert found == [("binary-wd", "binary", "0.5"), ("named-otherwise", "gumbel", "0"), ("plain", "lm", "0")]
    counts = {name: [row["run"] for row in rows] for name, rows in tables.items()}
    assert counts["spoil"] == ["binary-wd"] * 4 + ["named-otherwise"] * 8  # probabilities, and bits
    assert counts["means"] == counts["spoil"]
    assert counts["covariance"] == ["binary-wd"] * 4 + ["named-otherwise"] * 4
    assert all((out / f"{name}.png").read_bytes().startswith(b"\x89PNG") for name in tables)
    assert "plain  spoil: has no dimensions" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in out.glob("*.csv")}
    assert latents(*arguments) == 0
    assert {path: path.read_bytes() for path in out.glob("*.csv")} == before
    assert capsys.readouterr().out.count("in the table") == 9


def change(table, run, column, value):
    rows = read(table)
    for row in rows:
        if row["run"] == run:
            row[column] = value
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_what_stands_in_the_table_is_kept_until_the_run_or_the_text_is_another(latents, make_run, text_file, out):
    runs = [make_run("one"), make_run("two")]
    table = out / "means.csv"

    def measured(*more, data=text_file):
        assert latents("measure", *runs, "--data", data, "--out", out, "--tasks", "means", *more) == 0
        return {row["run"]: row["mean"] for row in read(table)}

    honest = measured()
    for run in ("one", "two"):
        change(table, run, "mean", "99")
    assert measured() == {"one": "99", "two": "99"}
    make_run("one", created="2026-02-02T00:00:00+00:00")
    assert measured() == {"one": honest["one"], "two": "99"}
    assert measured("--again") == honest
    other = out.parent / "test.txt"
    other.write_text("the soup was cold .\nbad bread .\n")
    change(table, "two", "mean", "99")
    assert measured(data=other)["two"] != "99"
    assert len(read(table)) == 8


def test_figures_are_in_the_order_of_growth(latents, make_run, text_file, out):
    assert latents("measure", make_run("one"), "--data", text_file, "--out", out, *QUICK) == 0
    tables = read_tables(out)
    order = orders(tables["spoil"])["one"]
    growth = {int(row["dimension"]): float(row["growth_share"]) for row in tables["spoil"]}
    assert list(order) == sorted(growth, key=lambda dimension: -growth[dimension])
    assert [int(row["dimension"]) for row in in_order(tables["means"], order)] == list(order)
    assert [int(row["dimension"]) for row in in_order(tables["means"], None)] == [0, 1, 2, 3]
    assert [int(row["dimension"]) for row in in_order(tables["means"], order[:3])] == [0, 1, 2, 3]


def test_a_run_that_is_not_there_or_not_finished_is_named(latents, make_run, text_file, out, capsys):
    finished, running = make_run("finished"), make_run("still-running", status="running")
    common = ("--data", text_file, "--out", out)
    assert latents("measure", finished, running, *common) == 1
    assert "still-running: its training is not finished (status: running)" in capsys.readouterr().err
    assert latents("measure", finished, finished.parent / "absent", *common) == 1
    assert "absent" in capsys.readouterr().err
    assert latents("measure", finished, finished, *common) == 1
    assert "are both called finished" in capsys.readouterr().err
    assert not out.exists()  # nothing is measured before all are known to be there
    (finished / "model.safetensors").unlink()
    assert latents("measure", finished, *common) == 1
    assert "finished: no finished training run (model.safetensors missing)" in capsys.readouterr().err


@pytest.fixture
def labelled(tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("".join(f"the soup was good {'very ' * number}.\n" for number in range(12)))
    bad.write_text("".join(f"the bread was bad {'very ' * number}.\n" for number in range(12)))
    return [f"good={good}", f"bad={bad}"]


def test_classifiers_and_the_page(latents, make_run, labelled, out, tmp_path, capsys):
    runs = [make_run("plain", "lm"), make_run("binary"), make_run("gauss", "vae")]
    sizes = ("--num-train", "14", "--num-dev", "6", "--num-seeds", "1")
    arguments = ("classify", *runs, "--name", "praise", "--out", out)
    assert latents(*arguments, "--texts", *labelled, *sizes) == 0
    rows = read(out / "classify.csv")
    features = [(row["run"], row["features"]) for row in rows]
    of_binary = [("binary", name) for name in ("bits", "probabilities", "logits")]
    assert features == [*of_binary, ("gauss", "mean"), ("word vectors", "chance"), ("word vectors", "embedding")]
    assert {(row["input"], row["num_train"], row["num_dev"]) for row in rows} == {("praise", "14", "6")}
    assert (out / "classify.png").read_bytes().startswith(b"\x89PNG")
    before = (out / "classify.csv").read_bytes()
    assert latents(*arguments, "--texts", *labelled, *sizes) == 0
    assert (out / "classify.csv").read_bytes() == before
    topics, dev = tmp_path / "train.csv", tmp_path / "dev.csv"
    topics.write_text("".join(f'"soup {"good " * number}",{number % 2}\n' for number in range(8)))
    dev.write_text('"soup good ",1\n"bread",0\n')
    with_dev = ("--texts", topics, "--dev-texts", dev, "--num-seeds", "1")
    assert latents("classify", runs[1], "--name", "topics", "--out", out, *with_dev) == 0
    found = [row for row in read(out / "classify.csv") if row["input"] == "topics"]
    assert {(row["num_train"], row["num_dev"]) for row in found} == {("7", "2")}  # one stands in both
    assert latents("report", "--title", "Praise", "--out", out) == 0
    page = (out / "report.md").read_text()
    assert "**praise**: 2 labels" in page
    assert "**topics**: 2 labels" in page
    assert page.count("| (e) |") == 1


def test_sentences_are_left_out(latents, make_run, labelled, out, tmp_path, capsys):
    trained_on = tmp_path / "train.txt"
    trained_on.write_text("".join(f"the soup was good {'very ' * number}.\n" for number in range(8)))
    sizes = ("--num-train", "14", "--num-dev", "6", "--num-seeds", "1")
    arguments = ("--name", "praise", "--out", out, "--texts", *labelled, "--leave-out", trained_on, *sizes)
    assert latents("classify", make_run("binary"), *arguments) == 1
    assert "16 texts are left" in capsys.readouterr().err


def test_no_sentence_is_written(latents, make_run, text_file, labelled, out):
    run = make_run("binary")
    assert latents("measure", run, "--data", text_file, "--out", out, *QUICK) == 0
    sizes = ("--num-train", "14", "--num-dev", "6", "--num-seeds", "1")
    assert latents("classify", run, "--name", "praise", "--out", out, "--texts", *labelled, *sizes) == 0
    written = "".join(path.read_text() for path in out.glob("*.csv"))
    assert not [word for word in ("soup", "bread", "waiter") if word in written]


def test_an_old_run_that_names_no_latent_is_one_without_bottleneck(latents, make_run, text_file, out):
    folder = make_run("old", "none")
    record = json.loads((folder / "run.json").read_text())
    del record["model"]["latent"], record["settings"]["word_dropout"]
    (folder / "run.json").write_text(json.dumps(record))
    assert latents("measure", folder, "--data", text_file, "--out", out, "--tasks", "perplexity", *QUICK) == 0
    (row,) = read(out / "perplexity.csv")
    assert (row["latent"], row["word_dropout"]) == ("none", "0")
    assert latents("report", "--title", "Old", "--out", out / "nowhere") == 1
