"""The generated ``config.properties``: a template of the project, filled in and escaped for Java."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from resay.errors import ServerError
from resay.torchserve.ports import LOOPBACK, ServerPorts


def server_properties(
    *,
    ports: ServerPorts,
    host: str,
    model_store: Path,
    archives: list[str],
    token_auth: bool,
    num_gpus: int = 0,
) -> dict[str, str]:
    """Return the values that differ from one run to the next, by their name in the template."""
    return {
        "inference_address": f"http://{host}:{ports.inference}",
        "management_address": f"http://{LOOPBACK}:{ports.management}",
        "metrics_address": f"http://{LOOPBACK}:{ports.metrics}",
        "grpc_inference_port": str(ports.grpc_inference),
        "grpc_management_port": str(ports.grpc_management),
        "model_store": str(model_store),
        "load_models": ",".join(archives),
        "number_of_gpu": str(num_gpus),
        "disable_token_authorization": "false" if token_auth else "true",
    }


def render_configuration(template: Path, values: Mapping[str, str]) -> str:
    """Fill the template; every ``${name}`` in it must have a value, escaped for a Java properties file.

    Raises:
        ServerError: The template cannot be read, or names a value that is not known.
    """
    try:
        text = template.read_text(encoding="utf-8")
        return Template(text).substitute({name: escape_property(value) for name, value in values.items()})
    except OSError as error:
        raise ServerError(f"{template} cannot be read: {error.strerror}") from error
    except KeyError as error:
        allowed = ", ".join(sorted(values))
        raise ServerError(f"{template} asks for the value {error.args[0]!r}; known are: {allowed}") from error
    except ValueError as error:
        raise ServerError(f"{template} is no template: {error}; write a plain dollar sign as $$") from error


def escape_property(value: str) -> str:
    r"""Escape a value for ``java.util.Properties``, which reads Latin-1 and takes ``\`` as an escape."""
    return "".join(_escape_character(character) for character in value)


def _escape_character(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def read_properties(text: str) -> dict[str, str]:
    """Return the ``key=value`` lines of a properties file, without comments and unescaped."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, value in pairs}
