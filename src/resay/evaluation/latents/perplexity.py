"""Table 1 of Baynazarov & Piontkovskaya (2019): perplexity with mean, rounded and drawn latents, and divergence."""

import torch

from resay.evaluation.latents.encoding import EncodedCorpus, draw_latents, read_latents
from resay.evaluation.latents.likelihood import Likelihood, Perplexity
from resay.models.bottlenecks.bernoulli import bernoulli_kl

READINGS = {"mean": "mean", "rounded": "bits", "latent": "latent"}
"""Column to reading; ``latent`` is what the model decodes from by default."""
COLUMNS = ("mean", "rounded", "sampled", "latent")


def _cells(found: dict[str, Perplexity]) -> dict[str, object]:
    """Return a column for each measure of each latent, empty where the model has no such latent."""
    measures = {"perplexity": "of_sentences", "corpus_perplexity": "of_corpus", "nll": "nll"}
    return {
        f"{title}_{name}": getattr(found[name], field) if name in found else None
        for title, field in measures.items()
        for name in COLUMNS
    }


def measure_perplexity(
    likelihood: Likelihood, encoded: EncodedCorpus, *, num_draws: int, seed: int
) -> dict[str, object]:
    """Return a row of the table.

    A model without random latents has the columns of ``latent`` alone. ``kl`` is the mean divergence from the prior in
    nats a sentence, N(0, 1) for a Gaussian and fair coins for all coins, also where training did not charge for it
    (``with_kl`` says so).

    Args:
        likelihood: Of the sentences, all of them.
        encoded: The same sentences.
        num_draws: Latents drawn for each sentence; measures are means over them.
        seed: Of the first draw; the next ones follow.
    """
    model = likelihood.model
    readings = read_latents(model, encoded)
    found: dict[str, Perplexity] = {}
    for name, reading in READINGS.items():
        if reading in readings:
            same = [other for other in found if torch.equal(readings[READINGS[other]], readings[reading])]
            found[name] = found[same[0]] if same else likelihood.perplexity(readings[reading])
    divergence = None
    if model.bottleneck.noise != "none":
        drawn = [draw_latents(model, encoded, seed + number) for number in range(num_draws)]
        each = [likelihood.perplexity(latent.value) for latent in drawn]
        found["sampled"] = Perplexity(*(sum(values) / num_draws for values in zip(*each, strict=True)))
        penalty = bernoulli_kl(readings["logits"]) if "logits" in readings else drawn[0].penalty
        divergence = float(penalty.double().mean())
    num_tokens = int(likelihood.num_tokens.sum())
    return _cells(found) | {"kl": divergence, "with_kl": model.bottleneck.with_kl, "num_tokens": num_tokens}
