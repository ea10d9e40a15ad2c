"""Health, drain and takeover: nothing that was accepted fails."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from resay.edge.run_folder import read_json

PLAIN = ("--no-tls", "--host", "127.0.0.1", "--rate", "999999/s")
SWITCH = Path(__file__).parents[2] / "serving" / "edge" / "switch.py"


@pytest.fixture
def plain_edge(start_edge, upstream):
    """One that may be stopped."""
    upstream.release.clear()
    return start_edge(*PLAIN, "--backend", upstream.url, "--drain-timeout", "5")


@pytest.fixture(scope="module")
def switched_edge(start_edge, upstream):
    """One that uses the first backend, and does so again after each test."""
    return start_edge(*PLAIN, "--backend", upstream.url)


def switch(edge, backend: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SWITCH), "--run-dir", str(edge.run), "--backend", backend, "--timeout", "15"]
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False)


def in_background(action) -> tuple[threading.Thread, list]:
    results: list = []
    thread = threading.Thread(target=lambda: results.append(action()))
    thread.start()
    return thread, results


def wait_until_received(upstream, path: str, num_before: int) -> None:
    event = threading.Event()
    for _ in range(1000):
        if len(upstream.of(path)) > num_before:
            return
        event.wait(0.01)
    raise AssertionError(f"{path} never came")


def status_of(edge, path: str) -> int:
    return edge.ask(path, method="GET", body=None).status


def test_ready_is_who_passes_every_check_and_alive_whom_the_front_end_calls_so(edge, upstream, eventually) -> None:
    upstream.ready = 503
    reply = edge.ask("/readyz", method="GET")
    assert (reply.status, reply.code) == (503, "not_ready")
    assert b"not ready: encode, paraphrase" in reply.body
    assert upstream.of("/predictions/encode/1.0/readyz")
    assert upstream.of("/predictions/paraphrase/1.0/readyz")
    assert status_of(edge, "/livez") == 200
    upstream.ready, upstream.alive = 200, 500
    eventually(lambda: status_of(edge, "/livez") == 503)
    assert edge.ask("/livez", method="GET").code == "unavailable"
    upstream.alive = 200
    eventually(lambda: status_of(edge, "/livez") == status_of(edge, "/readyz") == 200)


def test_health_can_be_asked_by_everybody_at_no_cost(edge, upstream, load) -> None:
    path = "/predictions/encode/1.0/readyz"
    before = len(upstream.of(path))
    upstream.ready_seconds, upstream.most_checks = 0.2, 0
    with load(edge.port, "/readyz", num_threads=8, method="GET", body=None) as many:
        many.wait_for(300)
    upstream.ready_seconds = 0.0
    assert set(many.statuses) == {200}
    assert upstream.most_checks <= 1
    assert len(upstream.of(path)) - before < 30  # one a second, as long as that took


def test_a_drain_loses_nothing(plain_edge, upstream, load) -> None:
    early = http.client.HTTPConnection("127.0.0.1", plain_edge.port, timeout=20)
    early.connect()  # and has not asked for anything yet
    paraphrases = len(upstream.of("/predictions/paraphrase"))
    with load(plain_edge.port, "/encode", num_threads=3) as light:
        light.wait_for(20)
        slow, replies = in_background(
            lambda: plain_edge.ask("/paraphrase", headers={"X-Fake": json.dumps({"wait": True})})
        )
        wait_until_received(upstream, "/predictions/paraphrase", paraphrases)
        plain_edge.process.send_signal(signal.SIGTERM)
        plain_edge.wait_for("Draining.")
        reply = plain_edge.ask("/readyz", method="GET")
        assert (reply.status, reply.code) == (503, "not_ready")
        light.wait_for(5)  # still served
        light.wait_for_refusal()
        assert plain_edge.process.poll() is None  # what is in flight is waited for
        early.request("POST", "/encode", b"x", {"Content-Type": "text/plain"})
        with early.getresponse() as late:
            assert (late.status, late.headers["Connection"]) == (200, "close")
        upstream.release.set()
    slow.join()
    assert [reply.status for reply in replies] == [200]
    assert plain_edge.process.wait(timeout=20) == 0, plain_edge.output
    assert set(light.statuses) == {200}
    lines = plain_edge.log()
    assert {line["status"] for line in lines if line["route"] != "/readyz"} == {200}
    # One more by the early one. nginx has a line for whatever it has accepted.
    assert len([line for line in lines if line["route"] == "/encode"]) == len(light.statuses) + 1


def test_a_drain_ends_at_its_limit(start_edge, upstream) -> None:
    upstream.release.clear()
    edge = start_edge(*PLAIN, "--backend", upstream.url, "--drain-timeout", "1")
    before = len(upstream.of("/predictions/encode"))
    stuck, _ = in_background(lambda: ask_and_break(edge))
    wait_until_received(upstream, "/predictions/encode", before)
    edge.stop()
    stuck.join(timeout=10)
    assert not stuck.is_alive()
    upstream.release.set()


def ask_and_break(edge) -> str:
    try:
        return str(edge.ask("/encode", headers={"X-Fake": json.dumps({"wait": True})}).status)
    except OSError as error:
        return repr(error)


def test_a_second_signal_ends_it_at_once(plain_edge, upstream) -> None:
    before = len(upstream.of("/predictions/encode"))
    stuck, _ = in_background(lambda: ask_and_break(plain_edge))
    wait_until_received(upstream, "/predictions/encode", before)
    plain_edge.process.send_signal(signal.SIGTERM)
    plain_edge.wait_for("Draining.")
    plain_edge.process.send_signal(signal.SIGTERM)
    plain_edge.process.wait(timeout=3)
    upstream.release.set()
    stuck.join()


def test_nginx_that_dies_is_reported_and_one_that_is_left_alone_ends(
    plain_edge, start_edge, upstream, eventually
) -> None:
    master = int((plain_edge.run / "nginx.pid").read_text())
    os.kill(master, signal.SIGKILL)
    assert plain_edge.process.wait(timeout=10) == 1
    assert "error: nginx ended by itself with status -9" in plain_edge.output
    orphan = start_edge(*PLAIN, "--backend", upstream.url)
    orphan.process.kill()
    orphan.process.wait()
    eventually(lambda: is_refused(orphan))


def is_refused(edge) -> bool:
    try:
        edge.ask("/nothing")
    except OSError:
        return True
    return False


def test_another_backend_takes_over_and_back_and_no_request_fails(
    switched_edge, upstream, other_upstream, load
) -> None:
    with load(switched_edge.port, "/encode") as light:
        light.wait_for(20)
        there = switch(switched_edge, other_upstream.url)
        assert there.returncode == 0, there.stderr
        light.bodies.clear()
        light.wait_for(20)
        assert all(b"said by second" in body for body in light.bodies[8:])
        back = switch(switched_edge, upstream.url)
        assert back.returncode == 0, back.stderr
        light.wait_for(20)
    assert b"said by first" in light.bodies[-1]
    assert set(light.statuses) == {200}
    assert (light.num_refused, light.broken) == (0, [])
    assert other_upstream.of("/predictions/paraphrase/1.0/readyz")


def test_what_is_in_flight_stays_with_the_old_backend_until_it_is_answered(
    switched_edge, upstream, other_upstream
) -> None:
    upstream.release.clear()
    before = len(upstream.of("/predictions/encode"))
    slow, replies = in_background(lambda: switched_edge.ask("/encode", headers={"X-Fake": json.dumps({"wait": True})}))
    wait_until_received(upstream, "/predictions/encode", before)
    switching, done = in_background(lambda: switch(switched_edge, other_upstream.url))
    switched_edge.wait_for(f"backend: {other_upstream.url}")
    assert not read_json(switched_edge.run / "state.json")["settled"]
    upstream.release.set()
    slow.join()
    switching.join()
    assert b"said by first" in replies[0].body
    assert done[0].returncode == 0, done[0].stderr
    assert "may be stopped" in done[0].stdout
    assert switch(switched_edge, upstream.url).returncode == 0


def test_a_backend_that_is_not_ready_is_refused(switched_edge, upstream, other_upstream) -> None:
    other_upstream.ready = 503
    refused = switch(switched_edge, other_upstream.url)
    assert refused.returncode == 1
    assert f"is not ready, so {upstream.url} goes on (encode: status 503; paraphrase: status 503)" in refused.stderr
    away = switch(switched_edge, "http://127.0.0.1:9")
    assert "no answer" in away.stderr
    unknown = switch(switched_edge, "http://no.such.host.invalid:80", "--unchecked")
    assert unknown.returncode == 1
    assert "the edge goes on as before: nginx does not take its configuration" in unknown.stderr
    assert b"said by first" in switched_edge.ask("/encode").body


def test_of_several_switches_at_once_each_hears_what_became_of_it(switched_edge, upstream, other_upstream) -> None:
    other_upstream.ready_seconds = 1.5
    first, done = in_background(lambda: switch(switched_edge, other_upstream.url))
    wait_until_received(other_upstream, "/predictions/encode/1.0/readyz", 0)
    later = [in_background(lambda: switch(switched_edge, upstream.url)) for _ in range(3)]
    for thread, _ in [(first, done), *later]:
        thread.join()
    assert done[0].returncode == 0, done[0].stderr
    for _, (refused,) in later:
        assert refused.returncode == 1
        assert "another switch" in refused.stderr
        assert "is under way; nothing was changed" in refused.stderr
    assert b"said by second" in switched_edge.ask("/encode").body
    assert switch(switched_edge, upstream.url).returncode == 0


def test_where_no_edge_runs_nothing_can_be_switched(tmp_path) -> None:
    command = [sys.executable, str(SWITCH), "--run-dir", str(tmp_path), "--backend", "http://127.0.0.1:9"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no edge runs in" in done.stderr
