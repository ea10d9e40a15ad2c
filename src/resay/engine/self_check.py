"""Whether a service still makes of the card's golden sentences what was made of them at the export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.card import GoldenSentence
from resay.engine.decoding import DecodingRequest, DecodingSettings, Step, decode
from resay.engine.encoder import CODES, SentenceEncoder
from resay.engine.sentences import PreparedSentence
from resay.engine.session import CPU_PROVIDER
from resay.text import NUM, Tokenizer, detokenize

CPU_TOLERANCE = 1e-5
GPU_TOLERANCE = 1e-4
FREE_GREEDY = DecodingSettings("greedy", no_repeat_ngram=0, min_new_tokens=0)
"""The most probable word each time, whatever was said before: so the golden reconstructions were made."""


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What came of a check.

    Attributes:
        num_checked: Golden sentences that were looked at; 0 for a card without any.
        problems: What differs, in numbers; nothing if all is well.
    """

    num_checked: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a service can be held against golden sentences."""

    encoder: SentenceEncoder | None = None
    step: Step | None = None
    tokenizer: Tokenizer | None = None


PARTS: Mapping[str, Callable[[Any], Parts]] = {
    "encode": lambda service: Parts(encoder=service.encoder),
    "paraphrase": lambda service: Parts(
        service.paraphraser.encoder, service.paraphraser.step, service.paraphraser.encoder.preparer.tokenizer
    ),
    "decode": lambda service: Parts(None, service.decoder.step, service.decoder.tokenizer),
    "interpolate": lambda service: Parts(
        service.interpolator.encoder, service.interpolator.decoder.step, service.interpolator.decoder.tokenizer
    ),
    "sample": lambda service: Parts(None, service.decoder.step, service.decoder.tokenizer),
}
"""By endpoint."""


def self_check(service: Any) -> SelfCheck:  # noqa: ANN401  any service: which parts it has, PARTS says
    """Encode and say the golden sentences again, with the graphs that answer requests.

    Vectors may differ by 1e-5 of their greatest component (or of 1, if that is greater) on the CPU, by 1e-4
    elsewhere; sentences that are decoded greedily must be equal.
    """
    golden = service.card.golden
    if not golden:
        return SelfCheck(0, ())
    parts = PARTS[service.endpoint](service)
    problems: list[str] = []
    if parts.encoder is not None:
        problems += encoder_problems(parts.encoder, golden)
    if parts.step is not None and parts.tokenizer is not None:
        problems += decoder_problems(parts.step, parts.tokenizer, golden, service.card.limits.max_length)
    return SelfCheck(len(golden), tuple(problems))


def encoder_problems(encoder: SentenceEncoder, golden: Sequence[GoldenSentence]) -> list[str]:
    """Return how tokens, embeddings and latents differ."""
    prepared = [encoder.preparer.prepare(sentence.text, truncate=True) for sentence in golden]
    sentences = [sentence for sentence in prepared if isinstance(sentence, PreparedSentence)]
    num_other = sum(
        not isinstance(found, PreparedSentence) or list(found.token_ids) != expected.token_ids
        for found, expected in zip(prepared, golden, strict=True)
    )
    if num_other:
        return [f"{num_other} of {len(golden)} golden sentences are split into other tokens"]
    tolerance = CPU_TOLERANCE if encoder.session.get_providers()[0] == CPU_PROVIDER else GPU_TOLERANCE
    found = encoder.read(sentences, CODES)
    expected = {
        "latent": np.array([sentence.latent for sentence in golden], dtype=np.float32),
        "embedding": np.array([sentence.embedding for sentence in golden], dtype=np.float32),
    }
    differences = {name: difference(found[name], expected[name]) for name in CODES}
    return [
        f"{name} differs by up to {largest:.1e}, and {tolerance:.0e} is allowed"
        for name, largest in differences.items()
        if not largest <= tolerance  # which NaN is not either
    ]


def difference(found: Float32[ndarray, "B _"], expected: Float32[ndarray, "B _"]) -> float:
    """Return the greatest difference of a component, as a share of the row's greatest if that is above 1."""
    scale = np.maximum(1.0, np.abs(expected).max(axis=1, keepdims=True))
    return float((np.abs(found - expected) / scale).max())


def decoder_problems(step: Step, tokenizer: Tokenizer, golden: Sequence[GoldenSentence], max_length: int) -> list[str]:
    """Return how many sentences are said otherwise."""
    requests = [
        DecodingRequest(
            np.array(sentence.latent, dtype=np.float32),
            FREE_GREEDY,
            max_new_tokens=max_length,
            num_numbers=sentence.reconstruction.split().count(NUM),
        )
        for sentence in golden
    ]
    num_other = sum(
        not said or detokenize([tokenizer.words[word] for word in said[0].token_ids]) != sentence.reconstruction
        for said, sentence in zip(decode(step, requests), golden, strict=True)
    )
    return [f"{num_other} of {len(golden)} golden sentences are said otherwise"] if num_other else []
