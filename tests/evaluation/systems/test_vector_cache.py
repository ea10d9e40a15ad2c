"""What is kept, what is made again, and what is never mixed up."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from resay.errors import ShapeError
from resay.evaluation.systems import VectorCache


@dataclass
class Counting:
    """Length and first letter of a text; keeps what it was asked for."""

    name: str = "counting"
    sha256: str = "0" * 64
    asked: list = field(default_factory=list)

    def embed(self, texts):
        self.asked.append(list(texts))
        return np.array([[len(text), ord(text[:1] or " ")] for text in texts], np.float32).reshape(-1, 2)


TEXTS = ["soup", "bread", "soup", "", "a\nb"]


def test_each_text_is_embedded_once_and_kept(tmp_path):
    system = Counting()
    expected = Counting().embed(TEXTS)
    np.testing.assert_array_equal(VectorCache(tmp_path / "new").embed(system, TEXTS), expected)
    assert [sorted(one) for one in system.asked] == [sorted(set(TEXTS))]
    found = VectorCache(tmp_path / "new").embed(system, TEXTS[::-1])
    np.testing.assert_array_equal(found, expected[::-1])
    assert found.dtype == np.float32
    assert len(system.asked) == 1
    (path,) = (tmp_path / "new").iterdir()
    assert path.suffix == ".npy"


def test_other_texts_and_other_systems_are_kept_apart(tmp_path):
    cache = VectorCache(tmp_path)
    first, other = Counting(), Counting(sha256="1" * 64)
    cache.embed(first, TEXTS)
    cache.embed(first, TEXTS[:2])
    cache.embed(other, TEXTS)
    assert (len(first.asked), len(other.asked)) == (2, 1)
    assert len(list(tmp_path.iterdir())) == 3


def test_texts_that_run_into_each_other_are_told_apart(tmp_path):
    cache, system = VectorCache(tmp_path), Counting()
    cache.embed(system, ["ab", "c"])
    np.testing.assert_array_equal(cache.embed(system, ["a", "bc"]), Counting().embed(["a", "bc"]))


@pytest.mark.parametrize("spoil", [lambda data: data[:-3], lambda data: b"", lambda data: data[:-1] + b"\x7f"])
def test_a_damaged_file_is_made_anew(tmp_path, spoil):
    cache, system = VectorCache(tmp_path), Counting()
    expected = cache.embed(system, TEXTS)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(spoil(whole))
    np.testing.assert_array_equal(cache.embed(system, TEXTS), expected)
    assert len(system.asked) == 2
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [whole]


def test_a_system_that_leaves_texts_out_is_named(tmp_path):
    class Short(Counting):
        def embed(self, texts):
            return super().embed(texts)[1:]

    with pytest.raises(ShapeError, match=r"counting must give one vector for each of 4 texts; got the shape \(3, 2\)"):
        VectorCache(tmp_path).embed(Short(), TEXTS)
    assert not list(tmp_path.iterdir())
