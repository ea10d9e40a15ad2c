"""What readyz asks: held against golden sentences that the same model made, and against ones that it did not."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from resay.engine import ModelFolder, SentenceEncoder
from resay.engine.card import GoldenSentence
from resay.engine.decoding import DecoderStep
from resay.engine.self_check import PARTS, SelfCheck, decoder_problems, difference, encoder_problems, self_check
from resay.graphs.greedy_steps import greedy_steps
from resay.graphs.session import open_cpu_session
from resay.text import EOS_ID, detokenize

TEXTS = ("The soup was great!", "Our room cost 20 dollars.", "The waiter was n't nice at all.")
MAX_LENGTH = 12
MODEL = "none"


@pytest.fixture(scope="module")
def golden(folder: ModelFolder, encoder: SentenceEncoder) -> tuple[GoldenSentence, ...]:
    session = open_cpu_session(folder.decoder_step_bytes)
    sentences = []
    for text, found in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        steps = greedy_steps(session, found.latent[np.newaxis], folder.card.dimensions.hidden_size)
        said = [int(step.token_ids[0]) for step, _ in zip(steps, range(MAX_LENGTH), strict=False)]
        words = [folder.tokenizer.words[word] for word in said if word != EOS_ID]
        sentences.append(
            GoldenSentence(
                text=text,
                token_ids=list(folder.tokenizer.encode(text).token_ids),
                latent=found.latent.tolist(),
                embedding=found.embedding.tolist(),
                reconstruction=detokenize(words),
            )
        )
    return tuple(sentences)


@pytest.fixture
def open_golden(
    open_service: Callable[[str, str], object], golden: tuple[GoldenSentence, ...]
) -> Callable[..., object]:
    """The service of an endpoint, with golden sentences in its card."""

    def find(endpoint: str, **changes: object) -> object:
        service = open_service(endpoint, MODEL)
        sentences = [golden[0].model_copy(update=changes), *golden[1:]]
        return replace(service, card=service.card.model_copy(update={"golden": tuple(sentences)}))

    return find


@pytest.mark.parametrize("endpoint", list(PARTS))
def test_every_service_agrees_with_the_model_it_came_from(open_golden: Callable[..., object], endpoint: str) -> None:
    assert self_check(open_golden(endpoint)) == SelfCheck(3, ())


def test_numbers_are_said_again(golden: tuple[GoldenSentence, ...]) -> None:
    assert "_num_" in golden[1].reconstruction


@pytest.mark.parametrize("endpoint", list(PARTS))
def test_a_card_without_golden_sentences_leaves_nothing_to_check(
    open_service: Callable[[str, str], object], endpoint: str
) -> None:
    assert self_check(open_service(endpoint, MODEL)) == SelfCheck(0, ())


@pytest.mark.parametrize("name", ["latent", "embedding"])
def test_a_vector_that_differs_is_told_in_numbers(
    encoder: SentenceEncoder, golden: tuple[GoldenSentence, ...], name: str
) -> None:
    vector = getattr(golden[1], name)
    near, far = ([vector[0] + step, *vector[1:]] for step in (5e-6, 5e-3))
    assert encoder_problems(encoder, [golden[0], golden[1].model_copy(update={name: near})]) == []
    (problem,) = encoder_problems(encoder, [golden[0], golden[1].model_copy(update={name: far})])
    assert re.fullmatch(rf"{name} differs by up to \d\.\de-03, and 1e-05 is allowed", problem)


def test_no_number_is_no_agreement(encoder: SentenceEncoder, golden: tuple[GoldenSentence, ...]) -> None:
    nan = golden[0].model_copy(update={"embedding": [float("nan")] * len(golden[0].embedding)})
    assert encoder_problems(encoder, [nan]) == ["embedding differs by up to nan, and 1e-05 is allowed"]


def test_other_tokens_are_told_before_other_numbers(
    encoder: SentenceEncoder, golden: tuple[GoldenSentence, ...]
) -> None:
    problems = encoder_problems(encoder, [golden[0].model_copy(update={"token_ids": [4]}), golden[1]])
    assert problems == ["1 of 2 golden sentences are split into other tokens"]
    problems = encoder_problems(encoder, [golden[0].model_copy(update={"text": " "})])
    assert problems == ["1 of 1 golden sentences are split into other tokens"]


def test_another_sentence_is_told(folder: ModelFolder, golden: tuple[GoldenSentence, ...]) -> None:
    step = DecoderStep.open(folder)
    other = golden[0].model_copy(update={"reconstruction": "The soup was cold!"})
    problems = decoder_problems(step, folder.tokenizer, [other, *golden[1:]], MAX_LENGTH)
    assert problems == ["1 of 3 golden sentences are said otherwise"]


@pytest.mark.parametrize("endpoint", list(PARTS))
def test_no_problem_quotes_a_text(open_golden: Callable[..., object], endpoint: str) -> None:
    service = open_golden(endpoint, text="quokka", token_ids=[4], reconstruction="quokka", latent=[9.0] * 24)
    found = self_check(service)
    assert found.problems
    assert "quokka" not in " ".join(found.problems)


def test_a_difference_counts_against_the_greatest_component() -> None:
    expected = np.array([[100.0, 0.0], [0.1, 0.0]], dtype=np.float32)
    assert difference(expected + np.float32(0.001), expected) == pytest.approx(1e-3, rel=1e-2)
    assert difference(expected[:1] + np.float32(0.001), expected[:1]) == pytest.approx(1e-5, rel=1e-2)


def test_the_released_model_agrees_with_torch() -> None:
    path = Path(__file__).parents[2] / "models" / "yelp-soft-label"
    folder = ModelFolder.open(path)
    golden = folder.card.golden
    assert len(golden) == 3
    assert encoder_problems(SentenceEncoder.open(folder), golden) == []
    assert decoder_problems(DecoderStep.open(folder), folder.tokenizer, golden, folder.card.limits.max_length) == []
