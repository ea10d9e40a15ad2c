"""Measuring what the dial does with one model, on sentences that it was not trained on."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean

from resay.engine.card import Calibration, DialCurve
from resay.engine.encoder import EncodedSentence
from resay.engine.options import ParaphraseItem, ParaphraseOptions
from resay.engine.paraphraser import Paraphraser
from resay.engine.paraphrases import Paraphrases
from resay.engine.scores import cosine, similarity
from resay.engine.strategies import STRATEGIES
from resay.errors import RequestError

WILDNESS_GRID = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
KEPT_SHARE = 0.75
SEED = 0
MOST_UNRELATED = 0.99
"""Where all latents point the same way, differences below this still count."""


def calibrate(paraphraser: Paraphraser, sentences: Sequence[str]) -> Calibration:
    """Measure novelty and similarity of each strategy's candidates over the whole range of wildness.

    Args:
        paraphraser: The model; what it is calibrated to already is not looked at.
        sentences: Of the model's domain, unseen in training; a hundred are enough for a smooth curve. Those
            that cannot be paraphrased are left out.

    Returns:
        The curves; none, if no sentence could be paraphrased.
    """
    pairs = unrelated_pairs(paraphraser, sentences)
    latents = fmean(cosine(one.latent, other.latent) for one, other in pairs) if pairs else 0.0
    latents = min(MOST_UNRELATED, max(0.0, latents))
    empty = Calibration(
        num_sentences=len(sentences),
        kept_share=KEPT_SHARE,
        unrelated_latents=latents,
        unrelated_similarity=fmean(similarity(one, other, latents) for one, other in pairs) if pairs else 0.0,
    )
    raw = replace(paraphraser, calibration=empty)
    curves = {}
    for strategy in STRATEGIES:
        points = [measure(raw, strategy, wildness, sentences) for wildness in WILDNESS_GRID]
        if all(point is not None for point in points):
            novelty, kept = zip(*(point for point in points if point is not None), strict=True)
            curves[strategy] = DialCurve(wildness=WILDNESS_GRID, novelty=novelty, similarity=kept)
    return empty.model_copy(update={"strategies": curves})


def measure(
    paraphraser: Paraphraser, strategy: str, wildness: float, sentences: Sequence[str]
) -> tuple[float, float] | None:
    """Return mean novelty and mean similarity of the candidates, or None if there is no candidate at all."""
    num_candidates = 1 if strategy == "greedy" else 5
    options = ParaphraseOptions(
        num_candidates=num_candidates, strategy=strategy, diversity=wildness, seed=SEED, allow_identity=True
    )
    results = paraphraser.paraphrase([ParaphraseItem(text, options) for text in sentences])
    found = [item for result in results if isinstance(result, Paraphrases) for item in result.candidates]
    if not found:
        return None
    return fmean(item.novelty for item in found), fmean(item.similarity for item in found)


def unrelated_pairs(
    paraphraser: Paraphraser, sentences: Sequence[str]
) -> list[tuple[EncodedSentence, EncodedSentence]]:
    """Return the codes of each sentence with those of the next one, which says something else."""
    prepared = [paraphraser.prepare(text) for text in sentences]
    codes = paraphraser.encoder.run([source.sentence for source in prepared if not isinstance(source, RequestError)])
    return list(pairwise(codes))
