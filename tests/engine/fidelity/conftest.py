"""A vocabulary of a few sentences, without a model."""

import pytest

from resay.engine.candidates import Draft, write_draft
from resay.engine.decoding import Hypothesis
from resay.engine.fidelity import prepare_source
from resay.engine.sentences import SentencePreparer
from resay.text import Tokenizer

LINES = [
    "the food was great , and so was the awful service !",
    "i had a lovely dinner at this place in phoenix with new friends .",
    "an awesome lunch ( the best ) costs $ _num_ or _num_ % more ?",
    "we did n't like it ; they do not take an order of tea before _num_ a.m. ...",
    'my phone said " come back to new york city , it \'s nice " -- never again',
    "us from for tea more",
    "pizza restaurant los angeles tried see pad ew mat dr. is not worth www.example.com",
]
MAX_LENGTH = 24


@pytest.fixture(scope="session")
def preparer() -> SentencePreparer:
    return SentencePreparer(Tokenizer.build(LINES, min_count=1), MAX_LENGTH)


@pytest.fixture(scope="session")
def said(preparer):
    """Write one hypothesis, given as text; returns the candidate's text, or why there is none."""

    def write(text, hypothesis, *protect, stop="end"):
        source = prepare_source(text, preparer, protect=protect)
        words = tuple(preparer.tokenizer.encode(hypothesis).token_ids)
        draft = write_draft(source, Hypothesis(words, -1.0, stop), preparer)
        return draft.text if isinstance(draft, Draft) else draft

    return write
