"""Texts to ranked paraphrases."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.batching import cut_by_cost
from resay.engine.candidates import (
    Draft,
    FilterReason,
    Sieve,
    filter_counts,
    has_letter_or_digit,
    sift,
)
from resay.engine.deadline import deadline_error
from resay.engine.decoding import (
    MAX_ROWS,
    DecoderStep,
    DecodingRequest,
    DecodingSettings,
    Hypothesis,
    Step,
    decode,
)
from resay.engine.encoder import EncodedSentence, SentenceEncoder
from resay.engine.model_folder import ModelFolder
from resay.engine.scores import novelty, score, similarity
from resay.engine.sentences import PreparedSentence
from resay.engine.session import Device
from resay.errors import RequestError
from resay.text import UNK_ID

FinishReason = Literal["complete", "fewer_than_n", "max_new_tokens", "deadline"]

MAX_BEAMS = 64


@dataclass(frozen=True, slots=True)
class ParaphraseOptions:
    """What is wanted of one text.

    Attributes:
        num_candidates: Most candidates to return.
        strategy: A name in `STRATEGIES`.
        num_beams: Fewest beams; more are used when `num_candidates` calls for it.
        min_similarity: Candidates less similar to the source are dropped.
        allow_identity: Whether the source itself may be a candidate.
        max_new_tokens: Most tokens of a candidate, the end mark included; by default as the source's length
            suggests.
        deadline: When to stop decoding, in seconds of `time.monotonic`.
    """

    num_candidates: int = 5
    strategy: str = "beam"
    num_beams: int = 8
    min_similarity: float = 0.0
    allow_identity: bool = False
    max_new_tokens: int | None = None
    deadline: float = math.inf

    @property
    def num_rows(self) -> int:
        """Return how many hypotheses to search for: about twice the candidates, since copies will be dropped."""
        if self.strategy == "greedy":
            return 1
        return min(MAX_BEAMS, max(self.num_beams, 2 * self.num_candidates))


@dataclass(frozen=True, slots=True)
class ParaphraseItem:
    """One text and what is wanted of it."""

    text: str
    options: ParaphraseOptions


@dataclass(frozen=True, slots=True)
class Candidate:
    """One paraphrase; `resay.engine.scores` says what the numbers are."""

    text: str
    similarity: float
    novelty: float
    log_prob: float
    score: float


@dataclass(frozen=True, slots=True)
class Paraphrases:
    """The paraphrases of one text.

    Attributes:
        candidates: Best score first, at most as many as were asked for.
        finish_reason: "complete" if they are as many as asked for; "fewer_than_n" if no more were left;
            "deadline" or "max_new_tokens" if time or length ended the search before.
        filtered: How many hypotheses were dropped for which reason.
        num_tokens: Tokens of the source.
        num_unknown: How many of these are outside the vocabulary.
    """

    candidates: list[Candidate]
    finish_reason: FinishReason
    filtered: dict[FilterReason, int]
    num_tokens: int
    num_unknown: int


@dataclass(frozen=True, slots=True)
class Source:
    """A text on its way through the paraphraser."""

    options: ParaphraseOptions
    sentence: PreparedSentence
    encoded: EncodedSentence


@dataclass(frozen=True, slots=True)
class Paraphraser:
    """Encodes texts, says their latents again in other words, and keeps what is worth keeping.

    Attributes:
        encoder: Gives the latents, and the embeddings that candidates are judged by.
        step: The decoder.
    """

    encoder: SentenceEncoder
    step: Step

    @classmethod
    def open(cls, folder: ModelFolder, *, device: Device = "cpu", num_threads: int = 1) -> "Paraphraser":
        """Load both graphs of a model folder.

        Raises:
            DeviceError: If the device is not there.
            ModelFolderError: If a graph cannot be loaded.
        """
        return cls(
            encoder=SentenceEncoder.open(folder, device=device, num_threads=num_threads),
            step=DecoderStep.open(folder, device=device, num_threads=num_threads),
        )

    def paraphrase(self, items: Sequence[ParaphraseItem]) -> list[Paraphrases | RequestError]:
        """Paraphrase texts; one that cannot be gets its error in its place.

        They are decoded together, as many as the decoder takes at once, in their order. Each such turn is
        carried through to its end: a deadline finds the first texts answered, and refuses the last with the
        status 504, rather than finding all of them half done.
        """
        num_rows = [item.options.num_rows for item in items]
        turns = [items[part] for part in cut_by_cost(num_rows, MAX_ROWS)]
        return [result for turn in turns for result in self._take_turn(turn)]

    def _take_turn(self, items: Sequence[ParaphraseItem]) -> list[Paraphrases | RequestError]:
        prepared = [self.prepare(item.text, item.options.deadline) for item in items]
        options = [item.options for item, sentence in zip(items, prepared, strict=True) if is_ready(sentence)]
        sentences = [sentence for sentence in prepared if not isinstance(sentence, RequestError)]
        encoded = self.encoder.run(sentences)
        sources = [Source(*parts) for parts in zip(options, sentences, encoded, strict=True)]
        done = iter(self._paraphrase_sources(sources))
        return [item if isinstance(item, RequestError) else next(done) for item in prepared]

    def prepare(self, text: str, deadline: float = math.inf) -> PreparedSentence | RequestError:
        """Tokenise a source.

        Returns:
            The sentence, or a `RequestError` of status 422 with the code ``empty_text``, ``too_long`` (a
            text cannot be paraphrased in part) or ``no_known_words``, or of status 504 if the deadline is past.
        """
        sentence = self.encoder.preparer.prepare(text, truncate=False, deadline=deadline)
        if isinstance(sentence, RequestError):
            return sentence
        pairs = zip(sentence.token_ids, sentence.encoding.tokens, strict=True)
        known = any(token_id != UNK_ID and has_letter_or_digit(token) for token_id, token in pairs)
        if sentence.num_unknown and not known:
            return RequestError(
                422,
                "no_known_words",
                f"the model knows no word of this text: {sentence.num_unknown} words are outside its"
                " vocabulary; it reads the language and subject that it was trained on",
            )
        return sentence

    def _paraphrase_sources(self, sources: Sequence[Source]) -> list[Paraphrases | RequestError]:
        """Decode, sift and score; decoding and scoring are one batch each."""
        hypotheses = decode(self.step, [self._decoding_request(source) for source in sources])
        sieves = [
            sift(
                source.sentence.encoding,
                found,
                self.encoder.preparer,
                allow_identity=source.options.allow_identity,
            )
            for source, found in zip(sources, hypotheses, strict=True)
        ]
        sentences = [draft.sentence for sieve in sieves for draft in sieve.drafts]
        round_trip = iter(self.encoder.run(sentences))
        return [
            choose(source, found, sieve, [next(round_trip).embedding for _ in sieve.drafts])
            for source, found, sieve in zip(sources, hypotheses, sieves, strict=True)
        ]

    def _decoding_request(self, source: Source) -> DecodingRequest:
        options = source.options
        longest = self.encoder.preparer.max_length + 1
        # A paraphrase twice as long as its source is a decoder that does not find its end.
        usual = min(longest, 2 * source.encoded.num_tokens + 8)
        return DecodingRequest(
            latent=source.encoded.latent,
            settings=DecodingSettings(options.strategy, options.num_rows),
            max_new_tokens=usual if options.max_new_tokens is None else options.max_new_tokens,
            deadline=options.deadline,
        )


def is_ready(sentence: PreparedSentence | RequestError) -> bool:
    """Return whether a text could be prepared."""
    return not isinstance(sentence, RequestError)


def choose(
    source: Source,
    hypotheses: Sequence[Hypothesis],
    sieve: Sieve,
    embeddings: Sequence[Float32[ndarray, " E"]],
) -> Paraphrases | RequestError:
    """Score the drafts and keep the best; none, when the time ended the search, is an error."""
    options = source.options
    scored = [judge(source, draft, embedding) for draft, embedding in zip(sieve.drafts, embeddings, strict=True)]
    similar = [candidate for candidate in scored if candidate.similarity >= options.min_similarity]
    dropped = sieve.dropped.copy()
    dropped["low_similarity"] += len(scored) - len(similar)
    similar.sort(key=lambda candidate: (-candidate.score, -candidate.log_prob, candidate.text))
    kept = similar[: options.num_candidates]
    reason = finish_reason(len(kept) >= options.num_candidates, hypotheses)
    if reason == "deadline" and not kept:
        return deadline_error()
    return Paraphrases(
        candidates=kept,
        finish_reason=reason,
        filtered=filter_counts(dropped),
        num_tokens=source.encoded.num_tokens,
        num_unknown=source.encoded.num_unknown,
    )


def judge(source: Source, draft: Draft, embedding: Float32[ndarray, " E"]) -> Candidate:
    """Score one draft against its source."""
    how_similar = similarity(source.encoded.embedding, embedding)
    how_new = novelty(source.sentence.encoding.tokens, draft.sentence.encoding.tokens)
    return Candidate(draft.text, how_similar, how_new, draft.log_prob, score(how_similar, how_new, draft.log_prob))


def finish_reason(has_all: bool, hypotheses: Sequence[Hypothesis]) -> FinishReason:
    """Return why the search for candidates ended."""
    stops = {hypothesis.stop for hypothesis in hypotheses}
    if has_all and "end" in stops:
        return "complete"
    if "deadline" in stops:
        return "deadline"
    return "fewer_than_n" if "end" in stops else "max_new_tokens"
