"""The decoder's state kept on a device: here the CPU, by the same bindings as on a GPU."""

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest

from resay.engine.decoding import SEARCHES, DecoderState, DecoderStep, DecodingRequest, DecodingSettings, decode
from resay.engine.decoding.device_memory import DeviceMemory, DeviceState, bindable
from resay.engine.decoding.gather_graph import gather_graph
from resay.engine.session import Gpu
from resay.errors import DeviceError


@pytest.fixture(scope="module")
def step(folder):
    return DecoderStep.open(folder)


@pytest.fixture(scope="module")
def bound(step):
    return dataclasses.replace(step, memory=DeviceMemory.open("cpu"))


def requests_of(folder, search):
    generator = np.random.default_rng(7)
    latents = generator.normal(size=(20, folder.card.dimensions.latent_size)).astype(np.float32)
    settings = [DecodingSettings(search, number, num_groups=2, diversity_penalty=1.0) for number in (1, 4)]
    return [
        DecodingRequest(latent, settings[index % 2], 3 + index % 9, seed=index) for index, latent in enumerate(latents)
    ]


def told(hypotheses):
    return [[(item.token_ids, item.log_prob, item.stop) for item in found] for found in hypotheses]


@pytest.mark.parametrize("search", SEARCHES)
def test_every_search_finds_the_same_to_the_last_bit(folder, step, bound, search):
    requests = requests_of(folder, search)
    assert told(decode(bound, requests)) == told(decode(step, requests))


def test_state_stays_on_the_device(folder, bound, monkeypatch):
    """What comes to the host is tokens and scores, never [R, H]."""
    fetched = []
    run = DeviceMemory.run

    def watched(self, session, fed, **names):
        arrays, kept = run(self, session, fed, **names)
        fetched.append([array.shape for array in arrays])
        return arrays, kept

    monkeypatch.setattr(DeviceMemory, "run", watched)
    decode(bound, requests_of(folder, "beam"))
    steps = [shapes for shapes in fetched if shapes]
    gathers = [shapes for shapes in fetched if not shapes]
    assert len(steps) > 5
    assert gathers
    for ids, log_probs in steps:
        assert ids == log_probs
        assert ids[1] != folder.card.dimensions.hidden_size


def state_of(bound, num_rows=4):
    generator = np.random.default_rng(1)
    hidden, cell = generator.normal(size=(2, num_rows, bound.hidden_size)).astype(np.float32)
    return np.full(num_rows, 5, dtype=np.int64), DecoderState(hidden, cell)


@pytest.mark.parametrize("rows", [[3, 0, 0], [2], [1, 2, 3, 0], []])
def test_rows_are_taken_as_numpy_takes_them(folder, step, bound, rows):
    tokens, state = state_of(bound)
    latents = np.zeros((4, folder.card.dimensions.latent_size), dtype=np.float32)
    plain, device = (one.run(tokens, latents, state, 3).state for one in (step, bound))
    assert isinstance(device, DeviceState)
    taken = device.taken(np.array(rows, dtype=np.int64))
    np.testing.assert_array_equal(taken.hidden.numpy(), plain.hidden[rows])
    np.testing.assert_array_equal(taken.cell.numpy(), plain.cell[rows])


def test_rows_that_all_stay_cost_nothing(folder, bound):
    tokens, state = state_of(bound)
    latents = np.zeros((4, folder.card.dimensions.latent_size), dtype=np.float32)
    device = bound.run(tokens, latents, state, 3).state
    assert device.taken(np.arange(4)) is device


def test_graph_that_takes_rows_is_valid():
    model = onnx.load_model_from_string(gather_graph())
    onnx.checker.check_model(model, full_check=True)
    shapes = [
        [axis.dim_param for axis in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [["R", "H"], ["R", "H"], ["K"], ["K", "H"], ["K", "H"]]


def test_only_cuda_keeps_the_state(folder, step, monkeypatch):
    assert step.memory is None
    asked = []
    real = onnxruntime.InferenceSession

    class OnTheGpu(real):
        def get_providers(self):
            return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def session(model_bytes, options, providers):
        asked.append(providers[0][1]["device_id"])
        return OnTheGpu(model_bytes, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None, raising=False)
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    memory = DecoderStep.open(folder, device=Gpu(2)).memory
    assert (memory.kind, memory.device_id) == ("cuda", 2)
    assert asked == ["2", "2"]


def test_session_that_cannot_be_bound():
    with pytest.raises(DeviceError, match="of type int cannot keep"):
        bindable(3)
