"""What is evaluated: readings of trained and exported models, and baselines, all as sources of sentence vectors.

from resay.evaluation.systems import VectorCache, open_system
system = open_system("runs/reviews", reading="latent")
VectorCache(Path("cache")).embed(system, ["the soup was good ."])
"""

from resay.evaluation.systems.opening import BASELINES, open_system
from resay.evaluation.systems.sources import Sources
from resay.evaluation.systems.system import System
from resay.evaluation.systems.vector_cache import VectorCache

__all__ = ["BASELINES", "Sources", "System", "VectorCache", "open_system"]
