"""What is wanted of a text, and the knobs that follow."""

import pytest

from resay.engine.options import KNOB_OF_OPTION, MAX_BEAMS, ParaphraseOptions
from resay.engine.strategies import STRATEGIES


@pytest.mark.parametrize(
    ("options", "num_hypotheses"),
    [
        ({}, 20),
        ({"num_candidates": 1}, 20),
        ({"num_candidates": 9}, 36),
        ({"num_candidates": 50}, MAX_BEAMS),
        ({"num_candidates": 9, "num_beams": 25}, 25),
        ({"num_candidates": 9, "num_beams": 3}, 3),
        ({"num_candidates": 1, "strategy": "greedy"}, 1),
    ],
)
def test_more_is_searched_for_than_was_asked_for(options, num_hypotheses):
    assert ParaphraseOptions(**options).num_hypotheses == num_hypotheses
    assert ParaphraseOptions(**options).knobs(None).num_hypotheses == num_hypotheses


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_dial_sets_the_knobs_and_what_is_given_overrides_them(strategy):
    dialled = ParaphraseOptions(strategy=strategy, diversity=0.5).knobs(None)
    for knob, value in STRATEGIES[strategy].dial(0.5).items():
        assert getattr(dialled, knob) == value
    for option in STRATEGIES[strategy].options:
        knob = KNOB_OF_OPTION[option]
        two = type(getattr(dialled, knob))(2)
        given = ParaphraseOptions(strategy=strategy, diversity=0.5, **{option: two}).knobs(None)
        assert getattr(given, knob) == two
        others = [name for name in KNOB_OF_OPTION.values() if name != knob]
        assert [getattr(given, name) for name in others] == [getattr(dialled, name) for name in others]


def test_the_default_dial_is_half_way():
    assert ParaphraseOptions().knobs(None) == ParaphraseOptions(diversity=0.5).knobs(None)
    assert ParaphraseOptions().knobs(None) != ParaphraseOptions(diversity=0.6).knobs(None)
