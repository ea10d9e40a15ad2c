"""Texts to ranked paraphrases."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from resay.engine.batching import cut_by_cost
from resay.engine.candidates import sift
from resay.engine.card import Calibration
from resay.engine.choosing import EncodedSource, choose
from resay.engine.decoding import MAX_ROWS, DecoderStep, DecodingRequest, Hypothesis, Step, decode
from resay.engine.encoder import SentenceEncoder
from resay.engine.fidelity import Source, prepare_source
from resay.engine.model_folder import ModelFolder
from resay.engine.options import ParaphraseItem
from resay.engine.paraphrases import Paraphrases
from resay.engine.sentences import no_known_words
from resay.engine.session import Device
from resay.engine.similar_words import SimilarWords
from resay.engine.strategies import STRATEGIES
from resay.engine.work import count, timed
from resay.errors import RequestError
from resay.text import NUM_ID


@dataclass(frozen=True, slots=True)
class Paraphraser:
    """Encodes texts, says their latents again in other words, and keeps what is worth keeping.

    Attributes:
        encoder: Gives the latents, and what candidates are judged by.
        step: The decoder.
        similar_words: Which words may stand for which.
        calibration: What the dial and the similarity of latents go by.
        binary: Whether latents are zeros and ones, which noise flips.
    """

    encoder: SentenceEncoder
    step: Step
    similar_words: SimilarWords
    calibration: Calibration | None = None
    binary: bool = False

    @classmethod
    def open(cls, folder: ModelFolder, *, device: Device = "cpu", num_threads: int = 1) -> "Paraphraser":
        """Load both graphs of a model folder.

        Raises:
            DeviceError: If the device is not there.
            ModelFolderError: If a graph cannot be loaded.
        """
        encoder = SentenceEncoder.open(folder, device=device, num_threads=num_threads)
        return cls(
            encoder=encoder,
            step=DecoderStep.open(folder, device=device, num_threads=num_threads),
            similar_words=SimilarWords.open(encoder),
            calibration=folder.card.calibration,
            binary=folder.card.latent_space.binary,
        )

    @property
    def unrelated_latents(self) -> float:
        """Return the mean cosine of unrelated sentences' latents; 0 where it was not measured."""
        return 0.0 if self.calibration is None else self.calibration.unrelated_latents

    def paraphrase(self, items: Sequence[ParaphraseItem]) -> list[Paraphrases | RequestError]:
        """Paraphrase texts; one that cannot be gets its error in its place.

        They are decoded together, as many as the decoder takes at once, in their order. Each such turn is
        carried through to its end: a deadline finds the first texts answered, and refuses the last with the
        status 504, rather than finding all of them half done.
        """
        num_rows = [item.options.num_hypotheses for item in items]
        turns = [items[part] for part in cut_by_cost(num_rows, MAX_ROWS)]
        return [result for turn in turns for result in self._take_turn(turn)]

    def _take_turn(self, items: Sequence[ParaphraseItem]) -> list[Paraphrases | RequestError]:
        with timed("tokenize"):
            prepared = [self.prepare(item.text, item.options.protect, item.options.deadline) for item in items]
        sources = [source for source in prepared if not isinstance(source, RequestError)]
        options = [item.options for item, source in zip(items, prepared, strict=True) if isinstance(source, Source)]
        with timed("compute"):
            codes = self.encoder.run([source.sentence for source in sources])
            encoded = [EncodedSource(*parts) for parts in zip(options, sources, codes, strict=True)]
            done = iter(self._paraphrase_sources(encoded))
        return [item if isinstance(item, RequestError) else next(done) for item in prepared]

    def prepare(self, text: str, protect: Sequence[str] = (), deadline: float = math.inf) -> Source | RequestError:
        """Tokenise a source and find what must come back exactly.

        Returns:
            The source, or a `RequestError` of status 422 with the code ``empty_text``, ``too_long`` (a text
            cannot be paraphrased in part) or ``no_known_words``, or of status 504 if the deadline is past.
        """
        source = prepare_source(text, self.encoder.preparer, protect=protect, deadline=deadline)
        if isinstance(source, RequestError):
            return source
        return no_known_words(source.sentence) or source

    def _paraphrase_sources(self, sources: Sequence[EncodedSource]) -> list[Paraphrases | RequestError]:
        """Decode, sift and score; decoding and scoring are one batch each."""
        found = self._decode(sources)
        preparer = self.encoder.preparer
        sieves = [
            sift(one.source, hypotheses, preparer, allow_identity=one.options.allow_identity)
            for one, hypotheses in zip(sources, found, strict=True)
        ]
        drafts = [draft.sentence for sieve in sieves for draft in sieve.drafts]
        round_trip = iter(self.encoder.run(drafts))
        chosen = [
            choose(one, hypotheses, sieve, [next(round_trip) for _ in sieve.drafts], self.unrelated_latents)
            for one, hypotheses, sieve in zip(sources, found, sieves, strict=True)
        ]
        for paraphrases in chosen:
            count_candidates(paraphrases)
        return chosen

    def _decode(self, sources: Sequence[EncodedSource]) -> list[list[Hypothesis]]:
        """Return each source's hypotheses, of all its searches, the most probable first."""
        requests: list[DecodingRequest] = []
        num_searches: list[int] = []
        for source in sources:
            searches = self._searches(source)
            requests += searches
            num_searches.append(len(searches))
        results = iter(decode(self.step, requests))
        return [merge([next(results) for _ in range(number)]) for number in num_searches]

    def _searches(self, encoded: EncodedSource) -> list[DecodingRequest]:
        options, sentence = encoded.options, encoded.source.sentence
        strategy, knobs = STRATEGIES[options.strategy], options.knobs(self.calibration, binary_latents=self.binary)
        longest = self.encoder.preparer.max_length + 1
        # A paraphrase twice as long as its source is a decoder that does not find its end.
        usual = min(longest, 2 * encoded.codes.num_tokens + 8)
        limit = usual if options.max_new_tokens is None else options.max_new_tokens
        content_ids = encoded.source.content_ids
        similar_words = self.similar_words.like_any(content_ids) if knobs.similar_word_bonus else {}
        doubled_ids = tuple(sorted({one for one, other in pairwise(sentence.token_ids) if one == other}))
        return [
            DecodingRequest(
                latent=start.latent,
                settings=start.settings,
                max_new_tokens=limit,
                deadline=options.deadline,
                seed=start.seed,
                penalized_ids=content_ids,
                similar_words=similar_words,
                doubled_ids=doubled_ids,
                num_numbers=sentence.token_ids.count(NUM_ID),
            )
            for start in strategy.starts(encoded.codes.latent, knobs, options.seed)
        ]


def count_candidates(paraphrases: Paraphrases | RequestError) -> None:
    """Count what a text got, and what was filtered out, by reason."""
    if isinstance(paraphrases, RequestError):
        return
    count("candidates", len(paraphrases.candidates))
    for reason, number in paraphrases.filtered.items():
        count(f"filtered.{reason}", number)


def merge(results: Sequence[Sequence[Hypothesis]]) -> list[Hypothesis]:
    """Return the hypotheses of several searches, whole sentences first, then by log-probability.

    The same words may come from several of them; the sieve counts the later ones as duplicates.
    """
    hypotheses = [hypothesis for result in results for hypothesis in result]
    return sorted(hypotheses, key=lambda item: (item.stop != "end", -item.log_prob, item.token_ids))
