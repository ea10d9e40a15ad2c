"""Settings from TOML and flags."""

import pytest

from resay.errors import SettingsError
from resay.fitting import TrainSettings, load_settings
from resay.losses import LOSSES


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
