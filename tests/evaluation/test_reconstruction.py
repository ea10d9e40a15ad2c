"""The reconstruction report says what the model does."""

import pytest
import torch

from resay.evaluation import evaluate_reconstruction
from resay.fitting import LoadedRun
from resay.models import Autoencoder, ModelSettings
from resay.text import EOS_ID, Tokenizer


def one_word_model(tokenizer, word):
    """A model that says one word and then the end mark, whatever it was told."""
    settings = ModelSettings(vocab_size=tokenizer.vocab_size, word_vector_size=2, hidden_size=2)
    vectors = torch.zeros(tokenizer.vocab_size, 2)
    vectors[tokenizer.words.index(word)] = 1.0
    model = Autoencoder(settings, vectors).eval()
    with torch.no_grad():
        for value in model.decoder.parameters():
            value.zero_()
        model.decoder.lstm.weight_ih_l0.fill_(9.0)
        model.decoder.output.bias[tokenizer.words.index(word)] = 1.0
        model.decoder.output.weight[EOS_ID] = 9.0
    return model


def test_a_model_that_always_says_one_word(tmp_path):
    lines = ["soup", "soup", "good soup", "waiter"]
    tokenizer = Tokenizer.build(lines, min_count=1)
    loaded = LoadedRun(one_word_model(tokenizer, "soup"), tokenizer, {}, 10)
    (tmp_path / "dev.txt").write_text("\n".join(lines))
    report = evaluate_reconstruction(loaded, [tmp_path / "dev.txt"], ["good waiter"], num_reconstructions=10)
    assert report.pairs == [("good waiter", "soup")]
    assert report.metrics.exact_reconstruction == 0.5
    assert report.metrics.loss == pytest.approx(report.metrics.nats_per_token)
