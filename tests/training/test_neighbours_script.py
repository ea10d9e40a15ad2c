"""training/neighbours.py on a run small enough to count by hand."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resay.fitting import TrainSettings
from resay.fitting.preparation import TrainingFiles
from resay.fitting.train import train_run

ROOT = Path(__file__).parents[2]
ANGLES = {"good": 0, "bad": 10, "soup": 90, "soups": 95, "great": 25, "bread": 110}
"""In degrees: words near one another in the plane."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    (folder / "text.txt").write_text("good soup\n" * 6 + "bad soups\n" * 2 + "great bread\n" * 2)
    angles = np.radians(list(ANGLES.values()))
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    np.savez(folder / "vectors.npz", words=np.array(list(ANGLES)), vectors=vectors)
    files = TrainingFiles(train=[folder / "text.txt"], dev=[folder / "text.txt"], vectors=folder / "vectors.npz")
    settings = TrainSettings(hidden_size=4, epochs=1, min_count=1, device="cpu")
    train_run(folder / "run", files, settings)
    return folder / "run"


def measure(run, tmp_path, *arguments):
    command = [sys.executable, ROOT / "training" / "neighbours.py", run, "--out", tmp_path / "out.csv", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {(row["num_neighbours"], row["exclude_neighbours"], row["base_forms"]): row for row in rows}


def test_shares_are_those_counted_by_hand(run, tmp_path):
    rows = measure(run, tmp_path)
    assert len(rows) == 3 * 4
    plain = rows["3", "none", ""]
    # Nearest two: good: bad, great; bad: good, great; great: bad, good; soup: soups, bread; soups: soup, bread;
    # bread: soups, soup. Opposites: good/bad and great/bad.
    assert float(plain["words_with_antonyms"]) == pytest.approx(3 / 6, abs=1e-4)
    assert float(plain["words_with_inflections"]) == pytest.approx(2 / 6, abs=1e-4)
    assert float(plain["tokens_with_antonyms"]) == pytest.approx(10 / 20, abs=1e-4)
    assert float(plain["tokens_with_inflections"]) == pytest.approx(8 / 20, abs=1e-4)
    near, far = np.cos(np.radians([10, 25]))
    middle = np.cos(np.radians(15))
    weights = [near / (1 + near + far), (near + middle) / (1 + near + middle), middle / (1 + middle + far)]
    assert float(plain["weight_on_antonyms"]) == pytest.approx(sum(weights) / 6, abs=1e-4)
    assert float(plain["token_weight_on_antonyms"]) == pytest.approx(np.dot(weights, [6, 2, 2]) / 20, abs=1e-4)
    filtered = rows["3", "antonyms", "rules"]
    assert float(filtered["words_with_antonyms"]) == float(filtered["token_weight_on_antonyms"]) == 0
    assert float(filtered["words_with_inflections"]) == float(plain["words_with_inflections"])
    assert float(filtered["words_changed"]) == pytest.approx(3 / 6, abs=1e-4)
    both = rows["3", "antonyms inflections", "rules"]
    assert float(both["words_with_inflections"]) == 0
    assert "good: [bad] great" in (tmp_path / "out.txt").read_text(encoding="utf-8")


def test_lemmas_judge_the_rules(run, tmp_path):
    (tmp_path / "lemmas.json").write_text(json.dumps({"soups": "soup", "bread": "soup"}))
    rows = measure(run, tmp_path, "--lemmas", tmp_path / "lemmas.json")
    assert len(rows) == 3 * 7
    assert float(rows["3", "none", ""]["words_with_inflections"]) == pytest.approx(3 / 6, abs=1e-4)
    assert float(rows["3", "inflections", "lemmas"]["words_with_inflections"]) == 0
    assert float(rows["3", "inflections", "rules"]["words_with_inflections"]) > 0


def test_opposite_sentiments_are_told_by_two_sets_of_texts(run, tmp_path):
    (tmp_path / "negative.txt").write_text("bad soup\n" * 20)
    (tmp_path / "positive.txt").write_text("great soup\n" * 20)
    sides = ["--negative", tmp_path / "negative.txt", "--positive", tmp_path / "positive.txt"]
    rows = measure(run, tmp_path, *sides)
    assert float(rows["3", "none", ""]["words_with_opposite_sentiments"]) == pytest.approx(2 / 6, abs=1e-4)


def test_a_folder_that_is_no_run_is_named(tmp_path):
    command = [sys.executable, ROOT / "training" / "neighbours.py", tmp_path, "--out", tmp_path / "out.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run.json: cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
