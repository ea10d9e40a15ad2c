"""The contract between the step loop and a rule."""

from collections.abc import Callable, Sequence

from jaxtyping import Float64, Int64
from numpy import ndarray

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings
from resay.engine.decoding.search import Prefixes

Ids = Int64[ndarray, "P K"]
Scores = Float64[ndarray, "P K"]

Rule = Callable[[Prefixes, Ids, Scores], None]
"""Changes, in place, the scores of each prefix's candidates (their ids come second); minus infinity forbids one.

Nothing else about a candidate is known, so a rule cannot raise a word into view that the model finds improbable.
"""

MakeRule = Callable[[DecodingSettings, Sequence[DecodingRequest]], Rule | None]
"""Makes a rule for the requests that share these settings, one for each source; None where it has nothing to do."""
