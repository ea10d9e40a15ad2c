"""Strategies: from one text's latent to the searches whose hypotheses become its paraphrases.

STRATEGIES[name]    one short file each; the searches themselves are in `resay.engine.decoding`
"""

from resay.engine.strategies.strategy import Knobs, Start, Strategy
from resay.engine.strategies.table import STRATEGIES

__all__ = ["STRATEGIES", "Knobs", "Start", "Strategy"]
