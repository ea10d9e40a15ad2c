"""From texts to figures, with vectors that know the answer, and with vectors that know nothing."""

import numpy as np
import pytest

from resay.errors import SettingsError, ShapeError
from resay.evaluation.transfer import TRANSFER_TASKS, evaluate_task, majority
from resay.evaluation.transfer.correlations import pearson, spearman
from resay.evaluation.transfer.measures import f1, ordered_features, pair_features
from resay.evaluation.transfer.relatedness import score_distributions


def write_mrpc(folder, num=60):
    """Pairs of numbers; a paraphrase where both are the same, two pairs in three."""
    (folder / "MRPC").mkdir()
    for part, first in (("train", 0), ("test", num)):
        lines = ["header"]
        for number in range(first, first + num):
            alike = number % 3 > 0
            lines.append(f"{int(alike)}\t0\t0\t{number}\t{number if alike else number + 1000}")
        (folder / "MRPC" / f"msr_paraphrase_{part}.txt").write_text("\n".join(lines) + "\n")


def write_sts(folder, num=80):
    (folder / "STS" / "STSBenchmark").mkdir(parents=True)
    rng = np.random.default_rng(1)
    for part in ("train", "dev", "test"):
        lines = [f"a\tb\tc\td\t{score:.3f}\t{part}{n}\t{score:.3f}" for n, score in enumerate(rng.uniform(0, 5, num))]
        (folder / "STS" / "STSBenchmark" / f"sts-{part}.csv").write_text("\n".join(lines) + "\n")


def know(texts):
    """Numbers modulo 1000 as directions of their own."""
    rng = np.random.default_rng(0)
    directions = rng.standard_normal((200, 8)).astype(np.float32)
    others = rng.standard_normal((200, 8)).astype(np.float32)
    return np.stack([(directions if int(text) < 1000 else others)[int(text) % 1000] for text in texts])


def test_vectors_that_know_the_answer(tmp_path):
    write_mrpc(tmp_path)
    figures = evaluate_task("mrpc", know, tmp_path, seed=0)
    assert list(figures) == ["accuracy", "f1"]
    assert figures["accuracy"] > 95
    assert figures["f1"] > 96


def test_vectors_that_know_nothing_are_the_majority_class(tmp_path):
    write_mrpc(tmp_path)
    nothing = evaluate_task("mrpc", lambda texts: np.zeros((len(texts), 3), np.float32), tmp_path, 0)
    assert nothing == majority("mrpc", tmp_path)
    assert nothing == pytest.approx({"accuracy": 200 / 3, "f1": 80.0})


def test_each_text_is_embedded_once(tmp_path):
    write_mrpc(tmp_path)
    calls = []

    def embed(texts):
        calls.append(list(texts))
        return know(texts)

    evaluate_task("mrpc", embed, tmp_path, seed=0)
    (texts,) = calls
    assert len(texts) == len(set(texts)) == 120 + 40


def test_scores_are_followed(tmp_path):
    write_sts(tmp_path)

    def embed(texts):
        """The second of a pair, a score, is an angle from the first ones, which are all the same."""
        angles = [0.0 if text[0].isalpha() else np.pi / 2 * (1 - float(text) / 5) for text in texts]
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    figures = evaluate_task("sts-b", embed, tmp_path, seed=0)
    assert list(figures) == ["pearson", "spearman", "mse", "cosine_pearson", "cosine_spearman"]
    assert figures["cosine_spearman"] == pytest.approx(1.0)
    assert figures["cosine_pearson"] > 0.95
    assert figures["pearson"] > 0.95
    assert figures["spearman"] > 0.95
    assert 0 < figures["mse"] < 4
    assert majority("sts-b", tmp_path) == {}
    flat = evaluate_task("sts-b", lambda texts: np.zeros((len(texts), 2), np.float32), tmp_path, 0)
    assert flat["cosine_pearson"] == flat["cosine_spearman"] == 0.0


def test_scores_as_shares_of_classes():
    """Tai et al. 2015, equation 15, written out as it stands there."""
    scores = np.array([1.0, 2.3, 4.999, 5.0, 0.25, 0.0])
    expected = np.zeros((len(scores), 5))
    for row, score in enumerate(scores):
        floor = int(np.floor(score))
        for one in range(1, 6):
            if one == floor + 1:
                expected[row, one - 1] = score - floor
            elif one == floor:
                expected[row, one - 1] = floor - score + 1
    np.testing.assert_allclose(score_distributions(scores), expected, atol=1e-6)


def test_features_of_pairs():
    first, second = np.array([[1.0, -2.0]], np.float32), np.array([[3.0, 0.5]], np.float32)
    assert pair_features(first, second).tolist() == [[2.0, 2.5, 3.0, -1.0]]
    assert ordered_features(first, second).tolist() == [[1.0, -2.0, 3.0, 0.5, 3.0, -1.0, 2.0, 2.5]]


def test_f1():
    assert f1(np.array([1, 1, 0, 0]), np.array([1, 0, 1, 0])) == 50.0
    assert f1(np.array([0, 0]), np.array([0, 0])) == 0.0


def test_correlations():
    first, second = np.array([1.0, 2.0, 2.0, 5.0]), np.array([10.0, 40.0, 20.0, 30.0])
    assert pearson(first, second) == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert spearman(first, second) == pytest.approx(np.corrcoef([1, 2.5, 2.5, 4], [1, 4, 2, 3])[0, 1])
    assert spearman(first, np.exp(first)) == pytest.approx(1.0)
    assert pearson(first, np.ones(4)) == spearman(np.ones(4), first) == 0.0


def test_names_that_there_are_not(tmp_path):
    with pytest.raises(
        SettingsError, match=r"transfer task must be one of: mrpc, .*; got 'mprc' \(did you mean 'mrpc'"
    ):
        evaluate_task("mprc", know, tmp_path, 0)
    with pytest.raises(SettingsError, match="transfer task must be one of"):
        majority("stsb", tmp_path)
    with pytest.raises(SettingsError, match="classifier must be one of: lbfgs, lbfgs-senteval, adam; got 'svm'"):
        evaluate_task("mrpc", know, tmp_path, 0, "svm")


def test_vectors_that_cannot_be(tmp_path):
    write_mrpc(tmp_path)
    with pytest.raises(ShapeError, match=r"one vector for each of 160 texts; got the shape \(159, 8\)"):
        evaluate_task("mrpc", lambda texts: know(texts)[1:], tmp_path, 0)

    def spoil(texts):
        return np.where(np.array(texts)[:, None] == "7", np.float32("nan"), know(texts))

    with pytest.raises(ShapeError, match="finite numbers; those for '7' are not"):
        evaluate_task("mrpc", spoil, tmp_path, 0)


def test_the_tasks_are_those_of_the_issue():
    pairs, sentences = ["mrpc", "sick-e", "snli", "sick-r", "sts-b"], ["mr", "cr", "subj", "mpqa", "trec"]
    assert list(TRANSFER_TASKS) == [*pairs, *sentences, "sst2", "sst5"]
