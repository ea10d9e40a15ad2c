"""The metrics of the workers: one row each, which the dashboard and the documentation are held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

METRICS_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder that workers write to; prometheus-client looks for it."""

Kind = Literal["histogram", "counter", "gauge"]

SECONDS = (*(digit * 10.0**exponent for exponent in range(-5, 1) for digit in (1, 2, 5)), 10.0)
"""10 µs to 10 s."""


def powers_of_two(largest: int) -> tuple[float, ...]:
    """Return 1, 2, 4, … up to a power of two."""
    return tuple(float(2**exponent) for exponent in range(largest.bit_length()))


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric.

    Attributes:
        kind: What of Prometheus's it is.
        meaning: Its help text.
        labels: Names of its labels, beside `endpoint`, which all have.
        buckets: Of a histogram, the upper bounds.
        merging: Of a gauge, what the values of several workers make together; workers that ended do not count.
    """

    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    merging: str = ""


METRICS: Mapping[str, MetricRow] = MappingProxyType(
    {
        "resay_request_seconds": MetricRow(
            "histogram",
            "From a request's arrival (at the edge if it says when, else at the worker) to its reply.",
            buckets=SECONDS,
        ),
        "resay_queue_seconds": MetricRow(
            "histogram", "From the arrival at the edge until the worker took the request.", buckets=SECONDS
        ),
        "resay_stage_seconds": MetricRow(
            "histogram", "What one stage of a batch took: parse, tokenize, compute, serialize.", ("stage",), SECONDS
        ),
        "resay_batch_requests": MetricRow("histogram", "Requests answered together.", buckets=powers_of_two(128)),
        "resay_batch_texts": MetricRow(
            "histogram", "Texts that a batch gave the encoder, candidates included.", buckets=powers_of_two(16384)
        ),
        "resay_batch_tokens": MetricRow("histogram", "Tokens of these texts.", buckets=powers_of_two(262144)),
        "resay_padded_tokens": MetricRow("counter", "What the texts' tokens were padded to, padding included."),
        "resay_requests": MetricRow(
            "counter", "Requests answered, by status and error code (empty if there is none).", ("status", "code")
        ),
        "resay_items_failed": MetricRow(
            "counter", "Items that failed in requests that were answered 200, by error code.", ("code",)
        ),
        "resay_candidates": MetricRow("counter", "Paraphrases returned."),
        "resay_candidates_filtered": MetricRow("counter", "Paraphrases held back, by reason.", ("reason",)),
        "resay_ready": MetricRow(
            "gauge", "1 if every worker's last self-check on golden sentences went well.", merging="livemin"
        ),
        "resay_workers": MetricRow(
            "gauge",
            "Workers that serve a model, by what they run.",
            ("version", "model", "model_sha", "provider"),
            merging="livesum",
        ),
    }
)

_SUFFIXES: Mapping[Kind, tuple[str, ...]] = {
    "histogram": ("_bucket", "_sum", "_count"),
    "counter": ("_total",),
    "gauge": ("",),
}


def series_names(metrics: Mapping[str, MetricRow] = METRICS) -> Iterable[str]:
    """Yield the names that a query may ask for."""
    for name, row in metrics.items():
        yield from (name + suffix for suffix in _SUFFIXES[row.kind])
