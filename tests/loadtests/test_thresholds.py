"""Thresholds: read, held, violated by name."""

import math

import pytest
from knee.options import read_limits
from knee.thresholds import FIGURES, parse_threshold, read_thresholds, violations
from traffic.kinds import KINDS, USERS

from resay.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("p99_ms<30", 29.9, True),
        ("p99_ms<30", 30.0, False),
        (" p99_ms <= 30 ", 30.0, True),
        ("p99_ms<1e9", math.inf, False),
        ("p99_ms<30", math.nan, False),
        ("failures==0", 0, True),
        ("failures==0", 1, False),
        ("achieved_per_s>=1.5e2", 150.0, True),
        ("in_time_share>0.99", 0.99, False),
    ],
)
def test_conditions(text, value, holds):
    threshold = parse_threshold(text)
    assert threshold.holds({threshold.column: value}) is holds


def test_an_unknown_figure_does_not_hold():
    assert not parse_threshold("worker_cpu_ms<1").holds({})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p99_ms", "must look like"),
        ("p99_ms!=3", "must look like"),
        ("p98_ms<3", "did you mean 'p9"),
        ("model<3", "must be one of"),
        ("p99_ms<3.4.5", "no number"),
    ],
)
def test_other_forms_are_refused(text, words):
    with pytest.raises(SettingsError, match=words):
        parse_threshold(text)


def test_violations_are_named():
    thresholds = [parse_threshold("p99_ms<30"), parse_threshold("failures==0")]
    lines = violations("bulk", thresholds, {"p99_ms": 31.5, "failures": 0})
    assert lines == ["bulk: p99_ms < 30 is violated: p99_ms = 31.5"]
    assert violations("bulk", thresholds, {"p99_ms": 2.0, "failures": 0}) == []
    assert len(violations("bulk", thresholds, None)) == 2


def test_the_shipped_file_can_be_read_and_knows_every_class(loadtests):
    found = read_thresholds(loadtests / "thresholds.toml")
    assert set(found) == set(USERS)
    for name, kind in KINDS.items():
        assert f"p99_ms <= {kind.limit_ms:g}" in map(str, found[name])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bulky = []", "did you mean 'bulk'"),
        ('bulk = "p99_ms<3"', "must be a list"),
        ("bulk = [3]", "must be a list"),
        ("bulk = [", "cannot be read"),
    ],
)
def test_files_that_say_something_else_are_refused(tmp_path, text, words):
    path = tmp_path / "thresholds.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_thresholds(path)


def test_limits_of_the_command_line():
    assert read_limits([])["interactive"] == KINDS["interactive"].limit_ms
    assert set(read_limits(["12.5"]).values()) == {12.5}
    assert read_limits(["bulk=70"]) == {name: kind.limit_ms for name, kind in KINDS.items()} | {"bulk": 70}
    with pytest.raises(SettingsError, match="did you mean 'bulk'"):
        read_limits(["bulc=70"])
    with pytest.raises(SettingsError, match="must look like"):
        read_limits(["bulk=fast"])


def test_text_columns_are_no_figures():
    assert {"p99_ms", "worker_cpu_ms", "sustained"} <= set(FIGURES)
    assert not {"model", "time", "failure"} & set(FIGURES)
