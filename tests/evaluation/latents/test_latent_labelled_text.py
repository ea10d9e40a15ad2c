"""Files of labelled texts."""

import gzip

import pytest

from resay.errors import CorpusError, SettingsError
from resay.evaluation.latents.labelled_text import LabelledTexts, file_of, read_labelled, split_labelled, without


@pytest.fixture
def write(tmp_path):
    def make(name, text):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return make


def test_sentences_of_two_files(write):
    good, bad = write("good.txt", "great soup\ngreat soup\nboth\n\n"), write("bad.txt.gz", "cold soup\nboth\n")
    found = read_labelled([f"good={good}", f"bad={bad}"])
    assert dict(zip(found.texts, found.labels, strict=True)) == {"great soup": "good", "cold soup": "bad"}
    unwanted = write("train.txt", "cold soup\nelse\n")
    assert read_labelled([f"good={good}", f"bad={bad}"], [unwanted]).texts == ("great soup",)


def test_case_and_white_space_make_no_other_text(write):
    good = write("good.txt", "Great  soup\nWarm bread\n")
    assert read_labelled([f"good={good}"], [write("train.txt", "great soup\n")]).texts == ("Warm bread",)
    others = LabelledTexts(("warm  BREAD",), ("good",))
    assert len(without(read_labelled([f"good={good}"]), others)) == 1


@pytest.mark.parametrize("name", ["topics.csv", "topics.csv.gz", "topics=2.csv"])
def test_a_csv_whose_texts_have_lines_and_quotes(write, name):
    path = write(name, '"one\nline, ""quoted""",science\nplain text,society\n"",science\n')
    found = read_labelled([str(path)])
    assert found == LabelledTexts(('one line, "quoted"', "plain text"), ("science", "society"))
    assert file_of(str(path)) == path
    assert file_of("label=some/file.txt").name == "file.txt"


def test_what_is_wrong_is_said(write, tmp_path):
    with pytest.raises(CorpusError, match=r"sentences.txt, row 2: expected two columns, .*; found 1. .* LABEL=FILE"):
        read_labelled([str(write("sentences.txt", "a,b\nc\n"))])
    with pytest.raises(CorpusError, match=r"none.csv: no such file; name LABEL=FILE"):
        read_labelled([str(tmp_path / "none.csv")])
    with pytest.raises(CorpusError, match=r"none.txt: no such file"):
        read_labelled([f"label={tmp_path / 'none.txt'}"])
    with pytest.raises(SettingsError, match="LABEL=FILE, or as a csv file; got '=x'"):
        read_labelled(["=x"])
    (tmp_path / "broken.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(CorpusError, match=r"broken.csv.gz: cannot be read as csv"):
        read_labelled([str(tmp_path / "broken.csv.gz")])


def test_parts_share_nothing_and_a_seed_decides():
    texts = LabelledTexts(tuple(f"text {number}" for number in range(20)), tuple("ab" * 10))
    train, dev = split_labelled(texts, num_train=12, num_dev=5, seed=0)
    assert (len(train), len(dev)) == (12, 5)
    assert not set(train.texts) & set(dev.texts)
    labels = dict(zip(texts.texts, texts.labels, strict=True))
    for part in (train, dev):
        assert [labels[text] for text in part.texts] == list(part.labels)
    assert split_labelled(texts, num_train=12, num_dev=5, seed=0) == (train, dev)
    assert split_labelled(texts, num_train=12, num_dev=5, seed=1) != (train, dev)
    with pytest.raises(CorpusError, match=r"20 texts are left .* 12 to train on and 9 to measure on"):
        split_labelled(texts, num_train=12, num_dev=9, seed=0)


def test_texts_that_stand_in_the_other_part_go():
    texts, others = LabelledTexts(("a", "b", "c"), ("x", "y", "x")), LabelledTexts(("b",), ("y",))
    assert without(texts, others) == LabelledTexts(("a", "c"), ("x", "x"))
    assert without(others, texts) == LabelledTexts((), ())
