import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resay.engine.sentences import CHARACTERS_A_TOKEN, SentencePreparer
from resay.errors import RequestError

WORDS = ["soup", "It's", "3/4", "12.50", "...", "n't", "--", "\u0301", "http://a.b/" + "c" * 40, "\u200d", "x" * 90]
SPACES = [" ", "\n", "   ", "\t", ""]
TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=60).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)


class CountingTokenizer:
    def __init__(self, tokenizer):
        self.tokenizer, self.lengths = tokenizer, []

    def encode(self, text):
        self.lengths.append(len(text))
        return self.tokenizer.encode(text)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example(" " * 500 + "soup " * 9)
@example("soup" * 500)
def test_reading_no_more_than_needed_changes_nothing(folder, text):
    prepared = SentencePreparer(folder.tokenizer, 3).prepare(text, truncate=True)
    everything = folder.tokenizer.encode(text).token_ids
    if not everything:
        assert prepared.code == "empty_text"
    else:
        assert list(prepared.token_ids) == everything[:3]
        assert prepared.truncated == (len(everything) > 3)


@pytest.mark.parametrize("truncate", [True, False])
def test_of_a_long_text_only_the_beginning_is_tokenised(folder, monkeypatch, truncate):
    counting = CountingTokenizer(folder.tokenizer)
    preparer = SentencePreparer(folder.tokenizer, 3)
    monkeypatch.setattr(folder.tokenizer.__class__, "encode", folder.tokenizer.encode.__func__)
    object.__setattr__(preparer, "tokenizer", counting)
    preparer.prepare("soup " * 4000, truncate=truncate)
    assert len(counting.lengths) == 1
    assert counting.lengths[0] <= 3 * CHARACTERS_A_TOKEN


def test_after_the_deadline_nothing_is_read(folder):
    error = SentencePreparer(folder.tokenizer, 3).prepare("soup", truncate=True, deadline=time.monotonic())
    assert isinstance(error, RequestError)
    assert (error.status, error.code) == (504, "deadline")
