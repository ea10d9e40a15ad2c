"""The latent's penalty in the objective: how it counts, and when."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from resay.corpus import IGNORED_TARGET
from resay.fitting import TrainSettings
from resay.fitting.objective import ReconstructionObjective, TensorBatch
from resay.fitting.preparation import TrainingFiles
from resay.fitting.train import train_run
from resay.losses import LossOptions, build_loss
from resay.models import Autoencoder, ModelSettings

TINY = {"hidden_size": 8, "latent_size": 4, "batch_size": 4, "min_count": 1, "learning_rate": 0.01, "device": "cpu"}
TINY |= {"loss": "ce", "num_reconstructions": 4}


def objective_of(latent, vocab_size=11):
    torch.manual_seed(0)
    vectors = torch.randn(vocab_size, 5)
    settings = ModelSettings(vocab_size=vocab_size, word_vector_size=5, hidden_size=6, latent=latent, latent_size=3)
    return ReconstructionObjective(Autoencoder(settings, vectors), build_loss("ce", vectors, LossOptions()))


def batch():
    """Two sentences of three words and of one: six targets with their end marks."""
    return TensorBatch(
        token_ids=torch.tensor([[5, 6, 7], [8, 0, 0]]),
        lengths=torch.tensor([3, 1]),
        previous_ids=torch.tensor([[2, 5, 6, 7], [2, 8, 0, 0]]),
        targets=torch.tensor([[5, 6, 7, 3], [8, 3, IGNORED_TARGET, IGNORED_TARGET]]),
    )


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_penalties_are_summed_over_sentences_and_divided_by_tokens(weight):
    objective = objective_of("none")
    states, penalty = torch.randn(2, 4, 6), torch.tensor([4.0, 1.1])
    logits = objective.autoencoder.decoder.output(states)
    nats = sum(
        F.cross_entropy(logits[row, step], batch().targets[row, step])
        for row, num_targets in enumerate((4, 2))
        for step in range(num_targets)
    )
    expected = nats / 6 + weight * (4.0 + 1.1) / 6
    torch.testing.assert_close(objective.of_states(states, penalty, batch(), weight), expected)


@pytest.mark.parametrize("latent", ["vae", "gumbel-vae", "binary-vae"])
def test_the_weight_falls_on_the_bottlenecks_own_penalty(latent):
    objective = objective_of(latent)
    without, half, whole = (value_of(objective, weight) for weight in (0.0, 0.5, 1.0))
    torch.manual_seed(1)
    _, penalty = objective.autoencoder(*batch()[:3])
    assert penalty.min() > 0
    torch.testing.assert_close(whole - without, penalty.sum() / 6)
    torch.testing.assert_close(half - without, penalty.sum() / 12)


def value_of(objective, weight):
    torch.manual_seed(1)
    return objective(batch(), weight)


@pytest.fixture
def files(few_reviews, vectors):
    return TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=vectors)


def trained(run, files, **changed):
    train_run(run, files, TrainSettings(**TINY | changed))
    return load_file(run / "model.safetensors")


@pytest.mark.parametrize("latent", ["gumbel", "binary"])
def test_no_weight_is_no_penalty(files, tmp_path, latent):
    """Coins with a penalty of weight 0 end as coins that have none, to the last bit."""
    plain = trained(tmp_path / "plain", files, latent=latent, epochs=2)
    weightless = trained(tmp_path / "weightless", files, latent=f"{latent}-vae", epochs=2, kl_weight=0.0)
    assert all(torch.equal(value, weightless[name]) for name, value in plain.items())
    weighed = trained(tmp_path / "weighed", files, latent=f"{latent}-vae", epochs=2, kl_start=1.0)
    assert not torch.equal(plain["bottleneck.to_logits.weight"], weighed["bottleneck.to_logits.weight"])


def test_a_vae_without_penalty_is_pulled_nowhere(files, tmp_path, monkeypatch):
    weightless = trained(tmp_path / "weightless", files, latent="vae", epochs=2, kl_weight=0.0)
    monkeypatch.setattr(
        "resay.models.bottlenecks.gaussian.gaussian_kl", lambda mean, log_variance: 0.0 * mean.sum(dim=1)
    )
    without = trained(tmp_path / "without", files, latent="vae", epochs=2)
    assert all(torch.equal(value, weightless[name]) for name, value in without.items())


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"kl_start": 0.0, "kl_annealing": 0.5}, [0, 0.25, 0.5, 0.75, 1, 1, 1, 1]),
        ({"kl_start": 0.2, "kl_weight": 0.6, "kl_annealing": 1.0}, np.linspace(0.2, 0.6, 9)[:8]),
        ({"kl_start": 0.5, "kl_weight": 0.5}, [0.5] * 8),
        ({"kl_weight": 0.0}, [0.0] * 8),
        ({"kl_weight": 0.004}, [0.004] * 8),
    ],
)
def test_the_weight_of_each_step(files, tmp_path, monkeypatch, changed, expected):
    """Two epochs of four steps; a weight below the one to start with starts where it ends."""
    seen = []
    forward = ReconstructionObjective.forward

    def noted(self, batch, penalty_weight=1.0):
        seen.append(penalty_weight)
        return forward(self, batch, penalty_weight)

    monkeypatch.setattr(ReconstructionObjective, "forward", noted)
    trained(tmp_path / "run", files, latent="vae", epochs=2, **changed)
    assert seen == pytest.approx(list(expected))
