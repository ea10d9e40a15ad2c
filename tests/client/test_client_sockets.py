"""Real sockets: how many requests are under way at once, slow and broken servers, Ctrl-C, many threads."""

import asyncio
import itertools
import json
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from resay.client import AsyncClient, Client, ClientError, DeadlineError, UnreachableError

SIZE = 4
PATIENCE_SECONDS = 20


class Served(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        with server.lock:
            server.under_way += 1
            server.most_under_way = max(server.most_under_way, server.under_way)
            number = next(server.numbers)
        try:
            server.behave(self, number)
            texts = json.loads(body)["inputs"]
            rows = np.array([server.vector_of(text) for text in texts]).astype("<f4").tobytes()
        finally:
            with server.lock:
                server.under_way -= 1
        self.reply(rows, f"{len(texts)},{SIZE}")

    def reply(self, rows, shape):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("X-Shape", shape)
        self.send_header("Content-Length", str(len(rows)))
        self.end_headers()
        self.wfile.write(rows)

    def log_message(self, *arguments):
        pass


class RealServer(ThreadingHTTPServer):
    """Behaves as it is told, then answers."""

    daemon_threads = True

    def __init__(self, vector_of):
        super().__init__(("127.0.0.1", 0), Served)
        self.vector_of = vector_of
        self.behave = lambda request, number: None
        self.lock = threading.Lock()
        self.under_way = self.most_under_way = 0
        self.numbers = itertools.count()
        self.released = threading.Event()

    def handle_error(self, request, client_address):
        pass  # a client that went away

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def real(fake):
    with RealServer(fake.vector_of) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


TEXTS = [f"text {number}" for number in range(24)]


def encode_blocking(url, **settings):
    with Client(url, **settings) as client:
        return client.encode(TEXTS)


def encode_async(url, **settings):
    async def encode():
        async with AsyncClient(url, **settings) as client:
            return await client.encode(TEXTS)

    return asyncio.run(encode())


ENCODE = pytest.mark.parametrize("encode", [encode_blocking, encode_async])


@ENCODE
@pytest.mark.parametrize("most", [1, 3])
def test_so_many_requests_are_under_way_and_no_more(real, fake, encode, most):
    together = threading.Barrier(most)

    def meet(request, number):
        together.wait(PATIENCE_SECONDS)  # fails unless so many come at once

    real.behave = meet
    vectors = encode(real.url, batch_size=2, max_connections=most)
    np.testing.assert_array_equal(vectors, [fake.vector_of(text) for text in TEXTS])
    assert real.most_under_way == most


def test_all_threads_together_keep_to_the_connections(real, fake):
    real.behave = lambda request, number: time.sleep(0.002)
    with Client(real.url, batch_size=1, max_connections=2) as client, ThreadPoolExecutor(6) as threads:
        found = list(threads.map(client.encode, [TEXTS[start : start + 4] for start in range(0, 24, 4)]))
    np.testing.assert_array_equal(np.concatenate(found), [fake.vector_of(text) for text in TEXTS])
    assert real.most_under_way <= 2


@ENCODE
def test_a_connection_that_breaks_is_made_again(real, fake, encode, fake_time):
    def hang_up(request, number):
        if number == 0:
            request.connection.shutdown(socket.SHUT_RDWR)

    real.behave = hang_up
    vectors = encode(real.url, clock=fake_time.clock)
    np.testing.assert_array_equal(vectors, [fake.vector_of(text) for text in TEXTS])
    assert fake_time.sleeps == [0.5]


@ENCODE
def test_a_server_that_never_answers_does_not_hang(real, encode):
    real.behave = lambda request, number: real.released.wait(PATIENCE_SECONDS)
    with pytest.raises(DeadlineError, match="predictions/encode did not answer in time"):
        encode(real.url, timeout_seconds=0.2)


@ENCODE
def test_a_server_that_drips_does_not_hang(real, encode):
    def drip(request, number):
        request.send_response(200)
        request.send_header("Content-Length", "1000000")
        request.end_headers()
        while not real.released.wait(0.02):
            request.wfile.write(b"x")

    real.behave = drip
    with pytest.raises(DeadlineError, match="was not there in time"):
        encode(real.url, timeout_seconds=0.3)


@ENCODE
def test_nobody_there_is_said(encode, fake_time):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        with pytest.raises(UnreachableError, match="6 tries"):
            encode(f"http://127.0.0.1:{taken.getsockname()[1]}", clock=fake_time.clock)
    assert len(fake_time.sleeps) == 5


@ENCODE
def test_a_proxy_of_the_environment_is_no_way_to_this_machine(real, encode, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert encode(real.url, max_retries=0).shape == (24, SIZE)


@pytest.mark.parametrize("batch_size", [1, 64], ids=["several requests", "one request"])
def test_control_c_ends_a_call_at_once(real, batch_size):
    main = threading.main_thread().ident

    def interrupt(request, number):
        if number == 0:
            signal.pthread_kill(main, signal.SIGINT)
        real.released.wait(PATIENCE_SECONDS)

    real.behave = interrupt
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Client(real.url, batch_size=batch_size) as client:
        client.encode(TEXTS)
    assert time.monotonic() - start < PATIENCE_SECONDS / 2


@ENCODE
def test_an_error_in_one_batch_does_not_wait_for_the_others(real, encode):
    def fail_one(request, number):
        if number == 3:
            request.connection.shutdown(socket.SHUT_RDWR)
        else:
            real.released.wait(PATIENCE_SECONDS)

    real.behave = fail_one
    start = time.monotonic()
    with pytest.raises(UnreachableError):
        encode(real.url, batch_size=1, max_retries=0)
    assert time.monotonic() - start < PATIENCE_SECONDS / 2
    assert next(real.numbers) <= 8


def test_closing_waits_for_nobody_and_cuts_nobody_off(real, fake):
    arrived = threading.Event()

    def arrive(request, number):
        arrived.set()
        real.released.wait(PATIENCE_SECONDS)

    real.behave = arrive
    client = Client(real.url)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(client.encode, "one")
        assert arrived.wait(PATIENCE_SECONDS)
        client.close()
        with pytest.raises(ClientError, match="make another one"):
            client.encode("two")
        assert not client._sender._http.is_closed
        real.released.set()
        np.testing.assert_array_equal(answer.result(PATIENCE_SECONDS), fake.vector_of("one"))
    assert client._sender._http.is_closed
    client.close()


def test_a_closed_client_of_tasks_says_so(real):
    async def encode():
        client = AsyncClient(real.url)
        await client.close()
        with pytest.raises(ClientError, match="make another one"):
            await client.encode("one")

    asyncio.run(encode())


def test_a_task_that_is_cancelled_leaves_nothing_behind(real):
    real.behave = lambda request, number: real.released.wait(PATIENCE_SECONDS)

    async def cancel():
        async with AsyncClient(real.url, batch_size=1) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.encode(TEXTS), 0.1)
            return len(asyncio.all_tasks())

    assert asyncio.run(cancel()) == 1
