"""Load on a running server, with every reply checked.

locust -f loadtests/locustfile.py --host http://127.0.0.1:8080 [--texts FILE]
"""

from __future__ import annotations

import math
import random
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from locust import FastHttpUser, between, events, tag, task
from locust.env import Environment

TEXTS = [
    "The food was great, but the service was slow.",
    "The room was clean and quiet.",
    "We waited half an hour for a table.",
    "The staff at the front desk was very friendly.",
    "I would not go back to this place.",
    "Breakfast was included and the coffee was good.",
    "The bed was comfortable, the bathroom was not.",
    "It's a short walk to the beach.",
]
ITEMS_OF_A_LIST = 32
NUM_CANDIDATES = 3


@events.init_command_line_parser.add_listener
def add_options(parser: ArgumentParser) -> None:
    """Add our options to locust's."""
    parser.add_argument("--texts", type=Path, help="file with one text a line, instead of the built-in ones")


@events.init.add_listener
def read_texts(environment: Environment, **_: Any) -> None:  # noqa: ANN401 (locust's own signature)
    """Read the texts once, before the first user starts."""
    path = environment.parsed_options.texts
    if path is not None:
        Reviewer.texts = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        if not Reviewer.texts:
            raise SystemExit(f"--texts {path} holds no text; put one text on each line")


class Reviewer(FastHttpUser):
    """What both kinds of users share: texts, and a request whose reply is looked at."""

    abstract = True
    texts: ClassVar[list[str]] = TEXTS

    def ask(self, endpoint: str, payload: dict[str, Any], name: str) -> None:
        """Send one request; it counts as failed unless each of its items is right."""
        path = f"/predictions/{endpoint}"
        with self.client.post(path, json=payload, name=name, catch_response=True) as response:
            if response.status_code != 200:
                response.failure(f"status {response.status_code}")
                return
            try:
                reply = response.json()
                problem = self.problem(reply, payload)
            except (ValueError, KeyError, TypeError) as error:
                problem = f"unexpected form of reply: {type(error).__name__}"
            if problem:
                response.failure(problem)

    def problem(self, reply: dict[str, Any], payload: dict[str, Any]) -> str:
        """Return what is wrong with a reply; empty if nothing."""
        inputs = payload["inputs"]
        num_items = len(inputs) if isinstance(inputs, list) else 1
        items = reply["data"]
        if [item["index"] for item in items] != list(range(num_items)):
            return f"{len(items)} items for {num_items} texts, or out of order"
        return next(filter(None, (self.item_problem(item, reply) for item in items)), "")

    def item_problem(self, item: dict[str, Any], reply: dict[str, Any]) -> str:
        """Return what is wrong with one item; empty if nothing."""
        raise NotImplementedError


class EncodeUser(Reviewer):
    """Asks for embeddings, mostly of single sentences."""

    weight = 4
    wait_time = between(0, 0.02)

    @tag("encode")
    @task(9)
    def one_text(self) -> None:
        """Encode one text."""
        self.ask("encode", {"inputs": random.choice(self.texts)}, "encode, 1 text")

    @tag("encode")
    @task(1)
    def many_texts(self) -> None:
        """Encode a list."""
        texts = random.choices(self.texts, k=ITEMS_OF_A_LIST)
        self.ask("encode", {"inputs": texts}, f"encode, {ITEMS_OF_A_LIST} texts")

    def item_problem(self, item: dict[str, Any], reply: dict[str, Any]) -> str:
        """Look at dimension and length of the embedding, which is normalised by default."""
        embedding = item["embedding"]
        if len(embedding) != reply["dimensions"]:
            return f"{len(embedding)} numbers instead of {reply['dimensions']}"
        length = math.sqrt(math.fsum(number * number for number in embedding))
        return "" if abs(length - 1) < 1e-3 else f"an embedding of length {length:.4f} instead of 1"


class ParaphraseUser(Reviewer):
    """Asks for paraphrases of single sentences."""

    weight = 1
    wait_time = between(0, 0.1)

    @tag("paraphrase")
    @task
    def one_text(self) -> None:
        """Paraphrase one text."""
        payload = {"inputs": random.choice(self.texts), "n": NUM_CANDIDATES}
        self.ask("paraphrase", payload, f"paraphrase, n={NUM_CANDIDATES}")

    def item_problem(self, item: dict[str, Any], reply: dict[str, Any]) -> str:
        """Look at number and texts of the candidates; none at all needs a reason."""
        texts = [candidate["text"] for candidate in item["candidates"]]
        if not texts and not item["finish_reason"]:
            return "no candidates and no reason"
        if len(texts) > NUM_CANDIDATES or len(set(texts)) < len(texts):
            return "too many candidates, or one of them twice"
        return "a candidate holds <unk>" if any("<unk>" in text for text in texts) else ""
