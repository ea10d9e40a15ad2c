"""What exporting needs beyond the base installation."""

from importlib.util import find_spec

from resay.errors import MissingExtraError

EXTRA_OF_MODULE = {"torch": "export", "onnx": "export", "onnxruntime": "cpu"}


def require_export_extras() -> None:
    """Check that torch, onnx and onnxruntime are installed.

    Raises:
        MissingExtraError: If one is not, with the pip command that installs it.
    """
    missing = [name for name in EXTRA_OF_MODULE if find_spec(name) is None]
    if missing:
        extras = ",".join(dict.fromkeys(EXTRA_OF_MODULE[name] for name in missing))
        raise MissingExtraError(
            f"exporting needs {' and '.join(missing)}, not installed here; run: pip install 'resay[{extras}]'"
        )
