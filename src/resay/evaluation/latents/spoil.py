"""Figure 2 of Baynazarov & Piontkovskaya (2019): how much perplexity grows when one dimension is spoiled.

Axes: N sentences, Z latent.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from jaxtyping import Float
from torch import Tensor

from resay.evaluation.latents.likelihood import Likelihood

DEAD_SHARE = 0.01
"""A dimension is called dead if spoiling it raises perplexity by less than this share of the unspoiled one."""


def _other_side(values: Tensor) -> Tensor:
    return 1 - values


def _negated(values: Tensor) -> Tensor:
    return -values


SPOILING: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {"bits": _other_side, "probabilities": _other_side, "mean": _negated, "latent": _negated}
)
"""What becomes of a dimension, by reading: coins are turned over, p into 1 - p; any other value into its opposite."""


def spoil(likelihood: Likelihood, values: Float[Tensor, "N Z"], reading: str) -> Iterator[dict[str, object]]:
    """Yield a row for each dimension, in its order.

    Args:
        likelihood: Of N sentences.
        values: What the model decodes them from.
        reading: Name of those values, a key of `SPOILING`.

    Yields:
        Rows with the unspoiled and the spoiled perplexity, averaged over sentences; ``growth``, their difference;
        ``growth_share``, that difference as a share of the unspoiled; and that share of the corpus perplexity.
    """
    unspoiled = likelihood.perplexity(values)
    for dimension in range(values.shape[1]):
        spoiled = values.clone()
        spoiled[:, dimension] = SPOILING[reading](values[:, dimension])
        found = likelihood.perplexity(spoiled)
        yield {
            "reading": reading,
            "dimension": dimension,
            "unspoiled_perplexity": unspoiled.of_sentences,
            "perplexity": found.of_sentences,
            "growth": found.of_sentences - unspoiled.of_sentences,
            "growth_share": found.of_sentences / unspoiled.of_sentences - 1,
            "corpus_growth_share": found.of_corpus / unspoiled.of_corpus - 1,
        }
