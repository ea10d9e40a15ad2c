"""Encoders, bottlenecks, the decoder, and the autoencoder that joins them.

Axes in this package: B sentences, T time steps, V vocabulary, E word-vector size, H hidden size, Z latent size.
"""

from resay.models.autoencoder import Autoencoder, SentenceCodes
from resay.models.bottlenecks import BOTTLENECKS
from resay.models.settings import ModelSettings

__all__ = ["BOTTLENECKS", "Autoencoder", "ModelSettings", "SentenceCodes"]
