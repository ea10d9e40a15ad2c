"""The dial `diversity`: which wildness of a strategy it stands for with a given model.

A strategy's wildness is a number in [0, 1] that moves its knobs (`Strategy.dial`); how much novelty it brings, and at
how much of the meaning, depends on the model. `resay.engine.calibration` measures both on dev sentences, and the
measured curve travels with the model.
"""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.engine.card import Calibration, DialCurve


def wildness(calibration: Calibration | None, strategy: str, diversity: float) -> float:
    """Return the wildness that a diversity stands for.

    Novelty rises in proportion to the diversity d, from that of wildness 0 to that of the widest wildness w₁ that
    keeps the meaning:

        novelty(w(d)) = novelty(0) + d · (novelty(w₁) − novelty(0))

    Without a calibration, or for a strategy that it lacks, the wildness is the diversity itself.
    """
    curve = None if calibration is None else calibration.strategies.get(strategy)
    if calibration is None or curve is None:
        return diversity
    widest = widest_wildness(calibration, curve)
    grid = np.array(curve.wildness)
    novelty = np.maximum.accumulate(np.array(curve.novelty))  # measured, so not quite monotone
    ends = np.interp([0.0, widest], grid, novelty)
    if ends[1] <= ends[0]:
        return diversity * widest
    wanted = ends[0] + diversity * (ends[1] - ends[0])
    rising = np.concatenate([[True], np.diff(novelty) > 0])
    return min(widest, float(np.interp(wanted, novelty[rising], grid[rising])))


def widest_wildness(calibration: Calibration, curve: DialCurve) -> float:
    """Return the greatest wildness up to which the curve's similarity stays above what keeping the meaning needs.

    Needed is `kept_share` of what wildness 0 has more than two unrelated sentences have:

        similarity ≥ unrelated + kept_share · (similarity(0) − unrelated)
    """
    similarity: Float64[ndarray, " W"] = np.minimum.accumulate(np.array(curve.similarity))
    unrelated = calibration.unrelated_similarity
    needed = unrelated + calibration.kept_share * (similarity[0] - unrelated)
    if similarity[-1] >= needed:
        return curve.wildness[-1]
    falling = np.concatenate([[True], np.diff(similarity) < 0])
    heights, places = similarity[falling], np.array(curve.wildness)[falling]
    return float(np.interp(needed, heights[::-1], places[::-1]))
