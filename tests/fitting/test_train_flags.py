"""The flags of training/train.py: each is a setting, taken as that setting takes it."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from resay.fitting.settings import CHOICES, KINDS, load_settings

SCRIPT = Path(__file__).parents[2] / "training" / "train.py"
SPACE = {
    "latent": "binary-vae",
    "latent_size": 12,
    "encoder_cell": "gru",
    "encoder_layers": 2,
    "encoder_direction": "both",
    "dropout": 0.2,
    "word_dropout": 0.5,
}


@pytest.fixture(scope="module")
def script():
    spec = spec_from_file_location("train_script", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def arguments(script, monkeypatch):
    def parsed(*flags):
        monkeypatch.setattr(sys, "argv", ["train.py", "--train", "a.txt", "--out", "run", *flags])
        return script.parse_arguments()

    return parsed


def test_every_flag_is_a_setting_of_its_kind(script):
    assert {name: KINDS[name] for name in script.OVERRIDES} == dict(script.OVERRIDES)
    assert {KINDS[name] for name in script.LISTS} == {list}


def test_flags_of_the_latent_space_become_settings(script, arguments):
    flags = [part for name, value in SPACE.items() for part in ("--" + name.replace("_", "-"), str(value))]
    given = vars(arguments(*flags))
    overrides = {name: given[name] for name in (*script.OVERRIDES, *script.LISTS) if name in given}
    assert overrides == SPACE
    settings = load_settings(None, overrides)
    assert {name: getattr(settings, name) for name in SPACE} == SPACE


def test_a_flag_that_is_not_given_leaves_the_file_alone(script, arguments):
    assert not set(vars(arguments())) & {*script.OVERRIDES, *script.LISTS}


@pytest.mark.parametrize("flag", ["latent", "encoder_cell", "encoder_direction"])
def test_a_name_that_is_not_in_the_table_is_refused_with_those_that_are(arguments, capsys, flag):
    with pytest.raises(SystemExit):
        arguments("--" + flag.replace("_", "-"), "nonsense")
    message = capsys.readouterr().err
    assert "'nonsense'" in message
    assert all(name in message for name in CHOICES[flag])
