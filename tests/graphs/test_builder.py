import numpy as np
import onnx
import pytest
import torch

from resay.errors import ExportError
from resay.graphs import builder as builder_module
from resay.graphs.builder import GraphBuilder
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.encoder_graph import build_encoder
from resay.models import Autoencoder


@pytest.mark.parametrize("build", [build_encoder, build_decoder_step])
def test_same_model_gives_same_bytes(tiny_model, build):
    model = tiny_model()
    copy = Autoencoder(model.settings)
    copy.load_state_dict(model.state_dict())
    assert build(model) == build(copy)
    assert build(model) != build(tiny_model(seed=1))


@pytest.mark.parametrize("build", [build_encoder, build_decoder_step])
def test_one_file_with_fixed_marks(tiny_model, build):
    model = onnx.load_model_from_string(build(tiny_model()))
    assert (model.producer_name, model.producer_version, model.ir_version) == ("resay", "1", 10)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 20)]
    assert all(tensor.data_location == onnx.TensorProto.DEFAULT for tensor in model.graph.initializer)
    names = [tensor.name for tensor in model.graph.initializer]
    assert names.count("word_vectors") == 1


def test_half_precision_weights_are_stored_as_float32(tiny_model):
    model = tiny_model().to(torch.bfloat16)
    graph = onnx.load_model_from_string(build_encoder(model)).graph
    kinds = {tensor.data_type for tensor in graph.initializer}
    assert kinds == {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64}


def test_a_malformed_graph_does_not_leave_the_builder():
    builder = GraphBuilder("malformed")
    builder.float_output("nowhere", ["B"])
    with pytest.raises(onnx.checker.ValidationError):
        builder.to_bytes()


def test_too_large_a_graph_is_refused(monkeypatch):
    monkeypatch.setattr(builder_module, "LARGEST_FILE", 2**20 + 100)
    builder = GraphBuilder("large")
    builder.constant("table", np.zeros(26, dtype=np.float32))
    with pytest.raises(ExportError, match=r"the large graph holds .* smaller vocabulary"):
        builder.to_bytes()
