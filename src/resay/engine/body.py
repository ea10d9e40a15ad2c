"""The body of a request: bytes or text in any accepted form, to the JSON value that it stands for."""

import json
import math
from dataclasses import dataclass

import orjson

from resay.errors import RequestError

DEEPEST_INPUTS = 2
"""Lists in lists: latents, and pairs of texts."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as a front end hands it over.

    Attributes:
        body: Bytes as they came; or a string: the body decoded or, if the content type is JSON, the JSON
            string that it holds; or what parsed JSON is.
        content_type: The header's value, if there was one.
        accept: The header's value, if there was one.
        tail: What follows endpoint and version in the path, without slashes at its ends, such as "v1/embeddings".
        deadline: The moment, in seconds of `time.monotonic`, after which its sender waits no more.
        json_bytes: How many bytes of the body are JSON, where tensors follow it; None if all are.
    """

    body: object
    content_type: str | None = None
    accept: str | None = None
    tail: str = ""
    deadline: float = math.inf
    json_bytes: int | None = None


def read_body(request: RawRequest, max_body_bytes: int) -> object:
    """Return the JSON value of a body; a plain text is returned as the string it is.

    A body whose content type is JSON must be JSON. Any other body is a plain text, unless it looks like
    JSON (begins with a brace, bracket or quotation mark) and is JSON: so `curl -d '["…", "…"]'` needs no
    header. One that begins with a brace and is not JSON is an error, because nobody writes sentences that
    way; only the content type text/plain makes it a sentence.

    Raises:
        RequestError: 413 ``body_too_large``, 400 ``not_utf8`` or 400 ``invalid_json``.
    """
    body = request.body
    media_type = (request.content_type or "").partition(";")[0].strip().lower()
    if isinstance(body, (bytes, bytearray, memoryview)):
        data = bytes(body)
        check_size(len(data), max_body_bytes)
        text = decode(data)
    elif isinstance(body, str):
        check_size(len(body.encode("utf-8", "surrogatepass")), max_body_bytes)
        if is_json(media_type):
            return body
        text = body
    else:
        check_size(num_characters(body), max_body_bytes)
        return body
    return parse_json(text) if is_json(media_type) else parse_text(text, media_type)


def check_size(num_bytes: int, max_body_bytes: int) -> None:
    """Refuse a body over the limit."""
    if num_bytes > max_body_bytes:
        raise RequestError(
            413,
            "body_too_large",
            f"the body has {num_bytes} bytes, and at most {max_body_bytes} are taken; send several smaller requests",
        )


def num_characters(value: object) -> int:
    """Return about how much a parsed body can hold usefully: its strings and numbers, no more than its bytes."""
    return size_of(value.get("inputs") if isinstance(value, dict) else value, DEEPEST_INPUTS)


def size_of(value: object, depth: int) -> int:
    """Return the characters of the strings in lists of at most this depth, each number counted as one."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list) and depth:
        return sum(size_of(item, depth - 1) for item in value)
    return isinstance(value, (int, float))


def decode(data: bytes) -> str:
    """Decode UTF-8, with or without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(
            400,
            "not_utf8",
            f"the body is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}; encode the text as UTF-8",
        ) from None


def is_json(media_type: str) -> bool:
    """Return whether a media type stands for JSON."""
    return media_type == "application/json" or media_type.endswith("+json")


def parse_text(text: str, media_type: str) -> object:
    """Return the JSON value of a body that does not say that it is JSON, or the text itself."""
    beginning = text.lstrip()[:1]
    if beginning not in ("{", "[", '"'):
        return text
    try:
        return parse_json(text)
    except RequestError:
        if beginning == "{" and media_type != "text/plain":
            raise
        return text


def parse_json(text: str) -> object:
    """Parse JSON.

    Raises:
        RequestError: 400 ``invalid_json`` with the position of the fault.
    """
    try:
        value: object = orjson.loads(text)
        return value
    except orjson.JSONDecodeError as error:
        if "surrogate" in error.msg:
            return parse_lenient_json(text)
        raise invalid_json(error) from None
    except UnicodeEncodeError:
        return parse_lenient_json(text)


def parse_lenient_json(text: str) -> object:
    """Parse JSON in which a string holds half of a surrogate pair: one bad item must not fail its mates."""
    try:
        value: object = json.loads(text, parse_constant=refuse_constant)
        return value
    except json.JSONDecodeError as error:
        raise invalid_json(error) from None
    except (RecursionError, ValueError):
        raise RequestError(
            400, "invalid_json", "the body is not valid JSON: it nests too deep or holds an impossible number"
        ) from None


def refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python's parser takes and JSON has not."""
    raise ValueError(name)


def invalid_json(error: json.JSONDecodeError) -> RequestError:
    """Return the error for a body that is no JSON."""
    return RequestError(
        400,
        "invalid_json",
        f"the body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno});"
        ' send JSON, such as an object with "inputs"; texts may also come as plain text, with the content type'
        " text/plain",
    )
