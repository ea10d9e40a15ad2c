"""What can be wrong with the reply to each example request; an empty list says that nothing is."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from resay.torchserve.subject import Payload, Subject

NUM_PARAPHRASES = 3
NUM_STEPS = 7
NUM_SAMPLES = 3


def encode_problems(reply: Payload, subject: Subject) -> list[str]:
    """Look at the embedding of one text: its size, and that its numbers are some."""
    item = _only_item(reply, "embedding", list)
    if item is None:
        return [f"encode: the reply holds no single embedding: {_shortened(reply)}"]
    embedding, dimensions = item["embedding"], reply.get("dimensions")
    size = subject.card.dimensions.embedding_size
    problems = []
    if not len(embedding) == dimensions == size:
        problems.append(f"encode: {len(embedding)} numbers, dimensions = {dimensions}; model.json says {size}")
    if not all(_is_finite(number) for number in embedding):
        problems.append("encode: the embedding holds something other than finite numbers")
    return problems


def paraphrase_problems(reply: Payload, subject: Subject) -> list[str]:
    """Look at the candidates for one text: one at least differs from it, and all are made of words."""
    item = _only_item(reply, "candidates", list)
    if item is None:
        return [f"paraphrase: the reply holds no single list of candidates: {_shortened(reply)}"]
    texts = [str(candidate["text"]) for candidate in item["candidates"]]
    problems = []
    if not any(_plain(candidate) not in ("", _plain(subject.text)) for candidate in texts):
        problems.append(f"paraphrase: no candidate differs from the input {subject.text!r}: {texts}")
    return problems + _unknown_words("paraphrase", texts)


def decode_problems(reply: Payload, subject: Subject) -> list[str]:
    """Look at the text of one latent."""
    item = _only_item(reply, "text", str)
    if item is None:
        return [f"decode: the reply holds no single text: {_shortened(reply)}"]
    return _text_problems("decode", [item])


def interpolate_problems(reply: Payload, subject: Subject) -> list[str]:
    """Look at the way from one text to another: it goes somewhere, from position 0 on, never back, never past 1."""
    item = _only_item(reply, "steps", list)
    if item is None:
        return [f"interpolate: the reply holds no single list of steps: {_shortened(reply)}"]
    steps = item["steps"]
    positions = [step["position"] for step in steps]
    problems = []
    if len(steps) < 2:
        problems.append(f"interpolate: both ends say the same: {_shortened(steps)}")
    if not positions or positions[0] != 0 or positions != sorted(set(positions)) or positions[-1] > 1:
        problems.append(f"interpolate: the positions do not ascend from 0 to 1 at most: {positions}")
    return problems + _text_problems("interpolate", steps)


def sample_problems(reply: Payload, subject: Subject) -> list[str]:
    """Look at the texts of latents that were drawn."""
    items = reply.get("data")
    if not isinstance(items, list) or len(items) != NUM_SAMPLES or not all("text" in item for item in items):
        return [f"sample: the reply does not hold {NUM_SAMPLES} texts: {_shortened(reply)}"]
    return _text_problems("sample", items)


def _text_problems(endpoint: str, said: list[dict[str, Any]]) -> list[str]:
    """Look at texts with their scores."""
    texts = [str(each["text"]) for each in said]
    problems = []
    if not any(text.strip() for text in texts):
        problems.append(f"{endpoint}: nothing was said: {texts}")
    if not all(_is_finite(each.get("log_prob")) and each["log_prob"] <= 0 for each in said):
        problems.append(f"{endpoint}: a log_prob is no logarithm of a probability: {_shortened(said)}")
    return problems + _unknown_words(endpoint, texts)


def _unknown_words(endpoint: str, texts: Iterable[str]) -> list[str]:
    found = [text for text in texts if "<unk>" in text]
    return [f"{endpoint}: <unk> was said: {found}"] if found else []


def _only_item(reply: Payload, key: str, kind: type) -> dict[str, Any] | None:
    """Return the reply's single item if it has something of the kind under ``key``."""
    items = reply.get("data")
    if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
        item: dict[str, Any] = items[0]
        if isinstance(item.get(key), kind):
            return item
    return None


def _is_finite(number: object) -> bool:
    return isinstance(number, float | int) and math.isfinite(number)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _shortened(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:300]
