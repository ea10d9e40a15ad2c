"""Every strategy's searches, and what the dial does to its knobs."""

from dataclasses import replace

import numpy as np
import pytest

from resay.engine.latents.nearby import around
from resay.engine.options import KNOB_OF_OPTION
from resay.engine.strategies import STRATEGIES, Knobs


@pytest.fixture
def latent(rng):
    return rng.standard_normal(24, dtype=np.float32)


def knobs_at(strategy, wildness, num_hypotheses=20):
    return replace(Knobs(), **STRATEGIES[strategy].dial(wildness), num_hypotheses=num_hypotheses)


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "greedy"])
@pytest.mark.parametrize("num_hypotheses", [1, 2, 3, 7, 20, 64])
@pytest.mark.parametrize("wildness", [0.0, 1.0])
def test_all_hypotheses_are_searched_for(strategy, num_hypotheses, wildness, latent):
    starts = STRATEGIES[strategy].starts(latent, knobs_at(strategy, wildness, num_hypotheses), 3)
    assert sum(start.settings.num_hypotheses for start in starts) == num_hypotheses


def test_greedy_is_one_search_for_one(latent):
    (start,) = STRATEGIES["greedy"].starts(latent, knobs_at("greedy", 0.0), 3)
    assert start.settings.num_hypotheses == 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_dial_moves_knobs_that_can_also_be_given(strategy):
    dial = STRATEGIES[strategy].dial
    assert dial(0.0) != dial(1.0)
    knobs = {KNOB_OF_OPTION[option] for option in STRATEGIES[strategy].options}
    assert set(dial(0.5)) <= knobs


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_option_changes_the_searches(strategy, latent):
    """An option that a strategy says it reads is not ignored."""
    plain = knobs_at(strategy, 0.5)
    for option in STRATEGIES[strategy].options:
        knob = KNOB_OF_OPTION[option]
        value = getattr(plain, knob)
        changed = replace(plain, **{knob: value // 2 or 2 if isinstance(value, int) else value / 2 or 0.5})
        before, after = (STRATEGIES[strategy].starts(latent, knobs, 3) for knobs in (plain, changed))
        differs = len(before) != len(after) or any(
            one.settings != other.settings or not np.array_equal(one.latent, other.latent)
            for one, other in zip(before, after, strict=True)
        )
        assert differs, f"{strategy} does not read {option}"


def test_noise_is_as_long_as_it_says(latent):
    latents = around(np.tile(latent, 40), 0.5, 60, seed=1)
    centre = np.tile(latent, 40)
    assert np.array_equal(latents[0], centre)
    lengths = np.linalg.norm(latents[1:] - centre, axis=1) / np.linalg.norm(centre)
    assert lengths == pytest.approx(0.5, abs=0.1)
    directions = (latents[1:] - centre) / np.linalg.norm(latents[1:] - centre, axis=1, keepdims=True)
    cosines = directions @ directions.T - np.eye(59)
    assert abs(cosines).max() < 0.2, "independent directions"


def test_the_seed_decides_the_noise(latent):
    first, again, other = (around(latent, 0.5, 4, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[1:], other[1:])
    assert np.array_equal(around(latent, 0.0, 4, 1), np.tile(latent, (4, 1)))
