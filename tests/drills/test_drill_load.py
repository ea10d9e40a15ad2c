"""Load on a server of a few lines, which does what its path says."""

import http.server
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from drills.asks import Ask
from drills.load import Load
from drills.outcomes import num_of
from drills.settings import Drill
from generator.offering import Mark

BODY = b"right"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = int(self.path.strip("/"))
        if status == 0:
            self.close_connection = True
            return
        if status == 1:
            time.sleep(2)
        self.send_response(max(status, 200))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with fewer, connections made at once wait for a second or more

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have given up."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(status: int, body: bytes = BODY) -> Ask:
    return Ask(f"/{status}", body, lambda reply: reply.body == BODY)


def test_outcomes_come_in_the_order_of_the_requests(url: str) -> None:
    asks = [ask(200), ask(0), ask(200, b"wrong"), ask(429), ask(422), ask(500), ask(200)]
    with Load(url) as load:
        outcomes = load.at_once(asks)
        assert load.num_in_flight == 0
        assert load.num_ended == len(asks)
    kinds = ["right", "no reply", "wrong", "refused", "client error", "unclean error", "right"]
    assert [outcome.kind for outcome in outcomes] == kinds
    assert [outcome.status for outcome in outcomes] == [200, 0, 200, 429, 422, 500, 200]
    assert "500" in outcomes[5].told
    assert outcomes[1].told


def test_who_gets_no_reply_gives_up(url: str) -> None:
    with Load(url, timeout_s=0.2) as load:
        (outcome,) = load.at_once([ask(1)])
    assert (outcome.kind, outcome.told) == ("no reply", "timeout")


def test_nobody_listens() -> None:
    with Load("http://127.0.0.1:9") as load:
        (outcome,) = load.at_once([ask(200)])
    assert outcome.kind == "no reply"
    assert "refused" in outcome.told


def test_an_open_loop_sends_as_many_as_it_is_told_and_acts_on_the_way(url: str) -> None:
    seen: list[int] = []
    mark = Mark(time.monotonic() + 0.15, lambda: seen.append(load.num_ended))
    with Load(url) as load:
        outcomes = load.open_loop([ask(200), ask(422)], [(100.0, 0.1), (50.0, 0.2)], [mark])
    assert num_of(outcomes, "right") == num_of(outcomes, "client error") == 10
    gaps = [round(after.due - before.due, 6) for before, after in pairwise(outcomes)]
    assert gaps == [0.01] * 10 + [0.02] * 9
    assert len(seen) == 1
    assert 0 < seen[0] < 20


def test_capacity_counts_right_replies_alone(url: str) -> None:
    with Load(url) as load:
        assert load.capacity([ask(200)], 0.2) > 0
        with pytest.raises(RuntimeError, match=r"no right reply: client error 422"):
            load.capacity([ask(422)], 0.1)


def test_what_is_asked_reaches_the_server_whole(url: str) -> None:
    large = bytes(range(256)) * 10_000
    with Load(url) as load:
        (outcome,) = load.at_once([Ask("/200", large, lambda reply: reply.body == large)])
    assert outcome.kind == "right"


def test_a_drill_has_the_more_time_the_longer_its_load() -> None:
    drill = Drill(lambda settings: [], seconds=10, limit_s=100, limit_times=2)
    assert drill.most_seconds(30) == 160
