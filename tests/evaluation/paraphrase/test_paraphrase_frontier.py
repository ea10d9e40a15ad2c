"""Which of two curves is higher, and by how much."""

import numpy as np
import pytest

from resay.errors import SettingsError, ShapeError
from resay.evaluation.paraphrase import Curve, compare
from resay.evaluation.paraphrase.curves import curve_of

DIAL = np.linspace(0, 1, 5)


def line(height, *, slope=-1.0, novelty=DIAL, dial=DIAL, num_inputs=1):
    """similarity = height + slope · novelty, for every input alike."""
    across = np.repeat(np.asarray(novelty, dtype=np.float64)[:, None], num_inputs, axis=1)
    return Curve(np.asarray(dial, dtype=np.float64), across, height + slope * across)


def test_parallel_lines():
    found = compare(line(1.0), line(0.9))
    assert found.height == pytest.approx(0.1)
    assert (found.novelty_from, found.novelty_to) == pytest.approx((0.25, 0.75))
    assert compare(line(0.9), line(1.0)).height == pytest.approx(-0.1)
    assert np.isnan(found.low)  # one column: the inputs are not known


def test_area_between_crossing_lines():
    # 0.3 − 0.3 x against 0: mean over 0.25 to 0.75 is 0.3 − 0.3 · 0.5
    assert compare(line(0.3, slope=-0.3), line(0.0, slope=0.0)).height == pytest.approx(0.15)
    assert compare(line(0.5), line(0.0, slope=0.0)).height == pytest.approx(0.0)


def test_bends_count():
    """A bend of one curve between the points of the other: the area is that of both, not of one's points."""
    bent = Curve(np.array([0.0, 0.5, 1.0]), np.array([[0.0], [0.5], [1.0]]), np.array([[0.0], [1.0], [0.0]]))
    flat = Curve(np.array([0.0, 1.0]), np.array([[0.0], [1.0]]), np.array([[0.0], [0.0]]))
    assert compare(bent, flat).height == pytest.approx(0.75)  # from 0.5 over 1 to 0.5


def test_range_is_as_far_as_both_reach():
    found = compare(line(1.0, novelty=DIAL * 0.4), line(0.9, novelty=0.2 + DIAL * 0.8))
    # 0.25 of the first is novelty 0.1, 0.75 of the second 0.8; the second begins at 0.2, the first ends at 0.4
    assert (found.novelty_from, found.novelty_to) == pytest.approx((0.2, 0.4))
    assert found.height == pytest.approx(0.1)


def test_nothing_in_common():
    found = compare(line(1.0, novelty=DIAL * 0.2), line(0.9, novelty=0.5 + DIAL * 0.2))
    assert np.isnan(found.height)
    assert np.isnan(found.low)


def test_novelty_that_goes_back():
    novelty = np.array([0.0, 0.3, 0.25, 0.75, 1.0])
    assert compare(line(1.0, novelty=novelty), line(0.9)).height == pytest.approx(0.1)


def noisy(height, noise, *, seed, num_inputs=200):
    generator = np.random.default_rng(seed)
    novelty = DIAL[:, None] + 0.02 * generator.standard_normal((5, num_inputs))
    return Curve(DIAL, novelty, height - novelty + noise * generator.standard_normal((1, num_inputs)))


def test_interval_shows_what_may_be_chance():
    clear = compare(noisy(0.9, 0.1, seed=1), noisy(0.7, 0.1, seed=2), num_resamples=300)
    assert clear.low < clear.height < clear.high
    assert clear.is_certain
    assert 0.01 < clear.high - clear.low < 0.1
    unclear = compare(noisy(0.8, 0.5, seed=1), noisy(0.8, 0.5, seed=2), num_resamples=300)
    assert not unclear.is_certain


def test_both_curves_are_resampled_alike():
    """What makes inputs hard is the same for both, and drops out."""
    one = noisy(0.9, 0.5, seed=1)
    other = Curve(one.dial, one.novelty, one.similarity - 0.01)
    found = compare(one, other, num_resamples=300)
    assert found.height == pytest.approx(0.01)
    assert found.high - found.low < 1e-9


def test_inputs_without_candidates_are_left_out():
    one = line(1.0, num_inputs=3)
    similarity = one.similarity.copy()
    similarity[2] = [5.0, np.nan, np.nan]
    novelty = np.where(np.isnan(similarity), np.nan, one.novelty)
    lifted = Curve(one.dial, novelty, similarity)
    assert compare(lifted, line(0.0, slope=0.0, num_inputs=3)).height > 1


def test_same_seed_same_interval():
    one, other = noisy(0.9, 0.3, seed=1), noisy(0.8, 0.3, seed=2)
    assert compare(one, other, num_resamples=50) == compare(one, other, num_resamples=50)
    assert compare(one, other, num_resamples=50) != compare(one, other, num_resamples=50, seed=1)


def test_points_in_any_order():
    points = [(0.5, np.array([2.0]), np.array([3.0])), (0.0, np.array([0.0]), np.array([1.0]))]
    curve = curve_of(points)
    assert curve.dial.tolist() == [0, 0.5]
    assert curve.similarity.tolist() == [[1], [3]]


def test_what_cannot_be_compared_is_said():
    with pytest.raises(ShapeError, match="got 1 and 2"):
        compare(line(1.0), line(1.0, num_inputs=2))
    with pytest.raises(SettingsError, match="two settings of the dial; got 1 and 5"):
        compare(line(1.0, dial=[0.5], novelty=[0.5]), line(1.0))
