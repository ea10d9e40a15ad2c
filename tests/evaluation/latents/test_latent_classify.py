"""Features of labelled texts, and what they are held against."""

import math

import pytest
import torch

from resay.errors import CorpusError
from resay.evaluation.latents import LabelledParts, LabelledTexts
from resay.evaluation.latents.classify import chance, classify_references, classify_run, corpus_of, read_features
from resay.evaluation.latents.kinds import KINDS
from resay.fitting import LoadedRun

TEXTS = LabelledTexts(
    ("the soup was good .", "", "bad", "we liked the bread , the soup and the waiter ."), tuple("abab")
)


@pytest.fixture
def loaded(make_model, tokenizer):
    return lambda latent: LoadedRun(make_model(latent), tokenizer, {}, 6)


def parts(train="aabb", dev="ab"):
    texts = LabelledTexts(tuple(f"soup {'good ' * number}" for number in range(len(train))), tuple(train))
    return LabelledParts(texts, LabelledTexts(tuple(f"bread {number}" for number in range(len(dev))), tuple(dev)))


@pytest.mark.parametrize("latent", [latent for latent, kind in KINDS.items() if kind.features])
def test_each_text_has_its_own_features_whatever_its_length(loaded, latent, tokenizer):
    run = loaded(latent)
    found = read_features(run, TEXTS, KINDS[latent]).by_name
    assert set(found) == {*KINDS[latent].features, "embedding"}
    for place, encoding in enumerate(tokenizer.encode_batch(TEXTS.texts)):
        token_ids = torch.tensor([(encoding.token_ids or [1])[:6]])
        length = torch.tensor([token_ids.shape[1]])
        alone = run.model.readings(token_ids, length)
        for name in KINDS[latent].features:
            assert found[name][place].tolist() == pytest.approx(alone[name][0].tolist(), abs=1e-5)
        embedding = run.model.encode(token_ids, length).embedding[0]
        assert found["embedding"][place].tolist() == pytest.approx(embedding.tolist(), abs=1e-5)


def test_a_text_without_words_keeps_its_place(loaded):
    corpus = corpus_of(TEXTS, loaded("binary"))
    assert corpus.lengths.tolist() == [5, 1, 1, 6]
    assert corpus.report.num_unknown == 1


def test_chance_is_the_entropy_of_the_labels():
    cells = chance(parts("aaab", "aab"))
    assert cells["nll"] == pytest.approx(-(2 * math.log(0.75) + math.log(0.25)) / 3)
    assert cells["accuracy"] == pytest.approx(2 / 3)


def test_rows_of_a_run_and_of_the_references(loaded):
    rows = list(classify_run(loaded("binary"), parts(), KINDS["binary"], num_seeds=2, seed=0))
    assert [row["features"] for row in rows] == ["bits", "probabilities", "logits"]
    assert all(row["nll"] > 0 and 0 <= row["accuracy"] <= 1 and row["nll_deviation"] > 0 for row in rows)
    references = list(classify_references(loaded("binary"), parts(), num_seeds=1, seed=0))
    assert [row["features"] for row in references] == ["chance", "embedding"]
    assert references[1]["nll_deviation"] == 0


def test_labels_that_cannot_be_learnt_are_named():
    with pytest.raises(CorpusError, match="two labels at least; the training part has a"):
        parts("aaa", "a").numbered()
    with pytest.raises(CorpusError, match="that no training text has: c; known are a, b"):
        parts("aab", "ac").numbered()


def test_the_hash_is_of_texts_and_labels():
    assert parts().sha256 == parts().sha256
    assert len({parts().sha256, parts(dev="ba").sha256, parts(train="aabbb").sha256}) == 3
