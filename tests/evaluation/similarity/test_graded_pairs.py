import json
from collections import Counter

import numpy as np
import pytest

from resay.corpus import read_lines
from resay.errors import CorpusError, SettingsError
from resay.evaluation.paraphrase.wording import normal_form
from resay.evaluation.similarity import GradedPairs, build_pairs
from resay.evaluation.similarity.build import MAX_USES

pytest.importorskip("scipy")


@pytest.fixture
def pairs(text, judge):
    return build_pairs(text, judge, num_pairs=100)


def test_grades_are_the_judges(pairs, judge):
    for (first, second), grade in zip(pairs.sentences, pairs.grades.tolist(), strict=True):
        vectors = judge.embed([first, second])
        assert grade == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-4)


def test_lines_lead_to_the_sentences(pairs, text):
    lines = list(read_lines([text]))
    assert [(lines[first], lines[second]) for first, second in pairs.lines.tolist()] == list(pairs.sentences)


def test_pairs_are_different_sentences_each_once(pairs):
    assert all(normal_form(first) != normal_form(second) for first, second in pairs.sentences)
    assert len({frozenset(pair) for pair in pairs.sentences}) == len(pairs)
    assert not any("The cat" in one for pair in pairs.sentences for one in pair)  # a repetition, but for the case


def test_no_sentence_stands_in_many_pairs(pairs):
    assert max(Counter(pairs.lines.ravel().tolist()).values()) <= MAX_USES == 3


def test_all_sources_are_drawn_from(pairs):
    assert set(pairs.sources) == {"random", "words", "judge"}


def test_the_seed_decides(text, judge, pairs):
    assert build_pairs(text, judge, num_pairs=100).lines.tolist() == pairs.lines.tolist()
    assert build_pairs(text, judge, num_pairs=100, seed=1).lines.tolist() != pairs.lines.tolist()


def test_no_more_than_asked_for(text, judge):
    assert len(build_pairs(text, judge, num_pairs=7)) == 7
    assert len(build_pairs(text, judge, num_pairs=100_000)) <= 125 * MAX_USES / 2


def test_saved_pairs_are_the_same(pairs, text, tmp_path):
    pairs.save(tmp_path / "pairs.json")
    opened = GradedPairs.open(tmp_path / "pairs.json", text)
    assert opened.sentences == pairs.sentences
    assert opened.sources == pairs.sources
    assert (opened.lines == pairs.lines).all()
    assert (opened.grades == pairs.grades).all()
    assert (opened.judge, opened.seed, opened.text_sha256) == (pairs.judge, pairs.seed, pairs.text_sha256)


def test_the_file_holds_no_sentence(pairs, tmp_path):
    pairs.save(tmp_path / "pairs.json")
    content = json.loads((tmp_path / "pairs.json").read_text())
    assert set(content) == {"format", "text_sha256", "judge", "seed", "pairs"}
    assert content["judge"] == "word counts fp32"
    for first, second, grade, source in content["pairs"]:
        assert (type(first), type(second), type(grade), type(source)) == (int, int, float, str)
    assert "river" not in (tmp_path / "pairs.json").read_text()


def test_another_text_is_refused(pairs, text, tmp_path):
    pairs.save(tmp_path / "pairs.json")
    text.write_text(text.read_text() + "one line more\n")
    with pytest.raises(CorpusError, match="is not the text that the pairs of"):
        GradedPairs.open(tmp_path / "pairs.json", text)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"format": 2}',
        '{"format": 1}',
        '{"format":1,"text_sha256":"a","judge":"j","seed":0,"pairs":[]}',
        '{"format":1,"text_sha256":"a","judge":"j","seed":0,"pairs":[[1,2,0.5]]}',
        '{"format":1,"text_sha256":"a","judge":"j","seed":0,"pairs":[[1,"2",0.5,"words"]]}',
        '{"format":1,"text_sha256":"a","judge":"j","seed":0,"pairs":[[1,2,"high","words"]]}',
        '{"format":1,"text_sha256":"a","judge":"j","seed":0,"pairs":7}',
    ],
)
def test_damaged_files(content, text, tmp_path):
    (tmp_path / "pairs.json").write_text(content)
    with pytest.raises(CorpusError, match=r"is no file of graded pairs.*build_pairs"):
        GradedPairs.open(tmp_path / "pairs.json", text)


@pytest.mark.parametrize("line", [-1, 127])
def test_lines_that_the_text_does_not_have(line, pairs, text, tmp_path):
    pairs.save(tmp_path / "pairs.json")
    content = json.loads((tmp_path / "pairs.json").read_text())
    content["pairs"][0][0] = line
    (tmp_path / "pairs.json").write_text(json.dumps(content))
    with pytest.raises(CorpusError, match="make it again"):
        GradedPairs.open(tmp_path / "pairs.json", text)


def test_missing_files(pairs, text, tmp_path, judge):
    with pytest.raises(CorpusError, match="no such file; make it with build_pairs"):
        GradedPairs.open(tmp_path / "pairs.json", text)
    pairs.save(tmp_path / "pairs.json")
    with pytest.raises(CorpusError, match="no such file; name a text file"):
        GradedPairs.open(tmp_path / "pairs.json", tmp_path / "no.txt")
    with pytest.raises(CorpusError, match="no such file; name a text file"):
        build_pairs(tmp_path / "no.txt", judge)


def test_too_little(text, judge, tmp_path):
    with pytest.raises(SettingsError, match="num_pairs must be 1 at least; got 0"):
        build_pairs(text, judge, num_pairs=0)
    (tmp_path / "one.txt").write_text("Same .\nsame\nSAME!\n")
    with pytest.raises(CorpusError, match="two different sentences; the text has 1"):
        build_pairs(tmp_path / "one.txt", judge)
    (tmp_path / "one.txt").write_text("same .\nother .\n")
    assert len(build_pairs(tmp_path / "one.txt", judge)) == 1


def test_grades_have_four_digits(pairs):
    assert (np.round(pairs.grades, 4) == pairs.grades).all()
