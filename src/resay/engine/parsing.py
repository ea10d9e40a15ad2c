"""From the JSON value of a request to its checked fields."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from resay.engine.limits import ModelBounds
from resay.engine.request_fields import RequestFields
from resay.errors import RequestError, unknown_name_message

Fields = TypeVar("Fields", bound=RequestFields)

CODES: Mapping[str, str] = {
    "missing": "missing_field",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "literal_error": "not_allowed",
    "too_long": "out_of_range",
}
"""pydantic's name of an error to ours; names that end in "_type" or "_parsing" are ``wrong_type``."""

OWN_CODES = frozenset({"no_inputs", "not_allowed", "out_of_range", "wrong_type"})

TYPE_NAMES: Mapping[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def parse_fields(body: object, model: type[Fields], bounds: ModelBounds) -> Fields:
    """Check the fields of a request; the items of its inputs are still to be looked at.

    Raises:
        RequestError: If the request as a whole cannot be answered.
    """
    if not isinstance(body, dict):
        if not isinstance(body, (str, list)) or "inputs" not in model.model_fields:
            raise RequestError(422, "wrong_type", f"the body must be {model.bodies}; got {type_name(body)}")
        body = {"inputs": body}
    check_names(body, model)
    try:
        checked = model.model_validate(body)
    except ValidationError as error:
        raise to_request_error(error.errors(include_url=False)[0]) from None
    check_bounds(checked, bounds)
    return checked


def check_names(fields: Mapping[str, object], model: type[RequestFields]) -> None:
    """Refuse unknown fields, before pydantic, which cannot name one whose name is no proper Unicode.

    Raises:
        RequestError: 422 ``unknown_field``, with the known ones.
    """
    for name in fields:
        if name not in model.model_fields:
            path = path_of((name,))
            message = unknown_name_message("field", path, model.model_fields)
            raise RequestError(422, "unknown_field", message, path)


def check_bounds(fields: RequestFields, bounds: ModelBounds) -> None:
    """Hold the fields against the model.

    Raises:
        RequestError: If one is greater than this model allows.
    """
    for name, bound in fields.upper_bounds.items():
        given, largest = getattr(fields, name), getattr(bounds, bound)
        if given is not None and given > largest:
            raise RequestError(
                422, "out_of_range", f"{name} must be 1 to {largest} with this model; got {show(given)}", name
            )


def to_request_error(details: ErrorDetails) -> RequestError:
    """Say what pydantic found, in the words and codes of this API."""
    kind, location = details["type"], details["loc"]
    path = str(details.get("ctx", {}).get("path", "")) or path_of(location)
    if kind in OWN_CODES:
        given = "" if kind == "no_inputs" else f"; got {show(details['input'])}"
        return RequestError(422, kind, details["msg"] + ("" if "; " in details["msg"] else given), path)
    if kind == "missing":
        return RequestError(422, "missing_field", f"{path} is missing; it is the one field that is needed", path)
    code = CODES.get(kind, "wrong_type")
    message = details["msg"].removeprefix("Input ")
    return RequestError(422, code, f"{path} {message}; got {show(details['input'])}", path)


def path_of(location: tuple[int | str, ...]) -> str:
    """Return a field's path in plain ASCII, at most 80 characters of each part."""
    parts = (f"[{part}]" if isinstance(part, int) else "." + ascii(part)[1:-1][:80] for part in location)
    return "".join(parts).removeprefix(".")


def show(value: object) -> str:
    """Return a value as a message may show it: short numbers and words, else only the type's name."""
    if isinstance(value, str):
        return ascii(value) if len(value) <= 40 else f"a string of {len(value)} characters"
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    return type_name(value)


def type_name(value: object) -> str:
    """Return what JSON calls a value's type."""
    return TYPE_NAMES.get(type(value), "something else")
