"""What the two latents of independent coins share: logits, probabilities and the divergence from fair coins."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

LOG_2 = 0.6931471805599453


def bernoulli_kl(logits: Float[Tensor, "B Z"]) -> Float[Tensor, " B"]:
    """Return KL[Bernoulli(p) ‖ Bernoulli(½)] = Σ_i p_i log p_i + (1 − p_i) log(1 − p_i) + log 2, in nats.

    Baynazarov & Piontkovskaya (2019, 2.2) print −½ in the place of log 2, which changes no gradient. Written with
    logits, p = sigmoid(l), so that it stays exact where p is 0 or 1: log 2 + l p − softplus(l).
    """
    return (LOG_2 + logits * logits.sigmoid() - F.softplus(logits)).sum(dim=1)


def round_to_bits(logits: Float[Tensor, "B Z"]) -> Float[Tensor, "B Z"]:
    """Return step(p − ½), zeros and ones."""
    return (logits > 0).to(logits.dtype)
