"""Paraphrases of a tiny exported model that has learnt nothing."""

import orjson
import pytest

from resay.evaluation.probes import ProbeMaterial, paraphrase_with
from resay.evaluation.probes.polarity import probe_polarity
from resay.text import Tokenizer

SENTENCES = ["the food was good .", "the food was not bad .", "we found the bread stale .", "nobody called it great ."]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    import torch

    from resay.engine import ParaphraseService
    from resay.graphs.decoder_step_graph import build_decoder_step
    from resay.graphs.encoder_graph import build_encoder
    from resay.graphs.folder import write_folder
    from resay.models import Autoencoder, ModelSettings

    torch.manual_seed(0)
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    settings = ModelSettings(vocab_size=tokenizer.vocab_size, word_vector_size=8, hidden_size=6)
    model = Autoencoder(settings, torch.randn(settings.vocab_size, 8), torch.ones(settings.vocab_size)).eval()
    dimensions = {"vocab_size": settings.vocab_size, "word_vector_size": 8, "hidden_size": 6, "latent_size": 6}
    card = {
        "format": 1,
        "name": "tiny",
        "dimensions": dimensions | {"embedding_size": 8},
        "limits": {"max_length": 20},
        "loss": "ce",
    }
    folder = tmp_path_factory.mktemp("models") / "tiny"
    files = {
        "encoder.onnx": build_encoder(model),
        "decoder_step.onnx": build_decoder_step(model),
        "tokenizer.json": tokenizer.to_bytes(),
        "model.json": orjson.dumps(card),
    }
    write_folder(folder, files)
    return ParaphraseService.open(folder)


def test_each_text_has_candidates_of_its_own(service):
    found = paraphrase_with(service, num_candidates=3)(SENTENCES)
    assert [1 <= len(one) <= 3 for one in found] == [True] * len(SENTENCES)
    assert all(text not in candidates for text, candidates in zip(SENTENCES, found, strict=True))


def test_refused_texts_have_none(service):
    assert paraphrase_with(service)(["", "words that it has never seen"]) == [[], []]


def test_the_same_again_and_another_seed(service):
    found = [list(paraphrase_with(service, seed=seed)(SENTENCES)) for seed in (0, 0, 1)]
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_polarity_asks_for_them(service, hashes):
    measured = probe_polarity(hashes, ProbeMaterial(paraphrase=paraphrase_with(service, num_candidates=1)))
    assert 0 <= measured["paraphrase_unjudged"] <= 100
    assert 0 <= measured["paraphrase_without"] < 100
