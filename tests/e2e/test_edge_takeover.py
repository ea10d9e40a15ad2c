"""Two real TorchServes behind one edge: the second takes over and gives back, then the edge drains; nothing fails."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resay.edge.edge import Edge, running_edge
from resay.edge.program import find_nginx
from resay.edge.rates import Rate
from resay.edge.settings import EdgeSettings
from resay.edge.takeover import switch_backend
from resay.errors import MissingExtraError, ServerError
from resay.torchserve.http_client import send
from resay.torchserve.stopping import ServerStop

TEMPLATES = Path(__file__).parents[2] / "serving" / "edge"
NUM_THREADS = 4
PATIENCE_S = 60.0


class Load:
    """Encodes again and again from several threads, each time on a new connection; notes who answered."""

    def __init__(self, url: str) -> None:
        self.answers: list[str] = []
        self.refusals: list[str] = []
        self._url = url
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(NUM_THREADS)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        body, headers = b'{"inputs": "The food was very good."}', {"Content-Type": "application/json"}
        while not self._stopped.is_set():
            try:
                reply = send("POST", f"{self._url}/encode", body=body, headers=headers)
            except (ConnectionRefusedError, ConnectionResetError) as error:
                # Not accepted: a reset one was in the kernel's hands when nginx closed its port.
                self.refusals.append(repr(error))
                return
            except OSError as error:
                self.answers.append(repr(error))
                return
            answer = json.loads(reply.body)["model"] if reply.status == 200 else reply.body.decode()
            self.answers.append(answer)

    def wait_for(self, num_more: int) -> set[str]:
        """Wait for so many more answers; return who gave them."""
        before = len(self.answers)
        deadline = time.monotonic() + PATIENCE_S
        while len(self.answers) < before + num_more:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return set(self.answers[before:])

    def wait_for_refusal(self) -> None:
        for thread in self._threads:
            thread.join(timeout=PATIENCE_S)


@pytest.fixture
def edge(server) -> Iterator[Edge]:
    try:
        find_nginx()
    except MissingExtraError as error:
        pytest.skip(str(error))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = EdgeSettings(
        backend=server.url,
        port=port,
        rate=Rate(999999, "s"),
        endpoints=("encode",),
        max_body_bytes={"encode": 1048576},
        num_processes=1,
        drain_notice_s=0.3,
    )
    with running_edge(settings, TEMPLATES, ServerStop()) as edge:
        assert edge is not None
        yield edge


def test_a_new_model_takes_over_and_gives_back_and_the_edge_drains_under_load(edge, server, binary_server) -> None:
    told: list[str] = []
    stop = threading.Event()
    serving = threading.Thread(target=edge.serve, args=(stop.is_set, told.append))
    serving.start()
    try:
        with Load(edge.settings.url) as load:
            assert load.wait_for(50) == {"tiny"}
            switch_backend(edge.run.root, binary_server.url, timeout_s=PATIENCE_S)
            load.wait_for(NUM_THREADS)  # those that were on their way
            assert load.wait_for(50) == {"tiny-binary"}
            switch_backend(edge.run.root, server.url, timeout_s=PATIENCE_S)
            load.wait_for(NUM_THREADS)
            assert load.wait_for(50) == {"tiny"}
            with pytest.raises(ServerError, match=f"so {server.url} goes on"):
                switch_backend(edge.run.root, "http://127.0.0.1:9", timeout_s=PATIENCE_S)
            assert load.refusals == []
            stop.set()
            serving.join()
            draining = threading.Thread(target=lambda: told.append(f"drained: {edge.drain()}"))
            draining.start()
            load.wait_for_refusal()
            draining.join()
    finally:
        stop.set()
        serving.join()
    assert told == [f"backend: {binary_server.url}", f"backend: {server.url}", "drained: True"]
    assert set(load.answers) == {"tiny", "tiny-binary"}
    lines = [json.loads(line) for line in edge.run.access_log.read_text().splitlines()]
    assert {line["status"] for line in lines} == {200}
    assert len(lines) == len(load.answers)
