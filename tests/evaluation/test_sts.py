"""Sentence similarity: what is read, and what is correlated."""

import numpy as np
import pytest
import torch

from resay.errors import CorpusError
from resay.evaluation import evaluate_sts, read_sts
from resay.evaluation.sts import SimilarityPair
from resay.fitting import LoadedRun
from resay.models import Autoencoder, ModelSettings
from resay.text import Tokenizer


def test_columns(tmp_path):
    line = 'main-news\tMSRpar\t2012test\t0001\t2.500\ta "girl" is here .\ta boy is there .\n'
    (tmp_path / "sts.csv").write_text(line)
    assert read_sts(tmp_path / "sts.csv") == [SimilarityPair('a "girl" is here .', "a boy is there .", 2.5)]
    (tmp_path / "sts.csv").write_text(line + "a\tb\n")
    with pytest.raises(CorpusError, match=r"sts.csv, line 2: expected four columns .* a score"):
        read_sts(tmp_path / "sts.csv")
    with pytest.raises(CorpusError, match=r"cannot be read .No such file"):
        read_sts(tmp_path / "nowhere.csv")


def test_embeddings_that_agree_with_people_correlate():
    tokenizer = Tokenizer.build(["soup broth car waiter"], min_count=1)
    torch.manual_seed(0)
    vectors = torch.randn(tokenizer.vocab_size, 4)
    index = {word: row for row, word in enumerate(tokenizer.words)}
    vectors[index["broth"]] = vectors[index["soup"]] + 0.01
    model = Autoencoder(ModelSettings(vocab_size=len(index), word_vector_size=4, hidden_size=3), vectors)
    loaded = LoadedRun(model.eval(), tokenizer, {}, 10)
    unit = torch.nn.functional.normalize(vectors, dim=1)
    pairs = [
        SimilarityPair(first, second, float(unit[index[first]] @ unit[index[second]]))
        for first, second in [("soup", "broth"), ("soup", "car"), ("waiter", "car")]
    ]
    assert evaluate_sts(loaded, pairs)["embedding"] == pytest.approx(1.0)
    assert not np.isclose(evaluate_sts(loaded, pairs)["latent"], 1.0)
