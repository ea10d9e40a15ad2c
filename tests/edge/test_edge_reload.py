"""A reload that fails is tried again, and takes nothing down."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from resay.edge import edge as edge_module
from resay.edge.edge import Edge, running_edge
from resay.edge.keys import add_key, revoke_key
from resay.edge.rates import Rate
from resay.edge.run_folder import EdgeFolder, read_json
from resay.edge.settings import EdgeSettings
from resay.errors import ServerError
from resay.torchserve.stopping import ServerStop

TEMPLATES = Path(__file__).parents[2] / "serving" / "edge"


@pytest.fixture
def settings(nginx, upstream, tmp_path) -> EdgeSettings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    add_key(tmp_path / "keys.toml", "first")
    return EdgeSettings(
        backend=upstream.url,
        port=port,
        keys=tmp_path / "keys.toml",
        rate=Rate(999, "s"),
        endpoints=("encode",),
        max_body_bytes={"encode": 1000},
        num_processes=1,
        drain_notice_s=0.1,
    )


@contextmanager
def served(settings: EdgeSettings, templates: Path) -> Iterator[tuple[Edge, list[str]]]:
    """Run an edge here, and yield it with what it reports."""
    told: list[str] = []
    stop = threading.Event()
    with running_edge(settings, templates, ServerStop()) as edge:
        assert edge is not None
        serving = threading.Thread(target=edge.serve, args=(stop.is_set, told.append))
        serving.start()
        try:
            yield edge, told
        finally:
            stop.set()
            serving.join()


def status_of(settings: EdgeSettings, key: str, fake: str = "{}") -> int:
    connection = HTTPConnection("127.0.0.1", settings.port, timeout=30)
    headers = {"Content-Type": "text/plain", "X-Api-Key": key, "X-Fake": fake}
    connection.request("POST", "/encode", b"x", headers)
    with connection.getresponse() as response:
        response.read()
    connection.close()
    return response.status


@pytest.mark.parametrize("error", [ServerError("no memory"), OSError(28, "No space left on device")])
def test_a_revoked_key_ends_although_the_first_reload_fails(settings, monkeypatch, eventually, error) -> None:
    key = add_key(settings.keys, "second")
    works = edge_module.check_configuration
    failures = [error, error]

    def check(*of) -> None:
        if failures:
            raise failures.pop()
        works(*of)

    with served(settings, TEMPLATES) as (_, told):
        assert status_of(settings, key) == 200
        monkeypatch.setattr(edge_module, "check_configuration", check)
        revoke_key(settings.keys, "second")
        eventually(lambda: told != [])
        assert status_of(settings, key) == 200
        eventually(lambda: told[-1].startswith("read again: the keys (first)"))
        assert status_of(settings, key) == 401
    assert ["next try in 1 s" in told[0], "next try in 2 s" in told[1], len(told)] == [True, True, 3]
    assert str(error) in told[0]


def test_a_new_version_of_its_files_does_not_get_into_a_running_edge(settings, tmp_path, eventually) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    with served(settings, templates) as (_, told):
        (templates / "route.conf").write_text("@{value_of_the_new_version}")
        (templates / "edge.js").unlink()
        key = add_key(settings.keys, "second")
        eventually(lambda: told != [])
        assert told == ["read again: the keys (first, second)"]
        assert status_of(settings, key) == 200


def test_a_state_that_cannot_be_written_is_written_later(
    settings, monkeypatch, eventually, upstream, other_upstream
) -> None:
    works = EdgeFolder.write_json
    failures = [ServerError("no space")]

    def write(run: EdgeFolder, path: Path, value: dict) -> None:
        if path == run.state and failures:
            raise failures.pop()
        works(run, path, value)

    with served(settings, TEMPLATES) as (edge, told):
        monkeypatch.setattr(EdgeFolder, "write_json", write)
        edge.run.write_json(edge.run.request, {"backend": other_upstream.url, "token": "new"})
        eventually(lambda: read_json(edge.run.state)["backend"] == other_upstream.url)
    assert "cannot say how it stands, next try in 1 s: no space" in told[0]


def test_a_file_that_changes_while_the_edge_starts_is_noticed(settings, monkeypatch, eventually) -> None:
    key = add_key(settings.keys, "second")
    start = edge_module.NginxProcess.wait_until_listening

    def start_and_revoke(*of):
        listening = start(*of)
        revoke_key(settings.keys, "second")
        return listening

    monkeypatch.setattr(edge_module.NginxProcess, "wait_until_listening", start_and_revoke)
    with served(settings, TEMPLATES) as (_, told):
        eventually(lambda: told != [])
        assert status_of(settings, key) == 401


def test_what_is_in_flight_is_answered_although_the_edge_fails(settings, upstream, eventually) -> None:
    upstream.release.clear()
    key = add_key(settings.keys, "second")
    num_received = len(upstream.received)
    statuses: list[int] = []
    wanted = json.dumps({"wait": True})
    slow = threading.Thread(target=lambda: statuses.append(status_of(settings, key, wanted)))

    def fail_while_it_waits() -> None:
        with running_edge(settings, TEMPLATES, ServerStop()):
            slow.start()
            eventually(lambda: len(upstream.received) > num_received)
            threading.Timer(0.5, upstream.release.set).start()
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        fail_while_it_waits()
    slow.join()
    assert statuses == [200]
