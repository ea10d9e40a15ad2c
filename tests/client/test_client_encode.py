"""Texts in, vectors out: in their order, whatever the batches, the form of the reply and what failed."""

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resay.client import EncodedText, Failure, ItemsFailedError, ReplyError, RequestRefused
from resay.client.batches import MAX_BATCH_BYTES
from resay.errors import SettingsError

SIZE = 4
TEXTS = ["one", "two words", "three little words", "four", "five", "six", "seven"]


@pytest.fixture
def expected(fake):
    return lambda texts: np.array([fake.vector_of(text) for text in texts]).reshape(-1, SIZE)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("raw", [True, False])
def test_vectors_come_in_the_order_of_the_texts(connect, fake, expected, batch_size, raw):
    fake.raw = raw
    vectors = connect(batch_size=batch_size)("encode", TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.flags.writeable
    np.testing.assert_array_equal(vectors, expected(TEXTS))
    assert len(fake.requests) == -(-len(TEXTS) // batch_size)
    assert sorted(text for inputs in fake.inputs for text in inputs) == sorted(TEXTS)
    assert all(len(inputs) <= batch_size for inputs in fake.inputs)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.text(max_size=8), max_size=30),
    batch_size=st.integers(1, 12),
    max_items=st.integers(1, 12),
    max_connections=st.integers(1, 4),
    raw=st.booleans(),
    bad=st.sets(st.text(max_size=2), max_size=4),
)
def test_no_batching_changes_the_order(
    connect, fake, expected, texts, batch_size, max_items, max_connections, raw, bad
):
    fake.raw, fake.max_items, fake.bad = raw, max_items, dict.fromkeys(bad, "empty_text")
    caller = connect(batch_size=batch_size, max_connections=max_connections)
    vectors, failures = caller("encode", texts, on_error="nan")
    failed = [place for place, text in enumerate(texts) if text in bad]
    assert [failure.index for failure in failures] == failed
    wanted = expected(texts) if texts else np.empty((0, 0))
    wanted[failed] = np.nan
    np.testing.assert_array_equal(vectors, wanted)


def test_replies_that_overtake_each_other_change_no_order(connect, fake, expected, fake_time):
    overtaken = iter([3, 2, 1])
    fake.planned = [lambda: fake.refusal(503, "overloaded", "later", Retry_After=str(next(overtaken)))] * 3
    np.testing.assert_array_equal(connect(batch_size=1)("encode", TEXTS), expected(TEXTS))
    assert len(fake_time.sleeps) == 3


def test_one_text_gives_one_vector(connect, fake):
    vector = connect()("encode", "one")
    assert vector.shape == (SIZE,)
    np.testing.assert_array_equal(vector, fake.vector_of("one"))
    assert fake.inputs == [["one"]]


def test_texts_may_come_one_by_one(connect, expected):
    np.testing.assert_array_equal(connect(batch_size=2)("encode", (text for text in TEXTS)), expected(TEXTS))


@pytest.mark.parametrize(("dimensions", "shape"), [(None, (0, 0)), (3, (0, 3))])
def test_no_texts_need_no_server(connect, fake, dimensions, shape):
    vectors = connect()("encode", [], dimensions=dimensions)
    assert (vectors.shape, vectors.dtype) == (shape, np.float32)
    assert connect()("encode", iter(()), on_error="nan")[1] == ()
    assert fake.requests == []


@pytest.mark.parametrize("text", ["naïve café", "食物", "👍🏽", 'a "quote" \\ and\nline', "\u2028", "a\0b", ""])
def test_every_text_arrives_as_it_is(connect, fake, text):
    connect()("encode", ["x", text])
    assert fake.inputs == [["x", text]]


def test_half_a_surrogate_pair_arrives_for_the_server_to_judge(connect, fake):
    connect()("encode", ["fine", "a\ud800b"])
    assert fake.inputs == [["fine", "a\ud800b"]]


