"""The dial: from a measured curve to the wildness that a diversity stands for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.engine.card import Calibration, DialCurve
from resay.engine.dial import widest_wildness, wildness

GRID = (0.0, 0.25, 0.5, 0.75, 1.0)


def calibration(novelty, similarity, unrelated=0.2, kept=0.75):
    curve = DialCurve(wildness=GRID, novelty=tuple(novelty), similarity=tuple(similarity))
    return Calibration(
        num_sentences=10,
        kept_share=kept,
        unrelated_similarity=unrelated,
        unrelated_latents=0.0,
        strategies={"beam": curve},
    )


def test_without_a_calibration_the_dial_is_the_wildness():
    assert wildness(None, "beam", 0.3) == 0.3
    assert wildness(calibration([0, 1, 1, 1, 1], [1, 1, 1, 1, 1]), "sample", 0.3) == 0.3


def test_novelty_rises_in_proportion_to_the_dial():
    curve = calibration(novelty=[0.1, 0.5, 0.6, 0.8, 0.9], similarity=[1, 0.95, 0.9, 0.85, 0.82])
    positions = [wildness(curve, "beam", diversity) for diversity in (0.0, 0.25, 0.5, 0.75, 1.0)]
    novelty = np.interp(positions, GRID, [0.1, 0.5, 0.6, 0.8, 0.9])
    assert novelty == pytest.approx(0.1 + np.array([0, 0.25, 0.5, 0.75, 1]) * 0.8)
    assert positions[0] == 0
    assert positions[-1] == 1


def test_one_is_the_wildest_that_keeps_the_meaning():
    # 0.2 unrelated, 1 at wildness 0: three quarters between them is 0.8, half-way between 0.5 and 0.75.
    curve = calibration(novelty=[0, 0.2, 0.4, 0.6, 0.8], similarity=[1, 0.95, 0.9, 0.7, 0.3])
    assert widest_wildness(curve, curve.strategies["beam"]) == pytest.approx(0.625)
    assert wildness(curve, "beam", 1.0) == pytest.approx(0.625)
    assert wildness(curve, "beam", 0.5) == pytest.approx(0.3125)


def test_a_strategy_whose_novelty_never_rises_still_follows_the_dial():
    curve = calibration(novelty=[0.5] * 5, similarity=[1, 0.95, 0.9, 0.85, 0.82])
    assert [wildness(curve, "beam", diversity) for diversity in (0.0, 0.5, 1.0)] == [0, 0.5, 1]


UNIT = st.floats(0, 1)


@given(
    novelty=st.lists(UNIT, min_size=5, max_size=5),
    similarity=st.lists(UNIT, min_size=5, max_size=5),
    unrelated=UNIT,
    dial=st.lists(UNIT, min_size=2, max_size=2),
)
def test_any_curve_gives_a_rising_dial_within_bounds(novelty, similarity, unrelated, dial):
    curve = calibration(novelty, similarity, unrelated)
    low, high = (wildness(curve, "beam", diversity) for diversity in sorted(dial))
    widest = widest_wildness(curve, curve.strategies["beam"])
    assert 0 <= low <= high + 1e-12
    assert high <= widest <= 1
