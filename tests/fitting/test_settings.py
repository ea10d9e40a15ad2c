"""Settings from TOML and flags."""

import pytest

from resay.errors import SettingsError
from resay.fitting import TrainSettings, load_settings


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
    ],
)
def test_a_wrong_setting_is_named(tmp_path, text, message):
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path / "a.toml", {})


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere.toml: cannot be read"):
        load_settings(tmp_path / "nowhere.toml", {})
