"""Rows of similarities: unit vectors, maps, the search for a negative one."""

import pytest
import torch

from resay.losses import similarity
from resay.losses.chunks import Scratch
from resay.losses.similarity import WordSimilarity, unit_rows

V, E = 9, 3


@pytest.fixture
def vectors():
    return torch.randn(V, E, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def nobody():
    return torch.zeros(V, dtype=torch.bool)


def all_rows(words):
    return words.rows(torch.arange(V), torch.empty(V, V, dtype=torch.float64))


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1.0, 1e300])
def test_unit_rows_of_any_length(vectors, size):
    unit, has_direction = unit_rows(vectors * size)
    torch.testing.assert_close(unit.norm(dim=1), torch.ones(V, dtype=torch.float64))
    assert has_direction.all()


def test_unit_rows_leave_zeros(vectors):
    vectors[2] = 0
    unit, has_direction = unit_rows(vectors)
    assert not unit[2].any()
    assert has_direction.tolist() == [True, True, False, *[True] * 6]


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize(
    "options", [{}, {"negatives": "clamp"}, {"negatives": "affine"}, {"temperature": 0.3}], ids=str
)
def test_rows_are_the_paper_s(paper, vectors, options, normalize):
    vectors[4] = 0
    no_vector = torch.arange(V) == 6
    words = WordSimilarity(vectors, no_vector, normalize=normalize, **options)
    expected = torch.tensor(paper.all_similarities(vectors, [6], normalize=normalize, **options))
    torch.testing.assert_close(all_rows(words), expected, rtol=1e-12, atol=1e-12)
    if words.linear:
        torch.testing.assert_close(words.row_sums, expected.sum(1), rtol=1e-12, atol=1e-12)
    if normalize:
        torch.testing.assert_close(all_rows(words).sum(1), torch.ones(V, dtype=torch.float64))


def test_temperature_overrules_negatives(vectors):
    rows = [
        all_rows(WordSimilarity(vectors, nobody(), negatives=negatives, temperature=0.3))
        for negatives in ("keep", "clamp", "affine")
    ]
    assert torch.equal(rows[0], rows[1])
    assert torch.equal(rows[0], rows[2])
    assert (rows[0] > 0).all()
    torch.testing.assert_close(rows[0].diagonal(), torch.ones(V, dtype=torch.float64))


def test_rows_of_tokens_are_those_of_their_targets(vectors):
    words = WordSimilarity(vectors, nobody())
    scratch = Scratch(6, V, torch.float64, torch.device("cpu"))
    for targets in ([0, 0, 3, 3, 3, 8], [0, 1, 2, 3, 4, 5], [7]):
        rows = words.token_rows(torch.tensor(targets), scratch)
        torch.testing.assert_close(rows, all_rows(words)[targets])


def test_a_negative_pair_is_found_in_any_block(vectors, monkeypatch):
    vectors = vectors.abs()
    vectors[8] = -vectors[5]
    for block_bytes in (1, 3 * V * 8, 2**20):
        monkeypatch.setattr(similarity, "BLOCK_BYTES", block_bytes)
        first, second, value = WordSimilarity(vectors, nobody()).negative_pair()
        assert 8 in (first, second)
        assert value < 0
        assert float(all_rows(WordSimilarity(vectors, nobody()))[first, second]) == pytest.approx(value)


def test_no_negative_pair(vectors):
    assert WordSimilarity(vectors.abs(), nobody()).negative_pair() is None
    for options in ({"negatives": "clamp"}, {"negatives": "affine"}, {"temperature": 1.0}):
        assert WordSimilarity(vectors, nobody(), **options).negative_pair() is None
    assert WordSimilarity(torch.eye(V, dtype=torch.float32), nobody()).negative_pair() is None


def test_only_linear_maps_have_a_closed_form(vectors):
    assert WordSimilarity(vectors, nobody()).low_rank() is not None
    assert WordSimilarity(vectors, nobody(), negatives="affine").low_rank() is not None
    assert WordSimilarity(vectors, nobody(), negatives="clamp").low_rank() is None
    assert WordSimilarity(vectors, nobody(), temperature=0.1).low_rank() is None


def test_the_closed_form_serves_many_tokens_and_no_masked_words(vectors):
    closed = WordSimilarity(vectors, nobody()).low_rank()
    bias = torch.zeros(V)
    assert closed.serves(torch.zeros(20, 10), bias)
    assert closed.serves(torch.zeros(20, 10), None)
    assert not closed.serves(torch.zeros(19, 10), bias)
    bias[3] = -1e9
    assert not closed.serves(torch.zeros(20, 10), bias)
