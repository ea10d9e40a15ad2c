"""A candidate is encoded as its source was, so that the round trip compares like with like."""

import pytest

from resay.engine.candidates import write_draft
from resay.engine.decoding import Hypothesis
from resay.engine.fidelity import prepare_source


def read_back(preparer, text, hypothesis, *protect):
    source = prepare_source(text, preparer, protect=protect)
    words = tuple(preparer.tokenizer.encode(hypothesis).token_ids)
    sentence = write_draft(source, Hypothesis(words, -1.0, "end"), preparer).sentence
    return " ".join(preparer.tokenizer.words[token_id] for token_id in sentence.token_ids), sentence


@pytest.mark.parametrize(
    ("text", "protect", "hypothesis", "read"),
    [
        ("The food was great", [], "the pizza was great .", "the pizza was great"),
        ("Dinner at Zorbq Flimp was great", [], "lunch at pizza was great", "lunch at <unk> was great"),
        ("Zorbq Flimp was great", [], "pizza was nice", "<unk> was nice"),
        ("Dinner at New Zorbq City was great", [], "lunch at pizza was great", "lunch at <unk> was great"),
        ("the food 🍕🍕 was great", [], "the pizza was great", "the pizza was great"),
        ("Great food! 🍕", [], "nice pizza", "nice pizza !"),
        ("(great food 🍕", [], "nice pizza .", "nice pizza"),
        ("🍕. 🍕 great", [], "nice pizza . nice .", "nice pizza . nice"),
        ("food zorbq mat 7 was", ["zorbq mat 7"], "tea pizza was", "tea <unk> was"),
    ],
)
def test_slots_are_read_as_in_the_source(preparer, text, protect, hypothesis, read):
    assert read_back(preparer, text, hypothesis, *protect)[0] == read


def test_a_candidate_longer_than_the_model_reads_is_cut(preparer):
    read, sentence = read_back(preparer, "The food", " ".join(["food"] * 30))
    assert len(read.split()) == preparer.max_length
    assert sentence.truncated
    assert len(sentence.encoding) == 30


def test_words_that_grow_together_are_read_as_they_are_written(preparer, monkeypatch):
    monkeypatch.setattr("resay.engine.fidelity.writing.write_prose", lambda words, style, fixed: "zorbq was")
    read, sentence = read_back(preparer, "The zorbq was", "the zorbq pizza")
    assert read == "<unk> was"
    assert sentence.num_unknown == 1


def test_what_is_not_in_the_text_is_lost(preparer, monkeypatch):
    monkeypatch.setattr("resay.engine.fidelity.writing.write_prose", lambda words, style, fixed: "The Zorb")
    source = prepare_source("The Zorbq was", preparer)
    assert write_draft(source, Hypothesis(source.sentence.token_ids[:1] * 3, -1.0, "end"), preparer) == "lost_span"
