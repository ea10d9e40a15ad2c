"""The two services: raw requests in, raw replies out, whatever the front end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from resay.engine.batching import cheapest_first, cut_by_cost
from resay.engine.body import RawRequest
from resay.engine.card import ModelCard
from resay.engine.description import describe
from resay.engine.encoder import EncodedSentence, SentenceEncoder
from resay.engine.fidelity import missing_spans
from resay.engine.limits import RequestLimits, model_bounds, request_limits
from resay.engine.merging import respond, spread
from resay.engine.model_folder import ModelFolder
from resay.engine.options import KNOB_OF_OPTION, ParaphraseItem, ParaphraseOptions
from resay.engine.paraphraser import Paraphraser
from resay.engine.paraphrases import Paraphrases
from resay.engine.parsing import ParsedRequest, parse_request
from resay.engine.replies import RawReply, encode_reply, paraphrase_reply
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.engine.settings import ServiceSettings
from resay.errors import RequestError

ENCODE_MAX_ITEMS = 512
PARAPHRASE_MAX_ITEMS = 64
MAX_TURN_CHARACTERS = 200_000
"""Of requests that are encoded together: enough to fill the graph, and less than a second's work."""


@dataclass(frozen=True, slots=True)
class EncodeService:
    """Answers /predictions/encode."""

    card: ModelCard
    limits: RequestLimits
    encoder: SentenceEncoder

    @classmethod
    def open(cls, folder_path: str | Path, settings: ServiceSettings | None = None) -> "EncodeService":
        """Load a model folder.

        Raises:
            ModelFolderError: If the folder is damaged or incomplete.
            DeviceError: If the device is not there.
            MissingExtraError: If onnxruntime is not installed.
        """
        settings = settings or ServiceSettings()
        folder = ModelFolder.open(folder_path)
        encoder = SentenceEncoder.open(folder, device=settings.device, num_threads=settings.num_threads)
        return cls(folder.card, request_limits(settings, ENCODE_MAX_ITEMS), encoder)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; nothing is raised, and one bad request or item fails no other.

        What the time limit leaves undone, counted from here for all of them, gets the status 504.
        """
        deadline = time.monotonic() + self.limits.time_limit_seconds
        return respond(raw_requests, self._parse, partial(self._compute, deadline=deadline), self._render)

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        providers = self.encoder.session.get_providers()
        return describe("encode", self.card, self.limits, EncodeRequest, providers)

    def _parse(self, request: RawRequest) -> ParsedRequest[EncodeRequest]:
        return parse_request(request, EncodeRequest, self.limits, model_bounds(self.card))

    def _compute(
        self, requests: Sequence[ParsedRequest[EncodeRequest]], *, deadline: float
    ) -> list[list[EncodedSentence | RequestError]]:
        """Encode in turns, the small requests first: the deadline must not find everything half done."""
        costs = [request.num_characters for request in requests]
        order = cheapest_first(costs)
        results: dict[int, list[EncodedSentence | RequestError]] = {}
        for part in cut_by_cost([costs[index] for index in order], MAX_TURN_CHARACTERS):
            turn = [requests[index] for index in order[part]]
            results.update(zip(order[part], self._take_turn(turn, deadline), strict=True))
        return [results[index] for index in range(len(requests))]

    def _take_turn(
        self, requests: Sequence[ParsedRequest[EncodeRequest]], deadline: float
    ) -> list[list[EncodedSentence | RequestError]]:
        prepare = partial(self.encoder.preparer.prepare, deadline=deadline)
        prepared = [
            [
                item if isinstance(item, RequestError) else prepare(item, truncate=request.fields.truncate)
                for item in request.items
            ]
            for request in requests
        ]
        sentences = [item for items in prepared for item in items if not isinstance(item, RequestError)]
        encoded = iter(self.encoder.run(sentences))
        return [spread(items, encoded) for items in prepared]

    def _render(self, fields: EncodeRequest, results: Sequence[EncodedSentence | RequestError]) -> RawReply:
        return encode_reply(self.card.name, self.encoder.embedding_size, fields, results)


@dataclass(frozen=True, slots=True)
class ParaphraseService:
    """Answers /predictions/paraphrase."""

    card: ModelCard
    limits: RequestLimits
    paraphraser: Paraphraser

    @classmethod
    def open(cls, folder_path: str | Path, settings: ServiceSettings | None = None) -> "ParaphraseService":
        """Load a model folder.

        Raises:
            ModelFolderError: If the folder is damaged or incomplete.
            DeviceError: If the device is not there.
            MissingExtraError: If onnxruntime is not installed.
        """
        settings = settings or ServiceSettings()
        folder = ModelFolder.open(folder_path)
        paraphraser = Paraphraser.open(folder, device=settings.device, num_threads=settings.num_threads)
        limits = request_limits(settings, PARAPHRASE_MAX_ITEMS)
        return cls(folder.card, limits, paraphraser)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; nothing is raised, and one bad request or item fails no other.

        What the time limit leaves undone, counted from here for all of them, gets the status 504.
        """
        deadline = time.monotonic() + self.limits.time_limit_seconds
        return respond(raw_requests, self._parse, partial(self._compute, deadline=deadline), self._render)

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        providers = self.paraphraser.encoder.session.get_providers()
        return describe("paraphrase", self.card, self.limits, ParaphraseRequest, providers)

    def _parse(self, request: RawRequest) -> ParsedRequest[ParaphraseRequest]:
        parsed = parse_request(request, ParaphraseRequest, self.limits, model_bounds(self.card))
        check_protected(parsed)
        return parsed

    def _compute(
        self, requests: Sequence[ParsedRequest[ParaphraseRequest]], *, deadline: float
    ) -> list[list[Paraphrases | RequestError]]:
        """Paraphrase all texts, those of small requests first: they come before the deadline."""
        options = [paraphrase_options(request.fields, deadline) for request in requests]
        order = cheapest_first(
            [len(request.items) * each.num_hypotheses for request, each in zip(requests, options, strict=True)]
        )
        found = iter(
            self.paraphraser.paraphrase(
                [
                    ParaphraseItem(item, options[index])
                    for index in order
                    for item in requests[index].items
                    if isinstance(item, str)
                ]
            )
        )
        results = {index: spread(requests[index].items, found) for index in order}
        return [results[index] for index in range(len(requests))]

    def _render(self, fields: ParaphraseRequest, results: Sequence[Paraphrases | RequestError]) -> RawReply:
        return paraphrase_reply(self.card.name, fields, results)


def check_protected(request: ParsedRequest[ParaphraseRequest]) -> None:
    """Refuse to protect what stands in none of the texts: a misspelt span would be lost without a word.

    Raises:
        RequestError: 422 ``not_found``, with the place of the span.
    """
    texts = [item for item in request.items if isinstance(item, str)]
    for index, span in enumerate(request.fields.protect):
        if texts and all(missing_spans(text, [span]) for text in texts):
            path = f"protect[{index}]"
            raise RequestError(
                422, "not_found", f"{path} stands in none of the texts; spans are looked for as they are written", path
            )


def paraphrase_options(fields: ParaphraseRequest, deadline: float) -> ParaphraseOptions:
    """Return what a request asks of each of its texts."""
    return ParaphraseOptions(
        num_candidates=fields.n,
        strategy=fields.strategy,
        diversity=fields.diversity,
        seed=fields.seed,
        min_similarity=fields.min_similarity,
        allow_identity=fields.allow_identity,
        protect=tuple(fields.protect),
        max_new_tokens=fields.max_new_tokens,
        deadline=deadline,
        **{name: getattr(fields, name) for name in KNOB_OF_OPTION},
    )
