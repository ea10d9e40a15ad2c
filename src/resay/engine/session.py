"""ONNX Runtime sessions that run where they were told to, or say so."""

from types import ModuleType
from typing import Any, Literal, Protocol, runtime_checkable

from resay.errors import DeviceError, MissingExtraError, ModelFolderError, SettingsError, unknown_name_message

Device = Literal["cpu", "cuda"]

CPU_PROVIDER = "CPUExecutionProvider"
PROVIDERS: dict[str, list[str]] = {"cpu": [CPU_PROVIDER], "cuda": ["CUDAExecutionProvider", CPU_PROVIDER]}
ERRORS_ONLY = 3  # ONNX Runtime's log severity


@runtime_checkable
class GraphSession(Protocol):
    """The part of `onnxruntime.InferenceSession` that the engine uses."""

    def run(self, output_names: list[str], input_feed: dict[str, Any]) -> list[Any]:
        """Run the graph on named arrays and return the named outputs."""

    def get_providers(self) -> list[str]:
        """Return what the graph really runs on, best first."""


def open_session(
    model_bytes: bytes, *, device: str = "cpu", num_threads: int = 1, name: str = "the graph"
) -> GraphSession:
    """Load an ONNX graph.

    Args:
        model_bytes: The .onnx file's content; the graph must hold its own weights.
        device: "cuda" runs on the GPU or fails: ONNX Runtime itself would fall back to the CPU without a
            word.
        num_threads: Threads of one call; they sleep between calls instead of spinning.
        name: What messages call the graph.

    Raises:
        SettingsError: If the device or the number of threads is not allowed.
        MissingExtraError: If onnxruntime is not installed.
        ModelFolderError: If ONNX Runtime cannot read the graph.
        DeviceError: If the GPU was asked for and did not come.
    """
    if device not in PROVIDERS:
        raise SettingsError(unknown_name_message("device", device, PROVIDERS))
    if num_threads < 1:
        raise SettingsError(f"num_threads must be at least 1; got {num_threads}")
    onnxruntime = import_onnxruntime()
    prepare_device(onnxruntime, device)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    # A spinning pool goes on burning CPU time after every call, which the other workers of the host lack.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        session: GraphSession = onnxruntime.InferenceSession(model_bytes, options, providers=PROVIDERS[device])
    except Exception as error:
        # Its exception classes have no common base of their own, and which one comes depends on the version.
        raise ModelFolderError(
            f"ONNX Runtime cannot load {name} ({type(error).__name__}: {first_line(error)}); export the model again"
        ) from error
    check_provider(session, device)
    return session


def import_onnxruntime() -> ModuleType:
    """Return the module onnxruntime.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError(
            "running a model needs onnxruntime, not installed here; run: pip install 'resay[cpu]', or"
            " pip install 'resay[gpu]' for an NVIDIA GPU (never both in one environment)"
        ) from error
    module: ModuleType = onnxruntime
    return module


def prepare_device(onnxruntime: ModuleType, device: str) -> None:
    """Make ready what a device needs before a session is opened.

    Raises:
        DeviceError: If this build of onnxruntime has no such device.
    """
    available = onnxruntime.get_available_providers()
    if PROVIDERS[device][0] not in available:
        raise device_error(device, f"this onnxruntime has only {available}")
    if device == "cuda" and hasattr(onnxruntime, "preload_dlls"):
        # The pip packages of CUDA and cuDNN lie where the dynamic loader does not look.
        onnxruntime.preload_dlls()


def check_provider(session: GraphSession, device: str) -> None:
    """Check that a session runs on the device that was asked for.

    Raises:
        DeviceError: If it does not.
    """
    active = session.get_providers()
    if not active or active[0] != PROVIDERS[device][0]:
        raise device_error(device, f"session.get_providers() gives {active}")


def device_error(device: str, found: str) -> DeviceError:
    """Return the error for a device that is not there."""
    return DeviceError(
        f"device {device!r} needs the {PROVIDERS[device][0]}, and {found}: check the NVIDIA driver and CUDA,"
        " run pip install 'resay[gpu]' (with no package onnxruntime beside it), or use device 'cpu'"
    )


def first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return next(iter(str(error).splitlines()), "")
