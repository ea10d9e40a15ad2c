"""ONNX Runtime sessions that run where they were told to, or say so."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from resay.errors import DeviceError, MissingExtraError, ModelFolderError, SettingsError, unknown_name_message


@dataclass(frozen=True, slots=True)
class Gpu:
    """One of several GPUs, or a part of its memory.

    Attributes:
        gpu_id: Which one, counted from 0 as CUDA sees them.
        memory_limit_mb: What each session's arena may take there, in MiB; ``None`` for all there is.
    """

    gpu_id: int = 0
    memory_limit_mb: int | None = None


Device: TypeAlias = Literal["cpu", "cuda"] | Gpu
"""Where graphs run; "cuda" is the first GPU, all of it."""

CPU_PROVIDER = "CPUExecutionProvider"
CUDA_PROVIDER = "CUDAExecutionProvider"
PROVIDERS: dict[str, list[str]] = {"cpu": [CPU_PROVIDER], "cuda": [CUDA_PROVIDER, CPU_PROVIDER]}
ERRORS_ONLY = 3  # ONNX Runtime's log severity

OrtValue: TypeAlias = Any
"""An `onnxruntime.OrtValue`: a tensor, wherever it lies."""

IOBinding: TypeAlias = Any
"""An `onnxruntime.IOBinding`: what one run reads and writes."""


@runtime_checkable
class GraphSession(Protocol):
    """The part of `onnxruntime.InferenceSession` that the engine uses."""

    def run(self, output_names: list[str], input_feed: dict[str, Any]) -> list[Any]:
        """Run the graph on named arrays and return the named outputs."""

    def get_providers(self) -> list[str]:
        """Return what the graph really runs on, best first."""


@runtime_checkable
class BindingSession(GraphSession, Protocol):
    """A session whose inputs and outputs can stay on the device."""

    def io_binding(self) -> IOBinding:
        """Return an empty binding."""

    def run_with_iobinding(self, binding: IOBinding) -> None:
        """Run the graph on what is bound."""


def open_session(
    model_bytes: bytes, *, device: Device | str = "cpu", num_threads: int = 1, name: str = "the graph"
) -> GraphSession:
    """Load an ONNX graph.

    Args:
        model_bytes: The .onnx file's content; the graph must hold its own weights.
        device: "cuda" or a `Gpu` runs on the GPU or fails: ONNX Runtime itself would fall back to the CPU
            without a word.
        num_threads: Threads of one call; they sleep between calls instead of spinning.
        name: What messages call the graph.

    Raises:
        SettingsError: If the device or the number of threads is not allowed.
        MissingExtraError: If onnxruntime is not installed.
        ModelFolderError: If ONNX Runtime cannot read the graph.
        DeviceError: If the GPU was asked for and did not come.
    """
    kind = device_kind(device)
    if num_threads < 1:
        raise SettingsError(f"num_threads must be at least 1; got {num_threads}")
    onnxruntime = import_onnxruntime()
    prepare_device(onnxruntime, kind)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    # A spinning pool goes on burning CPU time after every call, which the other workers of the host lack.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    try:
        session: GraphSession = onnxruntime.InferenceSession(model_bytes, options, providers=session_providers(device))
    except Exception as error:
        # Its exception classes have no common base of their own, and which one comes depends on the version.
        raise ModelFolderError(
            f"ONNX Runtime cannot load {name} ({type(error).__name__}: {first_line(error)}); export the model again"
        ) from error
    check_provider(session, kind)
    return session


def device_kind(device: Device | str) -> str:
    """Return "cpu" or "cuda".

    Raises:
        SettingsError: If there is no such device.
    """
    if isinstance(device, Gpu):
        return "cuda"
    if device not in PROVIDERS:
        raise SettingsError(unknown_name_message("device", device, PROVIDERS))
    return device


def session_providers(device: Device | str) -> list[str | tuple[str, dict[str, str]]]:
    """Return what a session is to run on, best first, with the options of CUDA."""
    if device_kind(device) == "cpu":
        return [CPU_PROVIDER]
    return [(CUDA_PROVIDER, cuda_options(device if isinstance(device, Gpu) else Gpu())), CPU_PROVIDER]


def cuda_options(gpu: Gpu) -> dict[str, str]:
    """Return the options of the CUDA provider. There are none for cuDNN: they all are about convolutions.

    Raises:
        SettingsError: If there cannot be such a GPU.
    """
    if gpu.gpu_id < 0:
        raise SettingsError(f"gpu_id must be at least 0; got {gpu.gpu_id}")
    options = {
        "device_id": str(gpu.gpu_id),
        # The other strategy doubles the arena each time, and several workers share a GPU.
        "arena_extend_strategy": "kSameAsRequested",
        # On by default, it leaves 10 bits of each factor's 23: no vector would be what the export has compared.
        "use_tf32": "0",
    }
    if gpu.memory_limit_mb is None:
        return options
    if gpu.memory_limit_mb < 1:
        raise SettingsError(f"memory_limit_mb must be at least 1; got {gpu.memory_limit_mb}")
    return options | {"gpu_mem_limit": str(gpu.memory_limit_mb * 1024 * 1024)}


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
