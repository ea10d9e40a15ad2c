"""One edge from start to stop."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from resay.edge.changes import Contents, contents
from resay.edge.configuration import Inside, edge_configuration
from resay.edge.keys import ApiKey, read_keys
from resay.edge.process import NginxProcess, check_configuration
from resay.edge.program import find_nginx
from resay.edge.retries import Retries
from resay.edge.run_folder import EdgeFolder, check_reachable, edge_folder, make_log, read_json
from resay.edge.settings import EdgeSettings
from resay.errors import ResayError, ServerError, SettingsError
from resay.torchserve.stopping import ServerStop

_POLL_S = 0.2
_USERS = ("www-data", "nginx", "nobody")


class Edge:
    """A running nginx that follows its files of keys and certificate, and whoever asks for another backend."""

    def __init__(
        self,
        settings: EdgeSettings,
        inside: Inside,
        process: NginxProcess,
        keys: Mapping[str, ApiKey] | None,
        files: Contents,
    ) -> None:
        self.settings = settings
        self._inside = inside
        self._process = process
        self._keys = keys
        self._files = files
        self._files_retries = Retries()
        self._backend = settings.backend
        self._token = ""
        self._refused = ""
        self._old_workers: frozenset[int] = frozenset()
        self._told = self._state()
        self._tell_retries = Retries()
        self.run.write_json(self.run.state, self._told)

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
            self._tell(report)
            time.sleep(_POLL_S)

    def drain(self) -> bool:
        """Say that we are not ready, serve on for a while, finish what was accepted; return whether all of it was."""
        with contextlib.suppress(OSError):  # a full disk is no reason not to drain
            self.run.draining.touch()
        deadline = time.monotonic() + self.settings.drain_notice_s
        while time.monotonic() < deadline and self._process.exit_status() is None:
            time.sleep(min(_POLL_S, max(0.0, deadline - time.monotonic())))
        self._process.quit()
        # nginx itself gives up at the drain timeout.
        return self._process.wait(self.settings.drain_timeout_s + 2.0) and self._process.exit_status() == 0

    def _follow_files(self, report: Callable[[str], None]) -> None:
        files = contents(self.settings)
        if files == self._files:
            self._files_retries.succeeded()
            return
        if not self._files_retries.is_due(files):
            return
        try:
            keys = read_keys(self.settings.keys) if self.settings.keys else None
            self._apply(self._backend, keys)
        except ResayError as error:
            wait_s = self._files_retries.failed(files)
            report(f"warning: keys and certificate stay as they were, next try in {wait_s:g} s: {error}")
            return
        self._files_retries.succeeded()
        self._files, self._keys = files, keys
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
        self._tell(report)  # before the report, so that who has read that finds it
        report(told)

    def _apply(self, backend: str, keys: Mapping[str, ApiKey] | None) -> None:
        write_configuration(self.settings, self._inside, backend, keys)
        self._old_workers |= self._process.reload()

    def _tell(self, report: Callable[[str], None]) -> None:
        state = self._state()
        if state == self._told or not self._tell_retries.is_due(state):
            return
        try:
            self.run.write_json(self.run.state, state)
        except ServerError as error:
            wait_s = self._tell_retries.failed(state)
            report(f"warning: the edge serves, but cannot say how it stands, next try in {wait_s:g} s: {error}")
            return
        self._tell_retries.succeeded()
        self._told = state

    def _state(self) -> dict[str, object]:
        return {
            "backend": self._backend,
            "endpoints": list(self.settings.endpoints),
            "token": self._token,
            "refused": self._refused,
            "settled": not self._old_workers,
        }


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

    Where the block fails, what nginx has accepted is answered first.

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
    files = contents(settings)  # before anything else reads them: what changes from now on is noticed
    keys = read_keys(settings.keys) if settings.keys else None
    with edge_folder(run_folder) as run:
        user = _unprivileged_user()
        if user:
            check_reachable(run.root, user)
        inside = Inside(nginx, run.keep_templates(templates), run, access_log or run.access_log, user)
        make_log(inside.access_log)
        write_configuration(settings, inside, settings.backend, keys)
        process = NginxProcess.start(nginx.path, run)
        stop_requested.on_repeat = process.kill
        try:
            listening = process.wait_until_listening(stop_requested)
            edge = Edge(settings, inside, process, keys, files) if listening else None
            try:
                yield edge
            except Exception:
                if edge is not None:
                    edge.drain()
                raise
        finally:
            process.close()


def write_configuration(
    settings: EdgeSettings, inside: Inside, backend: str, keys: Mapping[str, ApiKey] | None
) -> None:
    """Write the configuration, if nginx takes it; otherwise the one that there is stays.

    Raises:
        ServerError: nginx does not take it, or it cannot be written.
    """
    run = inside.run
    content = edge_configuration(settings, inside, backend, keys)
    try:
        run.candidate.touch(mode=0o600)
        run.candidate.write_text(content, encoding="utf-8")
        check_configuration(inside.nginx.path, run, run.candidate)
        run.candidate.replace(run.configuration)
    except OSError as error:
        raise ServerError(f"{run.configuration} cannot be written or tried: {error}") from error


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
