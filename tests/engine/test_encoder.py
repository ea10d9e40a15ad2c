import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine import EncodedSentence, SentenceEncoder
from resay.engine.batching import batches_by_length, pad
from resay.engine.encoder import unit_length
from resay.errors import RequestError
from resay.models import Autoencoder, ModelSettings

TEXTS = [
    "The soup was great!",
    "soup",
    "the hotel cost 12.50 dollars.",
    "Our room is small and clean, and the waiter was n't nice.",
    "unheard words only",
    "great!",
]


def same(one, other, tolerance=1e-5):
    np.testing.assert_allclose(one.embedding, other.embedding, atol=tolerance)
    np.testing.assert_allclose(one.latent, other.latent, atol=tolerance)
    assert (one.num_tokens, one.num_unknown, one.truncated) == (
        other.num_tokens,
        other.num_unknown,
        other.truncated,
    )


def test_equals_the_torch_model(encoder, folder, model_path):
    dimensions = folder.card.dimensions
    model = Autoencoder(
        ModelSettings(
            vocab_size=dimensions.vocab_size,
            word_vector_size=dimensions.word_vector_size,
            hidden_size=dimensions.hidden_size,
        )
    )
    model.load_state_dict(torch.load(model_path.parent / "state.pt", weights_only=True))
    for text, encoded in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        token_ids = torch.tensor([folder.tokenizer.encode(text).token_ids[:12]])
        codes = model.eval().encode(token_ids, torch.tensor([token_ids.shape[1]]))
        np.testing.assert_allclose(encoded.latent, codes.latent[0].detach().numpy(), atol=1e-5)
        np.testing.assert_allclose(encoded.embedding, codes.embedding[0].detach().numpy(), atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=20), st.integers(1, 60))
def test_a_text_does_not_depend_on_its_batch_mates(encoder, texts, max_batch_tokens):
    alone = {text: encoder.encode([text])[0] for text in TEXTS}
    split = SentenceEncoder(encoder.preparer, encoder.session, encoder.embedding_size, max_batch_tokens)
    for text, together, in_parts in zip(texts, encoder.encode(texts), split.encode(texts), strict=True):
        same(together, alone[text])
        same(in_parts, alone[text])


def test_counts(encoder):
    known, unknown = encoder.encode(["The soup was great!", "The quixotic soup"])
    assert (known.num_tokens, known.num_unknown, known.truncated) == (5, 0, False)
    assert (unknown.num_tokens, unknown.num_unknown, unknown.truncated) == (3, 1, False)


def test_long_texts_are_cut_or_refused(encoder):
    long = "soup bread " * 10
    (cut,) = encoder.encode([long], truncate=True)
    assert (cut.num_tokens, cut.truncated) == (12, True)
    same(cut, encoder.encode(["soup bread " * 6])[0].__class__(cut.embedding, cut.latent, 12, 0, True))
    (whole,) = encoder.encode(["soup bread " * 6], truncate=False)
    np.testing.assert_allclose(cut.embedding, whole.embedding, atol=1e-6)
    (refused,) = encoder.encode([long], truncate=False)
    assert isinstance(refused, RequestError)
    assert (refused.status, refused.code) == (422, "too_long")
    assert "20 tokens" in str(refused)
    assert "at most 12" in str(refused)


@pytest.mark.parametrize("text", ["", " \t\n", "\x00\x01", "\u200b\u00a0"])
def test_empty_texts_are_refused_alone(encoder, text):
    first, empty, last = encoder.encode(["soup", text, "bread"])
    assert isinstance(empty, RequestError)
    assert (empty.status, empty.code) == (422, "empty_text")
    assert isinstance(first, EncodedSentence)
    assert isinstance(last, EncodedSentence)


def test_normalized_on_request(encoder):
    plain, unit = encoder.encode(["soup"])[0], encoder.encode(["soup"], normalize=True)[0]
    assert np.linalg.norm(unit.embedding) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(unit.embedding, plain.embedding / np.linalg.norm(plain.embedding), atol=1e-6)


def test_a_zero_vector_stays_zero():
    vectors = np.array([[0, 0], [3, 4]], dtype=np.float32)
    np.testing.assert_allclose(unit_length(vectors), [[0, 0], [0.6, 0.8]], atol=1e-7)
    assert unit_length(vectors).dtype == np.float32


def test_nothing_in_nothing_out(encoder):
    assert encoder.encode([]) == []


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 100))
def test_batches_hold_every_sentence_once_and_keep_the_budget(lengths, max_tokens):
    batches = batches_by_length(lengths, max_tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or longest * len(batch) <= max_tokens
    flat = [lengths[index] for batch in batches for index in batch]
    assert flat == sorted(flat)


def test_pad():
    token_ids, lengths = pad([[7, 8, 9], [5]])
    assert token_ids.tolist() == [[7, 8, 9], [5, 0, 0]]
    assert lengths.tolist() == [3, 1]
