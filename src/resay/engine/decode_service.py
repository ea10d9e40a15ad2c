"""/predictions/decode: latents in, sentences out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.body import RawRequest
from resay.engine.decoding import DecodingRequest
from resay.engine.description import describe
from resay.engine.items import ParsedRequest, parse_latents
from resay.engine.latent_decoder import DecodedSentence, LatentDecoder, beam_settings
from resay.engine.latent_requests import DecodeRequest
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.merging import Procedure, answer_cheapest_first, respond
from resay.engine.model_folder import ModelFolder
from resay.engine.replies import RawReply
from resay.engine.sentence_replies import sentences_reply
from resay.engine.service import DECODE_MAX_ITEMS, Service, require_bits, require_latent_space
from resay.engine.settings import ServiceSettings
from resay.engine.work import timed
from resay.errors import RequestError

LatentVector: TypeAlias = Float32[ndarray, " Z"]
DecodeParsed: TypeAlias = ParsedRequest[DecodeRequest, LatentVector]


@dataclass(frozen=True, slots=True)
class DecodeService(Service):
    """Answers /predictions/decode."""

    endpoint: ClassVar[str] = "decode"
    max_items: ClassVar[int] = DECODE_MAX_ITEMS

    decoder: LatentDecoder

    @classmethod
    def load(cls, folder: ModelFolder, settings: ServiceSettings, limits: RequestLimits) -> "DecodeService":
        """Open the graphs that it needs."""
        decoder = LatentDecoder.open(folder, device=settings.placement, num_threads=settings.num_threads)
        return cls(folder.card, limits, decoder)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; `merging.respond` says what becomes of bad and of late ones."""
        return respond(raw_requests, self._procedure())

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        return describe(self.endpoint, self.card, self.limits, DecodeRequest, list(self.decoder.providers))

    def _procedure(self) -> Procedure[DecodeRequest, LatentVector, DecodedSentence]:
        return Procedure(self.endpoint, self.card.name, self.limits, self._parse, self._compute, self._render)

    def _parse(self, body: object) -> DecodeParsed:
        require_latent_space(self.card)
        parsed = parse_latents(body, self.limits, model_bounds(self.card), self.card.dimensions.latent_size)
        require_bits(parsed.fields.encoding_format, self.card)
        return parsed

    def _compute(self, requests: Sequence[DecodeParsed]) -> list[list[DecodedSentence | RequestError]]:
        longest = model_bounds(self.card).max_new_tokens
        costs = [len(request.items) * request.fields.num_beams for request in requests]

        def answer(items: list[tuple[int, LatentVector]]) -> list[DecodedSentence | RequestError]:
            asked = [(requests[index], latent) for index, latent in items]
            with timed("compute"):
                return self.decoder.decode(
                    [
                        DecodingRequest(
                            latent,
                            beam_settings(request.fields.num_beams),
                            max_new_tokens=request.fields.max_new_tokens or longest,
                            deadline=request.deadline,
                        )
                        for request, latent in asked
                    ]
                )

        return answer_cheapest_first(requests, costs, answer)

    def _render(self, fields: DecodeRequest, results: Sequence[DecodedSentence | RequestError]) -> dict[str, Any]:
        return sentences_reply(self.card.name, results)
