"""Every error that resay raises on purpose.

    ResayError
    ├── SettingsError        a setting or argument outside what is allowed
    ├── ShapeError           a tensor or array of the wrong shape or type
    ├── CorpusError          a text file that cannot be trained on
    ├── VectorsError         a word vector file that cannot be read or does not fit
    ├── CheckpointError      a run folder that cannot be resumed or loaded
    ├── DivergedError        a training whose loss is no number any more
    ├── ExportError          an export that does not equal its model
    ├── ModelFolderError     an exported model folder that is damaged or incomplete
    ├── DeviceError          a device that was asked for and is not there
    ├── MissingExtraError    an optional dependency that is not installed
    ├── ServerError          a server that cannot start or stay up
    └── RequestError         a request, or one item of it, that cannot be answered

A message names what was given, what is allowed and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ResayError(Exception):
    """Base of all errors raised on purpose; scripts print its message without a traceback."""


class SettingsError(ResayError, ValueError):
    """A setting or argument is outside what is allowed."""


class ShapeError(ResayError, ValueError):
    """A tensor or array has the wrong shape or type."""


class CorpusError(ResayError, ValueError):
    """A text file cannot be trained on."""


class VectorsError(ResayError, ValueError):
    """A word vector file cannot be read, or does not fit its use."""


class CheckpointError(ResayError):
    """A run folder cannot be resumed or loaded."""


class DivergedError(ResayError):
    """A training's loss is not a number any more."""


class ExportError(ResayError):
    """An exported graph does not equal the model it came from."""


class ModelFolderError(ResayError):
    """An exported model folder is damaged or incomplete."""


class DeviceError(ResayError):
    """A device was asked for and is not there."""


class MissingExtraError(ResayError, ImportError):
    """An optional dependency is not installed."""


class ServerError(ResayError):
    """A server cannot start or stay up."""


class RequestError(ResayError, ValueError):
    """A request, or one item of it, cannot be answered.

    Attributes:
        status: HTTP status, 400 to 599.
        code: Stable, machine-readable name such as ``empty_text``.
        path: Where in the request the problem is, such as ``inputs[3]``; empty for the whole body.
    """

    def __init__(self, status: int, code: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.path = path


def unknown_name_message(kind: str, given: str, allowed: Iterable[str]) -> str:
    """Return the message for a name that stands in no table, with the nearest allowed name."""
    names = list(allowed)
    close = get_close_matches(given, names, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"{kind} must be one of: {', '.join(names)}; got {given!r}{hint}"
