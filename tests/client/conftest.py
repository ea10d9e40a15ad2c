"""A server that answers without a socket, a clock that waits without time, and both clients behind one face."""

import asyncio
import base64
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from resay.client import AsyncClient, Client, Clock

URL = "http://127.0.0.1:8080"
SIZE = 4


def vector_of(text: str) -> np.ndarray:
    """A vector by which each text of a test can be told from the others."""
    codes = [ord(character) for character in text]
    return np.array([len(text), sum(codes), sum(place * code for place, code in enumerate(codes)), 0.5], dtype="<f4")


def base64_of(vector: np.ndarray) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def refusal(status: int, code: str, message: str, path: str = "", **headers: str) -> httpx.Response:
    body = {"error": {"code": code, "message": message, "path": path}}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): text for name, text in headers.items()})


class FakeServer:
    """Answers as a server does; `planned` replies come first, in their order.

    Attributes:
        requests: What came, in its order.
        planned: Replies, exceptions to raise, or functions that make one of these.
        raw: Whether it knows vectors as bytes.
        bad: Texts that have no vector, and the code of the reason.
        max_items: More in one request are refused.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.planned: list[Any] = []
        self.raw = True
        self.bad: dict[str, str] = {}
        self.max_items = 512
        self.lock = threading.Lock()

    vector_of = staticmethod(vector_of)
    refusal = staticmethod(refusal)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            self.requests.append(request)
            planned = self.planned.pop(0) if self.planned else None
        if callable(planned):
            planned = planned()
        if isinstance(planned, Exception):
            raise planned
        return planned or self.answer(request)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests]

    @property
    def inputs(self) -> list[list[Any]]:
        return [body["inputs"] for body in self.bodies]

    def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        inputs = body["inputs"]
        if len(inputs) > self.max_items:
            return refusal(413, "too_many_items", f"inputs has {len(inputs)} texts", "inputs")
        if self.raw and request.headers["accept"] == "application/octet-stream":
            return self.raw_vectors(inputs)
        return httpx.Response(200, json={"model": "fake", "dimensions": SIZE, "data": self.items(inputs)})

    def raw_vectors(self, texts: list[str]) -> httpx.Response:
        rows = [np.full(SIZE, np.nan) if text in self.bad else vector_of(text) for text in texts]
        headers = {"content-type": "application/octet-stream", "x-shape": f"{len(texts)},{SIZE}"}
        failed = [str(place) for place, text in enumerate(texts) if text in self.bad]
        if failed:
            headers["x-failed"] = ",".join(failed)
        return httpx.Response(200, headers=headers, content=np.array(rows).astype("<f4").tobytes())

    def items(self, texts: list[str]) -> list[dict[str, Any]]:
        return [
            {"index": index, "error": {"code": self.bad[text], "message": f"{self.bad[text]}, said the server"}}
            if text in self.bad
            else {
                "index": index,
                "embedding": base64_of(vector_of(text)),
                "num_tokens": len(text.split()),
                "num_unknown": text.count("zyx"),
                "truncated": len(text) > 100,
            }
            for index, text in enumerate(texts)
        ]


class FakeTime:
    """Passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.sleeps: list[float] = []
        self.wall_offset = 1_700_000_000.0

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.seconds += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    @property
    def clock(self) -> Clock:
        """Draws the longest of all waits."""
        return Clock(
            now=lambda: self.seconds,
            wall=lambda: self.seconds + self.wall_offset,
            sleep=self.sleep,
            sleep_async=self.sleep_async,
            jitter=lambda longest: longest,
        )


class Caller:
    """Calls a method of one client or of the other."""

    def __init__(self, is_async: bool, **arguments: Any) -> None:
        self.is_async = is_async
        self.arguments = arguments

    def __call__(self, method: str, *arguments: Any, **options: Any) -> Any:
        if not self.is_async:
            with Client(**self.arguments) as client:
                return getattr(client, method)(*arguments, **options)

        async def call() -> Any:
            async with AsyncClient(**self.arguments) as client:
                return await getattr(client, method)(*arguments, **options)

        return asyncio.run(call())


@pytest.fixture
def fake() -> FakeServer:
    return FakeServer()


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture(params=["blocking", "async"])
def connect(request: pytest.FixtureRequest, fake: FakeServer, fake_time: FakeTime) -> Callable[..., Caller]:
    """Make a caller of the fake server, by either client."""

    def make(**settings: Any) -> Caller:
        given = {"transport": httpx.MockTransport(fake), "clock": fake_time.clock, **settings}
        return Caller(request.param == "async", **given)

    return make


@pytest.fixture
def blocking(fake: FakeServer, fake_time: FakeTime) -> Iterator[Client]:
    with Client(transport=httpx.MockTransport(fake), clock=fake_time.clock, batch_size=3) as client:
        yield client
