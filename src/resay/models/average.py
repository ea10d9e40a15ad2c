"""The weighted average of the decoder's own word vectors: the embedding of models that have no embedder."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

SMOOTHING = 3e-4


def smooth_inverse_frequency(counts: Float[Tensor, " V"]) -> Float[Tensor, " V"]:
    """Return each word's weight a / (a + p(word)), a = 3·10⁻⁴ (Arora et al. 2017).

    Args:
        counts: How often each word stands in the training corpus; words with none get the weight 1.
    """
    total = counts.sum().clamp(min=1)
    return SMOOTHING / (SMOOTHING + counts / total)


def weighted_average(
    vectors: Float[Tensor, "B T E"], weights: Float[Tensor, "B T"], lengths: Int64[Tensor, " B"]
) -> Float[Tensor, "B E"]:
    """Return Σ_t w_t v_t / Σ_t w_t over the first `lengths` steps of each sentence; zeros where nothing weighs."""
    steps = torch.arange(weights.shape[1], device=lengths.device)
    weights = weights * (steps < lengths.unsqueeze(1))
    total = weights.sum(1, keepdim=True)
    average: Tensor = torch.einsum("bt,bte->be", weights, vectors) / total.clamp(min=1e-12)
    return average


class WeightedAverage(nn.Module):
    """embedding = Σ_t w(y_t) v(y_t) / Σ_t w(y_t) over a sentence's real tokens.

    A sentence all of whose words weigh nothing gets the zero vector.
    """

    token_weights: Tensor

    def __init__(self, token_weights: Float[Tensor, " V"]) -> None:
        super().__init__()
        self.register_buffer("token_weights", token_weights)

    def forward(
        self, word_vectors: nn.Embedding, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]
    ) -> Float[Tensor, "B E"]:
        """Return the average over the first `lengths` tokens of each sentence."""
        return weighted_average(word_vectors(token_ids), self.token_weights[token_ids], lengths)
