"""The table of decoding strategies."""

from collections.abc import Callable, Mapping

from jaxtyping import Int64
from numpy import ndarray

from resay.engine.decoding.beam import BeamSearch
from resay.engine.decoding.greedy import GreedySearch
from resay.engine.decoding.hypothesis import DecodingSettings
from resay.engine.decoding.search import Search

STRATEGIES: Mapping[str, Callable[[DecodingSettings, Int64[ndarray, " S"]], Search]] = {
    "greedy": GreedySearch,
    "beam": BeamSearch,
}
"""Name to search; each is made from the settings and the most tokens of each source."""
