"""Decoding: latents to token ids, many sources and searches in one call of the step graph.

decode(step, requests)     the loop, shared
SEARCHES[name]             which prefixes go on, one short file each
RULES                      what must not be said, one short function each
"""

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings, Hypothesis
from resay.engine.decoding.rules import RULES
from resay.engine.decoding.searches import SEARCHES
from resay.engine.decoding.step import DecoderState, DecoderStep, Step, StepOutput
from resay.engine.decoding.step_loop import MAX_ROWS, decode

__all__ = [
    "MAX_ROWS",
    "RULES",
    "SEARCHES",
    "DecoderState",
    "DecoderStep",
    "DecodingRequest",
    "DecodingSettings",
    "Hypothesis",
    "Step",
    "StepOutput",
    "decode",
]
