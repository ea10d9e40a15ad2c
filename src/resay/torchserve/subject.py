"""What the example requests of a start are about: a model, two sentences, the latent of the first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from resay.engine.card import ModelCard

DEFAULT_TEXTS = ("The food was great, but the service was slow.", "The room was clean and quiet.")

# Three words and no digit: a number is nothing that a latent could hold.
_MANY_WORDS = re.compile(r"\D+\s\D+\s\D+$")

Payload: TypeAlias = dict[str, Any]
"""A request's body, or a reply's, as JSON."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an example may speak of.

    Attributes:
        card: The served model's card.
        text: The sentence that is encoded, paraphrased and decoded again.
        other_text: Another one; the way from ``text`` to it is what ``interpolate`` is asked for.
        latent: What ``decode`` is given: numbers, or text in the form that ``encoding_format`` says.
        encoding_format: Of ``latent``.
    """

    card: ModelCard
    text: str
    other_text: str
    latent: list[float] | str
    encoding_format: str = "float"


def subject_of(card: ModelCard, text: str | None = None) -> Subject:
    """Return the subject for a model: the sentence given, else the first that the model's own card holds.

    The latent is all zeros, which lies in every latent space; asking ``encode`` for that of the text makes it speak.
    """
    known = [sentence.text for sentence in card.golden]
    text = text or [*known, *DEFAULT_TEXTS][0]
    others = [other for other in known if _MANY_WORDS.match(other)] + [*DEFAULT_TEXTS]
    other_text = next(other for other in others if other != text)
    return Subject(card, text, other_text, [0.0] * card.dimensions.latent_size)


def latent_request(subject: Subject) -> Payload:
    """Return what to ask ``encode`` for the latent of the text: packed bits where the latent is made of them."""
    if subject.card.latent_space.binary:
        return {"inputs": subject.text, "encoding_format": "bits"}
    return {"inputs": subject.text, "features": "latent"}


def decode_request(subject: Subject) -> Payload:
    """Return what to ask ``decode``: the text of the subject's latent."""
    if subject.encoding_format == "float":
        return {"inputs": subject.latent}
    return {"inputs": subject.latent, "encoding_format": subject.encoding_format}


def no_latent_space(card: ModelCard) -> str:
    """Return the code with which a model refuses what needs a sentence's latent; empty if it reads sentences."""
    return "" if card.latent_space.reads_sentence else "no_latent_space"


def no_prior(card: ModelCard) -> str:
    """Return the code with which a model refuses to be sampled; empty if it can. A language model needs no prior."""
    space = card.latent_space
    return "no_prior" if space.prior is None and space.reads_sentence else ""


def never(card: ModelCard) -> str:
    """Return no code: every model answers."""
    return ""
