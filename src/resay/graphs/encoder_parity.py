"""How far encoder.onnx is from the model, output by output."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from torch import Tensor

from resay.graphs.differences import largest_difference
from resay.models import Autoencoder

UNDECIDED = 1e-5
"""Closer to where a bit turns than this, either value is right: the probabilities agree no better themselves."""


def encoder_differences(
    model: Autoencoder,
    session: InferenceSession,
    token_ids: Int64[Tensor, "B T"],
    lengths: Int64[Tensor, " B"],
    generator: torch.Generator,
) -> Iterator[tuple[str, float]]:
    """Yield (output, largest difference) for each output, both sides being given the same noise."""
    noise = model.noise(len(lengths), generator)
    readings = model.readings(token_ids, lengths, noise)
    expected = {**readings, "embedding": model.encode(token_ids, lengths).embedding}
    feeds = {"token_ids": token_ids.numpy(), "lengths": lengths.numpy()}
    if model.bottleneck.noise != "none":
        feeds["noise"] = noise.numpy()
    margins = turning_margins(model, readings, noise)
    for name, found in zip(expected, session.run(list(expected), feeds), strict=True):
        yield name, largest_difference(expected[name], decided(expected[name], found, margins.get(name)))


def turning_margins(
    model: Autoencoder, readings: Mapping[str, Tensor], noise: Float[Tensor, "B Z"]
) -> dict[str, Float[Tensor, "B Z"]]:
    """Return how far each bit of each reading that is made of bits is from turning, as a probability."""
    if "bits" not in readings:
        return {}
    probabilities = readings["probabilities"]
    margins = {"bits": probabilities - 0.5}
    if model.bottleneck.binary:
        margins |= {"latent": probabilities - 0.5, "sample": probabilities - noise}
    return margins


def decided(expected: Tensor, found: NDArray[np.float32], margin: Float[Tensor, "B Z"] | None) -> NDArray[np.float32]:
    """Return what was found, without the bits that could as well be the other one."""
    if margin is None or found.shape != tuple(expected.shape):
        return found
    undecided: Bool[Tensor, "B Z"] = margin.abs() < UNDECIDED
    return np.where(undecided.numpy(), expected.numpy(), found)
