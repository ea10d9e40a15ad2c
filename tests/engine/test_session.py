import sys

import onnxruntime
import pytest

from resay.engine import open_session
from resay.engine.session import Gpu, check_provider, cuda_options, session_providers
from resay.errors import DeviceError, MissingExtraError, ModelFolderError, SettingsError


class SessionOn:
    def __init__(self, providers):
        self.providers = providers

    def run(self, output_names, input_feed):
        return []

    def get_providers(self):
        return self.providers


def test_runs_on_the_cpu(folder):
    session = open_session(folder.encoder_bytes)
    assert session.get_providers() == ["CPUExecutionProvider"]
    options = session.get_session_options()
    assert options.intra_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"
    assert open_session(folder.encoder_bytes, num_threads=2).get_session_options().intra_op_num_threads == 2


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="this onnxruntime knows CUDA"
)
def test_cuda_that_this_build_has_not(folder):
    with pytest.raises(DeviceError, match=r"CUDAExecutionProvider.*CPUExecutionProvider.*resay\[gpu\]"):
        open_session(folder.encoder_bytes, device="cuda")


def test_cuda_that_fell_back_in_silence(folder, monkeypatch):
    # What ONNX Runtime does where its CUDA libraries cannot be loaded: CUDA is "available", the CPU is what runs.
    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None, raising=False)
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *_, **__: SessionOn(["CPUExecutionProvider"]))
    with pytest.raises(DeviceError, match=r"get_providers\(\) gives \['CPUExecutionProvider'\]"):
        open_session(folder.encoder_bytes, device="cuda")


def test_cuda_that_came():
    check_provider(SessionOn(["CUDAExecutionProvider", "CPUExecutionProvider"]), "cuda")
    with pytest.raises(DeviceError):
        check_provider(SessionOn([]), "cpu")


@pytest.fixture
def cuda_machine(monkeypatch):
    """An onnxruntime with CUDA, as far as opening a session goes; what the sessions were given."""
    given = []

    def session(model_bytes, options, providers):
        given.append(providers)
        return SessionOn([provider if isinstance(provider, str) else provider[0] for provider in providers])

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None, raising=False)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    return given


@pytest.mark.parametrize(
    ("device", "options"),
    [
        ("cuda", {"device_id": "0"}),
        (Gpu(), {"device_id": "0"}),
        (Gpu(3), {"device_id": "3"}),
        (Gpu(1, memory_limit_mb=512), {"device_id": "1", "gpu_mem_limit": "536870912"}),
    ],
)
def test_gpu_and_its_memory_reach_the_runtime(folder, cuda_machine, device, options):
    open_session(folder.encoder_bytes, device=device)
    shared = {"arena_extend_strategy": "kSameAsRequested", "use_tf32": "0"}
    assert cuda_machine == [[("CUDAExecutionProvider", options | shared), "CPUExecutionProvider"]]


def test_cpu_has_no_options():
    assert session_providers("cpu") == ["CPUExecutionProvider"]


@pytest.mark.parametrize(
    ("gpu", "message"), [(Gpu(-1), "gpu_id must be at least 0; got -1"), (Gpu(0, 0), "memory_limit_mb.*got 0")]
)
def test_gpus_that_cannot_be(gpu, message):
    with pytest.raises(SettingsError, match=message):
        cuda_options(gpu)


def test_settings_outside_what_is_allowed(folder):
    with pytest.raises(SettingsError, match="cpu, cuda; got 'gpu'"):
        open_session(folder.encoder_bytes, device="gpu")
    with pytest.raises(SettingsError, match="at least 1; got 0"):
        open_session(folder.encoder_bytes, num_threads=0)


def test_a_graph_that_is_none():
    with pytest.raises(ModelFolderError, match=r"cannot load encoder\.onnx"):
        open_session(b"nonsense", name="encoder.onnx")


def test_onnxruntime_not_installed(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"resay\[cpu\].*resay\[gpu\]"):
        open_session(folder.encoder_bytes)
