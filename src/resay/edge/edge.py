"""One edge from start to stop."""

from __future__ import annotations

import grp
import os
import pwd
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from resay.edge.configuration import Inside, edge_configuration
from resay.edge.keys import ApiKey, read_keys
from resay.edge.process import NginxProcess, check_configuration
from resay.edge.program import find_nginx
from resay.edge.run_folder import EdgeFolder, check_reachable, edge_folder, read_json
from resay.edge.settings import EdgeSettings
from resay.errors import ResayError, SettingsError
from resay.torchserve.stopping import ServerStop

_POLL_S = 0.2
_USERS = ("www-data", "nginx", "nobody")


class Edge:
    """A running nginx that follows its files of keys and certificate, and whoever asks for another backend."""

    def __init__(
        self, settings: EdgeSettings, inside: Inside, process: NginxProcess, keys: Mapping[str, ApiKey] | None
    ) -> None:
        self.settings = settings
        self._inside = inside
        self._process = process
        self._keys = keys
        self._files = _contents(settings)
        self._backend = settings.backend
        self._token = ""
        self._refused = ""
        self._old_workers: frozenset[int] = frozenset()
        self._tell()

    @property
    def run(self) -> EdgeFolder:
        """Where everything is."""
        return self._inside.run

    def serve(self, stop_requested: Callable[[], bool], report: Callable[[str], None]) -> None:
        """Serve until a stop is requested.

        Args:
            stop_requested: Asked several times a second.
            report: Told of what was changed, or could not be.

        Raises:
            ServerError: nginx ended by itself.
        """
        while not stop_requested():
            self._process.check_running()
            self._follow_files(report)
            self._follow_backend(report)
            if self._old_workers and not (self._old_workers & self._process.workers()):
                self._old_workers = frozenset()
                self._tell()
            time.sleep(_POLL_S)

    def drain(self) -> bool:
        """Say that we are not ready, serve on for a while, finish what was accepted; return whether all of it was."""
        self.run.draining.touch()
        deadline = time.monotonic() + self.settings.drain_notice_s
        while time.monotonic() < deadline and self._process.exit_status() is None:
            time.sleep(min(_POLL_S, max(0.0, deadline - time.monotonic())))
        self._process.quit()
        # nginx itself gives up at the drain timeout.
        return self._process.wait(self.settings.drain_timeout_s + 2.0) and self._process.exit_status() == 0

    def _follow_files(self, report: Callable[[str], None]) -> None:
        files = _contents(self.settings)
        if files == self._files:
            return
        self._files = files
        try:
            keys = read_keys(self.settings.keys) if self.settings.keys else None
            self._apply(self._backend, keys)
        except ResayError as error:
            report(f"warning: keys and certificate stay as they were: {error}")
            return
        self._keys = keys
        report("read again: " + ("the certificate" if keys is None else f"the keys ({', '.join(keys) or 'none'})"))

    def _follow_backend(self, report: Callable[[str], None]) -> None:
        request = read_json(self.run.request)
        if not request or request.get("token") == self._token:
            return
        self._token, backend = str(request.get("token")), str(request.get("backend"))
        try:
            self._apply(backend, self._keys)
        except ResayError as error:
            self._refused = str(error)
            told = f"warning: the backend stays {self._backend}: {error}"
        else:
            self._backend, self._refused = backend, ""
            told = f"backend: {backend}"
        self._tell()
        report(told)

    def _apply(self, backend: str, keys: Mapping[str, ApiKey] | None) -> None:
        write_configuration(self.settings, self._inside, backend, keys)
        self._old_workers |= self._process.reload()

    def _tell(self) -> None:
        state = {
            "backend": self._backend,
            "endpoints": list(self.settings.endpoints),
            "token": self._token,
            "refused": self._refused,
            "settled": not self._old_workers,
        }
        self.run.write_json(self.run.state, state)


@contextmanager
def running_edge(
    settings: EdgeSettings,
    templates: Path,
    stop_requested: ServerStop,
    *,
    run_folder: Path | None = None,
    access_log: Path | None = None,
) -> Iterator[Edge | None]:
    """Start nginx, wait until it listens, and end it with all its processes at the end of the block.

    Args:
        settings: How to run.
        templates: Folder of `nginx.conf`, `route.conf` and `edge.js`.
        stop_requested: A second stop ends nginx at once.
        run_folder: Where to keep everything; ``None`` for a temporary folder.
        access_log: Where to write a line for each request; ``None`` for the run folder.

    Yields:
        The edge, or ``None`` if a stop was requested before it listened.

    Raises:
        SettingsError: A setting or the file of keys is not allowed.
        MissingExtraError: nginx or its script module is not installed.
        ServerError: nginx cannot start: its port is taken, a certificate cannot be read.
    """
    settings.check()
    nginx = find_nginx()
    keys = read_keys(settings.keys) if settings.keys else None
    with edge_folder(run_folder) as run:
        user = _unprivileged_user()
        if user:
            check_reachable(run.root, user)
        inside = Inside(nginx, templates, run, access_log or run.access_log, user)
        write_configuration(settings, inside, settings.backend, keys)
        process = NginxProcess.start(nginx.path, run)
        stop_requested.on_repeat = process.kill
        try:
            listening = process.wait_until_listening(stop_requested)
            yield Edge(settings, inside, process, keys) if listening else None
        finally:
            process.close()


def write_configuration(
    settings: EdgeSettings, inside: Inside, backend: str, keys: Mapping[str, ApiKey] | None
) -> None:
    """Write the configuration, if nginx takes it; otherwise the one that there is stays.

    Raises:
        ServerError: nginx does not take it.
    """
    run = inside.run
    run.candidate.touch(mode=0o600)
    run.candidate.write_text(edge_configuration(settings, inside, backend, keys), encoding="utf-8")
    check_configuration(inside.nginx.path, run, run.candidate)
    run.candidate.replace(run.configuration)


def _contents(settings: EdgeSettings) -> tuple[bytes | None, ...]:
    """Return what is in the files that may change while the edge runs; a renewed certificate is two of them."""
    return tuple(_content(path) for path in (settings.keys, settings.certificate, settings.private_key))


def _content(path: Path | None) -> bytes | None:
    try:
        return path.read_bytes() if path else None
    except OSError:
        return None


def _unprivileged_user() -> str:
    """Return user and group for nginx's workers when we are root; nothing when we are somebody else already."""
    if os.geteuid() != 0:
        return ""
    for name in _USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return f"{name} {grp.getgrgid(user.pw_gid).gr_name}"
    raise SettingsError(f"started by root, nginx needs another user for its workers; make one named {_USERS[1]}")
