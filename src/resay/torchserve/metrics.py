"""What a worker counts and times, for Prometheus.

Each worker writes files in the folder that `PROMETHEUS_MULTIPROC_DIR` names; the process that started the server
merges and shows them (`exporter.py`). Without that variable, as in a TorchServe that somebody else set up, nothing
is counted.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from resay.engine.work import Work
from resay.torchserve.identity import Identity
from resay.torchserve.metric_table import METRICS, METRICS_FOLDER_VARIABLE, MetricRow

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Histogram

_BY_LABEL = {"filtered": "resay_candidates_filtered", "failed": "resay_items_failed"}
"""Counts of the name PREFIX.LABEL."""
_BATCH_SIZES = ("requests", "texts", "tokens")


def open_metrics(identity: Identity, environment: Mapping[str, str] = os.environ) -> WorkerMetrics | None:
    """Return a worker's metrics, or None where there is no folder for them or prometheus-client is not installed."""
    if METRICS_FOLDER_VARIABLE not in environment:
        return None
    try:
        from prometheus_client import CollectorRegistry
    except ImportError:
        return None
    return WorkerMetrics(identity, CollectorRegistry())


class WorkerMetrics:
    """The metrics of one worker. A batch costs some tens of microseconds, however many requests it has."""

    def __init__(self, identity: Identity, registry: CollectorRegistry) -> None:
        self._families = {name: _make(name, row, registry) for name, row in METRICS.items()}
        self._endpoint = identity.endpoint
        self._series: dict[tuple[str, ...], Any] = {}
        self._of("resay_workers", identity.version, identity.model, identity.model_sha, identity.provider).set(1)
        self._of("resay_requests", "200", "")  # a rate needs a series that is there before the first request

    def record(
        self, work: Work, outcomes: Iterable[tuple[int, str]], queue: Sequence[float], total: Sequence[float]
    ) -> None:
        """Count a batch.

        Args:
            work: What it cost.
            outcomes: Status and error code of each request.
            queue: Seconds that requests waited, where that is known.
            total: Seconds of each request, from its arrival.
        """
        for (status, code), number in Tally(outcomes).items():
            self._of("resay_requests", str(status), code).inc(number)
        observe(self._of("resay_request_seconds"), total)
        if queue:
            observe(self._of("resay_queue_seconds"), queue)
        for stage, seconds in work.seconds.items():
            observe(self._of("resay_stage_seconds", stage), (seconds,))
        for name in _BATCH_SIZES:
            if size := work.counts.get(name):
                observe(self._of(f"resay_batch_{name}"), (float(size),))
        for name, number in work.counts.items():
            prefix, _, label = name.partition(".")
            if prefix in _BY_LABEL:
                self._of(_BY_LABEL[prefix], label).inc(number)
            elif name in ("padded_tokens", "candidates"):
                self._of(f"resay_{name}").inc(number)

    def set_ready(self, ready: bool) -> None:
        """Keep what the last self-check said."""
        self._of("resay_ready").set(int(ready))

    def _of(self, name: str, *labels: str) -> Any:  # noqa: ANN401  a counter, a gauge or a histogram
        """Return the series of a metric with these labels, kept from the second time on."""
        key = (name, *labels)
        if key not in self._series:
            self._series[key] = self._families[name].labels(self._endpoint, *labels)
        return self._series[key]


def observe(histogram: Histogram, values: Sequence[float]) -> None:
    """Put values into a histogram, for about the price of one: it writes each bucket but once.

    prometheus-client itself takes one value at a time, at 4 µs each, which for 32 requests is more than they cost.
    """
    places = Tally(bisect_left(histogram._upper_bounds, value) for value in values)
    histogram._sum.inc(sum(values))
    for place, number in places.items():
        histogram._buckets[place].inc(number)


def _make(name: str, row: MetricRow, registry: CollectorRegistry) -> Any:  # noqa: ANN401  see `_of`
    labels = ("endpoint", *row.labels)
    return _KINDS[row.kind](name, row, labels, registry)


def _histogram(name: str, row: MetricRow, labels: tuple[str, ...], registry: CollectorRegistry) -> Histogram:
    from prometheus_client import Histogram

    return Histogram(name, row.meaning, labels, buckets=row.buckets, registry=registry)


def _counter(name: str, row: MetricRow, labels: tuple[str, ...], registry: CollectorRegistry) -> Any:  # noqa: ANN401
    from prometheus_client import Counter

    return Counter(name, row.meaning, labels, registry=registry)


def _gauge(name: str, row: MetricRow, labels: tuple[str, ...], registry: CollectorRegistry) -> Any:  # noqa: ANN401
    from prometheus_client import Gauge

    return Gauge(name, row.meaning, labels, registry=registry, multiprocess_mode=row.merging)  # type: ignore[arg-type]


_KINDS: Mapping[str, Callable[..., Any]] = {"histogram": _histogram, "counter": _counter, "gauge": _gauge}
