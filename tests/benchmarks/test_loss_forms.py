"""The forms that are timed against one another compute the same loss."""

import dataclasses

import pytest
import torch


@pytest.fixture
def make_case(helpers):
    from loss_case import LossCase

    def make(loss, **changes):
        case = LossCase(
            device="cpu",
            dtype="float32",
            threads=1,
            allocator="default",
            vocab_size=50,
            loss=loss,
            forms=(),
            num_tokens=30,
            hidden_size=8,
            word_vector_size=6,
            num_neighbours=5,
            random_tables=False,
            seed=3,
            repetitions=0,
            seconds=1.0,
        )
        return dataclasses.replace(case, **changes)

    return make


def values(case, *names):
    from loss_forms import FORMS
    from loss_inputs import make_inputs

    inputs = make_inputs(case)
    return [FORMS[name].prepare(case, inputs)() for name in names]


def test_cross_entropies_agree(make_case):
    found = values(make_case("ce"), "torch-dense", "torch-fused", "drop-in", "fused", "fused-ce")
    for value in found[1:]:
        torch.testing.assert_close(value, found[0])


@pytest.mark.parametrize("random_tables", [False, True])
@pytest.mark.parametrize("loss", ["soft-label", "weighted-ce", "weighted-ce-affine", "weighted-sim"])
def test_both_doors_agree(make_case, loss, random_tables):
    drop_in, fused = values(make_case(loss, random_tables=random_tables), "drop-in", "fused")
    torch.testing.assert_close(fused, drop_in)


def test_published_weighted_cross_entropy_is_the_default(make_case):
    published, fused = values(make_case("weighted-ce"), "published", "fused")
    torch.testing.assert_close(fused, published)


def test_published_soft_label_differs_by_its_eps_alone(make_case):
    published, fused = values(make_case("soft-label"), "published", "fused")
    assert published != fused
    torch.testing.assert_close(fused, published, rtol=1e-3, atol=0)


def test_published_weighted_similarity_differs_by_eps_times_row_sums(make_case):
    from loss_inputs import make_inputs, make_loss
    from published_losses import EPS

    case = make_case("weighted-sim")
    published, fused = values(case, "published", "fused")
    sums = make_loss(case, "weighted-sim").similarity.row_sums[make_inputs(case).targets]
    torch.testing.assert_close(published + EPS * sums.mean(), fused)


def test_zipf_targets_are_ids_and_favour_the_first(helpers):
    from loss_inputs import zipf_targets

    targets = zipf_targets(5000, 100, torch.Generator().manual_seed(0))
    counts = torch.bincount(targets, minlength=100)
    assert len(counts) == 100
    assert counts[0] > 2 * counts[10] > 0


def test_the_published_table_is_what_needs_memory(make_case):
    from loss_forms import FORMS

    case = make_case("soft-label", vocab_size=200_000, num_tokens=1024)
    assert FORMS["published"].needed_gb(case) > 160
    assert FORMS["fused"].needed_gb(case) == 0
