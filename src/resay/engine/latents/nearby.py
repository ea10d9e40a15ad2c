"""Latents around one: noise added to numbers, or bits flipped."""

import numpy as np
from jaxtyping import Float32
from numpy import ndarray


def around(
    latent: Float32[ndarray, " Z"], noise: float, num_latents: int, seed: int, *, binary: bool = False
) -> Float32[ndarray, "L Z"]:
    """Return latents around one, itself first; both ways, they lie about `noise` times its length away.

    Args:
        latent: The one in the middle, z.
        noise: Length σ of what is added to z, as a share of ‖z‖. For bits it is counted with −1 and 1 for 0 and 1.
        num_latents: L.
        seed: Decides where they lie.
        binary: Whether z is of zeros and ones, and all others have to be.
    """
    generator = np.random.default_rng([seed, len(latent)])
    if binary:
        return flipped(latent, noise, num_latents, generator)
    return shifted(latent, noise, num_latents, generator)


def shifted(
    latent: Float32[ndarray, " Z"], noise: float, num_latents: int, generator: np.random.Generator
) -> Float32[ndarray, "L Z"]:
    """Return z + σ ‖z‖ / √Z · ε with ε ~ N(0, I): noise about σ times as long as z, whatever the model's scale."""
    directions = generator.standard_normal((num_latents, len(latent)), dtype=np.float32)
    directions[0] = 0
    scale = np.float32(noise * np.linalg.norm(latent) / np.sqrt(len(latent)))
    latents: Float32[ndarray, "L Z"] = latent + scale * directions
    return latents


def flipped(
    latent: Float32[ndarray, " Z"], noise: float, num_latents: int, generator: np.random.Generator
) -> Float32[ndarray, "L Z"]:
    """Return z with each bit flipped with probability min(½, σ²/4).

    A flip moves a component of a code of −1 and 1 by 2, and the code's length is √Z: flipping a share p of the bits
    moves it by 2 √p of its length, which is σ. Half of the bits flipped are as far away as any other code.
    """
    is_flipped = generator.random((num_latents, len(latent))) < min(0.5, noise**2 / 4)
    is_flipped[0] = False
    latents: Float32[ndarray, "L Z"] = np.where(is_flipped, 1 - latent, latent)
    return latents
