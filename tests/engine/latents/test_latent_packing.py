"""Latents as JSON has them, there and back."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from resay.engine.latents.packing import FORMATS, pack_bits, pack_floats, read_bits, read_floats, read_numbers
from resay.errors import RequestError

FLOATS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False, width=32)
VECTORS = st.integers(1, 70).flatmap(lambda size: arrays(np.float32, size, elements=FLOATS))
BITS = st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=70).map(lambda bits: np.array(bits, np.float32))


@given(VECTORS)
def test_floats_come_back_to_the_last_bit(vector):
    for given_back in (read_floats(pack_floats(vector), len(vector)), read_numbers(vector.tolist(), len(vector))):
        assert given_back.dtype == np.float32
        assert np.array_equal(given_back, vector)


@given(BITS)
def test_bits_come_back(bits):
    packed = pack_bits(bits)
    assert len(base64.b64decode(packed)) == (len(bits) + 7) // 8
    assert np.array_equal(read_bits(packed, len(bits)), bits)


def test_the_first_component_is_the_most_significant_bit():
    bits = np.zeros(50, np.float32)
    bits[[0, 9]] = 1
    assert base64.b64decode(pack_bits(bits)) == bytes([0b10000000, 0b01000000, 0, 0, 0, 0, 0])


def test_float32_is_little_endian():
    assert base64.b64decode(pack_floats(np.array([1.0], np.float32))) == b"\x00\x00\x80\x3f"


@pytest.mark.parametrize(
    ("encoding_format", "value", "code"),
    [
        ("float", [1.0] * 4, "wrong_length"),
        ("float", [1.0] * 6, "wrong_length"),
        ("float", [], "wrong_length"),
        ("float", [1.0, float("nan"), 0, 0, 0], "out_of_range"),
        ("float", [1.0, float("-inf"), 0, 0, 0], "out_of_range"),
        ("float", [1e39, 0, 0, 0, 0], "out_of_range"),
        ("float", [10**400, 0, 0, 0, 0], "out_of_range"),
        ("float", [True, 0, 0, 0, 0], "wrong_type"),
        ("float", ["1", 0, 0, 0, 0], "wrong_type"),
        ("float", [[1.0], 0, 0, 0, 0], "wrong_type"),
        ("float", "AAAA", "wrong_type"),
        ("float", None, "wrong_type"),
        ("base64", [1.0] * 5, "wrong_type"),
        ("base64", "no base64!", "not_base64"),
        ("base64", "é", "not_base64"),
        ("base64", "AAAA", "wrong_length"),
        ("base64", base64.b64encode(np.array([0, 0, np.nan, 0, 0], "<f4")).decode(), "out_of_range"),
        ("bits", 5, "wrong_type"),
        ("bits", "AAA", "not_base64"),
        ("bits", "AAA=", "wrong_length"),
        ("bits", "Bw==", "out_of_range"),
    ],
)
def test_what_is_no_latent(encoding_format, value, code):
    with pytest.raises(RequestError) as caught:
        FORMATS[encoding_format](value, 5)
    assert (caught.value.status, caught.value.code) == (422, code)
    if code in ("wrong_length", "out_of_range"):
        assert "5" in str(caught.value), "the size of the latents is named"
    assert len(str(caught.value)) < 300


def test_the_largest_floats_are_latents():
    largest = float(np.finfo(np.float32).max)
    assert read_numbers([largest, -largest, 0], 3).tolist() == [largest, -largest, 0]
