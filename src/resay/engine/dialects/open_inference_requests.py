"""What a request of the Open Inference Protocol asks: one tensor of texts, options, and some of the outputs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from resay.engine.dialects.foreign import ProtocolError, check_names, option_names
from resay.engine.dialects.tensors import OUTPUTS

PARAMETERS = "parameters"
TENSOR_FIELDS = ("name", "shape", "datatype", "data")
ALL_BINARY = "binary_data_output"
BINARY = "binary_data"
MAX_DIMENSIONS = 4
INPUT_DATA = "inputs[0].data"
"""Where our inputs are."""
OUR_FORMS = ("encoding_format",)
"""Options that the protocol has its own ways for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which outputs a request asks for.

    Attributes:
        names: In the order of the request; empty for all.
        binary: Those that shall come as bytes.
        all_binary: Whether those that say nothing about it shall.
    """

    names: tuple[str, ...] = ()
    binary: Mapping[str, bool] | None = None
    all_binary: bool = False

    @classmethod
    def read(cls, body: Mapping[str, Any], endpoint: str, *, all_binary: bool) -> "Wanted":
        """Read the field `outputs`.

        Raises:
            ProtocolError: It is no list of objects, or names an output that there is not.
        """
        given = body.get("outputs")
        if given is None:
            return cls(all_binary=all_binary)
        if not isinstance(given, list) or not all(isinstance(output, dict) for output in given):
            raise ProtocolError(422, "wrong_type", "outputs must be a list of objects with a name", "outputs")
        binary = {}
        for place, output in enumerate(given):
            name = str(output.get("name"))
            check_names([name], OUTPUTS[endpoint], f"outputs[{place}].")
            binary[name] = read_binary(output.get(PARAMETERS), place, otherwise=all_binary)
        return cls(tuple(binary), binary, all_binary)

    def is_binary(self, name: str) -> bool:
        """Return whether an output shall come as bytes."""
        return self.all_binary if self.binary is None else self.binary.get(name, self.all_binary)


ALL = Wanted()


def read_binary(parameters: object, place: int, *, otherwise: bool) -> bool:
    """Return whether an output shall come as bytes.

    Raises:
        ProtocolError: Something else is asked of it.
    """
    if parameters is None:
        return otherwise
    path = f"outputs[{place}].{PARAMETERS}"
    if not isinstance(parameters, dict):
        raise ProtocolError(422, "wrong_type", f"{path} must be an object", path)
    check_names(parameters, [BINARY], f"{path}.")
    return parameters.get(BINARY, otherwise) is True


def read_options(body: Mapping[str, Any], endpoint: str) -> tuple[dict[str, Any], bool]:
    """Return our options, and whether outputs shall come as bytes.

    Raises:
        ProtocolError: The field `parameters` is no object, or names an option that there is not.
    """
    given = body.get(PARAMETERS)
    if given is None:
        return {}, False
    if not isinstance(given, dict):
        raise ProtocolError(422, "wrong_type", f"{PARAMETERS} must be an object", PARAMETERS)
    names = [name for name in option_names(endpoint) if name not in OUR_FORMS]
    check_names(given, [*names, ALL_BINARY], f"{PARAMETERS}.")
    return {name: given[name] for name in names if name in given}, given.get(ALL_BINARY) is True


def read_texts(inputs: object) -> list[Any]:
    """Return the elements of the one tensor of a request; whether they are texts is looked at later.

    Raises:
        ProtocolError: There is more than one, it is no tensor of BYTES, or its shape is not that of its data.
    """
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        number = len(inputs) if isinstance(inputs, list) else 0
        raise ProtocolError(
            422, "wrong_length", f"inputs must have one tensor, with all texts in it; got {number}", "inputs"
        )
    tensor = inputs[0]
    missing = [name for name in TENSOR_FIELDS if name not in tensor]
    if missing:
        path = f"inputs[0].{missing[0]}"
        raise ProtocolError(422, "missing_field", f"{path} is missing; a tensor has {', '.join(TENSOR_FIELDS)}", path)
    if tensor["datatype"] != "BYTES":
        given = ascii(tensor["datatype"])[:40]
        raise ProtocolError(
            422, "not_allowed", f"the datatype must be BYTES, of texts; got {given}", "inputs[0].datatype"
        )
    data = list(flattened(tensor["data"]))
    check_shape(tensor["shape"], len(data))
    return data


def flattened(data: object, num_levels: int = MAX_DIMENSIONS) -> Iterator[object]:
    """Yield the elements of a tensor, which may be given one after the other or as lists of lists."""
    if not isinstance(data, list):
        raise ProtocolError(422, "wrong_type", f"{INPUT_DATA} must be a list", INPUT_DATA)
    for item in data:
        if isinstance(item, list) and num_levels > 1:
            yield from flattened(item, num_levels - 1)
        else:
            yield item


def check_shape(shape: object, num_elements: int) -> None:
    """Refuse a shape that is not that of the data.

    Raises:
        ProtocolError: 422 ``wrong_length``.
    """
    # Looked at before they are multiplied: the product of thousands of sizes takes seconds.
    sizes = shape[: MAX_DIMENSIONS + 1] if isinstance(shape, list) else [None]
    known = len(sizes) <= MAX_DIMENSIONS and all(type(size) is int and 0 <= size <= num_elements for size in sizes)
    if not known or prod(sizes) != num_elements:
        given = ascii(sizes)[:60]
        raise ProtocolError(
            422, "wrong_length", f"the shape is {given}, and the data has {num_elements} elements", "inputs[0].shape"
        )
