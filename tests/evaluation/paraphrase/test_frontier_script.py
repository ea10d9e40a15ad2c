"""The command itself, with a judge that can be worked out by hand."""

import csv
import shutil
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest

SCRIPT = Path(__file__).parents[3] / "training" / "frontier.py"


@pytest.fixture
def frontier(judge, monkeypatch):
    pytest.importorskip("sacrebleu")
    spec = spec_from_file_location("frontier", SCRIPT)
    module = module_from_spec(spec)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "MiniLmJudge", SimpleNamespace(open=lambda **settings: judge))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["frontier.py", *map(str, arguments)])
        return module.main()

    run.module = module
    return run


@pytest.fixture
def arguments(model_folder, run_folder, corpus, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("\n".join(corpus))
    files = ["--dev", text, "--train", text, "--run", run_folder, "--out", tmp_path / "table.csv"]
    sizes = ["--num-sentences", "4", "--n", "2", "--dial", "0", "1", "--strategies", "beam", "sample"]
    return [model_folder, *files, *sizes, "--scratch", tmp_path / "scratch"]


def read_table(tmp_path):
    with (tmp_path / "table.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_models_and_baselines_are_measured_once(frontier, arguments, tmp_path, capsys):
    assert frontier(*arguments) == 0
    first = (tmp_path / "table.csv").read_bytes()
    rows = read_table(tmp_path)
    measured = [(row["model"], row["strategy"], row["dial"]) for row in rows]
    assert measured == [
        ("nearest", "nearest", ""),
        ("parrot", "parrot", ""),
        ("random", "random", ""),
        ("synonyms", "synonyms", "0"),
        ("synonyms", "synonyms", "1"),
        *(("tiny", strategy, dial) for strategy in ("beam", "sample") for dial in ("0", "1")),
    ]
    of_model = next(row for row in rows if row["model"] == "tiny")
    assert (of_model["loss"], of_model["options"]) == ("soft-label", "N=3")
    assert len({row["sentences_sha256"] for row in rows}) == 1
    printed = capsys.readouterr().out
    assert "soft-label N=3" in printed.split("Pearson")[1]
    assert "against synonyms" in printed
    assert frontier(*arguments) == 0
    assert (tmp_path / "table.csv").read_bytes() == first
    assert capsys.readouterr().out.count("in the table") == len(rows)


def test_no_sentence_is_written(frontier, arguments, tmp_path, corpus):
    assert frontier(*arguments) == 0
    words = {word for line in corpus for word in line.split() if len(word) > 3}
    for path in [tmp_path / "table.csv", *(tmp_path / "scratch").iterdir()]:
        assert not [word for word in words if word.encode() in path.read_bytes()]


def test_baselines_without_material_are_left_out(frontier, model_folder, tmp_path, arguments, capsys):
    for option in ("--run", "--train"):
        place = arguments.index(option)
        del arguments[place : place + 2]
    assert frontier(*arguments) == 0
    assert {row["model"] for row in read_table(tmp_path)} == {"parrot", "tiny"}
    assert "synonyms: left out; it needs --run" in capsys.readouterr().out


def test_plot_and_report_of_a_table(frontier, arguments, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert frontier(*arguments, "--baselines") == 0
    shutil.rmtree(tmp_path / "scratch")
    frontier.module.MiniLmJudge = None  # not needed any more
    table, plot = tmp_path / "table.csv", tmp_path / "plot.png"
    assert frontier("--plot-only", "--out", table, "--plot", plot) == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert frontier("--report-only", "--out", table) == 0


def test_what_is_missing_is_said(frontier, arguments, tmp_path, capsys):
    assert frontier(tmp_path, *arguments[1:]) == 1
    assert "MANIFEST.sha256" in capsys.readouterr().err
    for given, wanted in ((["--out", "x.csv"], "name one model"), (["--plot-only", "--out", "x.csv"], "needs --plot")):
        with pytest.raises(SystemExit):
            frontier(*given)
        assert wanted in capsys.readouterr().err


def test_options_of_a_loss_on_one_line(frontier):
    options = {"num_neighbours": 5, "ce_mix": 0.2, "temperature": None, "stop_ids": [1], "reduction": "mean"}
    provenance = {"loss_options": options, "vectors": {"exclusions": ["antonyms", "inflections"]}}
    describe = frontier.module.describe_options
    soft = SimpleNamespace(loss="soft-label", provenance=provenance)
    assert describe(soft) == "N=5 ce_mix=0.2 without=antonyms+inflections"
    assert describe(SimpleNamespace(loss="ce", provenance=provenance)) == "ce_mix=0.2"
    assert describe(SimpleNamespace(loss="ce", provenance={})) == ""
