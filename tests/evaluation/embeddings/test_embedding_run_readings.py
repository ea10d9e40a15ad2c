"""A trained encoder's readings, alone and joined to the default."""

import numpy as np
import pytest

from resay.evaluation.embeddings import Ingredients, VariantSystem
from resay.evaluation.similarity.cosines import unit_rows
from resay.evaluation.systems import open_system
from resay.fitting import TrainSettings
from resay.fitting.preparation import TrainingFiles
from resay.fitting.train import train_run

TEXTS = ["the soup was good .", "our room seemed cold"]


@pytest.fixture
def run(tmp_path, text, vectors):
    settings = TrainSettings(hidden_size=4, epochs=1, device="cpu", lexicon_size=0)
    train_run(tmp_path / "run", TrainingFiles(train=[text], dev=[text], vectors=vectors), settings)
    return tmp_path / "run"


def test_readings_of_a_run(run, vectors, text, lemmas):
    ingredients = Ingredients(vectors, [text], lemmas=lemmas, run=run)
    latent = open_system(run, reading="latent").embed(TEXTS)
    np.testing.assert_array_equal(VariantSystem("encoder-latent", ingredients).embed(TEXTS), latent)
    joined = VariantSystem("latent-0.3", ingredients).embed(TEXTS)
    default = VariantSystem("default", ingredients).embed(TEXTS)
    np.testing.assert_allclose(joined[:, : default.shape[1]], unit_rows(default), atol=1e-6)
    np.testing.assert_allclose(joined[:, default.shape[1] :], 0.3 * unit_rows(latent), atol=1e-6)
    mean, maximum = (VariantSystem(f"encoder-{name}", ingredients).embed(TEXTS) for name in ("mean", "max"))
    assert (mean < maximum).all()
    hashes = {VariantSystem(name, ingredients).sha256 for name in ("encoder-latent", "encoder-mean", "default")}
    assert len(hashes) == 3
    assert VariantSystem("default", Ingredients(vectors, [text], lemmas=lemmas)).sha256 in hashes
