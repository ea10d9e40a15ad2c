"""Model archives for TorchServe: one ``.mar`` for each endpoint, the same bytes on every machine.

A ``.mar`` is a zip file of code, model and ``MAR-INF/MANIFEST.json``. This one stores its entries
uncompressed, sorted and with a fixed time, so two builds of the same input are equal byte for byte:
compressed bytes depend on the zlib version, and torch-model-archiver writes the time of the build.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from resay.engine.model_folder import MANIFEST_FILE, ModelFolder, read_manifest
from resay.errors import ServerError, SettingsError
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS
from resay.torchserve.exchange import MODEL_FOLDER
from resay.torchserve.limits import Limits

VERSION = "1.0"
_CONFIG_NAME = "model-config.yaml"
WAITING_BATCHES: Mapping[str, int] = MappingProxyType({"encode": 16})
"""Of the endpoints whose batches are short: as many as the time in which a worker that died is replaced."""
DEFAULT_WAITING_BATCHES = 2
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file can hold


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveSettings:
    """Which archives there are, and what stands in the ``model-config.yaml`` of each.

    Attributes:
        endpoints: Names from the table of endpoints; each is a model of TorchServe's with workers of its own.
        num_workers: Worker processes of each endpoint.
        device: ``cpu`` or ``cuda``.
        num_gpus: Over how many GPUs TorchServe spreads the workers of each endpoint.
        gpu_mem_limit_mb: What the arena of each graph of a worker may take of its GPU, in MiB.
        num_threads: Threads of one ONNX session; more workers serve better than more threads.
        batch_size: Requests that TorchServe may hand over together.
        max_batch_delay_ms: How long it waits for more. 0 would mean 100 ms.
        waiting_batches: For each endpoint how many full batches may wait for a worker, `DEFAULT_WAITING_BATCHES` where
            it is not named; a request beyond that is refused. So one that is taken waits for that many batches, the
            one in hand and its own, each of which ends soon after its `time_limit_seconds`.
        response_timeout_s: After this a worker counts as hung and is replaced, and its requests are lost.
        limits: For each endpoint what a request may hold, by the names of `ServiceSettings`.
        startup_timeout_s: How long loading the model may take.
    """

    endpoints: tuple[str, ...] = DEFAULT_ENDPOINTS
    num_workers: int = 1
    device: str = "cpu"
    num_gpus: int = 1
    gpu_mem_limit_mb: int | None = None
    num_threads: int = 1
    batch_size: int = 32
    max_batch_delay_ms: int = 1
    waiting_batches: Mapping[str, int] = field(default_factory=lambda: WAITING_BATCHES)
    response_timeout_s: int = 60
    startup_timeout_s: int = 120
    limits: Limits = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.num_workers < 1:
            raise SettingsError(f"the number of workers must be at least 1; got {self.num_workers}")
        longest = self.response_timeout_s / 2
        for endpoint in self.endpoints:
            given = self.time_limit_seconds(endpoint)
            if given > longest:
                # The other half is for what is under way when the limit strikes.
                raise SettingsError(
                    f"time_limit_seconds of {endpoint} must be at most {longest:g}, half of TorchServe's"
                    f" responseTimeout; got {given:g}"
                )

    def time_limit_seconds(self, endpoint: str) -> float:
        """Return when a worker stops working on a batch: so early that it never counts as hung."""
        return float(self.limits.get(endpoint, {}).get("time_limit_seconds", self.response_timeout_s / 3))

    def job_queue_size(self, endpoint: str) -> int:
        """Return how many requests may wait for an endpoint."""
        return self.waiting_batches.get(endpoint, DEFAULT_WAITING_BATCHES) * self.batch_size * self.num_workers


def write_archives(
    folder: ModelFolder, handlers: Path, out: Path, settings: ArchiveSettings | None = None
) -> list[Path]:
    """Write an archive of a verified model folder for each endpoint, such as ``encode.mar``.

    Each holds the whole model, in a folder of its own, since its manifest names every file; files that the
    manifest does not name stay out.

    Raises:
        ServerError: A handler is missing.
    """
    names = [*read_manifest(folder.path), MANIFEST_FILE]
    model = {f"{MODEL_FOLDER}/{name}": (folder.path / name).read_bytes() for name in names}
    out.mkdir(parents=True, exist_ok=True)
    settings = settings or ArchiveSettings()
    return [_write_archive(endpoint, model, handlers, out, settings) for endpoint in settings.endpoints]


def model_config(endpoint: str, settings: ArchiveSettings) -> str:
    """Return the text of ``model-config.yaml``; the ``handler`` section is read by our handlers."""
    handler: dict[str, object] = {"device": settings.device, "num_threads": settings.num_threads}
    if settings.device == "cuda":
        if settings.num_gpus > 1:
            handler["num_gpus"] = settings.num_gpus
        if settings.gpu_mem_limit_mb is not None:
            handler["gpu_mem_limit_mb"] = settings.gpu_mem_limit_mb
    handler |= settings.limits.get(endpoint, {})
    handler["time_limit_seconds"] = settings.time_limit_seconds(endpoint)
    return (
        f"minWorkers: {settings.num_workers}\n"
        f"maxWorkers: {settings.num_workers}\n"
        f"batchSize: {settings.batch_size}\n"
        f"maxBatchDelay: {settings.max_batch_delay_ms}\n"
        f"jobQueueSize: {settings.job_queue_size(endpoint)}\n"
        f"responseTimeout: {settings.response_timeout_s}\n"
        f"startupTimeout: {settings.startup_timeout_s}\n"
        "handler:\n"
    ) + "".join(f"  {name}: {value}\n" for name, value in handler.items())


def _write_archive(
    endpoint: str, model: dict[str, bytes], handlers: Path, out: Path, settings: ArchiveSettings
) -> Path:
    handler = handlers / f"{endpoint}_handler.py"
    if not handler.is_file():
        raise ServerError(f"the handler {handler} is missing; run this from a complete checkout")
    entries = model | {
        handler.name: handler.read_bytes(),
        _CONFIG_NAME: model_config(endpoint, settings).encode(),
        "MAR-INF/MANIFEST.json": _manifest(endpoint, handler.name),
    }
    target = out / f"{endpoint}.mar"
    # A reader never sees half an archive.
    partial = target.with_suffix(".mar.partial")
    try:
        _write_zip(partial, entries)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _manifest(endpoint: str, handler: str) -> bytes:
    model = {
        "modelName": endpoint,
        "modelVersion": VERSION,
        "handler": handler,
        "configFile": _CONFIG_NAME,
    }
    # TorchServe warns where the last two are missing.
    manifest = {
        "runtime": "python",
        "model": model,
        "createdOn": "01/01/1980 00:00:00",
        "archiverVersion": "0.12.0",
    }
    return json.dumps(manifest, indent=2).encode()


def _write_zip(target: Path, entries: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, date_time=_FIXED_TIME)
            info.create_system = 3  # Unix, whatever the machine
            info.external_attr = 0o644 << 16
            archive.writestr(info, entries[name])
