"""Decoding: latents to token ids, many sources and strategies in one call of the step graph.

decode(step, requests)     the loop, shared
STRATEGIES[name]           which rows go on, one short file each
"""

from resay.engine.decoding.hypothesis import DecodingRequest, DecodingSettings, Hypothesis
from resay.engine.decoding.step import DecoderState, DecoderStep, Step, StepOutput
from resay.engine.decoding.step_loop import MAX_ROWS, decode
from resay.engine.decoding.strategies import STRATEGIES

__all__ = [
    "MAX_ROWS",
    "STRATEGIES",
    "DecoderState",
    "DecoderStep",
    "DecodingRequest",
    "DecodingSettings",
    "Hypothesis",
    "Step",
    "StepOutput",
    "decode",
]