def test_what_is_asked_for_is_asked_for(connect, fake):
    connect()("encode", "a")
    connect()("encode", "a", normalize=False, truncate=False, dimensions=2)
    connect()("encode", "a", features="sample", seed=3)
    sent = [{name: value for name, value in body.items() if name != "inputs"} for body in fake.bodies]
    assert sent == [
        {"truncate": True, "encoding_format": "base64"},
        {"normalize": False, "truncate": False, "dimensions": 2, "encoding_format": "base64"},
        {"truncate": True, "features": "sample", "seed": 3, "encoding_format": "base64"},
    ]
    for request in fake.requests:
        assert request.headers["accept"] == "application/octet-stream"
        assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("raw", [True, False])
def test_texts_without_a_vector_are_named_with_their_reasons(connect, fake, expected, raw):
    fake.raw = raw
    fake.bad = {"two words": "empty_text", "six": "no_known_words"}
    with pytest.raises(ItemsFailedError) as caught:
        connect(batch_size=3)("encode", TEXTS)
    assert caught.value.failures == (
        Failure(1, "empty_text", "empty_text, said the server"),
        Failure(5, "no_known_words", "no_known_words, said the server"),
    )
    message = str(caught.value)
    assert message.startswith(
        "2 of 7 inputs have no answer: inputs[1] empty_text: empty_text, said the server; inputs[5]"
    )
    wanted = expected(TEXTS)
    wanted[[1, 5]] = np.nan
    np.testing.assert_array_equal(caught.value.results, wanted)


def test_reasons_are_asked_for_only_where_bytes_have_none(connect, fake):
    fake.bad = {"two words": "empty_text"}
    connect(batch_size=3)("encode", TEXTS, on_error="nan")
    assert sorted(map(len, fake.inputs)) == [1, 1, 3, 3]
    (again,) = [request for request in fake.requests if request.headers["accept"] == "application/json"]
    assert b'"two words"' in again.content


def test_a_text_that_failed_for_want_of_time_is_taken_the_second_time(connect, fake, expected):
    def late():
        fake.bad.clear()
        headers = {"content-type": "application/octet-stream", "x-shape": f"2,{SIZE}", "x-failed": "1"}
        rows = np.array([fake.vector_of("one"), np.full(SIZE, np.nan)]).astype("<f4")
        return httpx.Response(200, headers=headers, content=rows.tobytes())

    fake.planned = [late]
    np.testing.assert_array_equal(connect()("encode", TEXTS[:2]), expected(TEXTS[:2]))


def test_rows_of_nan_stand_for_what_failed(connect, fake):
    fake.bad = dict.fromkeys(TEXTS, "empty_text")
    vectors, failures = connect(batch_size=2)("encode", TEXTS, on_error="nan")
    assert vectors.shape == (len(TEXTS), SIZE)
    assert np.isnan(vectors).all()
    assert [failure.index for failure in failures] == list(range(len(TEXTS)))
    vector, (failure,) = connect()("encode", "one", on_error="nan")
    assert vector.shape == (SIZE,)
    assert failure.index == 0


def test_what_is_too_much_at_once_is_sent_in_halves(connect, fake, expected):
    fake.max_items = 2
    np.testing.assert_array_equal(connect(batch_size=7)("encode", TEXTS), expected(TEXTS))
    assert sorted(map(len, fake.inputs)) == [1, 2, 2, 2, 3, 4, 7]


def test_a_text_too_large_alone_is_named(connect, fake, expected):
    answer_others = fake.answer
    fake.answer = lambda request: httpx.Response(413) if b"xxxxx" in request.content else answer_others(request)
    texts = ["one", "x" * 60, "four"]
    vectors, (failure,) = connect()("encode", texts, on_error="nan")
    assert (failure.index, failure.code) == (1, "http_413")
    np.testing.assert_array_equal(vectors[[0, 2]], expected(["one", "four"]))
    assert np.isnan(vectors[1]).all()
    with pytest.raises(ItemsFailedError, match=r"inputs\[0\] http_413"):
        connect()("encode", "x" * 60)
    nothing, _ = connect()("encode", "x" * 60, on_error="nan", dimensions=3)
    assert nothing.shape == (3,)


