"""Which runs a table is made of, and what of a wrong file is named."""

from pathlib import Path

import pytest

from resay.errors import SettingsError
from resay.evaluation.tables.pooling import POOLINGS
from resay.evaluation.tables.table_file import READINGS, read_table_file

OWN = Path(__file__).parents[3] / "training" / "configs" / "tables.toml"


def names(runs):
    return [run.name for run in runs]


def test_runs_are_those_of_the_groups_seed_by_seed(table):
    assert names(table.runs(["table1"], [0, 1])) == [
        *("ce-seed0", "soft-label-2-seed0", "soft-label-3-seed0", "weighted-ce-seed0"),
        *("ce-seed1", "soft-label-2-seed1", "soft-label-3-seed1", "weighted-ce-seed1"),
    ]


def test_a_group_may_have_seeds_of_its_own(table):
    assert {run.settings.seed for run in table.runs(["figure2"], [0, 1, 2])} == {0}
    together = table.runs(["table1", "figure2"], [1, 2])
    assert names(together)[:2] == ["ce-seed0", "soft-label-2-seed0"]
    assert "soft-label-2-raw-seed1" not in names(together)


def test_a_run_of_several_groups_is_one_run_with_all_their_readings(table):
    runs = {run.name: run for run in table.runs(["table1", "open"], [0])}
    assert runs["ce-seed0"].readings == ("latent", "embedding", "mean")
    assert runs["weighted-ce-seed0"].readings == READINGS
    assert names(table.runs(["open"], [0])) == ["ce-seed0", "no-lemmas-seed0"]


def test_settings_are_the_base_and_the_rows_own(table):
    runs = {run.row: run for run in table.runs(["figure2", "lemmas"], [0])}
    assert runs["soft-label-3-raw"].settings.num_neighbours == 3
    assert runs["soft-label-3-raw"].settings.normalize is False
    assert runs["soft-label-3"].settings.normalize is None
    assert runs["soft-label-3"].settings.hidden_size == 8
    assert runs["no-lemmas"].with_lemmas is False
    assert runs["no-lemmas"].with_vectors is True


def test_rows_say_which_files_they_get(table, given):
    run = table.runs(["table1"], [0])[0]
    assert run.files(given) == given
    without = [type(run)(run.row, run.settings, (), *switches) for switches in ((False, True), (True, False))]
    assert [(one.files(given).vectors, one.files(given).lemmas) for one in without] == [
        (None, None),
        (given.vectors, None),
    ]


WRONG = {
    "group table1: row must be one of: .* got 'cee'.*did you mean 'ce'": (
        'rows = ["ce", "soft',
        'rows = ["cee", "soft',
    ),
    "group open: group must be one of: .* got 'lemma'": ('groups = ["lemmas"', 'groups = ["lemma"'),
    "group lemmas: entry must be one of: .* got 'questions'": ('question = "With', 'questions = "With'),
    "entry must be one of: base, rows, groups; got 'bases'": ("[base]", "[bases]"),
    "row no-lemmas: lemmas must be true or false; got 'no'": ("lemmas = false", 'lemmas = "no"'),
    "cannot be read as TOML": ("[base]", "[base"),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_with_a_file_is_named(table_file, message):
    table_file.write_text(table_file.read_text().replace(*WRONG[message]))
    with pytest.raises(SettingsError, match=message):
        read_table_file(table_file)


def test_a_setting_that_is_none_is_named_with_its_row(table_file):
    table_file.write_text(table_file.read_text().replace('{ loss = "ce", lem', '{ loss = "ce", hidden = 2, lem'))
    table = read_table_file(table_file)
    assert len(table.runs(["table1"], [0])) == 4
    with pytest.raises(SettingsError, match=r"table.toml, row no-lemmas: setting must be one of: .*'hidden'"):
        table.runs(["lemmas"], [0])


def test_an_unknown_group_is_named(table):
    with pytest.raises(SettingsError, match=r"group must be one of: table1, figure2, .*open; got 'table'"):
        table.runs(["table"])


def test_the_projects_own_table_is_the_papers():
    table = read_table_file(OWN)
    assert table.groups["table1"].rows == (
        *("ce", "soft-label-3", "soft-label-5", "soft-label-5-raw", "soft-label-10"),
        *("weighted-sim", "weighted-ce"),
    )
    assert len(table.runs(["table1"])) == 21
    assert names(table.runs(["figure2"])) == [f"{row}-seed0" for row in table.groups["figure2"].rows]
    wanted = {(number, kind) for number in (2, 3, 5, 7, 10, 15, 20) for kind in (None, False)}
    figure = [run.settings for run in table.runs(["figure2"]) if run.row != "ce"]
    assert {(settings.num_neighbours, settings.normalize) for settings in figure} == wanted
    everything = table.runs([*table.groups, *table.unions])
    assert {run.settings.encoder_direction for run in everything if "both" not in run.row} == {"forward", "reverse"}
    assert {run.settings.exclude_neighbours for run in everything if run.settings.loss == "soft-label"} == {()}
    assert {run.settings.exclude_neighbours for run in everything if run.settings.loss != "soft-label"} == {None}
    assert {reading for run in everything for reading in run.readings} == {*READINGS, *POOLINGS}
    assert {run.row for run in everything} == set(table.rows)
    settings = {run.row: run.settings for run in everything}
    assert settings["weighted-sim"].learning_rate == 3e-4
    assert settings["weighted-sim-ce"].ce_mix == 0.1
    both = settings["soft-label-5-both"]
    assert 2 * both.encoder_hidden_size == both.hidden_size == 256
