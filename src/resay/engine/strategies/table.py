"""The table of strategies. A new one is one file and one row here."""

from collections.abc import Mapping

from resay.engine.strategies.beam import BEAM
from resay.engine.strategies.diverse_beam import DIVERSE_BEAM
from resay.engine.strategies.greedy import GREEDY
from resay.engine.strategies.latent import LATENT
from resay.engine.strategies.mixed import MIXED
from resay.engine.strategies.sample import SAMPLE
from resay.engine.strategies.strategy import Strategy

STRATEGIES: Mapping[str, Strategy] = {
    "greedy": GREEDY,
    "beam": BEAM,
    "diverse-beam": DIVERSE_BEAM,
    "sample": SAMPLE,
    "latent": LATENT,
    "mixed": MIXED,
}
