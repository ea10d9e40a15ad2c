"""The plot of a model's dial: what each strategy's wildness brings, and what `diversity` makes of it."""

from pathlib import Path

import numpy as np

from resay.engine.card import ModelCard
from resay.engine.dial import widest_wildness, wildness
from resay.errors import ModelFolderError
from resay.evaluation.pyplot import load_pyplot

POSITIONS = np.linspace(0, 1, 21)


def draw_dial(card: ModelCard, path: Path) -> None:
    """Draw, for each strategy, novelty and similarity over wildness, and the wildness of each diversity.

    Raises:
        ModelFolderError: If the model was exported without a calibration.
        MissingExtraError: If matplotlib is not installed.
    """
    calibration = card.calibration
    if calibration is None or not calibration.strategies:
        raise ModelFolderError(
            f"{card.name} has no calibration to draw; export it again, with --calibration-sentences above 0"
        )
    pyplot = load_pyplot()
    curves = calibration.strategies
    figure, panels = pyplot.subplots(1, len(curves), figsize=(2.6 * len(curves), 3), sharey=True, squeeze=False)
    for panel, (strategy, curve) in zip(panels[0], curves.items(), strict=True):
        panel.plot(curve.wildness, curve.similarity, "o-", color="#222222", label="similarity")
        panel.plot(curve.wildness, curve.novelty, "s-", color="#33a02c", label="novelty")
        places = [wildness(calibration, strategy, float(position)) for position in POSITIONS]
        panel.plot(places, POSITIONS, "--", color="#4575b4", label="diversity")
        panel.axvline(widest_wildness(calibration, curve), color="#999999", linewidth=0.8)
        panel.set(title=strategy, xlabel="wildness", xlim=(-0.03, 1.03), ylim=(0, 1.02))
        panel.grid(alpha=0.3)
    panels[0][0].legend(fontsize=8)
    figure.suptitle(
        f"{card.name}: means over {calibration.num_sentences} dev sentences; line: widest that keeps the meaning"
    )
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
