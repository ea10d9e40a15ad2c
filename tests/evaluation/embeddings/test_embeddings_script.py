"""The command itself."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from resay.evaluation.rows import read_rows

SCRIPT = Path(__file__).parents[3] / "training" / "embeddings.py"


@pytest.fixture
def command(monkeypatch):
    spec = spec_from_file_location("embeddings", SCRIPT)
    module = module_from_spec(spec)
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    spec.loader.exec_module(module)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["embeddings.py", *map(str, arguments)])
        return module.main()

    return run


def test_measure_and_report(command, vectors, text, lemmas, pairs_file, tmp_path, capsys):
    table = tmp_path / "out" / "steps.csv"
    given = ["measure", "--vectors", vectors, "--lemmas", lemmas, "--train", text, "--out", table]
    given += ["--pairs-dev", pairs_file(), "--text-dev", text, "--variants", "every-word", "default"]
    assert command(*given) == 0
    output = capsys.readouterr().out
    assert "default  yelp-similarity-dev: cosine_pearson " in output
    assert {row["system"] for row in read_rows(table)} == {"every-word", "default"}
    page = table.with_suffix(".md")
    text_of_page = page.read_text(encoding="utf-8")
    assert "| `every-word` |" in text_of_page
    assert "the soup" not in text_of_page + table.read_text(encoding="utf-8")
    assert command(*given) == 0
    assert capsys.readouterr().out.count("(in the table)") == 4
    page.unlink()
    assert command("report", "--out", table) == 0
    assert page.read_text(encoding="utf-8") == text_of_page


def test_errors_say_what_to_do(command, vectors, text, tmp_path, capsys):
    given = ["measure", "--vectors", vectors, "--train", text, "--out", tmp_path / "rows.csv"]
    for more, message in (
        ([], "nothing to measure on: give --data DIR"),
        (["--variants", "defualt"], "did you mean 'default'"),
        (["--variants", "latent-0.1"], "--run"),
        (["--lemmas", tmp_path / "none.json"], "none.json: no such file"),
    ):
        assert command(*given, *more) == 1
        error = capsys.readouterr().err
        assert error.startswith("embeddings.py: ")
        assert message in error
    with pytest.raises(SystemExit):
        command(*given, "--tasks", "mrpc")
    assert "--tasks need --data" in capsys.readouterr().err
    assert not (tmp_path / "rows.csv").exists()
