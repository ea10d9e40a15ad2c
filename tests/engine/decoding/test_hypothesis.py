import math

import pytest

from resay.engine.decoding import DecodingSettings
from resay.engine.decoding.hypothesis import LEAST
from resay.errors import SettingsError


@pytest.mark.parametrize("name", LEAST)
def test_numbers_out_of_range_are_refused_by_name(name):
    kind = type(getattr(DecodingSettings(), name))
    assert getattr(DecodingSettings(**{name: kind(LEAST[name])}), name) == LEAST[name]
    wrong = [kind(LEAST[name] - 1)]
    if kind is float:
        wrong += [math.nan, math.inf]
    for value in wrong:
        with pytest.raises(SettingsError, match=f"{name} must be finite and at least {LEAST[name]}; got {value}"):
            DecodingSettings(**{name: value})
