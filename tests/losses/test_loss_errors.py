"""Mistakes of a caller, and what they are told."""

import numpy as np
import pytest
import torch

from resay.errors import SettingsError, ShapeError
from resay.losses import (
    LOSSES,
    CrossEntropyLoss,
    LossOptions,
    SoftLabelLoss,
    WeightedCrossEntropyLoss,
    WeightedSimilarityLoss,
    build_loss,
)

V, E, H, T = 10, 4, 3, 6
VECTORS = torch.rand(V, E, generator=torch.Generator().manual_seed(0))
SIMILARITY_LOSSES = [SoftLabelLoss, WeightedCrossEntropyLoss, WeightedSimilarityLoss]

pytestmark = pytest.mark.usefixtures("unhooked")


@pytest.mark.parametrize("loss", SIMILARITY_LOSSES)
@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (VECTORS[0], r"word_vectors must be a matrix \[V, E\], got \[4\]"),
        (VECTORS[:0], r"word_vectors must be a matrix \[V, E\], got \[0, 4\]"),
        (VECTORS.long(), "word_vectors must be floating-point, got torch.int64"),
        ([[1.0, 2.0]], r"word_vectors must be a tensor or array \[V, E\], got list"),
        (torch.tensor([[1.0], [float("nan")]]), "word_vectors must be finite; row 1 holds NaN or infinity"),
        (np.array([[np.inf], [1.0]]), "word_vectors must be finite; row 0 holds"),
    ],
)
def test_bad_word_vectors(loss, vectors, message):
    with pytest.raises(ShapeError, match=message):
        loss(vectors)


@pytest.mark.parametrize("loss", SIMILARITY_LOSSES)
def test_other_vocabulary_is_caught_at_construction(loss):
    with pytest.raises(ShapeError, match="word_vectors have 10 rows but the vocabulary has 12 words"):
        loss(VECTORS, vocab_size=12)


@pytest.mark.parametrize("loss", SIMILARITY_LOSSES)
def test_other_vocabulary_is_caught_at_the_first_call(loss):
    built = loss(VECTORS)
    message = "word_vectors have 10 rows but the output layer has 12 words"
    with pytest.raises(ShapeError, match=message):
        built(torch.zeros(T, 12), torch.zeros(T, dtype=torch.int64))
    with pytest.raises(ShapeError, match=message):
        built.fused(torch.zeros(T, H), torch.zeros(12, H), None, torch.zeros(T, dtype=torch.int64))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_neighbours": 0}, "num_neighbours must be a whole number of at least 1, got 0"),
        ({"num_neighbours": 2.5}, "num_neighbours must be a whole number of at least 1, got 2.5"),
        ({"num_neighbours": True}, "num_neighbours must be a whole number"),
        ({"stop_ids": [3, 10]}, r"stop_ids must be in \[0, 10\), got 10"),
        ({"stop_ids": [-1]}, r"stop_ids must be in \[0, 10\), got -1"),
        ({"stop_ids": [0.5]}, "stop_ids must be word ids or a mask of bools"),
        ({"no_vector_ids": np.zeros(9, dtype=bool)}, "no_vector_ids as a mask must have 10 entries"),
        ({"excluded_pairs": [[3, 10]]}, r"excluded_pairs must be in \[0, 10\), got 10"),
        ({"excluded_pairs": [[-1, 2]]}, r"excluded_pairs must be in \[0, 10\), got -1"),
        ({"excluded_pairs": [3, 4]}, r"excluded_pairs must be pairs of word ids \[P, 2\], got int64 \[2\]"),
        ({"excluded_pairs": np.zeros((4, 3), dtype=int)}, r"excluded_pairs must be pairs .* got int64 \[4, 3\]"),
        ({"excluded_pairs": [[0.5, 1.0]]}, "excluded_pairs must be pairs of word ids .* got float64"),
        ({"temperature": 0.0}, "temperature must be a number above 0, got 0"),
        ({"temperature": float("inf")}, "temperature must be a number above 0, got inf"),
        ({"eps": -1e-5}, "eps must be a number at least 0, got -1e-05"),
        ({"reduction": "average"}, "reduction must be one of: mean, sum, none; got 'average'"),
        ({"negatives": "affine"}, "negatives must be one of: clamp, keep; got 'affine'"),
    ],
)
def test_bad_options_of_soft_label(options, message):
    with pytest.raises(SettingsError, match=message):
        SoftLabelLoss(VECTORS, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"negatives": "clip"}, "negatives must be one of: keep, clamp, affine; got 'clip'"),
        ({"temperature": -1.0}, "temperature must be a number above 0, got -1"),
        ({"eps": float("nan")}, "eps must be a number at least 0, got nan"),
        ({"reduction": "men"}, r"got 'men' \(did you mean 'mean'\?\)"),
    ],
)
def test_bad_options_of_weighted_cross_entropy(options, message):
    with pytest.raises(SettingsError, match=message):
        WeightedCrossEntropyLoss(VECTORS, **options)


def test_bad_options_of_the_others():
    with pytest.raises(SettingsError, match=r"ce_mix must be a number at least 0, got -0\.1"):
        WeightedSimilarityLoss(VECTORS, ce_mix=-0.1)
    with pytest.raises(SettingsError, match="reduction must be one of"):
        CrossEntropyLoss(reduction="batchmean")


