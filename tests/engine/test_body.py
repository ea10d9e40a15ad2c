import pytest

from resay.engine import RawRequest
from resay.engine.body import read_body
from resay.errors import RequestError

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def read(body, content_type=None, max_body_bytes=1000):
    return read_body(RawRequest(body, content_type), max_body_bytes)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"A plain text.", None, "A plain text."),
        (b"A plain text.", "text/plain; charset=utf-8", "A plain text."),
        (bytearray(b"A plain text."), FORM, "A plain text."),
        ("Ein Satz f\u00fcr sich.".encode(), None, "Ein Satz f\u00fcr sich."),
        (b"\xef\xbb\xbfafter a byte order mark", None, "after a byte order mark"),
        ("decoded already", "text/plain", "decoded already"),
        (b'["a", "b"]', JSON, ["a", "b"]),
        (b'["a", "b"]', None, ["a", "b"]),
        (b' {"inputs": "a"}', FORM, {"inputs": "a"}),
        (b'"a"', "application/json; charset=utf-8", "a"),
        (b'"a"', None, "a"),
        (b"{}", "application/ld+json", {}),
        ('{"inputs": "a"}', "text/plain", {"inputs": "a"}),
        # What a front end that has parsed the JSON hands over.
        ({"inputs": "a"}, JSON, {"inputs": "a"}),
        (["a"], JSON, ["a"]),
        ('{"inputs": "a"}', JSON, '{"inputs": "a"}'),
        (5, JSON, 5),
        (None, JSON, None),
        # Looks like JSON, but is a sentence.
        (b'"Great soup," she said.', None, '"Great soup," she said.'),
        (b"[sic] great soup", None, "[sic] great soup"),
        (b"{not JSON}", "text/plain", "{not JSON}"),
        (b"", None, ""),
    ],
)
def test_accepted(body, content_type, expected):
    assert read(body, content_type) == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", JSON),
        (b"A plain text.", JSON),
        (b'{"inputs": "a",}', None),
        (b'{"inputs": NaN}', JSON),
        (b"", JSON),
        (b"[" * 900, JSON),
        (b"[" * 900 + b'"\\ud83d"', JSON),
        (b'["\\ud83d", NaN]', JSON),
        (b'["\\ud83d", ' + b"9" * 5000 + b"]", JSON),
    ],
)
def test_broken_json(body, content_type):
    with pytest.raises(RequestError) as caught:
        read(body, content_type, max_body_bytes=10_000)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


def test_broken_json_says_where():
    with pytest.raises(RequestError, match=r"line 2, column \d"):
        read(b'{"inputs": "a",\n oops}', JSON)


def test_half_a_surrogate_pair_is_left_to_its_item():
    assert read(b'["good", "\\ud83d"]', JSON) == ["good", "\ud83d"]
    assert read('"\ud83d"', "text/plain") == "\ud83d"


def test_deep_but_valid_json_is_an_answer():
    depth = 2000
    with pytest.raises(RequestError) as caught:
        read(b"[" * depth + b"]" * depth, JSON, max_body_bytes=10_000)
    assert caught.value.code == "invalid_json"


def test_not_utf8():
    with pytest.raises(RequestError, match="byte 3 is 0xfc") as caught:
        read("fr\u00fchst\u00fcck".encode("latin-1").replace(b"fr", b"fru"), None)
    assert (caught.value.status, caught.value.code) == (400, "not_utf8")


@pytest.mark.parametrize(
    ("body", "num_bytes"),
    [
        (b"a" * 11, 11),
        ("a" * 11, 11),
        ("\u00fc" * 6, 12),
        (["a" * 6, "b" * 5], 11),
        ({"inputs": "a" * 11}, 11),
        ({"inputs": [["a" * 6, "b"], ["c" * 4]]}, 11),
        ([[0.5] * 6, [1] * 5], 11),
    ],
)
def test_too_large(body, num_bytes):
    with pytest.raises(RequestError, match=f"has {num_bytes} bytes, and at most 10 ") as caught:
        read(body, None, max_body_bytes=10)
    assert (caught.value.status, caught.value.code) == (413, "body_too_large")
