from collections.abc import Callable

import pytest

from resay.engine import ModelCard
from resay.torchserve.subject import DEFAULT_TEXTS, subject_of

GOLDEN = {"token_ids": [5], "latent": [0.0] * 4, "embedding": [0.0] * 3, "reconstruction": ""}


@pytest.mark.parametrize(
    ("golden", "given", "expected"),
    [
        ([], None, DEFAULT_TEXTS),
        ([], DEFAULT_TEXTS[0], DEFAULT_TEXTS),
        (["I like it.", "We like it.", "no"], None, ("I like it.", "We like it.")),
        (["I like it.", "We like it."], "We like it.", ("We like it.", "I like it.")),
        # One word is no end of a way worth showing, and no latent holds a number.
        (["I like it.", "no", "We waited 20 minutes."], None, ("I like it.", DEFAULT_TEXTS[0])),
    ],
)
def test_two_sentences_that_the_model_knows_are_chosen(
    make_card: Callable[..., ModelCard], golden: list[str], given: str | None, expected: tuple[str, str]
) -> None:
    card = make_card().model_dump() | {"golden": [{"text": text, **GOLDEN} for text in golden]}
    subject = subject_of(ModelCard.model_validate(card), given)
    assert (subject.text, subject.other_text) == expected
    assert subject.latent == [0.0] * 4
