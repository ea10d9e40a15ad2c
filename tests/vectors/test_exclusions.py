import numpy as np
import pytest

from resay.errors import SettingsError
from resay.vectors import EXCLUSIONS, excluded_pairs

VOCABULARY = ["good", "bad", "loved", "love", "hate", "soup"]


@pytest.mark.parametrize("kind", EXCLUSIONS)
def test_every_kind_finds_pairs(kind):
    pairs = excluded_pairs(VOCABULARY, [kind])
    assert len(pairs)
    np.testing.assert_array_equal(pairs, EXCLUSIONS[kind](VOCABULARY, None))


def test_kinds_add_up_in_any_order():
    both = excluded_pairs(VOCABULARY, ["antonyms", "inflections"])
    assert both.tolist() == [[0, 1], [2, 3], [2, 4], [3, 4]]
    np.testing.assert_array_equal(excluded_pairs(VOCABULARY, ["inflections", "antonyms", "antonyms"]), both)
    assert excluded_pairs(VOCABULARY, ["inflections"], {"loved": "beloved"}).tolist() == []


def test_nothing_excluded():
    pairs = excluded_pairs(VOCABULARY, [])
    assert (pairs.shape, pairs.dtype) == ((0, 2), np.int64)


def test_an_unknown_kind_is_named():
    with pytest.raises(
        SettingsError, match=r"exclusion must be one of: antonyms, inflections; got 'antonym' \(did you"
    ):
        excluded_pairs(VOCABULARY, ["antonym"])
