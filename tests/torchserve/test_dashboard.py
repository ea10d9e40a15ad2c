"""The dashboard asks only for what there is, by labels that there are."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from resay.torchserve.metric_table import METRICS, series_names

DASHBOARD = Path(__file__).parents[2] / "serving" / "grafana" / "dashboard.json"
DOCUMENT = Path(__file__).parents[2] / "docs" / "observability.md"
PANELS_AT_LEAST = 15
METRIC = re.compile(r"\bresay_\w+")
SELECTOR = re.compile(r"\b(resay_\w+)(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\bby \(([^)]*)\)")
FUNCTIONS = {"histogram_quantile", "sum", "min", "rate", "by", "le", "label_values"}


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def queries(dashboard: Mapping[str, Any]) -> Iterator[str]:
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["definition"]


def labels_of(series: str) -> set[str]:
    """Return the labels of a series of the table."""
    name = next(name for name in METRICS if series in set(series_names({name: METRICS[name]})))
    return {"endpoint", *METRICS[name].labels, *({"le"} if series.endswith("_bucket") else ())}


def test_every_query_asks_for_metrics_that_exist(dashboard: dict[str, Any]) -> None:
    known = set(series_names())
    for query in queries(dashboard):
        asked = METRIC.findall(query)
        assert asked, query
        assert set(asked) <= known, query


def test_every_query_goes_by_labels_that_exist(dashboard: dict[str, Any]) -> None:
    for query in queries(dashboard):
        selected = SELECTOR.findall(query)
        for series, selector in selected:
            names = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", selector))
            assert names <= labels_of(series), query
        common = set.intersection(*(labels_of(series) for series, _ in selected))
        for grouping in GROUPING.findall(query):
            named = {name.strip() for name in grouping.split(",")} - {"le"}
            assert named <= common, query


def test_every_query_is_balanced_and_calls_functions_that_exist(dashboard: dict[str, Any]) -> None:
    for query in queries(dashboard):
        for opening, closing in ("()", "[]", "{}"):
            assert query.count(opening) == query.count(closing), query
        assert set(re.findall(r"\b(\w+)\s*\(", query)) <= FUNCTIONS, query
        # A rate of buckets, and nothing else, has quantiles.
        assert ("histogram_quantile" in query) == ("_bucket" in query), query


def test_every_metric_is_shown(dashboard: dict[str, Any]) -> None:
    asked = " ".join(queries(dashboard))
    assert [name for name in METRICS if name not in asked] == []


def test_every_panel_has_its_place_and_its_source(dashboard: dict[str, Any]) -> None:
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len(panels) >= PANELS_AT_LEAST
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert all(x < 24 for x, _ in cells)
        taken |= cells
    for panel in panels:
        assert panel["targets"], panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert dashboard["schemaVersion"] >= 36  # Grafana 9's last, which 10 and later read


def test_every_metric_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    missing = [
        name for name, row in METRICS.items() if f"`{name}{'_total' if row.kind == 'counter' else ''}`" not in text
    ]
    assert missing == []
