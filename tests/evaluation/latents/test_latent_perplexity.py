"""The row of Table 1: which latents have which column, and closed forms of the divergence."""

import math

import pytest
import torch

from resay.evaluation.latents.encoding import draw_latents, encode_corpus, read_latents
from resay.evaluation.latents.likelihood import Likelihood
from resay.evaluation.latents.perplexity import COLUMNS, measure_perplexity
from resay.models import BOTTLENECKS

RANDOM = {"vae", "gumbel", "gumbel-vae", "binary", "binary-vae"}


def measured(model, corpus, *, num_draws=2, seed=0):
    likelihood = Likelihood(model, corpus)
    return measure_perplexity(likelihood, encode_corpus(model, corpus), num_draws=num_draws, seed=seed)


@pytest.mark.parametrize("latent", BOTTLENECKS)
def test_every_latent_has_its_columns(make_model, corpus, latent):
    cells = measured(make_model(latent), corpus, num_draws=1)
    filled = {name for name in COLUMNS if cells[f"perplexity_{name}"] is not None}
    expected = {"latent"}
    expected |= {"mean", "sampled"} if latent in RANDOM else set()
    expected |= {"rounded"} if latent in RANDOM - {"vae"} else set()
    assert filled == expected
    for measure in ("corpus_perplexity", "nll"):
        assert {name for name in COLUMNS if cells[f"{measure}_{name}"] is not None} == expected
    assert (cells["kl"] is None) == (latent not in RANDOM)
    assert cells["num_tokens"] == int((corpus.lengths + 1).sum())


def test_the_default_latent_is_bits_for_binary_and_probabilities_for_gumbel(make_model, corpus):
    for latent, same, other in (("binary", "rounded", "mean"), ("gumbel", "mean", "rounded")):
        cells = measured(make_model(latent), corpus, num_draws=1)
        assert cells["perplexity_latent"] == cells[f"perplexity_{same}"] != cells[f"perplexity_{other}"]


def test_bits_are_what_is_decoded(make_model, corpus):
    model = make_model("binary")
    bits = read_latents(model, encode_corpus(model, corpus))["bits"]
    assert set(bits.flatten().tolist()) == {0.0, 1.0}
    assert measured(model, corpus)["perplexity_rounded"] == Likelihood(model, corpus).perplexity(bits).of_sentences


def test_draws_are_those_of_training_and_leave_its_generator_alone(make_model, corpus):
    for latent in sorted(RANDOM):
        model = make_model(latent)
        encoded = encode_corpus(model, corpus)
        state = torch.get_rng_state()
        drawn = draw_latents(model, encoded, seed=3)
        assert torch.equal(torch.get_rng_state(), state)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            expected = model.bottleneck(encoded.features, model.noise(len(corpus)))
        assert torch.equal(drawn.value, expected.value)
        assert not torch.equal(draw_latents(model, encoded, seed=4).value, drawn.value)


def test_measures_are_means_over_draws(make_model, corpus):
    model = make_model("vae")
    single = [measured(model, corpus, num_draws=1, seed=seed) for seed in (5, 6, 7)]
    together = measured(model, corpus, num_draws=3, seed=5)
    for name in ("perplexity_sampled", "corpus_perplexity_sampled", "nll_sampled"):
        values = [cells[name] for cells in single]
        assert len(set(values)) == 3
        assert together[name] == pytest.approx(sum(values) / 3)


def constant(layer, values):
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.copy_(torch.tensor(values))


def test_divergence_of_a_gaussian(make_model, corpus):
    model = make_model("vae")
    constant(model.bottleneck.to_mean, [0.0, 1.0, -2.0, 0.0])
    constant(model.bottleneck.to_log_variance, [0.0, 0.0, 0.0, math.log(0.25)])
    cells = measured(model, corpus)
    assert cells["kl"] == pytest.approx(0.5 * (1 + 4) + 0.5 * (0.25 - math.log(0.25) - 1))
    assert cells["with_kl"] is True


def test_divergence_of_coins_charged_for_or_not(make_model, corpus):
    for latent in ("binary", "gumbel", "binary-vae", "gumbel-vae"):
        model = make_model(latent)
        constant(model.bottleneck.to_logits, [0.0, 100.0, -100.0, math.log(3)])
        cells = measured(model, corpus, num_draws=1)
        biased = 0.75 * math.log(0.75) + 0.25 * math.log(0.25) + math.log(2)
        assert cells["kl"] == pytest.approx(2 * math.log(2) + biased)
        assert cells["with_kl"] is latent.endswith("-vae")


def test_a_decoder_that_ignores_the_latent_has_one_perplexity(make_model, corpus):
    model = make_model("gumbel")
    with torch.no_grad():
        model.decoder.latent_to_cell.weight.zero_()
        model.decoder.latent_to_input.weight.zero_()
    cells = measured(model, corpus, num_draws=1)
    assert len({cells[f"perplexity_{name}"] for name in COLUMNS}) == 1
