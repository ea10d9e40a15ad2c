"""Settings from TOML and flags."""

from dataclasses import fields

import pytest

from resay.corpus import BatchSize
from resay.errors import SettingsError
from resay.fitting import TrainSettings, load_settings
from resay.losses import LOSSES
from resay.models import ModelSettings


def test_flags_override_the_file_and_the_file_the_defaults(tmp_path):
    (tmp_path / "a.toml").write_text('loss = "ce"\nepochs = 3\nlearning_rate = 1\n')
    settings = load_settings(tmp_path / "a.toml", {"epochs": 5})
    assert (settings.loss, settings.epochs, settings.learning_rate) == ("ce", 5, 1.0)
    assert settings.batch_size == TrainSettings().batch_size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch = 3", r"did you mean 'epochs'\?"),
        ("epochs = 2.5", "setting epochs must be int; got 2.5"),
        ('loss = "soft_label"', r"loss must be one of: .*; got 'soft_label' \(did you mean 'soft-label'\?\)"),
        ("batch_size = 0", "batch_size must be greater than 0; got 0"),
        ("epochs = ", "cannot be read as TOML"),
        ("unknown_rate = 1", "unknown_rate must be 0 or more and less than 1; got 1.0"),
        ("normalize = 1", "setting normalize must be bool; got 1"),
        ('exclude_neighbours = "antonyms"', "setting exclude_neighbours must be list; got 'antonyms'"),
        ("exclude_neighbours = [1]", r"exclude_neighbours must be a list of names; got \[1\]"),
        (
            'exclude_neighbours = ["antonym"]',
            r"exclude_neighbours must be one of: antonyms, inflections; got 'antonym' \(did you mean 'antonyms'\?\)",
        ),
        ('latent = "binary-va"', r"latent must be one of: none, .*, lm; got 'binary-va' \(did you mean 'binary-vae'"),
        ('encoder_cell = "rnn"', "encoder_cell must be one of: lstm, gru; got 'rnn'"),
        ('encoder_direction = "bidirectional"', "encoder_direction must be one of: forward, reverse, both; got"),
        ("encoder_layers = 0", "encoder_layers must be greater than 0; got 0"),
        ("encoder_hidden_size = -1", "encoder_hidden_size must be 0 or more; got -1"),
        ("batch_tokens = -5", "batch_tokens must be 0 or more; got -5"),
        ("batch_tokens = 5e3", "setting batch_tokens must be int; got 5000.0"),
        ("dropout = 1", "dropout must be 0 or more and less than 1; got 1.0"),
        ("word_dropout = -0.5", "word_dropout must be 0 or more and less than 1; got -0.5"),
        ("kl_weight = -1", "kl_weight must be 0 or more; got -1.0"),
        ("word_vector_norm = -6", "word_vector_norm must be 0 or more; got -6.0"),
        ("kl_start = -0.01", "kl_start must be 0 or more; got -0.01"),
        ("kl_annealing = 0", "kl_annealing must be greater than 0; got 0.0"),
        ("kl_anealing = 0.1", r"setting must be one of: .*; got 'kl_anealing' \(did you mean 'kl_annealing'\?\)"),
        (
            'loss = "weighted-ce"\nexclude_neighbours = ["antonyms"]',
            "only the loss soft-label has; got antonyms with the loss weighted-ce: leave it out",
        ),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, message):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path / "a.toml", {})


@pytest.mark.parametrize("loss", list(LOSSES))
def test_exclusions_are_those_of_the_loss_with_a_table(loss, monkeypatch):
    monkeypatch.setattr("resay.fitting.settings.DEFAULT_EXCLUSIONS", ("inflections",))
    by_default = load_settings(None, {"loss": loss})
    assert by_default.exclusions() == (("inflections",) if loss == "soft-label" else ())
    assert load_settings(None, {"loss": loss, "exclude_neighbours": []}).exclusions() == ()


def test_exclusions_are_recorded_in_one_order(tmp_path):
    (tmp_path / "a.toml").write_text('exclude_neighbours = ["inflections", "antonyms", "antonyms"]')
    settings = load_settings(tmp_path / "a.toml", {})
    assert settings.exclusions() == ("antonyms", "inflections")
    assert settings.as_dict()["exclude_neighbours"] == ["antonyms", "inflections"]
    assert TrainSettings().as_dict()["exclude_neighbours"] is None


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere.toml: cannot be read"):
        load_settings(tmp_path / "nowhere.toml", {})


def test_the_model_gets_every_choice_that_it_has():
    choices = load_settings(
        None, {"latent": "vae", "encoder_cell": "gru", "encoder_layers": 2, "encoder_hidden_size": 7, "dropout": 0.2}
    ).model_choices()
    model = ModelSettings(vocab_size=9, word_vector_size=3, **choices)
    assert (model.latent, model.encoder_cell, model.encoder_layers) == ("vae", "gru", 2)
    assert (model.encoder_hidden_size, model.dropout) == (7, 0.2)
    assert {field.name for field in fields(ModelSettings)} - set(choices) == {"vocab_size", "word_vector_size"}


def test_batch_limits_are_those_of_the_settings():
    assert load_settings(None, {"batch_size": 7, "batch_tokens": 90}).batch_limits() == BatchSize(7, 90)
    assert load_settings(None, {}).batch_limits() == BatchSize(TrainSettings().batch_size, 0)


def test_defaults_are_those_of_the_model():
    """A run that says nothing of latents and encoders is the one that it was before there was a choice."""
    choices = TrainSettings().model_choices()
    default = ModelSettings(vocab_size=9, word_vector_size=3)
    assert {name: getattr(default, name) for name in choices} == choices


@pytest.mark.parametrize("wrong", [{"kl_annealing": 1.5}, {"kl_weight": float("nan")}, {"kl_weight": float("inf")}])
def test_weights_of_the_penalty_that_make_no_sense(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        TrainSettings(**wrong)
