"""The autoencoder: what padding, batch mates and teacher forcing may and may not change."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.errors import SettingsError, ShapeError
from resay.models import BOTTLENECKS, Autoencoder, ModelSettings
from resay.models.encoder import reversed_order
from resay.models.greedy import greedy_decode
from resay.text import BOS_ID, EOS_ID, PAD_ID, UNK_ID

VOCAB_SIZE, WORD_VECTOR_SIZE, HIDDEN_SIZE = 19, 6, 7


def make_model(direction: str = "reverse", latent: str = "none") -> Autoencoder:
    torch.manual_seed(1)
    model_settings = ModelSettings(
        vocab_size=VOCAB_SIZE,
        word_vector_size=WORD_VECTOR_SIZE,
        hidden_size=HIDDEN_SIZE,
        encoder_direction=direction,
        latent=latent,
    )
    return Autoencoder(model_settings, torch.randn(VOCAB_SIZE, WORD_VECTOR_SIZE), torch.rand(VOCAB_SIZE)).eval()


def pad(sentences: list[list[int]], width: int) -> tuple[torch.Tensor, torch.Tensor]:
    token_ids = torch.full((len(sentences), width), PAD_ID, dtype=torch.int64)
    for row, sentence in enumerate(sentences):
        token_ids[row, : len(sentence)] = torch.tensor(sentence)
    return token_ids, torch.tensor([len(sentence) for sentence in sentences])


sentences = st.lists(st.lists(st.integers(4, VOCAB_SIZE - 1), min_size=1, max_size=9), min_size=1, max_size=6)


@pytest.mark.parametrize("direction", ["forward", "reverse", "both"])
@given(batch=sentences, extra=st.integers(0, 5))
@settings(deadline=None, max_examples=40)
def test_a_sentence_is_encoded_alike_alone_and_in_any_batch(direction, batch, extra):
    model = make_model(direction)
    together = model.encode(*pad(batch, max(map(len, batch)) + extra))
    for row, sentence in enumerate(batch):
        alone = model.encode(*pad([sentence], len(sentence)))
        torch.testing.assert_close(together.latent[row], alone.latent[0], atol=1e-6, rtol=0)
        torch.testing.assert_close(together.embedding[row], alone.embedding[0], atol=1e-6, rtol=0)


def test_directions_differ_and_reverse_equals_forward_on_the_mirrored_sentence():
    sentence = [5, 9, 12, 7]
    forward, reverse = make_model("forward"), make_model("reverse")
    mirrored = forward.encode(*pad([sentence[::-1]], 4)).latent
    torch.testing.assert_close(reverse.encode(*pad([sentence], 4)).latent, mirrored)
    assert not torch.allclose(forward.encode(*pad([sentence], 4)).latent, mirrored)


def test_reversing_leaves_padding_at_the_end():
    token_ids, lengths = pad([[5, 6, 7], [8]], 4)
    assert token_ids.gather(1, reversed_order(4, lengths)).tolist() == [[7, 6, 5, 0], [8, 0, 0, 0]]


def test_embedding_is_the_weighted_average_by_hand():
    model = make_model()
    sentence = [5, 6, 5]
    vectors, weights = model.word_vectors.weight, model.average.token_weights
    by_hand = sum(weights[word] * vectors[word] for word in sentence) / sum(weights[word] for word in sentence)
    torch.testing.assert_close(model.encode(*pad([sentence], 5)).embedding[0], by_hand)


def test_a_sentence_whose_words_weigh_nothing_gets_zeros():
    model = make_model()
    model.average.token_weights.zero_()
    assert model.encode(*pad([[5, 6]], 2)).embedding.tolist() == [[0.0] * WORD_VECTOR_SIZE]


def test_teacher_forcing_covers_every_step():
    """Each step's state depends on the word before it, whatever the batch size: the published code compared the
    step with the batch size, and so fed its own samples to the last steps of long sentences."""
    model = make_model()
    token_ids, lengths = pad([[5, 6, 7, 8, 9, 10, 11, 12]], 8)
    previous = torch.cat([torch.tensor([[BOS_ID]]), token_ids], dim=1)
    states, _ = model(token_ids, lengths, previous)
    for step in range(previous.shape[1]):
        changed = previous.clone()
        changed[0, step] = 15
        moved, _ = model(token_ids, lengths, changed)
        assert torch.equal(moved[0, :step], states[0, :step])
        assert not torch.allclose(moved[0, step], states[0, step])


def test_steps_taken_one_by_one_equal_teacher_forcing():
    model = make_model()
    token_ids, lengths = pad([[5, 6, 7], [8, 9, 10]], 3)
    latent = model.encode(token_ids, lengths).latent
    states = model.decoder(model.word_vectors(token_ids), latent)
    hidden, cell = model.decoder.start(latent)
    for step in range(3):
        state, hidden, cell = model.decoder.step(model.word_vectors(token_ids[:, step]), latent, hidden, cell)
        torch.testing.assert_close(state, states[:, step])


def test_greedy_decoding_never_says_marks_and_ends():
    model = make_model()
    with torch.no_grad():
        model.decoder.output.bias[[PAD_ID, UNK_ID, BOS_ID]] = 100.0
    said = greedy_decode(model, torch.randn(5, HIDDEN_SIZE), 11)
    assert said.shape[1] <= 11
    assert not {UNK_ID, BOS_ID, EOS_ID} & set(said.flatten().tolist())
    with torch.no_grad():
        model.decoder.output.bias[EOS_ID] = 100.0
    assert greedy_decode(model, torch.randn(5, HIDDEN_SIZE), 11).tolist() == [[PAD_ID]] * 5


@pytest.mark.parametrize("latent", list(BOTTLENECKS))
def test_every_bottleneck_trains(latent):
    model = make_model(latent=latent).train()
    token_ids, lengths = pad([[5, 6, 7], [8, 9]], 3)
    states, penalty = model(token_ids, lengths, torch.cat([torch.full((2, 1), BOS_ID), token_ids], dim=1))
    assert penalty.shape == (2,)
    (states.square().sum() + penalty.sum()).backward()
    missing = [name for name, value in model.named_parameters() if value.requires_grad and value.grad is None]
    assert missing == ["decoder.output.weight", "decoder.output.bias"]


def test_word_vectors_stay_frozen_unless_asked():
    assert not make_model().word_vectors.weight.requires_grad
    tuned = Autoencoder(ModelSettings(vocab_size=9, word_vector_size=3, train_word_vectors=True))
    assert tuned.word_vectors.weight.requires_grad


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"hidden_size": 0}, "hidden_size must be 1 or more; got 0"),
        ({"latent": "nonne"}, "did you mean 'none'"),
        ({"encoder_direction": "backward"}, "encoder_direction must be one of: forward, reverse"),
    ],
)
def test_settings_name_what_is_wrong(changed, message):
    with pytest.raises(SettingsError, match=message.replace("?", r"\?")):
        ModelSettings(**{"vocab_size": 9, "word_vector_size": 3} | changed)


def test_word_vectors_of_another_vocabulary_are_refused():
    with pytest.raises(ShapeError, match=r"\(9, 3\); got \(8, 3\)"):
        Autoencoder(ModelSettings(vocab_size=9, word_vector_size=3), torch.zeros(8, 3))
