"""What the foreign protocols have in common: their names for our fields, and their own errors."""

from collections.abc import Iterable, Mapping
from typing import Any

from resay.engine.latent_requests import DecodeRequest, InterpolateRequest, SampleRequest
from resay.engine.request_fields import RequestFields
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.errors import RequestError, unknown_name_message

INPUTS = "inputs"

FIELDS: Mapping[str, type[RequestFields]] = {
    "encode": EncodeRequest,
    "paraphrase": ParaphraseRequest,
    "decode": DecodeRequest,
    "interpolate": InterpolateRequest,
    "sample": SampleRequest,
}
"""The fields of each endpoint's own requests."""


class ProtocolError(RequestError):
    """A request that is wrong by the rules of its protocol; its path is in the protocol's own words."""


def option_names(endpoint: str) -> list[str]:
    """Return the fields that an endpoint has besides its inputs."""
    return [name for name in FIELDS[endpoint].model_fields if name != INPUTS]


def check_names(given: Iterable[str], allowed: Iterable[str], place: str = "") -> None:
    """Refuse unknown names.

    Args:
        given: The names of a request.
        allowed: Those that there are.
        place: What goes before a name in a path.

    Raises:
        ProtocolError: 422 ``unknown_field``.
    """
    known = list(allowed)
    for name in given:
        if name not in known:
            shown = ascii(name)[1:-1][:80]
            raise ProtocolError(422, "unknown_field", unknown_name_message("field", shown, known), place + shown)


def read_object(body: object, inputs: str, others: Iterable[str]) -> Mapping[str, Any]:
    """Return a body that is an object with known fields, one of which holds its inputs.

    Args:
        body: Of a request.
        inputs: What the protocol calls them.
        others: The fields that there may be besides.

    Raises:
        ProtocolError: 422 ``wrong_type``, ``unknown_field`` or ``missing_field``.
    """
    if not isinstance(body, dict):
        raise ProtocolError(422, "wrong_type", f'the body must be an object with "{inputs}"')
    check_names(body, [inputs, *others])
    if inputs not in body:
        raise ProtocolError(422, "missing_field", f"{inputs} is missing; it holds what the request is about", inputs)
    return body


def check_model(body: Mapping[str, Any], field: str, served: str) -> None:
    """Refuse another model than the one that is served: its answer would be taken for something that it is not.

    Raises:
        ProtocolError: 404 ``model_not_found``.
    """
    given = body.get(field)
    if given is not None and given != served:
        shown = ascii(given)[:80] if isinstance(given, str) else "something that is no string"
        message = f"the model {shown} is not served here; the one that is: {served!r}"
        raise ProtocolError(404, "model_not_found", message, field)


def translated(error: RequestError, inputs: str, options: str = "") -> RequestError:
    """Return an error of our own requests with the protocol's path.

    Args:
        error: Of the request.
        inputs: Where the protocol has our inputs.
        options: What goes before the name of an option there.
    """
    path = error.path
    if isinstance(error, ProtocolError) or not path:
        return error
    ours = path == INPUTS or path.startswith(f"{INPUTS}[")
    path = inputs + path.removeprefix(INPUTS) if ours else options + path
    return RequestError(error.status, error.code, str(error), path)
