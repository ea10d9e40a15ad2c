"""Requests as bytes, made before the clock runs."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from traffic.kinds import KINDS, Kind

NUM_CALLS = 4096
_NUM_DRAWN = 64


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        kind: Name in `KINDS`.
        texts: What it is about.
        request: Its bytes on the wire.
        kept: Whether its reply is kept, for its content to be looked at.
    """

    kind: str
    texts: tuple[str, ...]
    request: bytes
    kept: bool = True


def make_call(url: str, kind: str, texts: Sequence[str], headers: Mapping[str, str], *, kept: bool = True) -> Call:
    """Return the request of a kind about these texts."""
    return Call(kind, tuple(texts), _bytes(url, KINDS[kind], texts, headers), kept)


def draw_calls(
    url: str, shares: Mapping[str, float], texts: Sequence[str], headers: Mapping[str, str], seed: int
) -> list[Call]:
    """Return `NUM_CALLS` requests, kinds and texts drawn at random, to be sent in this order, again and again.

    Args:
        url: Of the server.
        shares: Of each kind.
        texts: What to ask about.
        headers: Further headers for each request.
        seed: The same one draws the same requests.
    """
    generator = random.Random(seed)
    drawn: dict[str, list[Call]] = {}
    for name in shares:
        kind = KINDS[name]
        groups: list[tuple[str, ...]] = [(text,) for text in texts]
        if kind.num_texts > 1:
            groups = [tuple(generator.choices(texts, k=kind.num_texts)) for _ in range(_NUM_DRAWN)]
        drawn[name] = [make_call(url, name, group, headers, kept=False) for group in groups]
    calls = []
    for name in _exact_shares(shares, generator):
        call = generator.choice(drawn[name])
        kept = generator.random() < KINDS[name].check_share
        calls.append(Call(call.kind, call.texts, call.request, kept))
    return calls


def _exact_shares(shares: Mapping[str, float], generator: random.Random) -> list[str]:
    """Return a name for each call, in random order, as many of each as its share says."""
    total = sum(shares.values())
    names = [name for name, share in shares.items() for _ in range(round(NUM_CALLS * share / total))]
    generator.shuffle(names)
    return names


def _bytes(url: str, kind: Kind, texts: Sequence[str], headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    body = kind.body(texts)
    lines = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Accept": kind.accept,
        "Content-Length": str(len(body)),
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {parts.path.rstrip('/')}{kind.path} HTTP/1.1\r\n{head}\r\n".encode() + body
