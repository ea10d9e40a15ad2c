"""The sentence embedding: a weighted average of word vectors.

An autoencoder's last state decodes well and compares badly: two sentences that mean the same need not lie close in
it. The average of the same word vectors, rare words counting more, compares several times better
(`training/evaluate.py --tasks sts-b` measures both), so `encode` answers with it and paraphrasing uses the latent.
"""

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
        steps = torch.arange(token_ids.shape[1], device=token_ids.device)
        weights = self.token_weights[token_ids] * (steps < lengths.unsqueeze(1))
        total = weights.sum(1, keepdim=True)
        average = torch.einsum("bt,bte->be", weights, word_vectors(token_ids)) / total.clamp(min=1e-12)
        return average
