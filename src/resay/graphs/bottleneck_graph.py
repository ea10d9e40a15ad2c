"""Bottlenecks as ONNX nodes: everything that `readings` gives, noise coming in from outside.

The noise is an input of the graph, so that whoever calls it decides the sample, on any provider.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from onnx import TensorProto
from torch import nn

from resay.graphs.builder import GraphBuilder
from resay.graphs.weights import add_linear
from resay.models.bottlenecks.binary import BinaryBottleneck
from resay.models.bottlenecks.gaussian import GaussianBottleneck
from resay.models.bottlenecks.gumbel import CLOSEST_TO_CERTAIN, GumbelBottleneck
from resay.models.bottlenecks.identity import IdentityBottleneck
from resay.models.bottlenecks.linear import LinearBottleneck

Readings = Mapping[str, str]
"""Name of a reading to the name of its value in the graph."""


def add_identity(builder: GraphBuilder, bottleneck: IdentityBottleneck, features: str, noise: str) -> Readings:
    """Add z = f."""
    return {"latent": features}


def add_narrow(builder: GraphBuilder, bottleneck: LinearBottleneck, features: str, noise: str) -> Readings:
    """Add z = W f + b."""
    return {"latent": _linear(builder, "narrow", features, bottleneck.to_latent)}


def add_gaussian(builder: GraphBuilder, bottleneck: GaussianBottleneck, features: str, noise: str) -> Readings:
    """Add μ and μ + σ ξ."""
    mean = _linear(builder, "gaussian_mean", features, bottleneck.to_mean)
    log_variance = _linear(builder, "log_variance", features, bottleneck.to_log_variance)
    half = builder.constant("half", np.array(0.5, np.float32))
    deviation = builder.node("Exp", [builder.node("Mul", [log_variance, half], "log_deviation")], "deviation")
    drawn = builder.node("Mul", [deviation, noise], "scaled_noise")
    return {"latent": mean, "mean": mean, "sample": builder.node("Add", [mean, drawn], "gaussian_sample")}


def add_gumbel(builder: GraphBuilder, bottleneck: GumbelBottleneck, features: str, noise: str) -> Readings:
    """Add logits and all that follows from them; the sample is sigmoid(l + log ξ − log(1 − ξ))."""
    coins = _coins(builder, features, bottleneck.to_logits)
    low = builder.constant("smallest_noise", np.array(CLOSEST_TO_CERTAIN, np.float32))
    high = builder.constant("largest_noise", np.array(1 - CLOSEST_TO_CERTAIN, np.float32))
    one = builder.constant("certain", np.array(1, np.float32))
    uniform = builder.node("Clip", [noise, low, high], "uniform")
    odds = builder.node("Div", [uniform, builder.node("Sub", [one, uniform], "rest")], "odds")
    logistic = builder.node("Log", [odds], "logistic")
    soft = builder.node("Sigmoid", [builder.node("Add", [coins["logits"], logistic], "noisy_logits")], "soft_bits")
    return {**coins, "latent": coins["probabilities"], "sample": soft}


def add_binary(builder: GraphBuilder, bottleneck: BinaryBottleneck, features: str, noise: str) -> Readings:
    """Add logits and all that follows from them; the sample is step(p − ξ)."""
    coins = _coins(builder, features, bottleneck.to_logits)
    return {**coins, "latent": coins["bits"], "sample": _step(builder, coins["probabilities"], noise, "drawn_bits")}


def _linear(builder: GraphBuilder, name: str, inputs: str, layer: nn.Linear) -> str:
    return add_linear(builder, name, inputs, layer.weight, layer.bias)


def _coins(builder: GraphBuilder, features: str, to_logits: nn.Linear) -> dict[str, str]:
    logits = _linear(builder, "coin_logits", features, to_logits)
    probabilities = builder.node("Sigmoid", [logits], "coin_probabilities")
    zero = builder.constant("even_odds", np.array(0, np.float32))
    bits = _step(builder, logits, zero, "rounded_bits")
    return {"mean": probabilities, "bits": bits, "probabilities": probabilities, "logits": logits}


def _step(builder: GraphBuilder, value: str, threshold: str, name: str) -> str:
    """Add 1 where the value is above the threshold, else 0."""
    above = builder.node("Greater", [value, threshold], f"{name}.above")
    return builder.node("Cast", [above], name, {"to": TensorProto.FLOAT})


ADDERS: Mapping[type[nn.Module], Callable[..., Readings]] = MappingProxyType(
    {
        IdentityBottleneck: add_identity,
        LinearBottleneck: add_narrow,
        GaussianBottleneck: add_gaussian,
        GumbelBottleneck: add_gumbel,
        BinaryBottleneck: add_binary,
    }
)
"""Bottlenecks that read the sentence; the one that does not needs no nodes of its own."""
