"""Training on self-made pairs."""

import numpy as np
import pytest
import torch

from resay.evaluation.embeddings.contrastive import Contrastive, Copies, ids_of_words, info_nce
from resay.evaluation.similarity.cosines import row_cosines, unit_rows

NEIGHBOURS = np.array([[0, 0, 0], [1, 5, 6], [2, 2, 2], [3, 1, 2]])
LABELS = np.array([[1, 0, 0], [0.5, 0.3, 0.2], [1, 0, 0], [0, 0.25, 0.75]])


def copies(drop, swap):
    return Copies(NEIGHBOURS, LABELS.cumsum(1).astype(np.float32), drop, swap)


def test_copies_without_changes_are_the_sentences():
    words, lengths = copies(0.0, 0.0).draw([[1, 2, 3], [2]], np.random.default_rng(0))
    assert words.tolist() == [[1, 2, 3], [2, 0, 0]]
    assert lengths.tolist() == [3, 1]


def test_words_are_lost_and_swapped_as_often_as_asked():
    generator = np.random.default_rng(0)
    words, lengths = copies(0.25, 0.0).draw([[1, 2, 3] * 20] * 200, generator)
    assert lengths.mean() == pytest.approx(45, rel=0.03)
    assert all(
        (row[length:] == 0).all() and (row[:length] > 0).all() for row, length in zip(words, lengths, strict=True)
    )
    words, lengths = copies(0.0, 0.4).draw([[1, 2, 3] * 20] * 200, generator)
    assert (lengths == 60).all()
    first, second, third = (words[:, start::3] for start in range(3))
    shares = [(first == word).mean() for word in (1, 5, 6)]
    np.testing.assert_allclose(shares, [0.6 + 0.4 * 0.5, 0.4 * 0.3, 0.4 * 0.2], atol=0.02)
    assert (second == 2).all()
    np.testing.assert_allclose([(third == word).mean() for word in (3, 1, 2)], [0.6, 0.1, 0.3], atol=0.02)


def test_no_sentence_loses_all_its_words_and_order_is_kept():
    words, lengths = copies(0.99, 0.0).draw([[1, 2]] * 50, np.random.default_rng(0))
    assert lengths.min() >= 1
    assert all(row.tolist() == [1, 2] for row, length in zip(words, lengths, strict=True) if length == 2)


def test_the_loss_is_that_of_plain_loops():
    generator = torch.Generator().manual_seed(0)
    first, second = (torch.nn.functional.normalize(torch.randn(5, 3, generator=generator), dim=1) for _ in range(2))
    cosines = (first @ second.T).double().numpy() / 0.1
    terms = [
        np.log(np.exp(rows[place]).sum()) - rows[place, place] for rows in (cosines, cosines.T) for place in range(5)
    ]
    assert float(info_nce(first, second, 0.1)) == pytest.approx(np.mean(terms), rel=1e-5)


def test_ids_of_a_decoders_words(ingredients):
    words = ingredients.tokenizer.words
    ids = dict(zip(words, ids_of_words(words, ingredients.default).tolist(), strict=True))
    default = ingredients.default
    assert ids["soup"] == default.read(ingredients.tokenizer.encode("soup"))[0]
    assert ids["<unk>"] == ids["<pad>"] == -1
    assert default.rows[ids["soup"]] == default.rows[ids["soups"]]


def test_training_tells_copies_of_one_sentence_from_those_of_others(ingredients):
    settings = Contrastive(batch_size=16, epochs=6, learning_rate=0.02)
    trained, again = settings(ingredients), settings(ingredients)
    texts = ["the soup was good .", "our room seemed cold"]
    np.testing.assert_array_equal(trained(texts), again(texts))
    still = Contrastive(batch_size=16, epochs=1, learning_rate=1e-12)(ingredients)
    np.testing.assert_allclose(row_cosines(still(texts), ingredients.default.embed(texts)), 1, atol=1e-6)
    generator = np.random.default_rng(7)
    words = np.array(ingredients.tokenizer.words, dtype=object)
    drawn = [Copies.of(ingredients, 0.15, 0.3).draw(ingredients.sentence_ids, generator) for _ in range(2)]
    copies_of = [[" ".join(words[row[:length]]) for row, length in zip(*one, strict=True)] for one in drawn]

    def loss(embed):
        first, second = (torch.from_numpy(unit_rows(embed(one))) for one in copies_of)
        return float(info_nce(first, second, settings.temperature))

    assert loss(trained) < 0.9 * loss(ingredients.default.embed)
