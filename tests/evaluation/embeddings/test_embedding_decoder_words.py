"""Averages of the decoder's own words."""

import numpy as np
import pytest
import torch

from resay.corpus import Corpus, prepare_corpus
from resay.evaluation.embeddings.decoder_words import WEIGHTS, DecoderWords
from resay.models.average import SMOOTHING, WeightedAverage, smooth_inverse_frequency
from resay.text.stop_words import STOP_WORDS
from resay.vectors import align

TEXTS = ["the soup was cold .", "unheard-of guitar"]


@pytest.fixture
def words(ingredients):
    return align(ingredients.vectors, ingredients.tokenizer.words, seed=0, lemmas=ingredients.lemmas).matrix


def by_model(ingredients, words, weights):
    """What a model's own average gives, sentence by sentence."""
    table = torch.nn.Embedding.from_pretrained(torch.from_numpy(words))
    average = WeightedAverage(weights)
    ids = [torch.tensor([ingredients.tokenizer.encode(text).token_ids]) for text in TEXTS]
    return torch.cat([average(table, one, torch.tensor([one.shape[1]])) for one in ids]).numpy()


@pytest.mark.parametrize("name", WEIGHTS)
def test_it_is_the_average_of_models_without_a_lexicon(ingredients, words, name):
    expected = by_model(ingredients, words, WEIGHTS[name](ingredients))
    np.testing.assert_allclose(DecoderWords(name)(ingredients)(TEXTS), expected, rtol=1e-5, atol=1e-6)


def test_weights(ingredients, text, tmp_path):
    tokenizer = ingredients.tokenizer
    place = {word: number for number, word in enumerate(tokenizer.words)}
    none = WEIGHTS["no stop words"](ingredients)
    assert {word for word in tokenizer.words if none[place[word]] == 0} == STOP_WORDS & set(tokenizer.words)
    prepare_corpus([text], tokenizer, tmp_path / "corpus", 100)
    counts = Corpus.open(tmp_path / "corpus").word_counts(tokenizer.vocab_size)
    expected = smooth_inverse_frequency(torch.from_numpy(counts).float())
    assert torch.equal(WEIGHTS["corpus"](ingredients), expected)
    share = ingredients.background["the"] / sum(ingredients.background.values())
    assert float(WEIGHTS["language"](ingredients)[place["the"]]) == pytest.approx(SMOOTHING / (SMOOTHING + share))
