"""The encoder against torch's own recurrent layers on packed sequences, which need no care about padding."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from resay.models.encoder import CELLS, DIRECTIONS, Encoder, reversed_order, turned

VOCAB_SIZE, WORD_VECTOR_SIZE, HIDDEN_SIZE, NUM_STEPS = 23, 5, 6, 9
LENGTHS = torch.tensor([4, 9, 1, 7, 2])
GRID = [(*kind, num_layers) for kind in itertools.product(CELLS, DIRECTIONS) for num_layers in (1, 2)]

every_encoder = pytest.mark.parametrize(("cell", "direction", "num_layers"), GRID)


@pytest.fixture
def word_vectors():
    torch.manual_seed(0)
    return nn.Embedding(VOCAB_SIZE, WORD_VECTOR_SIZE)


@pytest.fixture
def token_ids(word_vectors):
    return torch.randint(5, VOCAB_SIZE, (len(LENGTHS), NUM_STEPS)) * (torch.arange(NUM_STEPS) < LENGTHS.unsqueeze(1))


@pytest.fixture
def encoder(word_vectors, cell, direction, num_layers):
    return Encoder(WORD_VECTOR_SIZE, HIDDEN_SIZE, direction, cell=cell, num_layers=num_layers)


def torchs_own(encoder, num_layers):
    """Return torch's layers with the encoder's weights; a reverse reader alone is a forward one to them."""
    own = CELLS[encoder.cell](
        WORD_VECTOR_SIZE, HIDDEN_SIZE, num_layers, batch_first=True, bidirectional=encoder.direction == "both"
    )
    with torch.no_grad():
        for layer, readers in enumerate(encoder.readers):
            for suffix, reader in zip(("", "_reverse"), readers, strict=False):
                for name, value in reader.named_parameters():
                    getattr(own, f"{name.removesuffix('0')}{layer}{suffix}").copy_(value)
    return own


@every_encoder
def test_it_equals_torch_on_packed_sequences(encoder, word_vectors, token_ids, num_layers):
    vectors = word_vectors(token_ids)
    if encoder.direction == "reverse":
        rows = zip(vectors, LENGTHS.tolist(), strict=True)
        vectors = torch.stack([torch.cat([row[:n].flip(0), row[n:]]) for row, n in rows])
    packed = pack_padded_sequence(vectors, LENGTHS, batch_first=True, enforce_sorted=False)
    _, final = torchs_own(encoder, num_layers)(packed)
    hidden = final[0] if encoder.cell == "lstm" else final  # [layers · directions, B, H]
    num_directions = len(DIRECTIONS[encoder.direction])
    expected = torch.cat(list(hidden[-num_directions:]), dim=1)
    features = encoder(word_vectors, token_ids, LENGTHS)
    assert features.shape == (len(LENGTHS), encoder.feature_size)
    torch.testing.assert_close(features, expected, atol=1e-6, rtol=0)


@every_encoder
def test_what_stands_in_the_padding_does_not_matter(encoder, word_vectors, token_ids):
    expected = encoder(word_vectors, token_ids, LENGTHS)
    noisy = torch.where(torch.arange(NUM_STEPS + 3) < LENGTHS.unsqueeze(1), nn.functional.pad(token_ids, (0, 3)), 7)
    torch.testing.assert_close(encoder(word_vectors, noisy, LENGTHS), expected, atol=1e-6, rtol=0)


@every_encoder
def test_every_token_and_every_weight_counts(encoder, word_vectors, token_ids):
    encoder(word_vectors, token_ids, LENGTHS).square().sum().backward()
    assert all(value.grad.abs().sum() > 0 for value in encoder.parameters())
    read = set(token_ids[token_ids > 0].tolist())
    moved = set(torch.nonzero(word_vectors.weight.grad.abs().sum(1)).flatten().tolist())
    assert moved == read


@every_encoder
def test_dropout_falls_on_the_inputs_of_each_layer_while_training(word_vectors, token_ids, cell, direction, num_layers):
    encoder = Encoder(WORD_VECTOR_SIZE, HIDDEN_SIZE, direction, cell=cell, num_layers=num_layers, dropout=0.5)
    dropped = []
    encoder.dropout.register_forward_hook(lambda module, inputs, output: dropped.append((inputs[0], output)))
    first, second = (encoder(word_vectors, token_ids, LENGTHS) for _ in range(2))
    assert not torch.equal(first, second)
    num_readers = num_layers * len(DIRECTIONS[direction])
    assert len(dropped) == 2 * num_readers, "each direction of a layer gets its own"
    for given, kept in dropped:
        assert bool(torch.isclose(kept[kept != 0], 2 * given[kept != 0]).all())
        assert 0.3 < float((kept == 0).float().mean()) < 0.7
    encoder.eval()
    first, second = (encoder(word_vectors, token_ids, LENGTHS) for _ in range(2))
    assert torch.equal(first, second)


def test_reversing_twice_changes_nothing():
    torch.manual_seed(0)
    steps = torch.randn(len(LENGTHS), NUM_STEPS, 3)
    order = reversed_order(NUM_STEPS, LENGTHS)
    once = turned(steps, order, "reverse")
    assert not torch.equal(once, steps)
    assert torch.equal(turned(once, order, "reverse"), steps)
    assert turned(steps, order, "forward") is steps
