"""What sentence embeddings are made of."""

import numpy as np
import pytest
import torch

from resay.errors import CheckpointError, VectorsError
from resay.fitting import TrainSettings, load_run
from resay.fitting.embedding import (
    SMOOTHING,
    EmbeddingSettings,
    fit_embedding,
    load_embedder,
    save_embedder,
    whitening,
)
from resay.fitting.preparation import TrainingFiles, prepare
from resay.text import Tokenizer
from resay.vectors import WordVectors

BACKGROUND = {"the": 600, "soup": 100, "guitar": 50, "rare": 1, "food": 249}
LEMMAS = {"soups": "soup", "the": "soup", "walked": "walk"}
TOKENIZER = Tokenizer.build(["the soup was food"], min_count=1)


@pytest.fixture
def vectors():
    words = ["The", "the", ".", "soup", "guitar", "rare", "rarer", "food"]
    matrix = np.random.default_rng(0).standard_normal((len(words), 6)).astype(np.float32)
    return WordVectors(words, matrix)


def fit(vectors, max_vectors=100, whitening_power=0.35, counts=None):
    settings = EmbeddingSettings(max_vectors, whitening_power, num_buckets=7)
    return fit_embedding(vectors, settings, counts=counts or {}, background=BACKGROUND, lemmas=LEMMAS)


def embed(lexicon, embedder, text):
    ids = lexicon.ids(TOKENIZER.encode(text))
    return embedder(torch.tensor([ids]), torch.tensor([len(ids)]))[0].numpy()


def cosine(first, second):
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def test_words_and_their_inflections_are_known_and_nothing_else(vectors):
    lexicon, embedder = fit(vectors)
    assert lexicon.words == ("food", "guitar", "rare", "rarer", "soup", "soups", "the")
    rows = dict(zip(lexicon.words, embedder.rows.tolist(), strict=False))
    assert rows["soups"] == rows["soup"] != rows["the"]  # a word of its own vector keeps it
    assert embedder.codes.shape == (6 + 7, 6)


def test_words_weigh_by_their_frequency_in_the_language(vectors):
    lexicon, embedder = fit(vectors, counts={"soup": 10**6})
    weights = dict(zip(lexicon.words, embedder.weights.tolist(), strict=False))
    assert weights["the"] == pytest.approx(SMOOTHING / (SMOOTHING + 0.6))
    assert weights["soup"] == pytest.approx(SMOOTHING / (SMOOTHING + 0.1))
    assert weights["soups"] == 1.0


def test_the_most_frequent_vectors_are_kept(vectors):
    lexicon, embedder = fit(vectors, max_vectors=3)
    assert lexicon.words == ("food", "soup", "soups", "the")
    assert embedder.codes.shape[0] == 3 + 7
    lexicon, _ = fit(vectors, max_vectors=6, counts={"rarer": 1})
    assert "rarer" in lexicon.words
    lexicon, _ = fit(vectors, max_vectors=5, counts={"rarer": 1})
    assert "rare" in lexicon.words
    assert "rarer" not in lexicon.words


def test_whitening_evens_out_the_variances():
    generator = np.random.default_rng(1)
    matrix = generator.standard_normal((500, 4)) * [8.0, 4.0, 2.0, 1.0] @ np.linalg.qr(generator.normal(size=(4, 4)))[0]
    shares = generator.random(500)
    for power, ratio in ((0.0, 1.0), (0.25, 0.5), (0.5, 0.0)):
        turned = matrix @ whitening(matrix, shares, power)
        covariance = (turned * shares[:, None]).T @ turned / shares.sum()
        variances = np.diag(covariance)
        assert np.abs(covariance - np.diag(variances)).max() < 1e-9 * variances.max()
        assert np.all(np.diff(variances) <= 1e-9 * variances.max())
        plain = np.diag(
            (matrix @ whitening(matrix, shares, 0.0) * shares[:, None]).T @ matrix @ whitening(matrix, shares, 0.0)
        )
        np.testing.assert_allclose(variances / variances[0], (plain / plain[0]) ** ratio, rtol=1e-6)


def test_like_sentences_have_like_embeddings_and_names_tell_apart(vectors):
    lexicon, embedder = fit(vectors)
    assert cosine(embed(lexicon, embedder, "the soups"), embed(lexicon, embedder, "soups")) > 0.99
    syria, same, syrian, oman = (
        embed(lexicon, embedder, f"soup in {name}") for name in ("Syria", "Syria", "Syrian", "Oman")
    )
    assert np.array_equal(syria, same)
    assert cosine(syria, syrian) > cosine(syria, oman)


