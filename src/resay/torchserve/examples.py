"""One request to each endpoint: shown as a curl line, sent as a warm-up, and its reply checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from resay.errors import ServerError
from resay.torchserve.endpoints import ENDPOINTS
from resay.torchserve.http_client import send
from resay.torchserve.reading import JSON_TYPE, curl, piped_curl, show_reply
from resay.torchserve.subject import Payload, Subject, latent_request

_LONGEST_COMMAND = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """An example, the server's reply to it, and what is wrong with that (empty: nothing).

    `source` is what ``encode`` was asked for the payload's ``inputs``, if it was.
    """

    endpoint: str
    payload: Payload
    reply: Payload
    problems: list[str]
    source: Payload | None = None

    def for_reading(self, inference_url: str, token_command: str = "") -> str:
        """Return the curl line and the reply as a user's terminal would show them."""
        command = curl(inference_url, self.endpoint, self.payload, token_command)
        if self.source is not None and len(command) > _LONGEST_COMMAND:
            command = piped_curl(inference_url, self.endpoint, self.source, token_command)
        return f"$ {command}\n{show_reply(self.reply)}"


def ask_examples(
    inference_url: str, headers: Mapping[str, str], subject: Subject, endpoints: Iterable[str]
) -> list[Answer]:
    """Ask each endpoint for its example.

    A refusal is no failure of the server (the model may know no word of the sentence): it stands among
    the problems, unless the model has to refuse.

    Raises:
        ServerError: An endpoint gave no answer, one with a status from 500 on, or no JSON object.
    """
    names = list(endpoints)
    source = latent_request(subject) if {"encode", "decode"} <= set(names) else None
    if source is not None:
        subject = _with_latent(subject, source, ask(f"{inference_url}/predictions/encode", source, headers))
    answers = []
    for name in names:
        payload = ENDPOINTS[name].example(subject)
        status, reply = ask(f"{inference_url}/predictions/{name}", payload, headers)
        found = _problems(name, status, reply, subject)
        answers.append(Answer(name, payload, reply, found, source if name == "decode" else None))
    return answers


def ask(url: str, payload: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[int, Payload]:
    """Send one JSON request and return the reply's status and JSON object.

    Raises:
        ServerError: There was no answer, one with a status from 500 on, or no JSON object.
    """
    body = json.dumps(payload).encode()
    try:
        reply = send("POST", url, body=body, headers={"Content-Type": JSON_TYPE, **headers}, timeout_s=60.0)
    except OSError as error:
        raise ServerError(f"{url} did not answer: {error}") from error
    text = reply.body.decode(errors="replace")
    if reply.status >= 500:
        raise ServerError(f"{url} failed with status {reply.status}: {text[:1000]}")
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise ServerError(f"{url} answered with something other than a JSON object: {text[:200]!r}")
    return reply.status, parsed


def _problems(name: str, status: int, reply: Payload, subject: Subject) -> list[str]:
    endpoint = ENDPOINTS[name]
    refusal = endpoint.refusal(subject.card)
    if refusal:
        code = reply.get("error", {}).get("code")
        return [] if code == refusal else [f"{name}: not refused with the code {refusal}, but status {status}, {code}"]
    return endpoint.problems(reply, subject) if status == 200 else [f"{name}: refused with status {status}"]


def _with_latent(subject: Subject, source: Payload, answer: tuple[int, Payload]) -> Subject:
    """Put what ``encode`` said in the place of the zeros; a refusal leaves them there, and is found again later."""
    status, reply = answer
    if status != 200:
        return subject
    latent = reply["data"][0]["embedding"]
    return replace(subject, latent=latent, encoding_format=source.get("encoding_format", "float"))
