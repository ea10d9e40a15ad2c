"""What a model's settings decide, and what they refuse."""

import pytest

from resay.errors import SettingsError
from resay.models import Autoencoder, ModelSettings


def settings(**changed):
    return ModelSettings(**{"vocab_size": 9, "word_vector_size": 3, "hidden_size": 8, "latent_size": 5} | changed)


@pytest.mark.parametrize(
    ("changed", "feature_size", "latent_size"),
    [
        ({}, 8, 8),
        ({"encoder_direction": "both"}, 16, 16),
        ({"encoder_hidden_size": 6}, 6, 6),
        ({"encoder_hidden_size": 6, "encoder_direction": "both", "encoder_layers": 2}, 12, 12),
        ({"encoder_direction": "both", "latent": "binary"}, 16, 5),
        ({"latent": "lm"}, 8, 1),
    ],
)
def test_sizes_follow_from_the_choices(changed, feature_size, latent_size):
    model = Autoencoder(settings(**changed))
    assert model.encoder.feature_size == feature_size
    assert model.bottleneck.latent_size == latent_size
    assert len(model.encoder.readers) == changed.get("encoder_layers", 1)
    assert model.decoder.lstm.hidden_size == 8, "the decoder keeps its own size"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"encoder_layers": 0}, "encoder_layers must be 1 or more; got 0"),
        ({"latent_size": 0}, "latent_size must be 1 or more; got 0"),
        ({"encoder_hidden_size": -1}, "encoder_hidden_size must be 0 or more; got -1"),
        ({"dropout": 1.0}, "dropout must be 0 or more and less than 1; got 1.0"),
        ({"dropout": -0.1}, "dropout must be 0 or more and less than 1; got -0.1"),
        ({"encoder_cell": "gur"}, r"encoder_cell must be one of: lstm, gru; got 'gur' \(did you mean 'gru'\?\)"),
        (
            {"encoder_direction": "boht"},
            r"encoder_direction must be one of: forward, reverse, both; got 'boht' \(did you mean 'both'\?\)",
        ),
        ({"latent": "binary-va"}, r"latent must be one of: none, .*, lm; got 'binary-va' \(did you mean 'binary-vae'"),
    ],
)
def test_a_wrong_choice_is_named(changed, message):
    with pytest.raises(SettingsError, match=message):
        settings(**changed)