def test_no_readable_word_is_an_error_that_says_so():
    with pytest.raises(VectorsError, match="none of the 2 words with vectors is a lower-case word"):
        fit(WordVectors(["The", "."], np.ones((2, 6), np.float32)))


def test_what_is_saved_is_loaded(vectors, tmp_path):
    lexicon, embedder = fit(vectors)
    save_embedder(tmp_path, lexicon, embedder)
    again = load_embedder(tmp_path)
    assert again is not None
    assert again[0].words == lexicon.words
    assert np.array_equal(embed(*again, "soup in Syria"), embed(lexicon, embedder, "soup in Syria"))
    assert load_embedder(tmp_path / "elsewhere") is None


def test_damaged_files_are_refused(vectors, tmp_path):
    save_embedder(tmp_path, *fit(vectors))
    (tmp_path / "lexicon.txt").write_bytes(b"7\nsoup\n")
    with pytest.raises(CheckpointError, match="different runs"):
        load_embedder(tmp_path)
    (tmp_path / "embedder.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="damaged"):
        load_embedder(tmp_path)


def test_a_run_makes_an_embedder_unless_told_not_to(few_reviews, vectors, tmp_path):
    file = tmp_path / "vectors.npz"
    vectors.save_npz(file)
    counts = tmp_path / "counts.tsv"
    counts.write_text("the\t600\nsoup\t400\n")
    for name, settings, word_counts in (
        ("with", TrainSettings(min_count=1), None),
        ("counted", TrainSettings(min_count=1), counts),
        ("without", TrainSettings(min_count=1, lexicon_size=0), None),
    ):
        (tmp_path / name).mkdir()
        files = TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=file, word_counts=word_counts)
        assert ("word_counts" in files.as_record()) == (word_counts is not None)
        prepare(files, tmp_path / name, settings)
    found = load_embedder(tmp_path / "with")
    counted = load_embedder(tmp_path / "counted")
    assert found is not None
    assert counted is not None
    assert "guitar" in found[0].words
    assert counted[0].words == ("soup", "the")  # a list of words says which there are
    assert load_embedder(tmp_path / "without") is None


def test_word_vectors_are_rounded_unless_told_not_to(few_reviews, vectors, tmp_path):
    file = tmp_path / "vectors.npz"
    vectors.save_npz(file)
    found = {}
    for bits in (8, 32):
        run = tmp_path / str(bits)
        run.mkdir()
        settings = TrainSettings(min_count=1, word_vector_bits=bits, lexicon_size=0)
        prepare(TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=file), run, settings)
        with np.load(run / "vectors.npz") as arrays:
            found[bits] = arrays["vectors"]
    assert 0 < np.abs(found[8] - found[32]).max() < 0.02
    steps = found[8] / (np.abs(found[8]).max(axis=1, keepdims=True) / 127)
    np.testing.assert_allclose(steps, np.rint(steps), atol=0.05)


def test_an_exported_embedding_is_the_runs_own(tmp_path, few_reviews, vectors):
    from resay.engine.encoder import SentenceEncoder
    from resay.engine.model_folder import ModelFolder
    from resay.fitting.train import train_run
    from resay.graphs.export import export_run

    file = tmp_path / "vectors.npz"
    vectors.save_npz(file)
    files = TrainingFiles(train=[few_reviews], dev=[few_reviews], vectors=file)
    settings = TrainSettings(min_count=1, hidden_size=4, epochs=1, device="cpu", max_length=20)
    train_run(tmp_path / "run", files, settings)
    export_run(tmp_path / "run", tmp_path / "model")
    loaded = load_run(tmp_path / "run")
    folder = ModelFolder.open(tmp_path / "model")
    assert folder.lexicon is not None
    encoder = SentenceEncoder.open(folder)
    texts = ["The soup was good.", "A guitar in Syria, 12 times.", "?!", "zzz"]
    for text, code in zip(texts, encoder.encode(texts), strict=True):
        expected = loaded.embedding_of(loaded.tokenizer.encode(text)).numpy()
        np.testing.assert_allclose(code.embedding, expected, rtol=0, atol=1e-5)
    assert len(folder.card.golden) == 3
    assert folder.card.dimensions.embedding_size == 6
    for golden in folder.card.golden:
        np.testing.assert_allclose(encoder.encode([golden.text])[0].embedding, golden.embedding, rtol=0, atol=1e-5)
