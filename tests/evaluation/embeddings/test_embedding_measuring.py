"""Figures, gains, and what is not measured twice."""

import re

import numpy as np
import pytest

from resay.errors import CorpusError, SettingsError
from resay.evaluation.embeddings import Given, Ingredients, VariantSystem, measure_variants, read_graded
from resay.evaluation.embeddings.graded import GRADED_TASKS
from resay.evaluation.embeddings.measuring import gain_of
from resay.evaluation.rows import COLUMNS, read_rows, write_rows
from resay.evaluation.similarity.cosines import row_cosines

NAMES = ["decoder-words", "decoder-words-no-stop", "default"]


@pytest.fixture
def graded(pairs_file, text):
    return read_graded(Given(pairs_dev=pairs_file(0), text_dev=text, pairs_test=pairs_file(1), text_test=text))


@pytest.fixture
def sts(tmp_path):
    """A folder of the STS Benchmark with three pairs in each part."""
    folder = tmp_path / "senteval" / "STS" / "STSBenchmark"
    folder.mkdir(parents=True)
    pairs = [("the soup", "the soups", 5.0), ("the soup", "our room", 0.5), ("a guitar", "a cold guitar", 3.0)]
    for part in ("train", "dev", "test"):
        lines = [f"x\tx\tx\t{part}\t{score}\t{first}\t{second}\n" for first, second, score in pairs]
        (folder / f"sts-{part}.csv").write_text("".join(lines), encoding="utf-8")
    return folder.parents[1]


def values(rows, system, task):
    return {row["metric"]: float(row["value"]) for row in rows if (row["system"], row["task"]) == (system, task)}


def test_rows_of_variants(ingredients, graded, tmp_path):
    table = tmp_path / "new" / "rows.csv"
    measured = list(measure_variants(NAMES, ingredients, graded, table))
    assert [(one.variant, one.task) for one in measured] == [
        (name, task) for name in NAMES for task in ("making", *GRADED_TASKS[-2:])
    ]
    rows = read_rows(table)
    assert tuple(rows[0]) == COLUMNS
    pairs = graded["yelp-similarity-dev"]
    firsts, seconds = zip(*pairs.sentences, strict=True)
    expected = {}
    for name in NAMES:
        embed = VariantSystem(name, ingredients).embed
        cosines = row_cosines(embed(firsts), embed(seconds))
        expected[name] = np.corrcoef(cosines, pairs.grades)[0, 1]
        assert values(rows, name, "yelp-similarity-dev")["cosine_pearson"] == pytest.approx(expected[name], abs=1e-5)
        assert {"seconds", "components"} == set(values(rows, name, "making"))
    found = values(rows, NAMES[1], "yelp-similarity-dev")
    assert found["gain"] == pytest.approx(expected[NAMES[1]] - expected[NAMES[0]], abs=1e-4)
    assert found["gain_low"] < found["gain"] < found["gain_high"]
    assert "gain" not in values(rows, NAMES[0], "yelp-similarity-dev")
    one = next(row for row in rows if row["system"] == "default" and row["task"] == "yelp-similarity-dev")
    assert one["model_sha256"] == VariantSystem("default", ingredients).sha256
    assert one["hardware"].startswith("CPU: ")
    base = VariantSystem("most-frequent", ingredients)
    held_against = f"gain over most-frequent {base.sha256[:12]}"
    assert re.fullmatch(f"40 pairs graded by shared words, sha256 [0-9a-f]{{12}}; {held_against}", one["note"])


def test_nothing_is_measured_twice_unless_it_changed(ingredients, graded, tmp_path, vectors, text, pairs_file):
    table = tmp_path / "rows.csv"
    list(measure_variants(NAMES, ingredients, graded, table))
    before = table.read_bytes()
    assert all(one.known for one in measure_variants(NAMES, ingredients, graded, table))
    assert table.read_bytes() == before
    assert not any(one.known for one in measure_variants(NAMES[:1], ingredients, graded, table, again=True))
    other_pairs = read_graded(Given(pairs_dev=pairs_file(2), text_dev=text))
    again = {one.task: one.known for one in measure_variants(NAMES[1:2], ingredients, other_pairs, table)}
    assert again == {"making": True, "yelp-similarity-dev": False}
    assert len(values(read_rows(table), NAMES[1], "yelp-similarity-dev")) == 5
    without = Ingredients(vectors, [text])
    assert not any(one.known for one in measure_variants(NAMES, without, graded, table))


def test_what_was_measured_stays_when_the_next_fails(ingredients, graded, tmp_path):
    table = tmp_path / "rows.csv"
    with pytest.raises(SettingsError, match="--run"):
        list(measure_variants(["decoder-words", "latent-0.1"], ingredients, graded, table))
    assert {row["system"] for row in read_rows(table)} == {"decoder-words"}
    write_rows(tmp_path / "other.csv", [{"run": "x"}])
    with pytest.raises(CorpusError, match="is no table of results"):
        list(measure_variants(NAMES, ingredients, graded, tmp_path / "other.csv"))


def test_gains_over_oneself_are_nothing_and_clear_ones_are_clear():
    generator = np.random.default_rng(0)
    grades = generator.random(200)
    good, bad = grades + 0.1 * generator.random(200), generator.random(200)
    assert gain_of(good, good, grades) == {"gain": 0.0, "gain_low": 0.0, "gain_high": 0.0}
    found = gain_of(good, bad, grades)
    assert 0.5 < found["gain_low"] < found["gain"] < found["gain_high"]
    assert gain_of(bad, good, grades)["gain"] == pytest.approx(-found["gain"])
    chance = gain_of(bad, generator.random(200), grades)
    assert chance["gain_low"] < 0 < chance["gain_high"]


def test_which_pairs_there_are(sts, pairs_file, text, tmp_path):
    found = read_graded(Given(data=sts, pairs_dev=pairs_file(), text_dev=text))
    assert tuple(found) == GRADED_TASKS[:-1]
    one = found["sts-b-dev"]
    assert one.sentences[2] == ("a guitar", "a cold guitar")
    assert one.grades.tolist() == [5.0, 0.5, 3.0]
    assert one.judge == "people"
    with pytest.raises(SettingsError, match="give --pairs-test and --text-test, or neither"):
        read_graded(Given(data=sts, pairs_test=pairs_file()))
    with pytest.raises(SettingsError, match="nothing to measure on"):
        read_graded(Given())
    with pytest.raises(CorpusError, match="STSBenchmark"):
        read_graded(Given(data=tmp_path / "elsewhere"))


def test_a_missing_file_is_named(tmp_path, text):
    with pytest.raises(SettingsError, match=r"none\.npz: no such file"):
        Ingredients(tmp_path / "none.npz", [text])
