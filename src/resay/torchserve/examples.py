"""One request to each endpoint: shown as a curl line, sent as a warm-up, and its reply checked."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resay.errors import ServerError
from resay.torchserve.http_client import send

DEFAULT_TEXT = "The food was great, but the service was slow."
_NUM_SHOWN = 4
_LINE_LENGTH = 160
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answer:
    """An example, the server's reply to it, and what is wrong with that (empty: nothing)."""

    endpoint: str
    payload: dict[str, Any]
    reply: dict[str, Any]
    problems: list[str]

    def for_reading(self, inference_url: str, token_command: str = "") -> str:
        """Return the curl line and the reply as a user's terminal would show them."""
        return f"$ {curl(inference_url, self.endpoint, self.payload, token_command)}\n{show_reply(self.reply)}"


def ask_examples(inference_url: str, headers: Mapping[str, str], text: str, embedding_size: int) -> list[Answer]:
    """Ask both endpoints about one sentence.

    A refusal is no failure of the server (the model may know no word of the sentence): it stands among
    the problems.

    Raises:
        ServerError: An endpoint gave no answer, one with a status from 500 on, or no JSON object.
    """
    examples: list[tuple[str, dict[str, Any], Callable[[dict[str, Any]], list[str]]]] = [
        ("encode", {"inputs": text}, lambda reply: encode_problems(reply, embedding_size)),
        ("paraphrase", {"inputs": text, "n": 3}, lambda reply: paraphrase_problems(reply, text)),
    ]
    answers = []
    for endpoint, payload, problems in examples:
        status, reply = ask(f"{inference_url}/predictions/{endpoint}", payload, headers)
        found = problems(reply) if status == 200 else [f"{endpoint}: refused with status {status}"]
        answers.append(Answer(endpoint, payload, reply, found))
    return answers


def curl(inference_url: str, endpoint: str, payload: Mapping[str, Any], token_command: str = "") -> str:
    """Return a request as a line for the shell; ``token_command`` is shell that prints the token."""
    body = json.dumps(payload, ensure_ascii=False)
    token = f' -H "Authorization: Bearer {token_command}"' if token_command else ""
    url = f"{inference_url}/predictions/{endpoint}"
    return f"curl -X POST {url}{token} -H 'Content-Type: {_JSON}' -d {shlex.quote(body)}"


def ask(url: str, payload: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    """Send one JSON request and return the reply's status and JSON object.

    Raises:
        ServerError: There was no answer, one with a status from 500 on, or no JSON object.
    """
    body = json.dumps(payload).encode()
    try:
        reply = send("POST", url, body=body, headers={"Content-Type": _JSON, **headers}, timeout_s=60.0)
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


def encode_problems(reply: dict[str, Any], embedding_size: int) -> list[str]:
    """Return what is wrong with the reply of ``encode`` to one text."""
    item = _only_item(reply, "embedding")
    if item is None:
        return [f"encode: the reply holds no single embedding: {json.dumps(reply)[:300]}"]
    embedding, dimensions = item["embedding"], reply.get("dimensions")
    problems = []
    if not len(embedding) == dimensions == embedding_size:
        problems.append(
            f"encode: {len(embedding)} numbers, dimensions = {dimensions}; model.json says {embedding_size}"
        )
    if not all(isinstance(number, float | int) and math.isfinite(number) for number in embedding):
        problems.append("encode: the embedding holds something other than finite numbers")
    return problems


def paraphrase_problems(reply: dict[str, Any], text: str) -> list[str]:
    """Return what is wrong with the reply of ``paraphrase`` to one text."""
    item = _only_item(reply, "candidates")
    if item is None:
        return [f"paraphrase: the reply holds no single list of candidates: {json.dumps(reply)[:300]}"]
    texts = [str(candidate["text"]) for candidate in item["candidates"]]
    problems = []
    if not any(_plain(candidate) not in ("", _plain(text)) for candidate in texts):
        problems.append(f"paraphrase: no candidate differs from the input {text!r}: {texts}")
    if any("<unk>" in candidate for candidate in texts):
        problems.append(f"paraphrase: a candidate holds <unk>: {texts}")
    return problems


def show_reply(reply: dict[str, Any]) -> str:
    """Return a reply's JSON for reading: what fits on a line stays on it; of each embedding only the first numbers."""
    shown = json.loads(json.dumps(reply))
    replacements: dict[str, str] = {}
    for item in shown.get("data", []):
        if isinstance(item.get("embedding"), list):
            first = ", ".join(f"{number:.4f}" for number in item["embedding"][:_NUM_SHOWN])
            mark = f"@embedding {len(replacements)}@"
            replacements[f'"{mark}"'] = f"[{first}, … {len(item['embedding'])} numbers in all]"
            item["embedding"] = mark
    text = _laid_out(shown)
    for mark, replacement in replacements.items():
        text = text.replace(mark, replacement)
    return text


def _laid_out(value: object, indent: str = "") -> str:
    line = json.dumps(value, ensure_ascii=False)
    if len(indent + line) <= _LINE_LENGTH or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_laid_out(part, deeper)}" for key, part in value.items()]
        opening, closing = "{}"
    else:
        parts = [_laid_out(part, deeper) for part in value]
        opening, closing = "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closing}"


def _only_item(reply: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return the reply's single item if it has a list under ``key``."""
    items = reply.get("data")
    if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
        item: dict[str, Any] = items[0]
        if isinstance(item.get(key), list):
            return item
    return None


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
