"""The table of soft targets."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.losses.soft_targets import soft_targets


def as_matrix(ids, weights):
    table = torch.zeros(len(ids), len(ids), dtype=weights.dtype)
    return table.scatter_add_(1, ids.long(), weights)


def nobody(vocab_size):
    return torch.zeros(vocab_size, dtype=torch.bool)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_rows_are_equation_5(paper, data):
    vocab_size = data.draw(st.integers(1, 15))
    num_neighbours = data.draw(st.integers(1, 20))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 1000)))
    # A few whole numbers make many equal vectors, opposite ones and zeros.
    vectors = torch.randint(-1, 2, (vocab_size, 2), generator=generator).double()
    if data.draw(st.booleans()):
        vectors = torch.randn(vocab_size, 3, generator=generator).double()
    words = st.sets(st.integers(0, vocab_size - 1), max_size=3)
    stops, no_vector = data.draw(words), data.draw(words)
    options = {
        "normalize": data.draw(st.booleans()),
        "negatives": data.draw(st.sampled_from(["clamp", "keep"])),
        "temperature": data.draw(st.sampled_from([None, 0.1])),
    }
    one_hot, none = nobody(vocab_size), nobody(vocab_size)
    one_hot[list(stops)] = True
    none[list(no_vector)] = True
    ids_of_words = st.integers(0, vocab_size - 1)
    excluded = data.draw(st.lists(st.tuples(ids_of_words, ids_of_words), max_size=20))
    pairs = np.array(excluded, dtype=np.int64).reshape(-1, 2)
    ids, weights = soft_targets(
        vectors, num_neighbours, one_hot=one_hot, no_vector=none, excluded=pairs if excluded else None, **options
    )
    assert ids.shape == weights.shape == (vocab_size, min(num_neighbours, vocab_size))
    assert ids.dtype == torch.int32
    assert torch.equal(ids[:, 0], torch.arange(vocab_size, dtype=torch.int32))
    expected = paper.soft_labels(vectors, num_neighbours, stops, no_vector, excluded=excluded, **options)
    torch.testing.assert_close(as_matrix(ids, weights), torch.tensor(expected), rtol=1e-12, atol=1e-12)
    if options["normalize"]:
        torch.testing.assert_close(weights.sum(1), torch.ones(vocab_size, dtype=torch.float64))


def test_the_word_itself_stands_first_among_its_twins():
    vectors = torch.ones(6, 2)
    ids, weights = soft_targets(vectors, 3, one_hot=nobody(6), no_vector=nobody(6))
    assert ids[:, 0].tolist() == list(range(6))
    torch.testing.assert_close(weights, torch.full((6, 3), 1 / 3))


def test_temperature_sharpens():
    vectors = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    mass = [
        soft_targets(vectors, 5, one_hot=nobody(30), no_vector=nobody(30), temperature=t)[1][:, 0].mean()
        for t in (0.05, 0.2, 1.0)
    ]
    assert mass[0] > mass[1] > mass[2]


def test_vectors_far_apart_in_length():
    vectors = torch.randn(10, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    lengths = torch.logspace(-200, 200, 10, dtype=torch.float64).unsqueeze(1)
    plain = soft_targets(vectors, 4, one_hot=nobody(10), no_vector=nobody(10))
    scaled = soft_targets(vectors * lengths, 4, one_hot=nobody(10), no_vector=nobody(10))
    assert torch.equal(plain[0], scaled[0])
    torch.testing.assert_close(plain[1], scaled[1])


@pytest.mark.parametrize("block", [1, 7, 4096])
def test_blocks_do_not_matter(monkeypatch, block):
    vectors = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    whole = soft_targets(vectors, 4, one_hot=nobody(20), no_vector=nobody(20))
    monkeypatch.setattr("resay.losses.soft_targets.BLOCK_ROWS", block)
    parts = soft_targets(vectors, 4, one_hot=nobody(20), no_vector=nobody(20))
    assert torch.equal(whole[0], parts[0])
    torch.testing.assert_close(whole[1], parts[1])
