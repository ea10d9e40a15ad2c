"""/predictions/interpolate: two texts in, the sentences on the way between them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from resay.engine.body import RawRequest
from resay.engine.description import describe
from resay.engine.encoder import SentenceEncoder
from resay.engine.interpolator import Interpolator, PathRequest, Steps
from resay.engine.items import Pair, ParsedRequest, parse_pairs
from resay.engine.latent_decoder import LatentDecoder
from resay.engine.latent_requests import InterpolateRequest
from resay.engine.latents.paths import DEFAULT_POINTS
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.merging import Procedure, answer_cheapest_first, respond
from resay.engine.model_folder import ModelFolder
from resay.engine.replies import RawReply
from resay.engine.sentence_replies import steps_reply
from resay.engine.service import INTERPOLATE_MAX_ITEMS, Service, require_latent_space
from resay.engine.settings import ServiceSettings
from resay.engine.work import timed
from resay.errors import RequestError

InterpolateParsed: TypeAlias = ParsedRequest[InterpolateRequest, Pair]


@dataclass(frozen=True, slots=True)
class InterpolateService(Service):
    """Answers /predictions/interpolate."""

    endpoint: ClassVar[str] = "interpolate"
    max_items: ClassVar[int] = INTERPOLATE_MAX_ITEMS

    interpolator: Interpolator

    @classmethod
    def load(cls, folder: ModelFolder, settings: ServiceSettings, limits: RequestLimits) -> "InterpolateService":
        """Open the graphs that it needs."""
        interpolator = Interpolator(
            encoder=SentenceEncoder.open(folder, device=settings.placement, num_threads=settings.num_threads),
            decoder=LatentDecoder.open(folder, device=settings.placement, num_threads=settings.num_threads),
            binary=folder.card.latent_space.binary,
        )
        return cls(folder.card, limits, interpolator)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; `merging.respond` says what becomes of bad and of late ones."""
        return respond(raw_requests, self._procedure())

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        providers = list(self.interpolator.decoder.providers)
        return describe(self.endpoint, self.card, self.limits, InterpolateRequest, providers)

    def _procedure(self) -> Procedure[InterpolateRequest, Pair, Steps]:
        return Procedure(self.endpoint, self.card.name, self.limits, self._parse, self._compute, self._render)

    def _parse(self, body: object) -> InterpolateParsed:
        require_latent_space(self.card)
        return parse_pairs(body, self.limits, model_bounds(self.card))

    def _compute(self, requests: Sequence[InterpolateParsed]) -> list[list[Steps | RequestError]]:
        longest = model_bounds(self.card).max_new_tokens
        costs = [
            len(request.items) * (request.fields.num_steps or DEFAULT_POINTS) * request.fields.num_beams
            for request in requests
        ]

        def answer(items: list[tuple[int, Pair]]) -> list[Steps | RequestError]:
            with timed("compute"):
                return self.interpolator.interpolate(
                    [path_request(pair, requests[index], longest) for index, pair in items]
                )

        return answer_cheapest_first(requests, costs, answer)

    def _render(self, fields: InterpolateRequest, results: Sequence[Steps | RequestError]) -> dict[str, Any]:
        return steps_reply(self.card.name, results)


def path_request(pair: Pair, request: InterpolateParsed, max_new_tokens: int) -> PathRequest:
    """Return what a request asks of one of its pairs."""
    fields = request.fields
    return PathRequest(pair, fields.num_steps, fields.seed, fields.num_beams, max_new_tokens, request.deadline)
