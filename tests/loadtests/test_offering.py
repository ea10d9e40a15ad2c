"""Closed and open loop against a server of known speed, in virtual time."""

import itertools

import numpy as np
import pytest
from generator.calls import NUM_CALLS, draw_calls
from generator.offering import SHED, TIMEOUT, offer
from generator.schedules import ARRIVALS, OpenLoop
from generator.stand import Step
from traffic.kinds import USERS
from traffic.texts import read_texts


def open_step(rate, **options):
    return Step(mode="open", load=rate, seconds=options.pop("seconds", 20), **options)


def test_closed_loop_reaches_the_servers_speed(virtual_server, virtual_stand):
    server = virtual_server(0.01)
    total = virtual_stand(server).measure(Step(mode="closed", load=4, seconds=10)).total
    assert total.achieved_per_s == pytest.approx(100, rel=0.01)
    assert total.p50_ms == total.p99_ms == pytest.approx(40)  # three others come first
    assert server.most_at_once == 4
    assert (total.failures, total.shed) == (0, 0)


def test_open_loop_below_the_servers_speed_answers_all(virtual_server, virtual_stand):
    total = virtual_stand(virtual_server(0.001)).measure(open_step(500, arrivals="constant")).total
    assert total.requests == 10_000
    assert total.offered_per_s == total.achieved_per_s == total.goodput_per_s == 500
    assert total.max_ms == pytest.approx(1)


def test_poisson_arrivals_wait_as_queueing_theory_says(virtual_server, virtual_stand):
    """Of an M/D/1 queue at load ρ the mean wait is ρ / (2 (1 - ρ)) services."""
    server = virtual_server(0.01)
    stand = virtual_stand(server, most_in_flight=10_000)
    outcomes = offer(
        OpenLoop(server.now + ARRIVALS["poisson"](70, 1000, 0), 10_000, server.now + 1000),
        itertools.cycle(stand.calls),
        server,
        server,
        timeout_s=60,
    )
    wait_s = np.mean([outcome.done - outcome.due for outcome in outcomes]) - 0.01
    assert wait_s == pytest.approx(0.01 * 0.7 / (2 * 0.3), rel=0.1)


def test_a_stall_shows_in_the_open_loop_and_not_in_the_closed(virtual_server, virtual_stand):
    """For one of 20 seconds nothing is answered: 5 % of the arrivals, but one request of a lonely user."""
    stalled = virtual_stand(virtual_server(0.001, stall=(110, 111)), most_in_flight=10_000)
    total = stalled.measure(open_step(100)).total
    assert total.failures == 0
    assert 850 < total.max_ms < 1010
    assert 600 < total.p99_ms < 1000
    assert total.p90_ms < 20
    closed = virtual_stand(virtual_server(0.001, stall=(110, 111))).measure(Step(mode="closed", load=1, seconds=20))
    assert closed.total.p99_ms == pytest.approx(1)
    assert closed.total.max_ms == pytest.approx(1001, abs=1)


def test_what_finds_no_free_slot_is_shed_and_counts_as_infinitely_late(virtual_server, virtual_stand):
    server = virtual_server(0.01)
    total = virtual_stand(server, most_in_flight=8).measure(open_step(200, arrivals="constant")).total
    assert server.most_at_once == 8
    assert total.achieved_per_s == pytest.approx(100, rel=0.02)
    assert total.shed == total.failures == pytest.approx(2000, rel=0.02)
    assert total.p99_ms == np.inf
    assert total.max_ms < 100
    assert total.failure.startswith(SHED)


def test_an_answer_that_never_comes_is_given_up(virtual_server, virtual_stand):
    server = virtual_server(0.01, stall=(102, 1e6))
    stand = virtual_stand(server, timeout_s=3, most_in_flight=100)
    total = stand.measure(open_step(10, seconds=5, arrivals="constant")).total
    assert server.now == pytest.approx(109, abs=0.2)  # three seconds after the last request
    assert total.failure == f"{TIMEOUT} (40)"
    assert total.requests == 50


def test_the_warm_up_does_not_count(virtual_server, virtual_stand):
    total = virtual_stand(virtual_server(0.001, stall=(100, 100.5)), most_in_flight=1000).measure(open_step(100)).total
    assert total.requests == 2000
    assert total.max_ms < 20


@pytest.mark.parametrize("name", ARRIVALS)
def test_arrivals_are_as_many_as_asked_for_and_in_order(name):
    moments = ARRIVALS[name](50, 10, 3)
    assert len(moments) == 500
    assert np.all(np.diff(moments) >= 0)
    assert moments[0] >= 0
    assert moments[-1] < 10
    np.testing.assert_array_equal(moments, ARRIVALS[name](50, 10, 3))


def test_requests_have_the_shares_of_their_class():
    calls = draw_calls("http://server:1", USERS["mix"], read_texts(), {"x-key": "k"}, seed=1)
    for name, share in USERS["mix"].items():
        assert sum(call.kind == name for call in calls) == pytest.approx(share * NUM_CALLS, abs=1)
    assert all(b"\r\nx-key: k\r\n" in call.request for call in calls)
    assert {len(call.texts) for call in calls} == {1, 64}
    assert 0 < sum(call.kept for call in calls if call.kind == "interactive") < 0.2 * NUM_CALLS
    assert all(call.kept for call in calls if call.kind == "paraphrase")


def test_every_class_of_users_sends_all_of_something():
    for shares in USERS.values():
        assert sum(shares.values()) == pytest.approx(1)


def test_delays_of_the_generator_itself_count(virtual_server, virtual_stand):
    """Each sending takes 5 ms, so that 300 requests a second are due and 200 sent."""

    class SlowSending(virtual_server):
        def send(self, request):
            self.now += 0.005
            return super().send(request)

    stand = virtual_stand(SlowSending(0.0001), most_in_flight=10_000)
    total = stand.measure(open_step(300, seconds=2, arrivals="constant")).total
    assert total.failures == 0
    assert total.lag_p99_ms > 500
    assert total.p99_ms >= total.lag_p99_ms
