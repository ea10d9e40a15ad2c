"""Requests as lines for the shell, replies as a terminal can show them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

JSON_TYPE = "application/json"
_NUM_SHOWN = 4
_LINE_LENGTH = 160
# Makes the embedding in a reply of encode the body of the next request.
_TAKE_EMBEDDING = 'import json, sys; print(json.dumps({"inputs": json.load(sys.stdin)["data"][0]["embedding"]}))'


def curl(inference_url: str, endpoint: str, payload: Mapping[str, Any], token_command: str = "") -> str:
    """Return a request as a line for the shell; ``token_command`` is shell that prints the token."""
    body = json.dumps(payload, ensure_ascii=False)
    return f"{_curl_to(inference_url, endpoint, token_command)} -d {shlex.quote(body)}"


def piped_curl(inference_url: str, endpoint: str, source: Mapping[str, Any], token_command: str = "") -> str:
    """Return a request about what ``encode`` answers to ``source``, as a pipe for the shell."""
    return (
        f"{curl(inference_url, 'encode', source, token_command)} |\n"
        f"  python3 -c {shlex.quote(_TAKE_EMBEDDING)} |\n"
        f"  {_curl_to(inference_url, endpoint, token_command)} -d @-"
    )


def _curl_to(inference_url: str, endpoint: str, token_command: str) -> str:
    token = f' -H "Authorization: Bearer {token_command}"' if token_command else ""
    return f"curl -X POST {inference_url}/predictions/{endpoint}{token} -H 'Content-Type: {JSON_TYPE}'"


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
