"""The losses as modules: their table, where their buffers go, what they say of themselves."""

import copy
import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import torch

import resay.losses
from resay.losses import LOSSES, LossOptions, SoftLabelLoss, build_loss, tune_cpu_allocator

V, E, H = 14, 5, 3


@pytest.fixture
def vectors():
    return torch.rand(V, E, generator=torch.Generator().manual_seed(0))


def test_the_table_holds_the_four_losses_by_their_names(vectors):
    built = {name: type(build_loss(name, vectors)).__name__ for name in LOSSES}
    assert built == {
        "ce": "CrossEntropyLoss",
        "weighted-ce": "WeightedCrossEntropyLoss",
        "weighted-sim": "WeightedSimilarityLoss",
        "soft-label": "SoftLabelLoss",
    }
    assert {variant.__name__ for variant in type(build_loss("ce")).__mro__} >= {"Module"}


def test_every_option_reaches_its_loss(vectors, tmp_path):
    options = LossOptions(
        ignore_index=-1,
        reduction="sum",
        vocab_size=V,
        no_vector_ids=[1],
        num_neighbours=3,
        stop_ids=[2],
        normalize=False,
        temperature=0.5,
        eps=0.25,
        negatives="keep",
        cache_dir=tmp_path,
        excluded_pairs=[[0, 4], [5, 3]],
        ce_mix=0.5,
    )
    assert {field.name for field in dataclasses.fields(options)} == set(LossOptions.__slots__)
    for name in LOSSES:
        loss = build_loss(name, vectors, options)
        assert (loss.ignore_index, loss.reduction) == (-1, "sum")
    soft = build_loss("soft-label", vectors, options)
    assert soft.neighbour_ids.shape == (V, 3)
    assert soft.eps == 0.25
    assert soft.neighbour_weights[1].tolist() == soft.neighbour_weights[2].tolist() == [1, 0, 0]
    assert not (soft.neighbour_ids[[0, *range(2, V)]] == 1).any()
    assert list(tmp_path.iterdir())
    assert 4 not in soft.neighbour_ids[0]
    assert 5 not in soft.neighbour_ids[3]
    weighted = build_loss("weighted-ce", vectors, options)
    assert (weighted.eps, weighted.similarity.temperature, weighted.similarity.normalize) == (0.25, 0.5, False)
    assert build_loss("weighted-sim", vectors, options).ce_mix == 0.5


def test_tables_move_with_the_module_and_stay_out_of_checkpoints(variant, vectors):
    loss = variant.build(vectors)
    assert loss.state_dict() == {}
    assert list(loss.parameters()) == []
    if variant.name == "ce":
        return
    assert {buffer.dtype for buffer in loss.buffers()} <= {torch.float32, torch.int32, torch.bool}
    double = copy.deepcopy(loss).to(torch.float64)
    floating = [buffer.dtype for buffer in double.buffers() if buffer.is_floating_point()]
    assert set(floating) == {torch.float64}
    logits, targets = torch.randn(9, V), torch.arange(9)
    torch.testing.assert_close(double(logits.double(), targets).float(), loss(logits, targets))
    torch.testing.assert_close(double(logits, targets), loss(logits, targets))
    assert {buffer.device.type for buffer in loss.to("meta").buffers()} == {"meta"}


def test_word_vectors_are_copied(variant, vectors):
    loss = variant.build(torch.nn.Parameter(vectors))
    logits, targets = torch.randn(9, V), torch.arange(9)
    before = loss(logits, targets)
    vectors.zero_()
    assert torch.equal(loss(logits, targets), before)
    assert not any(buffer.requires_grad for buffer in loss.buffers())


def test_half_and_array_vectors_are_taken(variant, vectors):
    logits, targets = torch.randn(9, V), torch.arange(9)
    half = vectors.half()
    expected = variant.build(half.float())(logits, targets)
    assert torch.equal(variant.build(half)(logits, targets), expected)
    assert torch.equal(variant.build(half.float().numpy())(logits, targets), expected)


def test_a_module_says_what_it_is(vectors):
    assert repr(build_loss("ce")) == "CrossEntropyLoss(ignore_index=-100, reduction='mean')"
    assert repr(build_loss("soft-label", vectors)).startswith(
        "SoftLabelLoss(vocab_size=14, num_neighbours=5, eps=0, ignore_index=-100"
    )
    for name in ("weighted-ce", "weighted-sim"):
        assert "vocab_size=14" in repr(build_loss(name, vectors))


def test_a_table_from_the_cache_gives_the_same_loss(vectors, tmp_path):
    logits, targets = torch.randn(9, V), torch.arange(9)
    expected = SoftLabelLoss(vectors)(logits, targets)
    for _ in range(2):
        assert torch.equal(SoftLabelLoss(vectors, cache_dir=tmp_path)(logits, targets), expected)
    assert len(list(tmp_path.iterdir())) == 1


def test_excluded_pairs_are_left_out_of_both_forms_of_the_loss(paper, vectors):
    pairs = [(0, 1), (4, 2), (3, 3), (8, 0)]
    options = {"stop_ids": [6], "no_vector_ids": [7]}
    table = torch.tensor(paper.soft_labels(vectors, 5, [6], [7], excluded=pairs), dtype=torch.float64)
    assert not torch.equal(table, torch.tensor(paper.soft_labels(vectors, 5, [6], [7]), dtype=torch.float64))
    hidden, weight, targets = torch.randn(V, 3).double(), torch.randn(V, 3).double(), torch.arange(V)
    logits = hidden @ weight.T
    expected = paper.dense("soft-label", logits, table, targets).mean()
    for given in (pairs, torch.tensor(pairs), np.array(pairs, dtype=np.int32)):
        loss = SoftLabelLoss(vectors.double(), 5, excluded_pairs=given, **options)
        torch.testing.assert_close(loss(logits, targets), expected)
        torch.testing.assert_close(loss.fused(hidden, weight, None, targets), expected)


@pytest.mark.parametrize("nothing", [None, [], np.empty((0, 2), dtype=np.int64)])
def test_nothing_excluded_changes_no_bit(vectors, nothing):
    plain, filtered = SoftLabelLoss(vectors), SoftLabelLoss(vectors, excluded_pairs=nothing)
    assert torch.equal(plain.neighbour_ids, filtered.neighbour_ids)
    assert torch.equal(plain.neighbour_weights, filtered.neighbour_weights)


def test_everything_exported_is_there():
    for name in resay.losses.__all__:
        assert hasattr(resay.losses, name)


FIRST_USE = """
import sys, torch, resay.losses as losses
print(sorted({"fasttext", "onnx", "onnxruntime", "accelerate", "pydantic"} & set(sys.modules)))
hidden = torch.zeros(3, 2, requires_grad=True)
losses.CrossEntropyLoss().fused(hidden, torch.zeros(4, 2), None, torch.arange(3)).backward()
print("torch._dynamo" in sys.modules)
print(losses.tune_cpu_allocator() in (True, False))
"""


def test_first_use_brings_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", FIRST_USE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "False", "True"]


def test_tuning_another_c_library_changes_nothing(monkeypatch):
    monkeypatch.setattr("resay.losses.allocator.sys.platform", "darwin")
    assert tune_cpu_allocator() is False
