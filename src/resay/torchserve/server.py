"""One server from start to stop."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from resay.engine.model_folder import ModelFolder
from resay.torchserve.archive import ArchiveSettings, write_archives
from resay.torchserve.configuration import read_properties, render_configuration, server_properties
from resay.torchserve.exporter import exporting
from resay.torchserve.java import server_command
from resay.torchserve.ports import LOOPBACK, ServerPorts, choose_ports
from resay.torchserve.process import ServerProcess, metrics_folder
from resay.torchserve.readiness import wait_until_ready
from resay.torchserve.run_folder import RunFolder, make_run_folder
from resay.torchserve.stopping import ServerStop

_EVERY_ADDRESS = "0.0.0.0"
TOKEN_END = "they expire after 24 hours and nothing renews them: start the server again before that"
_POLL_S = 0.2


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """How to serve.

    Attributes:
        project: The checkout: its folders ``handlers`` and ``serving`` are used.
        port: Port of the inference API; the next three are taken as well.
        host: Address of the inference API; everything else stays on loopback.
        archive: Endpoints, and their workers, device and limits.
        token_auth: Whether TorchServe asks for its tokens.
        run_parent: Where to make the run folder, and keep it; ``None`` for a temporary one.
        ready_timeout_s: Patience until all workers are ready.
    """

    project: Path
    port: int = 8080
    host: str = LOOPBACK
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    token_auth: bool = False
    run_parent: Path | None = None
    ready_timeout_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server whose workers are all ready."""

    endpoints: tuple[str, ...]
    process: ServerProcess
    ports: ServerPorts
    run: RunFolder
    inference_url: str
    token_auth: bool

    @property
    def management_url(self) -> str:
        """Address of the management API."""
        return f"http://{LOOPBACK}:{self.ports.management}"

    @property
    def metrics_url(self) -> str:
        """Address of TorchServe's own Prometheus metrics."""
        return f"http://{LOOPBACK}:{self.ports.metrics}/metrics"

    @property
    def worker_metrics_url(self) -> str:
        """Address of the workers' Prometheus metrics."""
        return f"http://{LOOPBACK}:{self.ports.worker_metrics}/metrics"

    def summary(self, name: str) -> str:
        """Return the addresses, for reading."""
        return (
            f"The model {name} is ready; management and metrics are on loopback only.\n"
            f"  inference   {self.inference_url}/predictions/NAME with NAME one of: {', '.join(self.endpoints)}\n"
            f"  management  {self.management_url}/models\n"
            f"  gRPC        {LOOPBACK}:{self.ports.grpc_inference}\n"
            f"  metrics     {self.worker_metrics_url} (workers), {self.metrics_url} (TorchServe)\n"
            f"  logs        {self.run.logs}"
            + (f"\n  tokens      {self.run.token_file}; {TOKEN_END}" if self.token_auth else "")
        )

    def wait(self, stop_requested: Callable[[], bool]) -> None:
        """Serve until a stop is requested.

        Raises:
            ServerError: The server ended by itself.
        """
        while not stop_requested():
            self.process.check_running()
            time.sleep(_POLL_S)

    def headers(self, interface: str = "inference") -> dict[str, str]:
        """Return the authorisation header for ``inference`` or ``management``, if one is needed."""
        if not self.token_auth:
            return {}
        try:
            tokens = json.loads(self.run.token_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}  # TorchServe has not written the file yet, or not all of it
        return {"Authorization": f"Bearer {tokens[interface]['key']}"}

    def token_command(self) -> str:
        """Return shell that prints the inference token, or nothing if none is needed."""
        if not self.token_auth:
            return ""
        program = f'import json; print(json.load(open("{self.run.token_file}"))["inference"]["key"])'
        return f"$(python3 -c {shlex.quote(program)})"


@contextmanager
def running_server(
    folder: ModelFolder, settings: ServerSettings, stop_requested: ServerStop
) -> Iterator[Server | None]:
    """Start a server, wait until it is ready, and stop it with all its processes at the end of the block.

    Yields:
        The server, or ``None`` if a stop was requested before it was ready.

    Raises:
        ServerError: It cannot start: no Java, a port is taken, a worker fails, the time is over.
        MissingExtraError: TorchServe or prometheus-client is not installed.
    """
    ports = choose_ports(settings.port, settings.host)
    run = make_run_folder(settings.run_parent)
    try:
        command = _prepare(folder, settings, ports, run)
        with exporting(metrics_folder(run), ports.worker_metrics):
            process = ServerProcess.start(command, run)
            stop_requested.on_repeat = process.kill
            try:
                url_host = LOOPBACK if settings.host == _EVERY_ADDRESS else settings.host
                url = f"http://{url_host}:{ports.inference}"
                server = Server(settings.archive.endpoints, process, ports, run, url, settings.token_auth)
                ready = wait_until_ready(
                    process,
                    server.management_url,
                    server.endpoints,
                    stop_requested=stop_requested,
                    headers=lambda: server.headers("management"),
                    timeout_s=settings.ready_timeout_s,
                )
                yield server if ready else None
            finally:
                process.stop()
    finally:
        run.remove()


def _prepare(folder: ModelFolder, settings: ServerSettings, ports: ServerPorts, run: RunFolder) -> list[str]:
    """Fill the run folder and return the command that starts the server from it."""
    archives = write_archives(folder, settings.project / "handlers", run.archives, settings.archive)
    values = server_properties(
        ports=ports,
        host=settings.host,
        model_store=run.archives,
        archives=[path.name for path in archives],
        token_auth=settings.token_auth,
        num_gpus=settings.archive.num_gpus if settings.archive.device == "cuda" else 0,
    )
    metrics_folder(run).mkdir()
    serving = settings.project / "serving"
    text = render_configuration(serving / "config.properties", values)
    run.configuration.write_text(text, encoding="ascii")
    return server_command(
        configuration=run.configuration,
        log_configuration=serving / "log4j2.xml",
        temporary=run.temporary,
        vm_arguments=read_properties(text).get("vmargs", "").split(),
    )
