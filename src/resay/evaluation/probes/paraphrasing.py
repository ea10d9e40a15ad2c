"""A served model's paraphrases, as probes ask for them."""

from collections.abc import Sequence

from resay.engine import ParaphraseService
from resay.engine.options import DEFAULT_DIVERSITY, DEFAULT_STRATEGY
from resay.evaluation.paraphrase.producing import produce
from resay.evaluation.probes.material import Paraphrase


def paraphrase_with(service: ParaphraseService, *, num_candidates: int = 5, seed: int = 0) -> Paraphrase:
    """Return what gives the candidates that a service's clients get when they set nothing but `n` and `seed`.

    A text that the service refuses has none.
    """

    def paraphrase(texts: Sequence[str]) -> Sequence[Sequence[str]]:
        produced = produce(
            service.paraphraser,
            texts,
            strategy=DEFAULT_STRATEGY,
            dial=DEFAULT_DIVERSITY,
            num_candidates=num_candidates,
            seed=seed,
        )
        return produced.candidates

    return paraphrase
