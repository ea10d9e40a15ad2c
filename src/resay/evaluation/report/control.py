"""The control: on which tasks an untrained LSTM is as good as a trained model (Wieting and Kiela, 2019)."""

from collections.abc import Iterable

from resay.evaluation.report.metrics import metric_of
from resay.evaluation.report.summary import Measure, Standing

UNTRAINED = "random-lstm"
SIGN = "†"
LEGEND = (
    f"{SIGN}: an LSTM that was never trained (`{UNTRAINED}`) comes within one point, or within 0.01 of a correlation, "
    "or is better: this figure says nothing of the training."
)


def untrained_figures(standings: Iterable[Standing]) -> dict[Measure, float]:
    """Return the untrained LSTM's figures, means over its seeds; the best where several of its readings stand there."""
    best: dict[Measure, float] = {}
    for standing in standings:
        if standing.system == UNTRAINED:
            for measure, figure in standing.figures.items():
                best[measure] = max(figure.mean, best.get(measure, figure.mean))
    return best


def equals_untrained(standing: Standing, measure: Measure, untrained: dict[Measure, float]) -> bool:
    """Return whether a trained model's figure is not above the untrained LSTM's by more than the metric's tolerance.

    False for baselines, for metrics that have no tolerance and where there is nothing to compare with.
    """
    tolerance = metric_of(measure[1]).tolerance
    if tolerance is None or not standing.trained or measure not in standing.figures or measure not in untrained:
        return False
    return round(standing.figures[measure].mean - untrained[measure], 9) <= tolerance
