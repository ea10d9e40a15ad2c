"""The table of searches. A new one is one file and one row here."""

from collections.abc import Callable, Mapping, Sequence

from resay.engine.decoding.beam import BeamSearch
from resay.engine.decoding.diverse_beam import DiverseBeamSearch
from resay.engine.decoding.greedy import GreedySearch
from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.sample import SampleSearch
from resay.engine.decoding.search import Search

SEARCHES: Mapping[str, Callable[[DecodingSettings, Sequence[DecodingRequest]], Search]] = {
    "greedy": GreedySearch,
    "beam": BeamSearch,
    "diverse-beam": DiverseBeamSearch,
    "sample": SampleSearch,
}
"""Name to search; each is made from the settings and the requests that share them, one for each source."""
