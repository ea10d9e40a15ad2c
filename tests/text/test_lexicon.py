"""The words that embeddings read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.errors import ModelFolderError
from resay.text import Tokenizer
from resay.text.english import english_counts
from resay.text.lexicon import Lexicon, digits

WORDS = ("good", "goods", "guitar", "soup")
TOKENIZER = Tokenizer.build(["the soup was good .", "the 12 soups"], min_count=1)


@pytest.fixture
def lexicon():
    return Lexicon(WORDS, 64)


def ids(lexicon, text, max_tokens=None):
    return lexicon.ids(TOKENIZER.encode(text), max_tokens)


def test_a_word_has_its_place_in_the_list_whether_the_decoder_knows_it_or_not(lexicon):
    assert ids(lexicon, "Good soup") == (0, 3)
    assert "guitar" not in TOKENIZER.words
    assert ids(lexicon, "guitar") == (2,)


def test_an_unknown_word_is_hashed_whole_and_by_its_beginning(lexicon):
    syria, syrian, oman = (ids(lexicon, text) for text in ("Syria", "Syrian", "Oman"))
    assert len(syria) == len(syrian) == 2
    assert min(syria + syrian + oman) >= len(WORDS)
    assert max(syria + syrian + oman) < len(lexicon) == len(WORDS) + 64
    assert syria[0] != syrian[0]
    assert syria[1] == syrian[1] != oman[1]


def test_numbers_stand_under_their_digits(lexicon):
    assert ids(lexicon, "12 soup")[:2] != ids(lexicon, "13 soup")[:2]
    assert ids(lexicon, "1,200") == ids(lexicon, "1200")
    assert ids(lexicon, "_num_") == ids(lexicon, "_num_")


@pytest.mark.parametrize(("surface", "found"), [("1,200", "1200"), ("3.50", "3.50"), ("12.", "12"), ("_num_", "_num_")])
def test_digits_are_compared_without_separators(surface, found):
    assert digits(surface) == found


def test_punctuation_stands_for_nothing_unless_there_is_nothing_else(lexicon):
    assert ids(lexicon, "Good , soup !") == (0, 3)
    assert len(ids(lexicon, "?!")) == 4
    assert ids(lexicon, "?!") != ids(lexicon, "...")


def test_contractions_are_read_as_the_words_they_stand_for():
    lexicon = Lexicon(("are", "good", "not", "soup", "will", "they"), 64)
    assert ids(lexicon, "They're good") == ids(lexicon, "They are good") == (5, 0, 1)
    assert ids(lexicon, "won't") == ids(lexicon, "will not") == (4, 2)
    assert ids(lexicon, "soup's good") == ids(lexicon, "soup good")
    assert lexicon.num_unknown(TOKENIZER.encode("They're n't good soup's")) == 0
    assert lexicon.num_unknown(TOKENIZER.encode("She's")) == 1  # she
    assert len(ids(lexicon, "'s")) == 2


def test_a_contraction_with_a_vector_of_its_own_keeps_it():
    assert ids(Lexicon(("n't", "not"), 8), "n't") == (0,)


def test_what_is_cut_off_is_not_read(lexicon):
    assert ids(lexicon, "good soup guitar", 2) == (0, 3)


def test_words_without_a_vector_are_counted(lexicon):
    encoding = TOKENIZER.encode("Good soup in Syria , 12 guitar")
    assert lexicon.num_unknown(encoding) == 2  # in, Syria
    assert lexicon.num_unknown(encoding, 2) == 0


@given(st.text())
def test_any_text_with_a_token_has_ids_in_range(text):
    lexicon = Lexicon(WORDS, 5)
    encoding = TOKENIZER.encode(text)
    found = lexicon.ids(encoding)
    assert bool(found) == bool(encoding.tokens)
    assert all(0 <= one < len(lexicon) for one in found)


def test_what_is_written_is_read_again(lexicon):
    again = Lexicon.from_bytes(lexicon.to_bytes())
    assert (again.words, again.num_buckets) == (lexicon.words, lexicon.num_buckets)
    assert ids(again, "Syria likes good soup") == ids(lexicon, "Syria likes good soup")


@pytest.mark.parametrize("data", [b"", b"many\ngood\n", b"0\ngood\n", b"8\ngood\ngood\n", b"8\n\xff\n"])
def test_something_else_is_refused(data):
    with pytest.raises(ModelFolderError, match=r"lexicon .*export the model again"):
        Lexicon.from_bytes(data)


def test_english_is_counted():
    counts = english_counts()
    assert len(counts) == 10_000
    assert counts["the"] > counts["restaurant"] > 0
    assert counts["n't"] > 1_000_000
