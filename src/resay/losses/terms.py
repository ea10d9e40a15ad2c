"""The arithmetic of one chunk of tokens: the loss of each, and the gradient in place of its logits.

Every function here takes the chunk's logits, which it destroys, and the weight of each token in the final
loss. It returns the unweighted loss of each token. With weights it leaves ``weight × ∂loss/∂logits`` where
the logits were; with ``None`` what is left there is of no use.

Axes: C tokens of a chunk, V vocabulary, N neighbours.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from resay.losses.chunks import Scratch


def sparse_terms(
    logits: Float[Tensor, "C V"],
    ids: Int[Tensor, "C N"],
    weights: Float[Tensor, "C N"],
    token_weights: Float[Tensor, " C"] | None,
    *,
    eps: float = 0.0,
) -> Float[Tensor, " C"]:
    """Cross-entropy against targets that are zero but at N words of each token: equation 4.

    loss = −Σ_n w_n log(p_n + eps)        ∂loss/∂z_i = p_i Σ_n r_n − r_i,   r_n = w_n p_n / (p_n + eps)

    With eps = 0 that is ``Σw · lse(z) − Σ_n w_n z_n``: one log-sum-exp, N reads and N writes.

    Args:
        logits: Overwritten.
        ids: The N words.
        weights: Their weights; a weight of 0 counts for nothing whatever the logit.
        token_weights: Weight of each token, or ``None`` when no gradient is wanted.
        eps: Added to each probability inside the logarithm.
    """
    logits.sub_(logits.amax(-1, keepdim=True))
    picked = logits.gather(1, ids)
    sums = logits.exp_().sum(-1)
    if eps == 0.0:
        losses = weights.sum(-1) * sums.log() - torch.where(weights == 0, 0, weights * picked).sum(-1)
    else:
        probabilities = picked.exp() / sums.unsqueeze(1)
        losses = -(weights * torch.log(probabilities + eps)).sum(-1)
        weights = weights * probabilities / (probabilities + eps)
    if token_weights is not None:
        logits.mul_((token_weights * weights.sum(-1) / sums).unsqueeze(1))
        logits.scatter_add_(1, ids, weights * -token_weights.unsqueeze(1))
    return losses


def weighted_cross_entropy_terms(
    logits: Float[Tensor, "C V"],
    similarities: Float[Tensor, "C V"],
    token_weights: Float[Tensor, " C"] | None,
    scratch: Scratch,
    *,
    eps: float,
) -> Float[Tensor, " C"]:
    """Equation 3: loss = −Σ_i s_i log(p_i + eps);  ∂loss/∂z_i = p_i Σ_j a_j − a_i,  a = s p / (p + eps).

    Both matrices are overwritten.
    """
    spare = scratch.matrix("spare", len(logits))
    logits.sub_(logits.amax(-1, keepdim=True))
    if eps == 0.0:
        log_sums = torch.exp(logits, out=spare).sum(-1, keepdim=True).log_()
        logits.sub_(log_sums)
        losses = -torch.mul(similarities, logits, out=spare).sum(-1)
        if token_weights is None:
            return losses
        probabilities = logits.exp_()
    else:
        probabilities = logits.exp_()
        probabilities.div_(probabilities.sum(-1, keepdim=True))
        losses = -torch.add(probabilities, eps, out=spare).log_().mul_(similarities).sum(-1)
        if token_weights is None:
            return losses
        similarities.mul_(probabilities).div_(torch.add(probabilities, eps, out=spare))
    similarities.mul_(token_weights.unsqueeze(1))
    probabilities.mul_(similarities.sum(-1, keepdim=True)).sub_(similarities)
    return losses


def weighted_similarity_terms(
    logits: Float[Tensor, "C V"],
    similarities: Float[Tensor, "C V"],
    targets: Int[Tensor, " C"],
    token_weights: Float[Tensor, " C"] | None,
    scratch: Scratch,
    *,
    ce_mix: float,
) -> Float[Tensor, " C"]:
    """Equation 2 plus a share of cross-entropy: loss = −Σ_i s_i p_i − ce_mix · log p_y.

    ∂loss/∂z_i = p_i (s̄ − s_i) + ce_mix (p_i − [i = y]) with s̄ = Σ_i s_i p_i. Both matrices are overwritten.
    """
    index = targets.unsqueeze(1)
    logits.sub_(logits.amax(-1, keepdim=True))
    picked = logits.gather(1, index).squeeze(1)
    probabilities = logits.exp_()
    sums = probabilities.sum(-1)
    probabilities.div_(sums.unsqueeze(1))
    expected = torch.mul(similarities, probabilities, out=scratch.matrix("spare", len(logits))).sum(-1)
    losses = -expected
    if ce_mix:
        losses = losses + ce_mix * (sums.log() - picked)
    if token_weights is not None:
        similarities.sub_((expected + ce_mix).unsqueeze(1)).mul_(-token_weights.unsqueeze(1))
        probabilities.mul_(similarities)
        if ce_mix:
            probabilities.scatter_add_(1, index, -ce_mix * token_weights.unsqueeze(1))
    return losses
