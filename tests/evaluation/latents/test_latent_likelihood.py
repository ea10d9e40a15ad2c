"""Likelihoods against loops that score one sentence, or one word, at a time."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from resay.corpus import BatchSize
from resay.evaluation.latents import encoding, likelihood
from resay.evaluation.latents.likelihood import Likelihood, perplexity_of
from resay.fitting.objective import ReconstructionObjective
from resay.fitting.validation import validate
from resay.losses import CrossEntropyLoss
from resay.text import BOS_ID, EOS_ID


def sentences_of(corpus):
    token_ids, lengths = corpus.padded(np.arange(len(corpus)))
    return [row[:length].tolist() for row, length in zip(token_ids, lengths, strict=True)]


def test_known_probabilities_come_out(make_model, corpus, tokenizer):
    """A decoder that looks at nothing says each word with the probability that its bias gives."""
    model = make_model("bottleneck")
    weights = np.arange(1, tokenizer.vocab_size + 1, dtype=np.float64)
    with torch.no_grad():
        for value in model.decoder.parameters():
            value.zero_()
        model.decoder.output.bias.copy_(torch.from_numpy(np.log(weights)))
    probability = weights / weights.sum()
    nats = [-sum(math.log(probability[word]) for word in [*words, EOS_ID]) for words in sentences_of(corpus)]
    tokens = [len(words) + 1 for words in sentences_of(corpus)]
    scored = Likelihood(model, corpus)
    assert scored.nats(torch.zeros(len(corpus), 4)).tolist() == pytest.approx(nats, rel=1e-5)
    found = scored.perplexity(torch.zeros(len(corpus), 4))
    of_sentences = [math.exp(one / count) for one, count in zip(nats, tokens, strict=True)]
    assert found.of_sentences == pytest.approx(sum(of_sentences) / len(nats), rel=1e-5)
    assert found.of_corpus == pytest.approx(math.exp(sum(nats) / sum(tokens)), rel=1e-5)
    assert found.nll == pytest.approx(sum(nats) / len(nats), rel=1e-5)
    assert found.of_sentences != pytest.approx(found.of_corpus, rel=1e-3)  # or the two could be mixed up


@pytest.mark.parametrize(("sentences", "tokens", "chunk"), [(256, 8192, 256), (3, 0, 2), (1, 0, 1), (4, 20, 7)])
def test_each_sentence_gets_its_own_latent(make_model, corpus, monkeypatch, sentences, tokens, chunk):
    monkeypatch.setattr(encoding, "BATCH_SIZE", BatchSize(sentences, tokens))
    monkeypatch.setattr(likelihood, "TOKENS_A_CHUNK", chunk)
    model = make_model("bottleneck")
    latents = torch.randn(len(corpus), 4, generator=torch.Generator().manual_seed(1))
    nats = Likelihood(model, corpus).nats(latents)
    for place, words in enumerate(sentences_of(corpus)):
        with torch.no_grad():
            inputs = model.word_vectors(torch.tensor([[BOS_ID, *words]]))
            logits = model.decoder.output(model.decoder(inputs, latents[place : place + 1]))[0]
        expected = float(F.cross_entropy(logits, torch.tensor([*words, EOS_ID]), reduction="sum"))
        assert float(nats[place]) == pytest.approx(expected, rel=1e-5)


def test_some_sentences_in_another_order(make_model, corpus):
    model = make_model("bottleneck")
    latents = torch.randn(len(corpus), 4, generator=torch.Generator().manual_seed(1))
    chosen = np.array([5, 2, 7])
    some = Likelihood(model, corpus, chosen)
    assert some.num_tokens.tolist() == (corpus.lengths[chosen] + 1).tolist()
    everything = Likelihood(model, corpus).nats(latents)
    assert some.nats(latents[chosen]).tolist() == pytest.approx(everything[chosen].tolist(), rel=1e-6)


def test_corpus_perplexity_is_what_validation_says(make_model, corpus):
    model = make_model("bottleneck")
    objective = ReconstructionObjective(model, CrossEntropyLoss()).eval()
    metrics = validate(objective, corpus, 1, torch.device("cpu"))
    latents = model.encode(*map(torch.from_numpy, corpus.padded(np.arange(len(corpus))))).latent.detach()
    found = Likelihood(model, corpus).perplexity(latents)
    assert math.log(found.of_corpus) == pytest.approx(metrics.nats_per_token, rel=1e-5)


def test_very_improbable_sentences_have_large_perplexities():
    found = perplexity_of(torch.tensor([1000.0, 0.0]), torch.tensor([10, 10]))
    assert found.of_sentences == pytest.approx((math.exp(100) + 1) / 2)
    assert found.of_corpus == pytest.approx(math.exp(50))