def test_long_texts_go_in_smaller_batches(connect, fake, expected):
    texts = ["x" * (MAX_BATCH_BYTES // 3), "y" * (MAX_BATCH_BYTES // 2), "z" * (MAX_BATCH_BYTES + 9), "a", "b"]
    connect()("encode", texts)
    assert sorted([text[:1] for text in inputs] for inputs in fake.inputs) == [["a", "b"], ["x", "y"], ["z"]]


def test_details_say_what_was_read(connect, fake):
    texts = ["one two", "zyx qwv", "long " * 30]
    details = connect(batch_size=2)("encode_details", texts)
    assert all(isinstance(item, EncodedText) for item in details)
    assert [item.num_tokens for item in details] == [2, 2, 30]
    assert [item.num_unknown for item in details] == [0, 1, 0]
    assert [item.truncated for item in details] == [False, False, True]
    np.testing.assert_array_equal([item.vector for item in details], [fake.vector_of(text) for text in texts])
    (alone,) = connect()("encode_details", "one")
    assert alone.num_tokens == 1
    assert connect()("encode_details", []) == []
    assert {request.headers["accept"] for request in fake.requests} == {"application/json"}


def test_details_of_the_others_are_not_lost(connect, fake):
    fake.bad = {"two": "empty_text"}
    with pytest.raises(ItemsFailedError) as caught:
        connect(batch_size=1)("encode_details", ["one", "two", "three"])
    one, two, three = caught.value.results
    assert (one.num_tokens, two.code, three.num_tokens) == (1, "empty_text", 1)


def test_numbers_are_taken_as_vectors_too(connect, fake):
    item = {"index": 0, "embedding": [0.5, -1], "num_tokens": 1, "num_unknown": 0, "truncated": False}
    fake.planned = [httpx.Response(200, json={"dimensions": 2, "data": [item]})] * 2
    np.testing.assert_array_equal(connect()("encode", "a"), np.array([0.5, -1], dtype=np.float32))
    assert connect()("encode_details", "a")[0].vector.dtype == np.float32


def test_a_model_that_changes_meanwhile_is_noticed(connect, fake):
    headers = {"content-type": "application/octet-stream", "x-shape": "1,2"}
    fake.planned = [httpx.Response(200, headers=headers, content=bytes(8))]
    with pytest.raises(ReplyError, match="ask again"):
        connect(batch_size=1)("encode", TEXTS)


def test_a_batch_that_is_refused_fails_the_call(connect, fake):
    fake.planned = [fake.refusal(422, "unknown_field", "field must be one of", "colour")]
    with pytest.raises(RequestRefused, match="unknown_field"):
        connect(batch_size=1, max_connections=2)("encode", TEXTS, on_error="nan")
    assert len(fake.requests) <= len(TEXTS)


@pytest.mark.parametrize("texts", [iter(["a", 7]), iter(["a", None]), iter(["a", b"bytes"])])
def test_what_is_no_text_is_named(blocking, texts):
    with pytest.raises(SettingsError, match=r"texts\[1\] must be a string; got"):
        blocking.encode(texts)


def test_vectors_of_two_models_are_not_joined(connect, fake) -> None:
    shas = iter(["aaaaaaaaaaaa", "bbbbbbbbbbbb"])

    def reply() -> httpx.Response:
        answer = fake.raw_vectors(["x"])
        answer.headers["x-model-sha"] = next(shas)
        return answer

    fake.planned = [reply, reply]
    with pytest.raises(ReplyError, match="model was changed"):
        connect(batch_size=1)("encode", ["a", "b"])
