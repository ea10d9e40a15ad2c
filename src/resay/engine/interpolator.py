"""Two texts to the sentences on the way between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from resay.engine.decoding import DecodingRequest
from resay.engine.encoder import SentenceEncoder
from resay.engine.latent_decoder import DecodedSentence, LatentDecoder, beam_settings
from resay.engine.latent_requests import MAX_POINTS
from resay.engine.latents.paths import Path, find_path
from resay.engine.sentences import PreparedSentence, no_known_words
from resay.errors import RequestError


class PathStep(NamedTuple):
    """A sentence on the way, and how far along it comes up first, from 0 to 1."""

    sentence: DecodedSentence
    position: float


Steps: TypeAlias = list[PathStep]


@dataclass(frozen=True, slots=True)
class PathRequest:
    """What is wanted of one pair of texts; see `InterpolateRequest`."""

    texts: tuple[str, str]
    num_points: int | None
    seed: int
    num_beams: int
    max_new_tokens: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Interpolator:
    """Goes from one text's latent to another's and says what lies between.

    Attributes:
        encoder: Gives the ends.
        decoder: Says the points.
        binary: Whether latents are zeros and ones.
    """

    encoder: SentenceEncoder
    decoder: LatentDecoder
    binary: bool

    def interpolate(self, requests: Sequence[PathRequest]) -> list[Steps | RequestError]:
        """Return the steps of each pair; a pair that cannot be answered in full gets its error in its place."""
        paths = self._find_paths(requests)
        points = [
            DecodingRequest(
                latent,
                beam_settings(request.num_beams),
                max_new_tokens=request.max_new_tokens,
                deadline=request.deadline,
            )
            for request, path in zip(requests, paths, strict=True)
            if isinstance(path, Path)
            for latent in path.latents
        ]
        said = iter(self.decoder.decode(points))
        return [
            path if isinstance(path, RequestError) else fold([next(said) for _ in path.positions], path)
            for path in paths
        ]

    def _find_paths(self, requests: Sequence[PathRequest]) -> list[Path | RequestError]:
        prepared = [self._prepare(request) for request in requests]
        sentences = [sentence for pair in prepared if not isinstance(pair, RequestError) for sentence in pair]
        codes = iter(self.encoder.run(sentences))
        return [
            pair
            if isinstance(pair, RequestError)
            else check_length(
                find_path(
                    next(codes).latent,
                    next(codes).latent,
                    binary=self.binary,
                    seed=request.seed,
                    num_points=request.num_points,
                )
            )
            for request, pair in zip(requests, prepared, strict=True)
        ]

    def _prepare(self, request: PathRequest) -> list[PreparedSentence] | RequestError:
        """Return both texts made ready; neither is cut, since half a text is no end of the way."""
        pair: list[PreparedSentence] = []
        for number, text in enumerate(request.texts, start=1):
            sentence = self.encoder.preparer.prepare(text, truncate=False, deadline=request.deadline)
            if isinstance(sentence, PreparedSentence):
                sentence = no_known_words(sentence) or sentence
            if isinstance(sentence, RequestError):
                return RequestError(sentence.status, sentence.code, f"text {number} of the pair: {sentence}")
            pair.append(sentence)
        return pair


def check_length(path: Path) -> Path | RequestError:
    """Return a way of which every point can be decoded in one request, or the error that it is too long."""
    if len(path.positions) <= MAX_POINTS:
        return path
    return RequestError(
        422,
        "too_many_steps",
        f"the two texts differ in {len(path.positions) - 1} bits, and at most {MAX_POINTS} points of the way are"
        f" decoded; give num_steps, 2 to {MAX_POINTS}",
    )


def fold(said: Sequence[DecodedSentence | RequestError], path: Path) -> Steps | RequestError:
    """Return the sentences of a way without those that say what the one before them says."""
    steps: Steps = []
    for sentence, position in zip(said, path.positions.tolist(), strict=True):
        if isinstance(sentence, RequestError):
            return sentence
        if not steps or steps[-1].sentence.text != sentence.text:
            steps.append(PathStep(sentence, position))
    return steps
