"""Locust's users: each asks, waits for the answer, thinks for a moment and asks again."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, ClassVar

from locust import FastHttpUser, between, tag
from traffic.content import FirstReplies, Reply
from traffic.kinds import JSON, KINDS, USERS
from traffic.texts import read_texts

_NUM_TASKS = 100


class Reviewer(FastHttpUser):
    """What all users share: texts, and a request whose reply is looked at."""

    abstract = True
    texts: ClassVar[list[str]] = read_texts()
    first: ClassVar[FirstReplies] = FirstReplies()

    def ask(self, name: str) -> None:
        """Send one request of a kind; it counts as failed unless its content is right."""
        kind = KINDS[name]
        texts = random.choices(self.texts, k=kind.num_texts)
        headers = {"Content-Type": JSON, "Accept": kind.accept}
        with self.client.post(
            kind.path, data=kind.body(texts).decode(), headers=headers, name=name, catch_response=True
        ) as response:
            reply = Reply(
                response.status_code,
                response.content or b"",
                {key.lower(): value for key, value in (response.headers or {}).items()},
            )
            problem = kind.problem(reply, texts, self.first)
            if problem:
                response.failure(problem)
            else:
                response.success()


def asking(name: str) -> Callable[..., None]:
    """Return a task: one request of a kind, tagged with its endpoint."""

    def ask(user: Reviewer) -> None:
        user.ask(name)

    ask.__name__ = name
    tagged: Callable[..., None] = tag(KINDS[name].endpoint)(ask)
    return tagged


def tasks_of(users: str) -> list[Any]:
    """Return tasks of which Locust draws one after the other, each as often as its share says."""
    return [asking(name) for name, share in USERS[users].items() for _ in range(round(_NUM_TASKS * share))]


class InteractiveUser(Reviewer):
    """Encodes one text after the other."""

    wait_time = between(0, 0.02)
    tasks = tasks_of("interactive")


class BulkUser(Reviewer):
    """Encodes 64 texts at a time, as base64."""

    wait_time = between(0, 0.2)
    tasks = tasks_of("bulk")


class ParaphraseUser(Reviewer):
    """Asks for five paraphrases of one text at a time."""

    wait_time = between(0, 0.1)
    tasks = tasks_of("paraphrase")


class MixUser(Reviewer):
    """Asks for all of this, in the shares of `USERS`."""

    wait_time = between(0, 0.02)
    tasks = tasks_of("mix")
