"""/predictions/sample: nothing in, sentences from the prior out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

from resay.engine.body import RawRequest
from resay.engine.decoding import DecodingRequest
from resay.engine.description import describe
from resay.engine.items import ParsedRequest
from resay.engine.latent_decoder import DecodedSentence, LatentDecoder
from resay.engine.latent_requests import SampleRequest
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.merging import Procedure, answer_cheapest_first, respond
from resay.engine.model_folder import ModelFolder
from resay.engine.parsing import parse_fields
from resay.engine.replies import RawReply
from resay.engine.sampling import check_sample, or_empty, require_prior, sampling_requests
from resay.engine.sentence_replies import sentences_reply
from resay.engine.service import SAMPLE_MAX_ITEMS, Service
from resay.engine.settings import ServiceSettings
from resay.engine.work import timed
from resay.errors import RequestError

SampleParsed: TypeAlias = ParsedRequest[SampleRequest, DecodingRequest]


@dataclass(frozen=True, slots=True)
class SampleService(Service):
    """Answers /predictions/sample."""

    endpoint: ClassVar[str] = "sample"
    max_items: ClassVar[int] = SAMPLE_MAX_ITEMS

    decoder: LatentDecoder

    @classmethod
    def load(cls, folder: ModelFolder, settings: ServiceSettings, limits: RequestLimits) -> "SampleService":
        """Open the graphs that it needs."""
        decoder = LatentDecoder.open(folder, device=settings.placement, num_threads=settings.num_threads)
        return cls(folder.card, limits, decoder)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; `merging.respond` says what becomes of bad and of late ones."""
        return respond([or_empty(request) for request in raw_requests], self._procedure())

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        return describe(self.endpoint, self.card, self.limits, SampleRequest, list(self.decoder.providers))

    def _procedure(self) -> Procedure[SampleRequest, DecodingRequest, DecodedSentence]:
        return Procedure(self.endpoint, self.card.name, self.limits, self._parse, self._compute, self._render)

    def _parse(self, body: object) -> SampleParsed:
        """Read a request; its items are the latents that it stands for."""
        require_prior(self.card)
        bounds = model_bounds(self.card)
        fields = parse_fields(body, SampleRequest, bounds)
        check_sample(fields, self.card, self.limits)
        return ParsedRequest(fields, [*sampling_requests(fields, self.card, bounds.max_new_tokens)], is_list=True)

    def _compute(self, requests: Sequence[SampleParsed]) -> list[list[DecodedSentence | RequestError]]:
        costs = [request.fields.n * (request.fields.num_beams or 1) for request in requests]

        def answer(items: list[tuple[int, DecodingRequest]]) -> list[DecodedSentence | RequestError]:
            with timed("compute"):
                return self.decoder.decode([replace(item, deadline=requests[index].deadline) for index, item in items])

        return answer_cheapest_first(requests, costs, answer)

    def _render(self, fields: SampleRequest, results: Sequence[DecodedSentence | RequestError]) -> dict[str, Any]:
        return sentences_reply(self.card.name, results)
