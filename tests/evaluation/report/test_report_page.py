"""The page: whole, escaped, valid, and needing no other file."""

import re
from html.parser import HTMLParser

import pytest

from resay.evaluation.report.about import About
from resay.evaluation.report.examples import Example, Examples
from resay.evaluation.report.page import build_page, describe_measurement, divide

VOID = {"meta", "col", "br", "hr", "img", "input", "link"}
HISTORY = [{"epoch": str(epoch), "train_loss": str(5 / epoch), "dev_loss": str(4 / epoch)} for epoch in (1, 2, 3)]
EVIL = "<script>alert(\"x\")</script> & 'co'"


class Checked(HTMLParser):
    """Reads a page strictly: tags are closed in order, ids are unique, what is referred to is there."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.targets, self.texts, self.tags = [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        assert set(self.targets) <= set(self.ids)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        for name, value in attributes:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "xlink:href", "src"):
                assert value.startswith("#"), value
                self.targets.append(value[1:])
            self.targets += re.findall(r"url\(#([^)]*)\)", value or "")
            assert not name.startswith("on"), name
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.remove(tag) if tag in self.open else None

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def about():
    return About("soft-seed1", "soft-label", "5", "1", [("Loss", "soft-label"), ("Command", EVIL)], HISTORY)


@pytest.fixture
def examples():
    return Examples("Paraphrases", EVIL, [Example(EVIL, [(EVIL, "0.93"), ("a b", "")]), Example("none", [])])


@pytest.mark.parametrize("with_results", [True, False])
def test_page_is_valid_and_self_contained(about, examples, table, results, with_results):
    pytest.importorskip("matplotlib")
    rows = [*table, results("soft-seed1", "polarity", "nearer <b>", 3.25, note=EVIL)] if with_results else []
    page = build_page(about, rows, examples)
    assert page.startswith("<!DOCTYPE html>\n<html lang=")
    checked = Checked(page)
    assert "script" not in checked.tags
    assert checked.tags.count("h1") == checked.tags.count("title") == checked.tags.count("main") == 1
    assert checked.tags.count("svg") == (3 if with_results else 1)
    assert EVIL in "".join(checked.texts)
    assert not re.search(r"https?://(?!www\.w3\.org/)|@import|#0[1-7]0[1-7]0[1-7]", page)


def test_page_is_the_same_twice(about, table):
    pytest.importorskip("matplotlib")
    assert build_page(about, table) == build_page(about, table)


def text_of(page):
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>|<style>.*?</style>", " ", page, flags=re.S))
    )


def test_page_tells_what_was_measured(about, table):
    pytest.importorskip("matplotlib")
    page = build_page(about, table)
    text = text_of(page)
    assert "training run; loss: soft-label, N = 5" in text
    assert "soft, seeds 0, 1, 2" in text
    assert "71.0 ± 1.0 †" in text
    assert "0.710 ± 0.010" in text
    assert "20k train pairs" in text
    assert "soft-seed1: nowhere" in text
    assert "soft, seeds 0, 1, 2: mrpc (accuracy)" in text
    assert "commit abc1234; CPU: fast" in text
    for name in ("random-lstm", "average", "ce"):
        assert f'<th scope="row">{name}</th>' in page
    assert '<tr class="ours"><th scope="row">soft-seed1</th>' in page


def test_page_without_the_control_asks_for_it(about, table):
    pytest.importorskip("matplotlib")
    rows = [row for row in table if row["system"] != "random-lstm"]
    assert "No figure of random-lstm" in text_of(build_page(about, rows))
    better = [
        row | ({"value": 10.0} if row["system"] == "random-lstm" else {}) for row in table if row["task"] == "mrpc"
    ]
    assert "the model is ahead of an untrained LSTM" in text_of(build_page(about, better))


def test_a_model_stands_apart_from_others(table):
    shown = divide("soft-seed1", table)
    assert [one.label for one in shown.ours] == ["soft-seed1", "soft, seeds 0, 1, 2"]
    assert [one.label for one in shown.others] == ["ce"]
    assert [one.label for one in shown.baselines] == ["average", "random-lstm"]
    assert [one.label for one in divide("ce-seed0", table).ours] == ["ce-seed0"]


def test_many_measures_of_few_systems_stand_below_each_other(about, results):
    pytest.importorskip("matplotlib")
    rows = [results("soft-seed1", "polarity", f"measure_{place}", float(place)) for place in range(5)]
    page = build_page(about, rows)
    assert '<th scope="row">polarity, measure 4</th><td>4</td>' in page
    assert '<col class="ours">' in page


def test_seconds_are_those_of_measurements_not_of_metrics(results):
    rows = [results("a", "mrpc", metric, 1.0) for metric in ("accuracy", "f1")] + [
        results("a", "trec", "accuracy", 1.0)
    ]
    assert describe_measurement(rows) == "2 measurements in 5 s; commit abc1234; CPU: fast"
