"""How well a model says unseen sentences again."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch.nn import functional as F

from resay.corpus import Corpus, make_batch, spread_evenly
from resay.fitting.objective import ReconstructionObjective, TensorBatch, to_device
from resay.models.greedy import greedy_decode

DEV_BATCH_SIZE = 64
NOISE_SEED = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DevMetrics:
    """Measures on the dev set.

    Attributes:
        loss: The training objective, a token.
        nats_per_token: Cross-entropy under teacher forcing, whatever loss was trained; end marks count.
        token_accuracy: Share of words and end marks that were the most probable, under teacher forcing.
        exact_reconstruction: Share of sentences that greedy free-running decoding gives back word for word.
        penalty: Penalty of the latent, nats a sentence, with the weight 1.
        distinct_predictions: Distinct most probable words, divided by the distinct words that were to be said;
            near zero when a model has collapsed to a few words.
    """

    loss: float
    nats_per_token: float
    token_accuracy: float
    penalty: float
    exact_reconstruction: float
    distinct_predictions: float

    def as_dict(self) -> dict[str, float]:
        """Return the measures by name."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """A sentence, and what the model made of it, as token ids."""

    source: list[int]
    output: list[int]


def _batches(corpus: Corpus, sentences: np.ndarray, device: torch.device) -> Iterator[TensorBatch]:
    ordered = sentences[np.argsort(corpus.lengths[sentences], kind="stable")]
    for start in range(0, len(ordered), DEV_BATCH_SIZE):
        yield to_device(make_batch(corpus, ordered[start : start + DEV_BATCH_SIZE]), device)


@torch.no_grad()
def reconstruct(
    objective: ReconstructionObjective, corpus: Corpus, num_sentences: int, device: torch.device
) -> list[Reconstruction]:
    """Return free-running reconstructions of sentences spread evenly over the corpus, in its order."""
    chosen = spread_evenly(len(corpus), num_sentences)
    by_length = chosen[np.argsort(corpus.lengths[chosen], kind="stable")]
    results: dict[int, Reconstruction] = {}
    position = 0
    for batch in _batches(corpus, chosen, device):
        latent = objective.autoencoder.encode(batch.token_ids, batch.lengths).latent
        outputs = greedy_decode(objective.autoencoder, latent, corpus.report.max_length + 1).cpu()
        for source, length, output in zip(batch.token_ids.cpu(), batch.lengths.cpu(), outputs, strict=True):
            said = output[output != 0].tolist()
            results[int(by_length[position])] = Reconstruction(source[:length].tolist(), said)
            position += 1
    return [results[int(index)] for index in chosen]


@torch.no_grad()
def validate(
    objective: ReconstructionObjective,
    corpus: Corpus,
    num_reconstructions: int,
    device: torch.device,
    penalty_weight: float = 1.0,
) -> DevMetrics:
    """Measure a model on a dev corpus.

    Latents that are distributions are drawn for the teacher-forced measures, the same way at every call; `encode`'s
    latents are what the free-running reconstructions start from.
    """
    was_training = objective.training
    objective.eval()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(NOISE_SEED)
        forced = _teacher_forced(objective, corpus, device, penalty_weight)
    reconstructions = reconstruct(objective, corpus, num_reconstructions, device)
    objective.train(was_training)
    exact = sum(one.source == one.output for one in reconstructions) / len(reconstructions)
    return DevMetrics(exact_reconstruction=exact, **forced)


def _teacher_forced(
    objective: ReconstructionObjective, corpus: Corpus, device: torch.device, penalty_weight: float
) -> dict[str, float]:
    """Return the measures of `DevMetrics` for which the words before are given."""
    loss = nats = penalties = 0.0
    num_tokens = num_right = 0
    said: set[int] = set()
    expected: set[int] = set()
    for batch in _batches(corpus, np.arange(len(corpus)), device):
        counted = batch.targets >= 0
        count = int(counted.sum())
        states, penalty = objective.autoencoder(batch.token_ids, batch.lengths, batch.previous_ids)
        loss += float(objective.of_states(states, penalty, batch, penalty_weight)) * count
        penalties += float(penalty.sum())
        logits = objective.autoencoder.decoder.output(states[counted]).float()
        targets = batch.targets[counted]
        nats += float(F.cross_entropy(logits, targets, reduction="sum"))
        predictions = logits.argmax(dim=-1)
        num_right += int((predictions == targets).sum())
        num_tokens += count
        said.update(predictions.tolist())
        expected.update(targets.tolist())
    return {
        "loss": loss / num_tokens,
        "nats_per_token": nats / num_tokens,
        "token_accuracy": num_right / num_tokens,
        "penalty": penalties / len(corpus),
        "distinct_predictions": len(said) / len(expected),
    }
