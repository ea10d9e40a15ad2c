"""Spoiling a dimension: what is done to it, and that what is ignored does not matter."""

import pytest
import torch

from resay.evaluation.latents.encoding import encode_corpus, read_latents
from resay.evaluation.latents.kinds import KINDS
from resay.evaluation.latents.likelihood import Likelihood
from resay.evaluation.latents.spoil import SPOILING, spoil

LATENTS = [latent for latent, kind in KINDS.items() if kind.spoiled]


@pytest.mark.parametrize("latent", LATENTS)
def test_a_dimension_that_the_decoder_ignores_does_not_matter_at_all(make_model, corpus, latent):
    model = make_model(latent)
    with torch.no_grad():
        for layer in (model.decoder.latent_to_cell, model.decoder.latent_to_input):
            layer.weight[:, 2] = 0
    for reading in KINDS[latent].spoiled:
        values = read_latents(model, encode_corpus(model, corpus))[reading]
        rows = list(spoil(Likelihood(model, corpus), values, reading))
        assert [row["dimension"] for row in rows] == list(range(values.shape[1]))
        assert (rows[2]["growth"], rows[2]["growth_share"], rows[2]["corpus_growth_share"]) == (0.0, 0.0, 0.0)
        assert all(row["growth"] != 0 for row in rows if row["dimension"] != 2)


@pytest.mark.parametrize(("reading", "expected"), [("bits", [1, 0]), ("probabilities", [0.75, 0.5]), ("mean", [-1, 2])])
def test_what_becomes_of_a_value(reading, expected):
    given = {"bits": [0.0, 1.0], "probabilities": [0.25, 0.5], "mean": [1.0, -2.0]}[reading]
    assert SPOILING[reading](torch.tensor(given)).tolist() == expected


def test_growth_is_that_of_the_latents_spoiled_by_hand(make_model, corpus):
    model = make_model("binary")
    values = read_latents(model, encode_corpus(model, corpus))["bits"]
    before = values.clone()
    likelihood = Likelihood(model, corpus)
    rows = list(spoil(likelihood, values, "bits"))
    assert torch.equal(values, before)
    turned = values.clone()
    turned[:, 1] = 1 - turned[:, 1]
    expected, unspoiled = likelihood.perplexity(turned), likelihood.perplexity(values)
    assert rows[1]["perplexity"] == expected.of_sentences
    assert rows[1]["unspoiled_perplexity"] == unspoiled.of_sentences
    assert rows[1]["growth"] == pytest.approx(expected.of_sentences - unspoiled.of_sentences)
    assert rows[1]["growth_share"] == pytest.approx(expected.of_sentences / unspoiled.of_sentences - 1)
    assert rows[1]["corpus_growth_share"] == pytest.approx(expected.of_corpus / unspoiled.of_corpus - 1)
