"""The dial, measured when a run is exported."""

import numpy as np
import pytest

from resay.corpus import Corpus
from resay.engine import ModelFolder
from resay.engine.card import parse_card
from resay.engine.strategies import STRATEGIES
from resay.errors import ExportError
from resay.fitting import LoadedRun
from resay.graphs.dial import dev_sentences, dial_measurer
from resay.graphs.export import CORPORA, export_run, exported_files
from resay.text import UNK_ID, Tokenizer

SENTENCES = ["The cat sits on the mat.", "Two dogs run.", "I like this book.", "Thank you.", "yes", "no", "hello"]


def test_dev_sentences_are_spread_over_the_corpus(trained_run):
    tokenizer = Tokenizer.from_file(trained_run / "tokenizer.json")
    corpus = Corpus.open(trained_run / CORPORA / "dev")
    token_ids, lengths = corpus.padded(np.arange(len(corpus)))
    every = [row[:length].tolist() for row, length in zip(token_ids, lengths, strict=True)]
    expected = [every[place] for place in (0, len(corpus) - 1) if UNK_ID not in every[place]]
    found = dev_sentences(trained_run / CORPORA, tokenizer.words, 2)
    assert [tokenizer.encode(text).token_ids for text in found] == expected
    assert len(dev_sentences(trained_run / CORPORA, tokenizer.words, 7)) <= 7


def test_an_export_keeps_what_was_measured(trained_run, tmp_path):
    export_run(trained_run, tmp_path / "model", addition=dial_measurer(trained_run / CORPORA, 3))
    calibration = ModelFolder.open(tmp_path / "model").card.calibration
    assert calibration is not None
    assert calibration.num_sentences <= 3
    assert set(calibration.strategies) <= set(STRATEGIES)
    assert calibration.strategies


def test_a_plain_language_model_has_no_dial(tiny_model, tmp_path):
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    model = tiny_model(vocab_size=tokenizer.vocab_size, latent="lm")
    loaded = LoadedRun(model, tokenizer, {}, 12)
    files, _ = exported_files("lm", loaded, addition=dial_measurer(tmp_path, 3))
    assert parse_card(files["model.json"]).calibration is None


def test_a_missing_corpus_is_named(tmp_path):
    with pytest.raises(ExportError, match="--calibration-sentences 0"):
        dev_sentences(tmp_path, ("a",), 3)
