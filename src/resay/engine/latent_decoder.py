"""Latents to sentences, with nothing to compare them with."""

from collections.abc import Sequence
from dataclasses import dataclass

from resay.engine.batching import cut_by_cost
from resay.engine.deadline import deadline_error, is_over
from resay.engine.decoding import MAX_ROWS, DecoderStep, DecodingRequest, DecodingSettings, Hypothesis, Step, decode
from resay.engine.model_folder import ModelFolder
from resay.engine.session import Device
from resay.engine.wording import write_sentence
from resay.errors import RequestError
from resay.text import Tokenizer

ANCESTRAL_WORDS = 1000
"""Most probable words that ancestral sampling draws from; hardly any probability is left for others."""


@dataclass(frozen=True, slots=True)
class DecodedSentence:
    """What the decoder says of a latent.

    Attributes:
        text: The sentence, without numbers: there is no source to take them from.
        log_prob: Mean natural log-probability of its tokens, at most 0.
    """

    text: str
    log_prob: float


@dataclass(frozen=True, slots=True)
class LatentDecoder:
    """Says latents, many of them in one loop of steps.

    Attributes:
        step: decoder_step.onnx.
        tokenizer: The model's own.
        providers: What the graph really runs on, best first.
    """

    step: Step
    tokenizer: Tokenizer
    providers: tuple[str, ...] = ()

    @classmethod
    def open(cls, folder: ModelFolder, *, device: Device = "cpu", num_threads: int = 1) -> "LatentDecoder":
        """Load the decoder of a model folder.

        Raises:
            DeviceError: If the device is not there.
            ModelFolderError: If the graph cannot be loaded.
        """
        step = DecoderStep.open(folder, device=device, num_threads=num_threads)
        return cls(step, folder.tokenizer, tuple(step.session.get_providers()))

    def decode(self, requests: Sequence[DecodingRequest]) -> list[DecodedSentence | RequestError]:
        """Return the best sentence of each request; one that has none gets its error in its place.

        They are decoded together, as many as the decoder takes at once, in their order; those that the deadline
        leaves unfinished get the status 504.
        """
        num_rows = [request.settings.num_hypotheses for request in requests]
        turns = [requests[part] for part in cut_by_cost(num_rows, MAX_ROWS)]
        return [result for turn in turns for result in self._take_turn(turn)]

    def _take_turn(self, requests: Sequence[DecodingRequest]) -> list[DecodedSentence | RequestError]:
        in_time = [not is_over(request.deadline) for request in requests]
        begun = [request for request, is_in_time in zip(requests, in_time, strict=True) if is_in_time]
        found = iter(decode(self.step, begun))
        return [self._best(next(found)) if is_in_time else deadline_error() for is_in_time in in_time]

    def _best(self, hypotheses: Sequence[Hypothesis]) -> DecodedSentence | RequestError:
        """Return the best hypothesis as a sentence; whole ones come first."""
        if hypotheses and hypotheses[0].stop == "deadline":
            return deadline_error()
        text = write_sentence(hypotheses[0].token_ids, self.tokenizer) if hypotheses else ""
        if not text:
            return RequestError(
                422,
                "no_sentence",
                "the decoder finds no sentence for this latent: it lies far from those of all sentences;"
                " take one that encode gives, or one near it",
            )
        return DecodedSentence(text, hypotheses[0].log_prob)


def beam_settings(num_beams: int) -> DecodingSettings:
    """Return how to look for the one best sentence; a single beam takes the most probable word each time."""
    return DecodingSettings("beam", num_beams) if num_beams > 1 else DecodingSettings("greedy")


def ancestral_settings(temperature: float) -> DecodingSettings:
    """Return how to draw one sentence word by word."""
    return DecodingSettings("sample", temperature=temperature, top_k=ANCESTRAL_WORDS)
