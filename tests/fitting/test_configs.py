"""The settings files that come with resay."""

from pathlib import Path

import pytest

from resay.fitting import load_settings
from resay.models import BOTTLENECKS, Autoencoder, ModelSettings

FOLDER = Path(__file__).parents[2] / "training" / "configs"
CONFIGS = sorted(path for path in FOLDER.glob("*.toml") if path.stem != "tables")  # many runs


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_every_file_loads_and_describes_a_model(config):
    settings = load_settings(config, {})
    small = settings.model_choices() | {"hidden_size": 4, "encoder_hidden_size": 2}
    assert Autoencoder(ModelSettings(vocab_size=9, word_vector_size=3, **small)).settings.latent == settings.latent


@pytest.mark.parametrize("latent", list(BOTTLENECKS))
@pytest.mark.parametrize("config", ["binary-autoencoder", "latents"])
def test_the_latents_files_leave_the_latent_to_a_flag(config, latent):
    file = next(one for one in CONFIGS if one.stem == config)
    settings = load_settings(file, {"latent": latent, "word_dropout": 0.5})
    assert (settings.latent, settings.word_dropout) == (latent, 0.5)
    assert "latent =" not in file.read_text(encoding="utf-8")
    assert "word_dropout" not in file.read_text(encoding="utf-8")


def test_the_papers_settings_are_the_papers():
    """Baynazarov & Piontkovskaya 2019, section 4.2."""
    file = next(one for one in CONFIGS if one.stem == "binary-autoencoder")
    settings = load_settings(file, {})
    assert (settings.encoder_cell, settings.encoder_direction, settings.hidden_size) == ("gru", "both", 512)
    assert (settings.latent_size, settings.dropout, settings.learning_rate) == (50, 0.2, 1e-3)
    assert settings.batch_limits().tokens == 5000
    assert settings.batch_limits().sentences >= 5000 / 2, "tokens are the limit: a sentence has at least two"
    assert (settings.kl_start, settings.kl_weight) == (0.01, 1.0)
