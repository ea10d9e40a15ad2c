"""The items of a request, each what it should be or the reason why it is not."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from jaxtyping import Float32
from numpy import ndarray

from resay.engine.decoding_cost import check_decoded_tokens
from resay.engine.dialects import NATIVE, Dialect
from resay.engine.latent_requests import DecodeRequest, InterpolateRequest
from resay.engine.latents.packing import FORMATS
from resay.engine.limits import ModelBounds, RequestLimits
from resay.engine.parsing import Fields, parse_fields, type_name
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.errors import RequestError

Item = TypeVar("Item")
TextFields = TypeVar("TextFields", EncodeRequest, ParaphraseRequest)
Pair = tuple[str, str]


@dataclass(slots=True)
class ParsedRequest(Generic[Fields, Item]):
    """A request that can be answered, at least in part. Deadline and dialect are set by who read it.

    Attributes:
        fields: Its checked fields.
        items: What it asks about, or an error in an item's place.
        is_list: Whether it sent a list; a single item that fails fails the request.
        deadline: The moment, in seconds of `time.monotonic`, by which it is answered with what there is.
        dialect: How its reply is written.
    """

    fields: Fields
    items: list[Item | RequestError]
    is_list: bool
    deadline: float = math.inf
    dialect: Dialect = NATIVE

    @property
    def num_characters(self) -> int:
        """Return the total length of its texts."""
        return sum(len(item) for item in self.items if isinstance(item, str))


def parse_texts(
    body: object, model: type[TextFields], limits: RequestLimits, bounds: ModelBounds
) -> ParsedRequest[TextFields, str]:
    """Read a request whose inputs are a text or a list of texts.

    Raises:
        RequestError: If the request as a whole cannot be answered.
    """
    fields = parse_fields(body, model, bounds)
    inputs, is_list = (fields.inputs, True) if isinstance(fields.inputs, list) else ([fields.inputs], False)
    check = partial(check_text, max_characters=limits.max_characters)
    items = check_items(inputs, check, limits, "texts")
    check_decoded_tokens(fields, len(items), limits, bounds)
    return ParsedRequest(fields, items, is_list)


def parse_latents(
    body: object, limits: RequestLimits, bounds: ModelBounds, latent_size: int
) -> ParsedRequest[DecodeRequest, Float32[ndarray, " Z"]]:
    """Read a request whose inputs are a latent or a list of latents.

    Raises:
        RequestError: If the request as a whole cannot be answered.
    """
    fields = parse_fields(body, DecodeRequest, bounds)
    inputs, is_list = (fields.inputs, True) if isinstance(fields.inputs, list) else ([fields.inputs], False)
    if is_list and all(isinstance(number, (int, float)) for number in inputs):
        inputs, is_list = [inputs], False
    read = FORMATS[fields.encoding_format]

    def check(item: object) -> Float32[ndarray, " Z"]:
        return read(item, latent_size)

    items = check_items(inputs, check, limits, "latents")
    check_decoded_tokens(fields, len(items), limits, bounds)
    return ParsedRequest(fields, items, is_list)


def parse_pairs(body: object, limits: RequestLimits, bounds: ModelBounds) -> ParsedRequest[InterpolateRequest, Pair]:
    """Read a request whose inputs are two texts or a list of such pairs.

    Raises:
        RequestError: If the request as a whole cannot be answered.
    """
    fields = parse_fields(body, InterpolateRequest, bounds)
    is_list = any(isinstance(item, list) for item in fields.inputs)
    inputs = fields.inputs if is_list else [fields.inputs]
    check = partial(check_pair, max_characters=limits.max_characters)
    items = check_items(inputs, check, limits, "pairs of texts")
    check_decoded_tokens(fields, len(items), limits, bounds)
    return ParsedRequest(fields, items, is_list)


def check_items(
    inputs: Sequence[object], check: Callable[[object], Item], limits: RequestLimits, what: str
) -> list[Item | RequestError]:
    """Return each item as it should be, or why it is not.

    Args:
        inputs: What was sent.
        check: Returns an item, or raises a `RequestError`.
        limits: Of the server.
        what: The items' name, for a message.

    Raises:
        RequestError: 413 ``too_many_items``.
    """
    if len(inputs) > limits.max_items:
        raise RequestError(
            413,
            "too_many_items",
            f"inputs has {len(inputs)} {what}, and at most {limits.max_items} are taken; send several requests",
            "inputs",
        )
    return [try_item(item, check) for item in inputs]


def try_item(item: object, check: Callable[[object], Item]) -> Item | RequestError:
    """Return what a check returns, or the error that it raises."""
    try:
        return check(item)
    except RequestError as error:
        return error


def check_text(item: object, max_characters: int) -> str:
    """Return an item that is a text of acceptable length.

    Raises:
        RequestError: 422 ``wrong_type`` or ``too_long``.
    """
    if not isinstance(item, str):
        raise RequestError(422, "wrong_type", f"each of inputs must be a string; got {type_name(item)}")
    if len(item) > max_characters:
        raise RequestError(
            422, "too_long", f"the text has {len(item)} characters, and at most {max_characters} are taken"
        )
    return item


def check_pair(item: object, max_characters: int) -> Pair:
    """Return an item that is two texts of acceptable length.

    Raises:
        RequestError: 422 ``wrong_type``, ``wrong_length`` or ``too_long``.
    """
    if not isinstance(item, list):
        raise RequestError(422, "wrong_type", f"each of inputs must be a list of two texts; got {type_name(item)}")
    if len(item) != 2:
        raise RequestError(422, "wrong_length", f"each of inputs must have two texts; got {len(item)}")
    first, second = (check_text(text, max_characters) for text in item)
    return first, second
