import math
import random
import sys
from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import generate_latest

from resay.engine.work import Work, count, observed_work, timed
from resay.torchserve.identity import Identity
from resay.torchserve.metric_table import METRICS, SECONDS, series_names
from resay.torchserve.metrics import WorkerMetrics, observe, open_metrics

IDENTITY = Identity("encode", "encode", "1.0", "tiny", "0123456789ab", "CPUExecutionProvider")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> WorkerMetrics:
    return WorkerMetrics(IDENTITY, registry)


@pytest.fixture
def value(registry: CollectorRegistry) -> Callable[..., float | None]:
    def find(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"endpoint": "encode", **labels})

    return find


def work() -> Work:
    with observed_work() as done, timed("tokenize"), timed("compute"):
        count("requests", 3)
        count("texts", 5)
        count("tokens", 40)
        count("padded_tokens", 50)
        count("candidates", 7)
        count("filtered.copy", 2)
        count("failed.deadline", 3)
    return done


def test_a_batch_is_counted(metrics: WorkerMetrics, value: Callable[..., float | None]) -> None:
    for _ in range(2):
        metrics.record(work(), [(200, ""), (200, ""), (422, "empty_text")], [0.5], [0.001, 0.002, 0.503])
    assert value("resay_requests_total", status="200", code="") == 4
    assert value("resay_requests_total", status="422", code="empty_text") == 2
    assert value("resay_request_seconds_count") == 6
    assert value("resay_request_seconds_sum") == pytest.approx(1.012)
    assert value("resay_request_seconds_bucket", le="0.002") == 4
    assert value("resay_queue_seconds_count") == 2
    assert value("resay_batch_requests_sum") == 6
    assert value("resay_batch_texts_sum") == 10
    assert value("resay_batch_tokens_sum") == 80
    assert value("resay_padded_tokens_total") == 100
    assert value("resay_candidates_total") == 14
    assert value("resay_candidates_filtered_total", reason="copy") == 4
    assert value("resay_items_failed_total", code="deadline") == 6
    assert value("resay_stage_seconds_count", stage="tokenize") == 2
    assert value("resay_stage_seconds_count", stage="serialize") is None
    assert value("resay_stage_seconds_sum", stage="compute") > 0


def test_what_is_served_is_told_and_whether_it_is_ready(
    metrics: WorkerMetrics, value: Callable[..., float | None]
) -> None:
    what = {"version": "1.0", "model": "tiny", "model_sha": "0123456789ab", "provider": "CPUExecutionProvider"}
    assert value("resay_workers", **what) == 1
    assert value("resay_ready") is None
    metrics.set_ready(False)
    assert value("resay_ready") == 0
    metrics.set_ready(True)
    assert value("resay_ready") == 1


def test_every_metric_of_the_table_can_be_asked_for(metrics: WorkerMetrics, registry: CollectorRegistry) -> None:
    metrics.record(work(), [(200, "")], [0.1], [0.2])
    metrics.set_ready(True)
    found = {sample.name for family in registry.collect() for sample in family.samples}
    assert set(series_names()) <= found
    assert {name for name in found if not name.endswith("_created")} == set(series_names())
    text = generate_latest(registry).decode()
    assert all(row.meaning in text for row in METRICS.values())


def test_many_values_at_once_are_the_same_as_one_after_another(registry: CollectorRegistry) -> None:
    one, many = (Histogram(name, "", buckets=SECONDS, registry=registry) for name in ("one", "many"))
    generator = random.Random(0)
    values = [10 ** generator.uniform(-6, 2) for _ in range(500)] + list(SECONDS) + [0.0]
    for each in values:
        one.observe(each)
    observe(many, values)
    for bound in (*(str(bound) for bound in SECONDS), "+Inf"):
        found = [registry.get_sample_value(f"{name}_bucket", {"le": bound}) for name in ("one", "many")]
        assert found[0] == found[1]
        assert found[0] is not None
    assert math.isclose(*(registry.get_sample_value(f"{name}_sum") for name in ("one", "many")))


def test_bounds_are_round_and_reach_from_10_microseconds_to_10_seconds() -> None:
    assert [f"{bound:g}" for bound in SECONDS] == [str(bound).removesuffix(".0") for bound in SECONDS]
    assert (SECONDS[0], SECONDS[-1], len(SECONDS)) == (1e-5, 10.0, 19)


def test_nothing_is_counted_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_metrics(IDENTITY, {}) is None
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert open_metrics(IDENTITY, {"PROMETHEUS_MULTIPROC_DIR": "/nowhere"}) is None
