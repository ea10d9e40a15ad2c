"""What benchmarks/paraphrase.py times: searches with their rules, and the calls of the step graph that they made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jaxtyping import Float32, Int64
from numpy import ndarray

from resay.engine import ModelFolder, SentenceEncoder
from resay.engine.decoding import (
    DecoderState,
    DecoderStep,
    DecodingRequest,
    DecodingSettings,
    Hypothesis,
    StepOutput,
    decode,
)
from resay.engine.similar_words import SimilarWords
from resay.errors import RequestError
from resay.text import NUM_ID, SPECIAL_WORDS
from resay.text.stop_words import STOP_WORDS

SUBJECTS = ("the soup", "our waiter", "the hotel room", "the bread we ordered")
PREDICATES = (
    "was great !",
    "was very good and not too expensive .",
    "is small but clean and quiet .",
    "took 20 minutes to arrive .",
    "was the worst part of the whole evening .",
    "did not look like the pictures at all .",
    "is the only reason why i will come back here again .",
    "could have been better , but the price of 12 dollars is fair .",
)
SENTENCES = tuple(f"{subject} {predicate}" for subject in SUBJECTS for predicate in PREDICATES)


def all_settings(num_hypotheses: int) -> dict[str, DecodingSettings]:
    """Return each search as it is timed, with every rule on."""
    return {
        "greedy": DecodingSettings("greedy", 1, source_copy_penalty=1.0, similar_word_bonus=5.0),
        "beam": DecodingSettings("beam", num_hypotheses, source_copy_penalty=1.0, similar_word_bonus=5.0),
        "diverse-beam": DecodingSettings(
            "diverse-beam",
            num_hypotheses,
            num_groups=4,
            diversity_penalty=1.0,
            source_copy_penalty=1.0,
            similar_word_bonus=5.0,
        ),
        "sample": DecodingSettings("sample", num_hypotheses, source_copy_penalty=1.0, similar_word_bonus=5.0),
    }


@dataclass(slots=True)
class RecordingStep:
    """A decoder that keeps the inputs of every call."""

    step: DecoderStep
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def vocab_size(self) -> int:
        """Return V."""
        return self.step.vocab_size

    @property
    def hidden_size(self) -> int:
        """Return H."""
        return self.step.hidden_size

    def run(
        self,
        token_ids: Int64[ndarray, " R"],
        latents: Float32[ndarray, "R Z"],
        state: DecoderState,
        num_candidates: int,
    ) -> StepOutput:
        """Feed one token to each row."""
        self.calls.append((token_ids, latents, state, num_candidates))
        return self.step.run(token_ids, latents, state, num_candidates)


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests decoded some at a time.

    Attributes:
        decode: Decodes them all.
        replay: Makes the same calls of the step graph and nothing else.
        hypotheses: What is found.
        num_steps: Calls.
        num_rows: Rows of all calls together.
    """

    decode: Callable[[], list[list[Hypothesis]]]
    replay: Callable[[], None]
    hypotheses: list[list[Hypothesis]]
    num_steps: int
    num_rows: int


def make_workload(step: DecoderStep, requests: Sequence[DecodingRequest], num_together: int) -> Workload:
    """Return the work of decoding the requests, `num_together` in one call of `decode`."""
    batches = [requests[first : first + num_together] for first in range(0, len(requests), num_together)]

    def run_all(on: DecoderStep | RecordingStep) -> list[list[Hypothesis]]:
        return [found for batch in batches for found in decode(on, batch)]

    recorder = RecordingStep(step)
    hypotheses = run_all(recorder)

    def replay() -> None:
        for inputs in recorder.calls:
            step.run(*inputs)

    num_rows = sum(len(inputs[0]) for inputs in recorder.calls)
    return Workload(lambda: run_all(step), replay, hypotheses, len(recorder.calls), num_rows)


def read_sentences(path: Path | None) -> Sequence[str]:
    """Return the lines of a file, or else the sentences above."""
    return SENTENCES if path is None else path.read_text(encoding="utf-8").splitlines()


def make_requests(
    folder: ModelFolder, sentences: Sequence[str], num_sources: int, settings: DecodingSettings
) -> list[DecodingRequest]:
    """Return requests for the first sentences that the model can read, limits and rules as for paraphrases.

    Raises:
        ValueError: If there are too few.
    """
    encoder = SentenceEncoder.open(folder)
    prepared = [encoder.preparer.prepare(text, truncate=False) for text in sentences]
    readable = [sentence for sentence in prepared if not isinstance(sentence, RequestError)][:num_sources]
    if len(readable) < num_sources:
        raise ValueError(f"{num_sources} sentences are needed, and only {len(readable)} can be read")
    words = folder.tokenizer.words
    similar = SimilarWords.open(encoder)
    content = [
        tuple(
            word
            for word in sentence.token_ids
            if word >= len(SPECIAL_WORDS) and words[word] not in STOP_WORDS and words[word].isalnum()
        )
        for sentence in readable
    ]
    return [
        DecodingRequest(
            latent=encoded.latent,
            settings=settings,
            max_new_tokens=min(encoder.preparer.max_length + 1, 2 * encoded.num_tokens + 8),
            seed=seed,
            penalized_ids=content[seed],
            similar_words=similar.like_any(content[seed]),
            num_numbers=sentence.token_ids.count(NUM_ID),
        )
        for seed, (sentence, encoded) in enumerate(zip(readable, encoder.run(readable), strict=True))
    ]