@pytest.mark.parametrize("normalize", [True, False])
def test_unbounded_weighted_cross_entropy_is_refused(normalize):
    vectors = VECTORS.clone()
    vectors[7] = -vectors[2]
    message = r"words \d and \d have similarity -\d.*set eps .*or negatives='clamp' or 'affine', or a temperature"
    with pytest.raises(SettingsError, match=message):
        WeightedCrossEntropyLoss(vectors, eps=0.0, normalize=normalize)
    for way_out in ({"negatives": "clamp"}, {"negatives": "affine"}, {"temperature": 0.5}):
        WeightedCrossEntropyLoss(vectors, eps=0.0, normalize=normalize, **way_out)
    WeightedCrossEntropyLoss(vectors, normalize=normalize)
    WeightedCrossEntropyLoss(vectors, eps=0.0, no_vector_ids=[7])


def test_unbounded_soft_label_is_refused():
    vectors = VECTORS.clone()
    vectors[7] = -vectors[2]
    with pytest.raises(SettingsError, match=r"word \d has a negative weight, which with eps=0 leaves the loss"):
        SoftLabelLoss(vectors, V, normalize=False, negatives="keep")
    SoftLabelLoss(vectors, V, normalize=False, negatives="keep", eps=1e-5)


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        (torch.zeros(T, V), torch.zeros(5).long(), r"logits \[6, 10\] need targets .* got targets \[5\]"),
        (torch.zeros(2, V, T), torch.zeros(2, T).long(), r"pass logits.transpose\(1, 2\)"),
        (torch.zeros(T, V).long(), torch.zeros(T).long(), "logits must be a floating-point tensor, got torch.int64"),
        ([[0.0]], torch.zeros(1).long(), "logits must be a floating-point tensor, got list"),
        (torch.tensor(0.0), torch.tensor(0), r"logits must be \[..., V\] with V at least 1, got \[\]"),
        (torch.zeros(T, 0), torch.zeros(T).long(), r"with V at least 1, got \[6, 0\]"),
        (torch.zeros(T, V), torch.zeros(T), "targets must be a tensor of integer token ids, got torch.float32"),
        (torch.zeros(T, V), torch.zeros(T).bool(), "targets must be a tensor of integer token ids, got torch.bool"),
        (torch.zeros(1, V), [3], "targets must be a tensor of integer token ids, got list"),
        (torch.zeros(1, V), torch.tensor([V]), r"targets must be ids in \[0, 10\) or ignore_index -100, got 10"),
        (torch.zeros(1, V), torch.tensor([-1]), r"targets must be ids in \[0, 10\) or ignore_index -100, got -1"),
        (torch.zeros(1, V), torch.zeros(1, device="meta").long(), "logits are on cpu but targets on meta"),
    ],
)
def test_bad_inputs_of_the_drop_in_door(logits, targets, message):
    with pytest.raises(ShapeError, match=message):
        CrossEntropyLoss()(logits, targets)


@pytest.mark.parametrize(
    ("hidden", "weight", "bias", "message"),
    [
        (torch.zeros(T, H), torch.zeros(V, 5), None, r"hidden \[6, 3\] must end in the 5 columns of weight \[10, 5\]"),
        (torch.zeros(T, H), torch.zeros(V), None, r"weight must be \[V, H\] with V and H at least 1, got \[10\]"),
        (torch.zeros(T, 0), torch.zeros(V, 0), None, r"weight must be \[V, H\] with V and H at least 1"),
        (torch.zeros(T, H), torch.zeros(V, H), torch.zeros(H), r"bias must be \[10\] like weight's rows, got \[3\]"),
        (torch.zeros(T, H).long(), torch.zeros(V, H), None, "hidden must be a floating-point tensor, got torch.int64"),
        (torch.zeros(T, H), None, None, "weight must be a floating-point tensor, got NoneType"),
        (torch.zeros(T, H), torch.zeros(V, H, device="meta"), None, "hidden is on cpu but weight on meta"),
        (torch.zeros(5, H), torch.zeros(V, H), None, r"hidden states \[5, 3\] need targets .* got targets \[6\]"),
    ],
)
def test_bad_inputs_of_the_fused_door(hidden, weight, bias, message):
    with pytest.raises(ShapeError, match=message):
        CrossEntropyLoss().fused(hidden, weight, bias, torch.zeros(T, dtype=torch.int64))


@pytest.mark.parametrize("loss", SIMILARITY_LOSSES)
def test_tables_on_another_device(loss):
    built = loss(VECTORS).to("meta")
    with pytest.raises(ShapeError, match=r"tables are on meta but its inputs on cpu: call loss.to\(…\)"):
        built(torch.zeros(T, V), torch.zeros(T, dtype=torch.int64))


def test_unknown_loss_names_the_nearest():
    with pytest.raises(SettingsError, match=r"loss must be one of: .*got 'soft_label' \(did you mean 'soft-label'\?\)"):
        build_loss("soft_label", VECTORS)


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "ce"])
def test_missing_word_vectors(name):
    with pytest.raises(SettingsError, match=f"loss {name} needs word_vectors"):
        build_loss(name)


def test_table_refuses_affine_soft_labels():
    with pytest.raises(SettingsError, match="negatives of soft-label must be 'clamp' or 'keep', got 'affine'"):
        build_loss("soft-label", VECTORS, LossOptions(negatives="affine"))
