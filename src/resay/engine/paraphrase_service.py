"""/predictions/paraphrase: texts in, texts that mean the same out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from resay.engine.body import RawRequest
from resay.engine.description import describe
from resay.engine.fidelity import missing_spans
from resay.engine.items import ParsedRequest, parse_texts
from resay.engine.limits import RequestLimits, model_bounds
from resay.engine.merging import Procedure, answer_cheapest_first, respond
from resay.engine.model_folder import ModelFolder
from resay.engine.options import KNOB_OF_OPTION, ParaphraseItem, ParaphraseOptions
from resay.engine.paraphraser import Paraphraser
from resay.engine.paraphrases import Paraphrases
from resay.engine.replies import RawReply, paraphrase_reply
from resay.engine.requests import ParaphraseRequest
from resay.engine.service import PARAPHRASE_MAX_ITEMS, Service, require_latent_space
from resay.engine.settings import ServiceSettings
from resay.errors import RequestError

ParaphraseParsed: TypeAlias = ParsedRequest[ParaphraseRequest, str]


@dataclass(frozen=True, slots=True)
class ParaphraseService(Service):
    """Answers /predictions/paraphrase."""

    endpoint: ClassVar[str] = "paraphrase"
    max_items: ClassVar[int] = PARAPHRASE_MAX_ITEMS

    paraphraser: Paraphraser

    @classmethod
    def load(cls, folder: ModelFolder, settings: ServiceSettings, limits: RequestLimits) -> "ParaphraseService":
        """Open the graphs that it needs."""
        paraphraser = Paraphraser.open(folder, device=settings.placement, num_threads=settings.num_threads)
        return cls(folder.card, limits, paraphraser)

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        """Answer requests together; `merging.respond` says what becomes of bad and of late ones."""
        return respond(raw_requests, self._procedure())

    def describe(self) -> dict[str, Any]:
        """Return what a client needs to know before it asks."""
        providers = self.paraphraser.encoder.session.get_providers()
        return describe(self.endpoint, self.card, self.limits, ParaphraseRequest, providers)

    def _procedure(self) -> Procedure[ParaphraseRequest, str, Paraphrases]:
        return Procedure(self.endpoint, self.card.name, self.limits, self._parse, self._compute, self._render)

    def _parse(self, body: object) -> ParaphraseParsed:
        require_latent_space(self.card)
        parsed = parse_texts(body, ParaphraseRequest, self.limits, model_bounds(self.card))
        check_protected(parsed)
        return parsed

    def _compute(self, requests: Sequence[ParaphraseParsed]) -> list[list[Paraphrases | RequestError]]:
        options = [paraphrase_options(request.fields, request.deadline) for request in requests]
        costs = [len(request.items) * each.num_hypotheses for request, each in zip(requests, options, strict=True)]

        def answer(items: list[tuple[int, str]]) -> list[Paraphrases | RequestError]:
            return self.paraphraser.paraphrase([ParaphraseItem(text, options[index]) for index, text in items])

        return answer_cheapest_first(requests, costs, answer)

    def _render(self, fields: ParaphraseRequest, results: Sequence[Paraphrases | RequestError]) -> dict[str, Any]:
        return paraphrase_reply(self.card.name, fields, results)


def check_protected(request: ParaphraseParsed) -> None:
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
