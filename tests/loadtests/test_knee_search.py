"""The knee of servers whose knee is known."""

import math

import pytest
from generator.stand import Step
from knee.search import MOST_RATES, Search, knee_of, next_rate


def steps_of(stand, **options):
    return list(Search(**options).steps(stand.measure))


def test_constant_arrivals_reach_the_servers_speed(virtual_server, virtual_stand):
    """Without chance there is no queue below the speed, and above it one that grows without end."""
    stand = virtual_stand(virtual_server(0.002), most_in_flight=5000)
    steps = steps_of(stand, seconds=4, arrivals="constant")
    at_knee = knee_of(steps)
    assert at_knee is not None
    assert 500 / 1.06 <= at_knee.step.load <= 501
    assert at_knee.sustained


def test_chance_costs_speed(virtual_server, virtual_stand):
    """With Poisson arrivals and a limit of ten services, an M/D/1 queue sustains some 80 % of its speed."""
    stand = virtual_stand(virtual_server(0.003), most_in_flight=5000)
    at_knee = knee_of(steps_of(stand, seconds=20))
    assert at_knee is not None
    assert 0.6 < at_knee.step.load * 0.003 < 0.95


def test_users_are_doubled_until_it_brings_nothing(virtual_server, virtual_stand):
    steps = steps_of(virtual_stand(virtual_server(0.001)), seconds=2)
    closed = [each.step.load for each in steps if each.step.mode == "closed"]
    assert closed == [1, 2, 4]
    assert len(steps) <= 3 + MOST_RATES


def test_users_are_not_doubled_beyond_the_limit(virtual_server, virtual_stand):
    steps = steps_of(virtual_stand(virtual_server(0.02), limit_ms=30), seconds=5)
    assert [each.step.load for each in steps if each.step.mode == "closed"] == [1, 2]


def test_a_server_that_is_always_too_slow_has_no_knee(virtual_server, virtual_stand):
    steps = steps_of(virtual_stand(virtual_server(0.1), limit_ms=30), seconds=5)
    assert knee_of(steps) is None
    assert len(steps) <= 1 + MOST_RATES


def test_wrong_answers_are_found_and_no_load_with_them_is_sustained(virtual_server, virtual_stand, swap_answers):
    server = virtual_server(0.001)
    stand = virtual_stand(server)
    assert stand.measure(Step(mode="closed", load=4, seconds=3)).total.wrong == 0
    server.change = swap_answers
    measured = stand.measure(Step(mode="closed", load=4, seconds=3))
    # A tenth of the answers is looked at, a tenth of these is another's.
    assert measured.total.wrong == pytest.approx(measured.total.checked / 10, rel=0.5)
    assert not measured.sustained
    assert "differs from the first one seen" in next(iter(stand.problems))


def test_refusals_are_failures(virtual_server, virtual_stand):
    server = virtual_server(0.001)
    server.change = lambda ticket, body: (429, b'{"error": {"code": "overloaded"}}') if ticket % 2 else (200, body)
    measured = virtual_stand(server).measure(Step(mode="closed", load=4, seconds=3))
    assert measured.total.failure.startswith("status 429 overloaded (")
    assert measured.total.failures == pytest.approx(measured.total.requests / 2, abs=2)
    assert not measured.sustained


def test_rates_close_in_on_the_knee():
    tried = []
    while len(tried) < 20 and (rate := next_rate(tried, 100)) is not None:
        tried.append((rate, rate < 87))
    rates = [rate for rate, _ in tried]
    assert rates[:3] == [50, 80, 100]
    best = max(rate for rate in rates if rate < 87)
    assert 87 / 1.05 < best < 87
    assert len(rates) <= MOST_RATES + 1


def test_rates_go_up_while_all_is_well_and_down_while_nothing_is():
    assert next_rate([(50, True), (80, True), (100, True)], 100) == 125
    assert next_rate([(50, False)], 100) == 25
    assert next_rate([(50, False), (25, False)], 100) == 12.5


def test_a_hiccup_below_the_best_rate_changes_nothing():
    tried = [(50, True), (80, False), (89, True), (100, False)]
    rate = next_rate(tried, 100)
    assert rate is not None
    assert math.isclose(rate, math.sqrt(89 * 100))
