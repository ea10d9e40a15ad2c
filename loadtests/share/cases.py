"""What is asked of server and bare runtime alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

RAW = "raw"
TORCHSERVE_BATCH = 32


@dataclass(frozen=True, slots=True)
class Case:
    """One way of asking for vectors.

    Attributes:
        features: `embedding`, or `latent`, for which the recurrent encoder runs.
        num_texts: Of a request.
        num_connections: Requests under way at a time.
        form: Of the vectors: `raw` bytes, `base64` in JSON, or `float` in JSON.
        goal: The least share of the bare runtime; None where there is none.
    """

    features: str
    num_texts: int
    num_connections: int
    form: str
    goal: float | None = None

    @property
    def bare_batch(self) -> int:
        """Sentences that the bare runtime is given at once: those of a request, or of a batch of TorchServe's."""
        return self.num_texts if self.num_texts > 1 else TORCHSERVE_BATCH

    def body(self, texts: Sequence[str]) -> bytes:
        """Return the body of a request."""
        fields: dict[str, object] = {"inputs": texts[0] if self.num_texts == 1 else list(texts)}
        if self.form == "base64":
            fields["encoding_format"] = "base64"
        if self.features != "embedding":
            fields["features"] = self.features
        return json.dumps(fields).encode()

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of a request, beside host and length."""
        accept = "application/octet-stream" if self.form == RAW else "application/json"
        return MappingProxyType({"Content-Type": "application/json", "Accept": accept})


BULK_GOAL, SINGLE_GOAL = 0.9, 0.6

CASES: tuple[Case, ...] = (
    Case("embedding", 64, 2, "raw", BULK_GOAL),
    Case("embedding", 64, 2, "base64"),
    Case("embedding", 64, 2, "float"),
    Case("embedding", 1, 64, "raw", SINGLE_GOAL),
    Case("embedding", 1, 64, "float"),
    Case("latent", 64, 2, "raw", BULK_GOAL),
    Case("latent", 64, 2, "float"),
    Case("latent", 1, 64, "raw", SINGLE_GOAL),
    Case("latent", 1, 64, "float"),
)
