"""What is tried again, how often, how long is waited, and what is raised in the end."""

import httpx
import pytest

from resay.client import Client, DeadlineError, ReplyError, RequestRefused, UnreachableError
from resay.client.clock import full_jitter
from resay.client.exchange import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS, retry_after_seconds

URL = "http://127.0.0.1:8080/predictions/encode"


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: httpx.Response(429),
        lambda: httpx.Response(503),
        lambda: httpx.Response(502),
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("too slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
    ],
    ids=["429", "503", "502", "no connection", "no connection in time", "reset", "broken pipe", "closed"],
)
def test_what_may_pass_is_tried_again(connect, fake, fake_time, trouble):
    fake.planned = [trouble, trouble]
    assert connect()("encode", "one").shape == (4,)
    assert len(fake.requests) == 3
    assert fake_time.sleeps == [FIRST_BACKOFF_SECONDS, 2 * FIRST_BACKOFF_SECONDS]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 411, 415, 422, 500, 501, 507, 504, 301, 204, 206])
def test_what_will_not_pass_is_not_tried_again(connect, fake, fake_time, status):
    fake.planned = [httpx.Response(status)]
    with pytest.raises(DeadlineError if status == 504 else RequestRefused):
        connect()("encode", "one")
    assert len(fake.requests) == 1
    assert fake_time.sleeps == []


@pytest.mark.parametrize("max_retries", [0, 1, 4])
@pytest.mark.parametrize(
    ("trouble", "error"), [(lambda: httpx.Response(503), RequestRefused), (httpx.ReadError("reset"), UnreachableError)]
)
def test_tries_have_a_number(connect, fake, max_retries, trouble, error):
    fake.planned = [trouble] * 9
    with pytest.raises(error, match=f"{max_retries + 1} tr(y|ies)"):
        connect(max_retries=max_retries)("encode", "one")
    assert len(fake.requests) == max_retries + 1


def test_waits_grow_up_to_a_bound(connect, fake, fake_time):
    fake.planned = [lambda: httpx.Response(503)] * 7
    connect(max_retries=7, timeout_seconds=100.0)("encode", "one")
    assert fake_time.sleeps == [0.5, 1, 2, 4, 8, 8, 8]
    assert fake_time.sleeps[-1] == LONGEST_BACKOFF_SECONDS


def test_the_server_says_how_long_to_wait_at_least(connect, fake, fake_time):
    fake.planned = [fake.refusal(429, "overloaded", "full", Retry_After="3"), httpx.Response(503)]
    connect()("encode", "one")
    assert fake_time.sleeps == [3 + 0.5, 1]


def test_a_wait_beyond_the_deadline_is_not_begun(connect, fake, fake_time):
    fake.planned = [fake.refusal(429, "overloaded", "the queue is full", Retry_After="30")]
    with pytest.raises(RequestRefused, match="the queue is full") as caught:
        connect(timeout_seconds=30.0)("encode", "one")
    assert caught.value.status == 429
    assert "timeout_seconds" in str(caught.value)
    assert fake_time.sleeps == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("0", 0),
        (" 7 ", 7),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10),
        ("Tue, 14 Nov 2023 22:13:30 -0000", 10),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0),
        ("soon", 0),
        ("-5", 0),
        ("1.5", 0),
        ("", 0),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after_seconds(value, 1_700_000_000.0) == seconds


def test_the_server_learns_what_is_left_of_the_time(connect, fake, fake_time):
    def slow():
        fake_time.seconds += 6.0
        return httpx.Response(503)

    fake.planned = [slow, slow]
    connect(timeout_seconds=20.0)("encode", "one")
    left = [int(request.headers["X-Request-Timeout-Ms"]) for request in fake.requests]
    assert left == [20_000, 13_500, 6_500]


def test_all_tries_together_have_one_deadline(connect, fake, fake_time):
    def slow():
        fake_time.seconds += 6.0
        return httpx.ReadError("reset")

    fake.planned = [slow] * 9
    with pytest.raises(UnreachableError, match=r"3 tries, 19\.5 s"):
        connect(timeout_seconds=20.0, max_retries=9)("encode", "one")
    assert len(fake.requests) == 3


def test_each_batch_has_a_deadline_of_its_own(connect, fake, fake_time):
    def slow():
        fake_time.seconds += 15.0

    fake.planned = [slow] * 4
    assert connect(timeout_seconds=20.0, batch_size=1, max_connections=1)("encode", list("abcd")).shape == (4, 4)


def test_a_sleep_that_took_too_long_ends_in_a_deadline(fake, fake_time):
    fake.planned = [httpx.Response(503)]
    clock = fake_time.clock

    def oversleep(seconds):
        fake_time.seconds += seconds + 60

    transport = httpx.MockTransport(fake)
    slow_clock = type(clock)(clock.now, clock.wall, oversleep, clock.sleep_async, clock.jitter)
    with Client(transport=transport, clock=slow_clock) as client, pytest.raises(DeadlineError, match="within 30 s"):
        client.encode("one")
    assert len(fake.requests) == 1


@pytest.mark.parametrize("trouble", [httpx.ReadTimeout("slow"), httpx.WriteTimeout("slow"), httpx.PoolTimeout("full")])
def test_a_timeout_names_the_address_and_the_way_out(connect, fake, trouble):
    fake.planned = [trouble]
    with pytest.raises(DeadlineError) as caught:
        connect()("encode", "one")
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.__cause__ is trouble
    for part in (URL, "batch_size", "timeout_seconds"):
        assert part in str(caught.value)
    assert len(fake.requests) == 1


def test_a_deadline_is_one_error_whoever_notices_it_first(connect, fake):
    fake.planned = [fake.refusal(504, "deadline", "the time was over before this text was done")]
    with pytest.raises(DeadlineError, match="the time was over"):
        connect()("encode", "one")


def test_no_connection_names_the_address_and_the_way_out(connect, fake):
    fake.planned = [httpx.ConnectError("Connection refused")]
    with pytest.raises(UnreachableError, match="Connection refused") as caught:
        connect(max_retries=0)("encode", "one")
    assert isinstance(caught.value, ConnectionError)
    assert URL in str(caught.value)
    assert "check that the server runs" in str(caught.value)


def test_a_broken_encoding_is_no_answer(connect, fake):
    fake.planned = [httpx.DecodingError("not gzip")]
    with pytest.raises(ReplyError, match="not gzip"):
        connect()("encode", "one")
    assert len(fake.requests) == 1


def test_one_error_ends_the_other_batches(connect, fake, fake_time):
    fake.planned = [fake.refusal(401, "unauthorized", "no such key")]
    with pytest.raises(RequestRefused, match="check api_key"):
        connect(batch_size=1, max_connections=1)("encode", [str(number) for number in range(50)])
    assert len(fake.requests) == 1


def test_the_draw_is_between_nothing_and_the_bound():
    drawn = [full_jitter(2.0) for _ in range(200)]
    assert 0 <= min(drawn) < 0.5
    assert 1.5 < max(drawn) <= 2
