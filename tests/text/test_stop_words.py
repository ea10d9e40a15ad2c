"""Stop words keep negation out of the soft labels, and are words that the tokenizer makes."""

from resay.text import split_words
from resay.text.stop_words import STOP_WORDS


def test_negations_are_stop_words():
    assert {"not", "n't", "never", "no", "nothing"} <= STOP_WORDS


def test_content_words_are_none():
    assert not {"good", "service", "food", "loved", "terrible"} & STOP_WORDS


def test_contractions_split_into_stop_words():
    assert set(split_words("I can't, you won't, it's not what they'd have")) <= STOP_WORDS | {"i"}
