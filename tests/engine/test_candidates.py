import pytest

from resay.engine.candidates import FILTER_REASONS, filter_counts, numbers, sift
from resay.engine.decoding import Hypothesis
from resay.engine.fidelity import prepare_source
from resay.text import Encoding


@pytest.fixture
def sifted(encoder):
    """Sift sentences given as text, best first, and return the texts that were kept and the counts."""
    tokenizer = encoder.preparer.tokenizer

    def run(text, sentences, *, allow_identity=False, stops=None, protect=()):
        source = prepare_source(text, encoder.preparer, protect=protect)
        stops = stops or ["end"] * len(sentences)
        hypotheses = [
            Hypothesis(tuple(tokenizer.encode(sentence).token_ids), -rank - 1.0, stop)
            for rank, (sentence, stop) in enumerate(zip(sentences, stops, strict=True))
        ]
        sieve = sift(source, hypotheses, encoder.preparer, allow_identity=allow_identity)
        return [draft.text for draft in sieve.drafts], {
            reason: count for reason, count in sieve.dropped.items() if count
        }

    return run


def test_keeps_what_is_new(sifted):
    assert sifted("The soup was great!", ["the bread was great !", "the soup is nice ."]) == (
        ["The bread was great!", "The soup is nice."],
        {},
    )


@pytest.mark.parametrize("copy", ["the soup was great !", "the soup was great .", "the soup was great"])
def test_a_copy_is_dropped_whatever_its_punctuation(sifted, copy):
    source = "The SOUP  was great!"
    assert sifted(source, [copy, "the bread was great !"]) == (["The bread was great!"], {"copy": 1})
    texts, dropped = sifted(source, [copy], allow_identity=True)
    assert len(texts) == 1
    assert dropped == {}


def test_the_better_one_of_two_that_say_the_same_is_kept(sifted):
    assert sifted("Great soup", ["nice bread .", "nice bread !", "nice bread"]) == (
        ["Nice bread"],
        {"duplicate": 2},
    )


def test_numbers_come_back_or_the_candidate_goes(sifted):
    source = "The soup took 3 minutes in 12.50 cases."
    texts, dropped = sifted(
        source,
        [
            "the bread took _num_ minutes in _num_ cases .",
            "the bread took _num_ minutes .",
            "the bread took minutes .",
            "the bread took _num_ minutes in _num_ cases _num_ .",
        ],
    )
    assert texts == ["The bread took 3 minutes in 12.50 cases."]
    assert dropped == {"number": 3}


def test_a_number_may_not_be_invented(sifted):
    assert sifted("the soup was great", ["the soup cost _num_ dollars ."]) == ([], {"number": 1})


def test_a_number_that_the_text_garbles_is_lost(sifted, monkeypatch):
    def garble(words, style, fixed):
        return "the bread cost $ 12.50.1 dollars."

    monkeypatch.setattr("resay.engine.fidelity.writing.write_prose", garble)
    assert sifted("the soup cost 12.50 dollars.", ["the bread cost _num_ dollars ."]) == ([], {"number": 1})


def test_a_hypothesis_without_words_is_empty(sifted):
    assert sifted("the soup was great", [""]) == ([], {"empty": 1})


def test_cut_off_hypotheses_only_where_there_is_nothing_else(sifted):
    sentences = ["the bread was", "nice soup ."]
    assert sifted("Great soup", sentences, stops=["length", "end"]) == (["Nice soup"], {"unfinished": 1})
    texts, _ = sifted("great soup", sentences, stops=["length", "length"])
    assert len(texts) == 2
    # What the time cut off may be a word or two: better nothing.
    assert sifted("Great soup.", sentences, stops=["length", "deadline"]) == (["The bread was"], {"unfinished": 1})
    assert sifted("great soup", sentences, stops=["deadline", "deadline"]) == ([], {"unfinished": 2})


def test_punctuation_alone_is_compared_as_it_is(sifted):
    assert sifted("!", ["!", "."]) == (["."], {"copy": 1})


def test_every_reason_is_counted(sifted):
    assert filter_counts({"copy": 2}) == {reason: 2 * (reason == "copy") for reason in FILTER_REASONS}


def test_what_has_no_place_for_a_span_is_lost(sifted):
    texts, dropped = sifted(
        "The Zorbq was great!", ["the soup was nice !", "it was !", "the soup was n't nice"], protect=["great"]
    )
    assert texts == []
    assert dropped == {"copy": 1, "lost_span": 2}


def test_a_number_within_a_protected_span_is_a_number(sifted):
    texts, dropped = sifted(
        "The soup cost 12.50 dollars.",
        ["the bread cost _num_ dollars .", "the bread took _num_ dollars .", "the bread cost dollars ."],
        protect=["12.50 dollars"],
    )
    assert texts == ["The bread cost 12.50 dollars.", "The bread took 12.50 dollars."]
    assert dropped == {"number": 1}


def test_special_words_are_never_printed(encoder):
    source = prepare_source("The soup was great.", encoder.preparer)
    the_bread = encoder.preparer.tokenizer.encode("the bread").token_ids
    hypotheses = [Hypothesis((1, 0, *the_bread, 3), -1.0, "end"), Hypothesis((2, 1, 0), -2.0, "end")]
    sieve = sift(source, hypotheses, encoder.preparer, allow_identity=False)
    assert [draft.text for draft in sieve.drafts] == ["The bread."]
    assert dict(sieve.dropped) == {"empty": 1}


def test_words_with_a_digit_count_as_numbers():
    encoding = Encoding(
        [9, 4, 9, 9], ["at", "_num_", "7pm", "1st"], "at 12 7PM 1st", [(0, 2), (3, 5), (6, 9), (10, 13)]
    )
    assert numbers(encoding) == {"12": 1, "7PM": 1, "1st": 1}
