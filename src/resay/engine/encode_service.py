"""/predictions/encode: texts in, vectors out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float32
from numpy import ndarray

from resay.engine.batching import cheapest_first, cut_by_cost
from resay.engine.body import RawRequest
from resay.engine.card import ModelCard
from resay.engine.description import describe
from resay.engine.encoder import SentenceEncoder, unit_length
from resay.engine.items import ParsedRequest, parse_texts
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.merging import Procedure, respond, spread
from resay.engine.model_folder import ModelFolder
from resay.engine.replies import RawReply, SentenceVector, encode_reply
from resay.engine.requests import EMBEDDING, EncodeRequest
from resay.engine.sentences import PreparedSentence
from resay.engine.service import ENCODE_MAX_ITEMS, Service, require_bits
from resay.engine.settings import ServiceSettings
from resay.engine.work import timed
from resay.errors import RequestError, unknown_name_message

MAX_TURN_CHARACTERS = 200_000
"""Of requests that are encoded together: enough to fill the graph, and less than a second's work."""

EncodeParsed: TypeAlias = ParsedRequest[EncodeRequest, str]


@dataclass(frozen=True, slots=True)
class EncodeService(Service):
    """Answers /predictions/encode."""

    endpoint: ClassVar[str] = "encode"
    max_items: ClassVar[int] = ENCODE_MAX_ITEMS

    encoder: SentenceEncoder

    @classmethod
    def load(cls, folder: ModelFolder, settings: ServiceSettings, limits: RequestLimits) -> "EncodeService":
        """Open the graphs that it needs."""
        encoder = SentenceEncoder.open(folder, device=settings.placement, num_threads=settings.num_threads)
        return cls(folder.card, limits, encoder)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; `merging.respond` says what becomes of bad and of late ones."""
        return respond(raw_requests, self._procedure())

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        providers = self.encoder.session.get_providers()
        return describe(self.endpoint, self.card, self.limits, EncodeRequest, providers)

    def _procedure(self) -> Procedure[EncodeRequest, str, SentenceVector]:
        return Procedure(self.endpoint, self.card.name, self.limits, self._parse, self._compute, self._render)

    def _parse(self, body: object) -> EncodeParsed:
        parsed = parse_texts(body, EncodeRequest, self.limits, model_bounds(self.card))
        check_features(parsed.fields, self.card)
        return parsed

    def _compute(self, requests: Sequence[EncodeParsed]) -> list[list[SentenceVector | RequestError]]:
        """Encode in turns, the small requests first: the deadline must not find everything half done."""
        costs = [request.num_characters for request in requests]
        order = cheapest_first(costs)
        results: dict[int, list[SentenceVector | RequestError]] = {}
        for part in cut_by_cost([costs[index] for index in order], MAX_TURN_CHARACTERS):
            turn = [requests[index] for index in order[part]]
            results.update(zip(order[part], self._take_turn(turn), strict=True))
        return [results[index] for index in range(len(requests))]

    def _take_turn(self, requests: Sequence[EncodeParsed]) -> list[list[SentenceVector | RequestError]]:
        with timed("tokenize"):
            prepared = [[self._prepare(item, request) for item in request.items] for request in requests]
        asked = [
            (item, request.fields)
            for request, items in zip(requests, prepared, strict=True)
            for item in items
            if not isinstance(item, RequestError)
        ]
        with timed("compute"):
            vectors = iter(self._read(asked))
        return [spread(items, vectors) for items in prepared]

    def _prepare(self, item: str | RequestError, request: EncodeParsed) -> PreparedSentence | RequestError:
        if isinstance(item, RequestError):
            return item
        return self.encoder.preparer.prepare(item, truncate=request.fields.truncate, deadline=request.deadline)

    def _read(self, asked: Sequence[tuple[PreparedSentence, EncodeRequest]]) -> list[SentenceVector]:
        """Return what is asked for of each sentence, all of it from the same calls of the graph."""
        if not asked:
            return []
        sentences = [sentence for sentence, _ in asked]
        wanted = {fields.features for _, fields in asked}
        lexicon_ids, unknown = None, [sentence.num_unknown for sentence in sentences]
        if EMBEDDING in wanted and self.encoder.lexicon is not None:
            readings = [self.encoder.lexicon_reading(sentence) for sentence in sentences]
            lexicon_ids = [reading.ids for reading in readings]
            unknown = [
                reading.num_unknown if fields.features == EMBEDDING else sentence.num_unknown
                for reading, (sentence, fields) in zip(readings, asked, strict=True)
            ]
        found = self.encoder.read(sentences, sorted(wanted), [fields.seed for _, fields in asked], lexicon_ids)
        forms = [VectorForm(fields.features, fields.dimensions, fields.normalize) for _, fields in asked]
        vectors = {form: scaled(found[form.features], form) for form in set(forms)}
        return [
            SentenceVector(
                vector=vectors[form][row],
                num_tokens=len(sentence.token_ids),
                num_unknown=unknown[row],
                truncated=sentence.truncated,
            )
            for row, (sentence, form) in enumerate(zip(sentences, forms, strict=True))
        ]

    def _render(self, fields: EncodeRequest, results: Sequence[SentenceVector | RequestError]) -> dict[str, Any]:
        sizes = self.card.dimensions
        size = sizes.embedding_size if fields.features == EMBEDDING else sizes.latent_size
        return encode_reply(self.card.name, fields.dimensions or size, fields, results)


class VectorForm(NamedTuple):
    """What requests may want differently of vectors that were computed together."""

    features: str
    dimensions: int | None
    normalize: bool


def scaled(vectors: Float32[ndarray, "B D"], form: VectorForm) -> Float32[ndarray, "B _"]:
    """Return the leading components of vectors, at length 1 if that is wanted."""
    cut = vectors[:, : form.dimensions]
    return unit_length(cut) if form.normalize else np.ascontiguousarray(cut)


def check_features(fields: EncodeRequest, card: ModelCard) -> None:
    """Refuse features that the model does not have.

    Raises:
        RequestError: 422 ``not_allowed``, with those that it has.
    """
    require_bits(fields.encoding_format, card)
    allowed = (EMBEDDING, *card.latent_space.readings)
    if fields.features not in allowed:
        message = unknown_name_message("features", ascii(fields.features)[1:-1][:40], allowed)
        raise RequestError(422, "not_allowed", f"{message}; the latent of this model is {card.latent}", "features")
