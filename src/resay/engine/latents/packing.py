"""Latents as JSON has them: lists of numbers, base64 of floats, base64 of packed bits."""

import base64
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
from jaxtyping import Float32, UInt8
from numpy import ndarray

from resay.errors import RequestError

LatentFormat = Literal["float", "base64", "bits"]
LARGEST = float(np.finfo(np.float32).max)


def pack_floats(vector: Float32[ndarray, " Z"]) -> str:
    """Return base64 of the numbers as little-endian float32, four bytes each."""
    return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")


def pack_bits(vector: Float32[ndarray, " Z"]) -> str:
    """Return base64 of ⌈Z/8⌉ bytes; the first component is the most significant bit of the first byte."""
    return base64.b64encode(np.packbits(vector > 0.5).tobytes()).decode("ascii")


def read_numbers(value: object, latent_size: int) -> Float32[ndarray, " Z"]:
    """Return a list of numbers as a latent.

    Raises:
        RequestError: 422 ``wrong_type``, ``wrong_length`` or ``out_of_range``.
    """
    if not isinstance(value, list) or not all(type(number) in (int, float) for number in value):
        raise RequestError(422, "wrong_type", f"a latent must be a list of {latent_size} numbers with this model")
    if len(value) != latent_size:
        raise wrong_length(f"{len(value)} numbers", f"{latent_size} numbers", latent_size)
    if not all(abs(number) <= LARGEST for number in value):  # NaN is not, either
        raise not_finite(latent_size)
    return np.array(value, dtype=np.float64).astype(np.float32)


def read_floats(value: object, latent_size: int) -> Float32[ndarray, " Z"]:
    """Return base64 of little-endian float32 as a latent.

    Raises:
        RequestError: 422 ``wrong_type``, ``not_base64``, ``wrong_length`` or ``out_of_range``.
    """
    data = read_base64(value)
    if len(data) != 4 * latent_size:
        raise wrong_length(f"{len(data)} bytes", f"{4 * latent_size} bytes of float32", latent_size)
    latent = np.frombuffer(data, dtype="<f4").astype(np.float32)
    if not np.isfinite(latent).all():
        raise not_finite(latent_size)
    return latent


def read_bits(value: object, latent_size: int) -> Float32[ndarray, " Z"]:
    """Return base64 of packed bits as a latent of zeros and ones.

    Raises:
        RequestError: 422 ``wrong_type``, ``not_base64``, ``wrong_length`` or ``out_of_range``.
    """
    data = read_base64(value)
    num_bytes = -(-latent_size // 8)
    if len(data) != num_bytes:
        raise wrong_length(f"{len(data)} bytes", f"{num_bytes} bytes of packed bits", latent_size)
    bits: UInt8[ndarray, " bits"] = np.unpackbits(np.frombuffer(data, dtype=np.uint8))
    if bits[latent_size:].any():
        raise RequestError(
            422,
            "out_of_range",
            f"the last {len(bits) - latent_size} bits of {num_bytes} bytes are padding and must be 0: this model's"
            f" latents have {latent_size} bits, the first of them the most significant bit of the first byte",
        )
    return bits[:latent_size].astype(np.float32)


FORMATS: Mapping[str, Callable[[object, int], Float32[ndarray, " Z"]]] = {
    "float": read_numbers,
    "base64": read_floats,
    "bits": read_bits,
}
"""How a latent of each `encoding_format` is read."""


def read_base64(value: object) -> bytes:
    """Return the bytes that a string stands for.

    Raises:
        RequestError: 422 ``wrong_type`` or ``not_base64``.
    """
    if not isinstance(value, str):
        raise RequestError(422, "wrong_type", "with encoding_format base64 or bits a latent must be a string of base64")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise RequestError(
            422, "not_base64", "the latent is no base64; send it as encode gives it with the same encoding_format"
        ) from None


def wrong_length(given: str, needed: str, latent_size: int) -> RequestError:
    """Return the error for a latent of another size."""
    return RequestError(
        422,
        "wrong_length",
        f"the latent has {given}, and this model's latents have {latent_size} components: send {needed}",
    )


def not_finite(latent_size: int) -> RequestError:
    """Return the error for a latent with what no float32 can be."""
    return RequestError(
        422, "out_of_range", f"the latent must have {latent_size} finite numbers, none beyond ±{LARGEST:.3g}"
    )
