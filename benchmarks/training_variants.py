"""The same training step in four states of improvement; each variant trains on the same sentences.

published   LSTM-cell loop, sentences padded to the longest, dense loss over padding too, Adam as torch has it
padded      nn.LSTM for the loop, resay's model; else the same
bucketed    batches of one length, no padding before the output layer; dense loss
resay       what resay's trainer does: the step of `resay.fitting`, fused loss, fused Adam
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import torch
from accelerate import Accelerator
from published_autoencoder import PublishedAutoencoder
from synthetic_corpus import RoundOfBatches, make_settings
from torch import Tensor, nn
from torch.nn import functional as F
from training_case import TrainingCase

from resay.corpus import IGNORED_TARGET, Batch, make_batch
from resay.fitting.checkpoint import Progress
from resay.fitting.interruption import stop_request
from resay.fitting.loop import Fit
from resay.fitting.objective import ReconstructionObjective, TensorBatch, to_device
from resay.fitting.preparation import Prepared
from resay.fitting.train import build_objective
from resay.losses import SoftLabelLoss
from resay.text import PAD_ID

DenseLoss = Callable[[Tensor, Tensor], Tensor]
Round = Callable[[], None]
EPS = 1e-5


def dense_loss(name: str, objective: ReconstructionObjective, vocab_size: int) -> DenseLoss:
    """Return a loss of logits [N, V] and targets [N]: torch's cross-entropy, or the published soft label."""
    if name == "ce":
        return lambda logits, targets: F.cross_entropy(logits, targets, ignore_index=IGNORED_TARGET)
    loss = objective.loss
    if not isinstance(loss, SoftLabelLoss):
        raise TypeError(f"the dense variants have ce and soft-label, not {name}")
    table = torch.zeros(vocab_size, vocab_size)
    table.scatter_add_(1, loss.neighbour_ids.long(), loss.neighbour_weights.float())
    table[PAD_ID] = 0

    def soft_label(logits: Tensor, targets: Tensor) -> Tensor:
        rows = table[targets.masked_fill(targets == IGNORED_TARGET, PAD_ID)]
        return -(rows * torch.log(torch.softmax(logits, dim=-1) + EPS)).sum(-1).mean()

    return soft_label


def padded_to(batch: Batch, max_length: int) -> Batch:
    """Return the batch with padding up to a fixed length."""
    missing = max_length - batch.token_ids.shape[1]

    def pad(values: np.ndarray, filler: int) -> np.ndarray:
        return np.pad(values, ((0, 0), (0, missing)), constant_values=filler)

    return Batch(
        pad(batch.token_ids, PAD_ID), batch.lengths, pad(batch.previous_ids, PAD_ID), pad(batch.targets, IGNORED_TARGET)
    )


class DenseVariant:
    """A model trained with dense logits and torch's plain Adam."""

    def __init__(self, model: nn.Module, loss: DenseLoss, clip_norm: float) -> None:
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimizer = torch.optim.Adam(self.parameters, lr=1e-3)
        self.model, self.loss, self.clip_norm = model, loss, clip_norm

    def step(self, batch: TensorBatch, logits_of: Callable[[TensorBatch], tuple[Tensor, Tensor]]) -> None:
        """Take one optimiser step on what `logits_of` makes of the batch: logits [N, V] and targets [N]."""
        self.optimizer.zero_grad(set_to_none=True)
        self.loss(*logits_of(batch)).backward()
        nn.utils.clip_grad_norm_(self.parameters, self.clip_norm)
        self.optimizer.step()


def published(prepared: Prepared, batches: RoundOfBatches, case: TrainingCase, loss: str, folder: Path) -> Round:
    """See the top of the file."""
    settings = make_settings(case, loss)
    model = PublishedAutoencoder(torch.from_numpy(prepared.word_vectors), case.hidden_size)
    dense = dense_loss(loss, build_objective(settings, prepared), case.vocab_size)
    variant = DenseVariant(model, dense, settings.clip_norm)

    def logits_of(batch: TensorBatch) -> tuple[Tensor, Tensor]:
        logits = model(batch.token_ids, batch.lengths, batch.previous_ids)
        return logits.flatten(0, 1), batch.targets.flatten()

    return padded_round(prepared, batches, case, variant, logits_of)


def padded(prepared: Prepared, batches: RoundOfBatches, case: TrainingCase, loss: str, folder: Path) -> Round:
    """See the top of the file."""
    settings = make_settings(case, loss)
    objective = build_objective(settings, prepared)
    model = objective.autoencoder
    variant = DenseVariant(model, dense_loss(loss, objective, case.vocab_size), settings.clip_norm)

    def logits_of(batch: TensorBatch) -> tuple[Tensor, Tensor]:
        states, _ = model(batch.token_ids, batch.lengths, batch.previous_ids)
        return model.decoder.output(states.flatten(0, 1)), batch.targets.flatten()

    return padded_round(prepared, batches, case, variant, logits_of)


def padded_round(
    prepared: Prepared,
    batches: RoundOfBatches,
    case: TrainingCase,
    variant: DenseVariant,
    logits_of: Callable[[TensorBatch], tuple[Tensor, Tensor]],
) -> Round:
    """Return a round over shuffled batches, padded to the longest length."""

    def run() -> None:
        for sentences in batches.shuffled:
            batch = padded_to(make_batch(prepared.train, sentences), case.max_length)
            variant.step(to_device(batch, torch.device("cpu")), logits_of)

    return run


def bucketed(prepared: Prepared, batches: RoundOfBatches, case: TrainingCase, loss: str, folder: Path) -> Round:
    """See the top of the file."""
    settings = make_settings(case, loss)
    objective = build_objective(settings, prepared)
    model = objective.autoencoder
    variant = DenseVariant(model, dense_loss(loss, objective, case.vocab_size), settings.clip_norm)

    def logits_of(batch: TensorBatch) -> tuple[Tensor, Tensor]:
        states, _ = model(batch.token_ids, batch.lengths, batch.previous_ids)
        targets = batch.targets.flatten()
        counted = torch.nonzero(targets != IGNORED_TARGET).squeeze(1)
        return model.decoder.output(states.flatten(0, 1)[counted]), targets[counted]

    def run() -> None:
        for sentences in batches.bucketed:
            batch = make_batch(prepared.train, sentences)
            variant.step(to_device(batch, torch.device("cpu")), logits_of)

    return run


def resay(prepared: Prepared, batches: RoundOfBatches, case: TrainingCase, loss: str, folder: Path) -> Round:
    """See the top of the file: the very step of the trainer, batches made on the way as it makes them."""
    settings = make_settings(case, loss)
    objective = build_objective(settings, prepared)
    parameters = [parameter for parameter in objective.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=settings.learning_rate, fused=True)
    accelerator = Accelerator(cpu=True, mixed_precision="no")
    with stop_request() as stop:
        fit = Fit(folder, settings, prepared, objective, optimizer, accelerator, Progress(), stop)
    fit.wrapped.train()

    def run() -> None:
        for sentences in batches.bucketed:
            fit.step(make_batch(prepared.train, sentences))

    return run


VARIANTS: Mapping[str, Callable[[Prepared, RoundOfBatches, TrainingCase, str, Path], Round]] = MappingProxyType(
    {"published": published, "padded": padded, "bucketed": bucketed, "resay": resay}
)
