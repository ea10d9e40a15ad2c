"""Which model a worker serves: what its replies, its metrics and its log lines say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.engine.model_folder import MANIFEST_FILE

NUM_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Identity:
    """One worker's model.

    Attributes:
        endpoint: Name of the endpoint, which is TorchServe's name of the model; in metrics and log.
        service: Name of the service, which is what a request may call the endpoint. Another one than `endpoint` only
            where a service is registered a second time, such as ``encode`` as ``encode_bulk``.
        version: TorchServe's version of the model.
        model: Name of the model, as its card gives it.
        model_sha: First digits of the SHA-256 of MANIFEST.sha256, which holds those of all its files.
        provider: What its graphs really run on.
    """

    endpoint: str
    service: str
    version: str
    model: str
    model_sha: str
    provider: str


def model_sha(folder: Path) -> str:
    """Return what tells this model from every other: 12 hexadecimal digits."""
    return hashlib.sha256((folder / MANIFEST_FILE).read_bytes()).hexdigest()[:NUM_DIGITS]


def identify(folder: Path, manifest: Mapping[str, Any], description: Mapping[str, Any]) -> Identity:
    """Return the identity of a worker.

    Args:
        folder: The model's.
        manifest: Of the archive, as TorchServe hands it over.
        description: What the service tells of itself.
    """
    registered, service = manifest.get("model", {}), description["service"]
    return Identity(
        endpoint=registered.get("modelName", service),
        service=service,
        version=str(registered.get("modelVersion", "")),
        model=description["model"],
        model_sha=model_sha(folder),
        provider=description["providers"][0],
    )
