"""What a training step minimises."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from resay.corpus import Batch
from resay.losses import Loss
from resay.models import Autoencoder


class TensorBatch(NamedTuple):
    """A `Batch` as tensors on the training device; shapes as there."""

    token_ids: Int64[Tensor, "B T"]
    lengths: Int64[Tensor, " B"]
    previous_ids: Int64[Tensor, "B S"]
    targets: Int64[Tensor, "B S"]


def to_device(batch: Batch, device: torch.device) -> TensorBatch:
    """Move a batch of arrays to a device."""
    arrays = (batch.token_ids, batch.lengths, batch.previous_ids, batch.targets)
    return TensorBatch(*(torch.from_numpy(array).to(device, non_blocking=True) for array in arrays))


class ReconstructionObjective(nn.Module):
    """Loss of an autoencoder on a batch: reconstruction, mean over real tokens, plus the latent's penalty.

    One module holds both, so that data-parallel wrappers see every parameter that a step uses.
    """

    def __init__(self, autoencoder: Autoencoder, loss: Loss) -> None:
        super().__init__()
        self.autoencoder = autoencoder
        self.loss = loss

    def forward(self, batch: TensorBatch, penalty_weight: float = 1.0) -> Float[Tensor, ""]:
        """Return the mean objective in nats a token; teacher forcing covers every step of every sentence."""
        states, penalty = self.autoencoder(batch.token_ids, batch.lengths, batch.previous_ids)
        return self.of_states(states, penalty, batch, penalty_weight)

    def of_states(
        self,
        states: Float[Tensor, "B S H"],
        penalty: Float[Tensor, " B"],
        batch: TensorBatch,
        penalty_weight: float = 1.0,
    ) -> Float[Tensor, ""]:
        """Return the mean objective in nats a token, of what the autoencoder made of the batch."""
        output = self.autoencoder.decoder.output
        targets = batch.targets.flatten()
        reconstruction: Tensor = self.loss.fused(states.flatten(0, 1), output.weight, output.bias, targets)
        num_targets = (batch.lengths + 1).sum()
        objective: Tensor = reconstruction + penalty_weight * penalty.sum() / num_targets
        return objective
