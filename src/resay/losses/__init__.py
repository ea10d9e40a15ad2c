"""Four reconstruction losses, each with two doors of one arithmetic.

``loss(logits, targets)`` takes the place of ``torch.nn.CrossEntropyLoss``: logits [..., V] and targets
[...], the vocabulary last. ``loss.fused(hidden, weight, bias, targets)`` is the same value and gradients
without ever holding the logits of all tokens. No loss ever makes a matrix of all pairs of words.

Both doors take any leading axes: [N, V] with [N], [B, T, V] with [B, T]; the [B, V, T] that torch also takes
must be transposed. Sums are kept in float32 (float64 for float64), and so is the loss; gradients come in the
types of their inputs. Gradients are made in the forward pass and cannot be differentiated again. A model that
calls a loss may be compiled by ``torch.compile``, but not with ``fullgraph=True``. ``loss.to(device)`` takes the
tables along; they are not part of a checkpoint.

======================  ==========================  ========================================================
name                    class                       loss of a token with target y, in nats
======================  ==========================  ========================================================
``ce``                  CrossEntropyLoss            −log p_y
``soft-label``          SoftLabelLoss               −Σ_{i ∈ top N(y)} w_yi log p_i       (equations 4 and 5)
``weighted-ce``         WeightedCrossEntropyLoss    −Σ_i s_yi log(p_i + eps)             (equation 3)
``weighted-sim``        WeightedSimilarityLoss      −Σ_i s_yi p_i                        (equation 2)
======================  ==========================  ========================================================

Reference: Kovaleva, Rumshisky, Romanov: Similarity-Based Reconstruction Loss for Meaning Representation,
EMNLP 2018 (D18-1525).
"""

from resay.losses.allocator import tune_cpu_allocator
from resay.losses.cross_entropy import CrossEntropyLoss
from resay.losses.options import LossOptions
from resay.losses.soft_label import SoftLabelLoss
from resay.losses.table import LOSSES, Loss, build_loss
from resay.losses.weighted_cross_entropy import WeightedCrossEntropyLoss
from resay.losses.weighted_similarity import WeightedSimilarityLoss

__all__ = [
    "LOSSES",
    "CrossEntropyLoss",
    "Loss",
    "LossOptions",
    "SoftLabelLoss",
    "WeightedCrossEntropyLoss",
    "WeightedSimilarityLoss",
    "build_loss",
    "tune_cpu_allocator",
]
