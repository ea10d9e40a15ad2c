"""Measures on the dev set: what they count, and that measuring disturbs nothing."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from resay.corpus import Corpus, make_batch, prepare_corpus
from resay.fitting.objective import ReconstructionObjective, to_device
from resay.fitting.validation import NOISE_SEED, validate
from resay.losses import LossOptions, build_loss
from resay.models import BOTTLENECKS, Autoencoder, ModelSettings
from resay.text import Tokenizer

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dev(tmp_path_factory, few_reviews):
    folder = tmp_path_factory.mktemp("dev")
    lines = few_reviews.read_text().splitlines()
    tokenizer = Tokenizer.build(lines, min_count=1)
    prepare_corpus([few_reviews], tokenizer, folder / "corpus", max_length=20)
    return Corpus.open(folder / "corpus"), tokenizer.vocab_size


def objective_of(latent, vocab_size, dropout=0.0):
    torch.manual_seed(3)
    vectors = torch.randn(vocab_size, 5)
    settings = ModelSettings(
        vocab_size=vocab_size, word_vector_size=5, hidden_size=6, latent=latent, latent_size=3, dropout=dropout
    )
    return ReconstructionObjective(Autoencoder(settings, vectors), build_loss("ce", vectors, LossOptions()))


@pytest.mark.parametrize("latent", list(BOTTLENECKS))
def test_every_call_draws_the_same_latents_and_gives_the_generator_back(dev, latent):
    corpus, vocab_size = dev
    objective = objective_of(latent, vocab_size).train()
    torch.manual_seed(11)
    before = torch.get_rng_state()
    first = validate(objective, corpus, 5, CPU)
    assert torch.equal(torch.get_rng_state(), before)
    assert objective.training
    torch.manual_seed(12)
    assert validate(objective, corpus, 5, CPU) == first


@pytest.mark.parametrize("latent", ["vae", "gumbel", "binary-vae"])
def test_latents_are_drawn_for_the_measures(dev, latent, monkeypatch):
    """Another seed, other draws: the measures are those of what training minimises, not of `encode`'s latents."""
    corpus, vocab_size = dev
    objective = objective_of(latent, vocab_size)
    first = validate(objective, corpus, 5, CPU)
    monkeypatch.setattr("resay.fitting.validation.NOISE_SEED", NOISE_SEED + 1)
    second = validate(objective, corpus, 5, CPU)
    assert first.nats_per_token != second.nats_per_token
    assert first.penalty == second.penalty
    assert first.exact_reconstruction == second.exact_reconstruction


@pytest.mark.parametrize("latent", ["none", "binary-vae"])
def test_dropout_falls_on_training_alone(dev, latent):
    corpus, vocab_size = dev
    plain, dropped = (objective_of(latent, vocab_size, dropout).train() for dropout in (0.0, 0.5))
    assert validate(plain, corpus, 5, CPU) == validate(dropped, corpus, 5, CPU)
    batch = to_device(make_batch(corpus, np.arange(4)), CPU)
    losses = []
    for objective in (plain, dropped):
        torch.manual_seed(0)
        losses.append(objective(batch).item())
    assert losses[0] != losses[1]


def test_the_penalty_is_a_mean_over_sentences_and_the_loss_one_over_tokens(dev):
    corpus, vocab_size = dev
    objective = objective_of("vae", vocab_size)
    weight = 0.7
    metrics = validate(objective, corpus, 5, CPU, weight)
    num_tokens = int(corpus.lengths.sum()) + len(corpus)
    costs = []
    for index in range(len(corpus)):
        batch = to_device(make_batch(corpus, np.array([index])), CPU)
        features = objective.autoencoder.encoder(objective.autoencoder.word_vectors, batch.token_ids, batch.lengths)
        costs.append(objective.autoencoder.bottleneck(features, torch.zeros(1, 3)).penalty.item())
    assert metrics.penalty == pytest.approx(math.fsum(costs) / len(corpus), rel=1e-5)
    assert metrics.loss == pytest.approx(metrics.nats_per_token + weight * math.fsum(costs) / num_tokens, rel=1e-5)
    assert metrics.as_dict()["penalty"] == metrics.penalty
    whole = validate(objective, corpus, 5, CPU)
    assert whole.penalty == metrics.penalty, "always of weight 1"
    assert whole.loss > metrics.loss


@pytest.mark.parametrize("latent", [name for name in BOTTLENECKS if not name.endswith("vae")])
def test_where_there_is_no_penalty_the_loss_is_the_cross_entropy(dev, latent):
    corpus, vocab_size = dev
    metrics = validate(objective_of(latent, vocab_size), corpus, 5, CPU)
    assert metrics.penalty == 0
    assert metrics.loss == pytest.approx(metrics.nats_per_token, rel=1e-5)


def test_cross_entropy_by_hand_without_a_latent(dev):
    corpus, vocab_size = dev
    objective = objective_of("lm", vocab_size)
    model = objective.autoencoder
    nats = []
    for index in range(len(corpus)):
        batch = to_device(make_batch(corpus, np.array([index])), CPU)
        states = model.decoder(model.word_vectors(batch.previous_ids), torch.zeros(1, 1))
        nats.append(F.cross_entropy(model.decoder.output(states[0]), batch.targets[0], reduction="sum").item())
    num_tokens = int(corpus.lengths.sum()) + len(corpus)
    assert validate(objective, corpus, 5, CPU).nats_per_token == pytest.approx(sum(nats) / num_tokens, rel=1e-5)
