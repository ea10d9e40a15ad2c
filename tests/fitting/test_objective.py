"""A training step: what it counts, and that nothing leaks from one to the next."""

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from resay.corpus import Corpus, make_batch, prepare_corpus
from resay.fitting import TrainSettings
from resay.fitting.checkpoint import Progress
from resay.fitting.interruption import TrainingStop
from resay.fitting.loop import Fit
from resay.fitting.objective import ReconstructionObjective, to_device
from resay.fitting.preparation import Prepared
from resay.losses import LOSSES, LossOptions, build_loss
from resay.models import Autoencoder, ModelSettings
from resay.text import Tokenizer

LINES = ["the soup was good", "the soup", "we loved it all so very much", "good"]


@pytest.fixture
def corpus(tmp_path):
    tokenizer = Tokenizer.build(LINES, min_count=1)
    (tmp_path / "a.txt").write_text("\n".join(LINES))
    prepare_corpus([tmp_path / "a.txt"], tokenizer, tmp_path / "c", max_length=20)
    return Corpus.open(tmp_path / "c"), tokenizer


def objective_of(loss, vocab_size):
    torch.manual_seed(0)
    vectors = torch.randn(vocab_size, 5)
    model = Autoencoder(ModelSettings(vocab_size=vocab_size, word_vector_size=5, hidden_size=6), vectors)
    return ReconstructionObjective(model, build_loss(loss, vectors, LossOptions()))


@pytest.mark.parametrize("loss", list(LOSSES))
def test_padding_does_not_change_the_objective(corpus, loss):
    """The mean over a ragged batch equals the token-weighted mean over its sentences taken alone."""
    corpus, tokenizer = corpus
    objective = objective_of(loss, tokenizer.vocab_size)
    cpu = torch.device("cpu")
    together = make_batch(corpus, np.arange(4))
    alone = [make_batch(corpus, np.array([index])) for index in range(4)]
    weighted = sum(objective(to_device(one, cpu)).item() * one.num_targets for one in alone)
    assert objective(to_device(together, cpu)).item() == pytest.approx(weighted / together.num_targets, rel=1e-5)


@pytest.mark.parametrize("loss", list(LOSSES))
def test_gradients_do_not_leak_between_steps(corpus, loss, tmp_path):
    """Two steps of the loop on one batch, from the same weights, see the same gradient: the published code never
    cleared it."""
    corpus, tokenizer = corpus
    objective = objective_of(loss, tokenizer.vocab_size)
    settings = TrainSettings(loss=loss, learning_rate=1e-30, device="cpu")
    optimizer = torch.optim.Adam(objective.parameters())
    prepared = Prepared(
        tokenizer=tokenizer,
        train=corpus,
        dev=corpus,
        word_vectors=objective.autoencoder.word_vectors.weight.numpy(),
        has_vector=np.ones(tokenizer.vocab_size, bool),
        stop_ids=np.arange(0),
        model_settings=objective.autoencoder.settings,
    )
    stop, accelerator = TrainingStop(), Accelerator(cpu=True)
    fit = Fit(tmp_path, settings, prepared, objective, optimizer, accelerator, Progress(), stop)
    gradients = []
    for _ in range(2):
        fit.step(make_batch(corpus, np.arange(4)))
        gradients.append(objective.autoencoder.encoder.readers[0][0].weight_hh_l0.grad.clone())
    torch.testing.assert_close(*gradients)
    assert gradients[0].abs().sum() > 0
