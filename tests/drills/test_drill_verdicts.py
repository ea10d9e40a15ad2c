"""What each drill makes of the outcomes it saw: every fault of a server has to miss a goal."""

import math
from collections import Counter

import pytest
from drills import drain, fairness, kill_worker, latency, memory, mixed_batch, overload
from drills.asks import Ask
from drills.judging import at_most
from drills.outcomes import Outcome
from drills.random_asks import BAD_BODIES


def outcome(kind="right", sent=0.0, seconds=0.01, status=200):
    return Outcome(due=sent, sent=sent, ended=sent + seconds, kind=kind, status=status)


def missed(findings):
    return [finding.quantity for finding in findings if finding.met == "no"]


def value(findings, quantity):
    (found,) = [finding.value for finding in findings if finding.quantity == quantity]
    return found


class TestKillWorker:
    KILL = kill_worker.Kill(moment=10.0, num_in_flight=2)
    BEFORE = (outcome(sent=9.0),)
    LOST = (outcome("server error", sent=9.99, seconds=0.1), outcome("server error", sent=9.995, seconds=0.1))
    BACK = (outcome(sent=10.5, seconds=2.5), outcome(sent=11.0, seconds=2.1))

    def test_only_what_was_in_flight_may_fail(self):
        findings = kill_worker.judge(self.KILL, [*self.BEFORE, *self.LOST, *self.BACK])
        assert missed(findings) == []
        assert value(findings, "failed") == 2
        assert value(findings, "first right reply to a later request") == pytest.approx(3.0)

    def test_one_more_is_too_many(self):
        later = outcome("server error", sent=10.2)
        found = missed(kill_worker.judge(self.KILL, [*self.LOST, later, *self.BACK]))
        assert found == ["failed"]

    @pytest.mark.parametrize(
        ("kind", "quantity"),
        [
            ("no reply", "connection errors"),
            ("unclean error", "failed with another 5xx"),
            ("wrong", "wrong replies of status 200"),
            ("client error", "other replies"),
        ],
    )
    def test_each_failure_has_to_be_clean(self, kind, quantity):
        lost = outcome(kind, sent=9.99, seconds=0.1)
        assert missed(kill_worker.judge(self.KILL, [lost, *self.BACK])) == [quantity]

    def test_a_refusal_is_no_failure(self):
        findings = kill_worker.judge(self.KILL, [outcome("refused", sent=11.0), *self.BACK])
        assert missed(findings) == []
        assert value(findings, "refused, the queue being full") == 1

    @pytest.mark.parametrize("back", [(), (outcome(sent=10.5, seconds=15.0),)])
    def test_it_has_to_be_back_in_time(self, back):
        assert missed(kill_worker.judge(self.KILL, [*self.LOST, *back])) == ["first right reply to a later request"]


class TestOverload:
    def judge(self, during, after, *outcomes):
        phases = {
            "overload": overload.Phase(200.0, list(outcomes) or [outcome()], during),
            "afterwards": overload.Phase(100.0, [outcome()], after),
        }
        return overload.judge("encode", 100.0, phases)

    def test_as_much_as_before_is_right(self):
        findings = self.judge(95.0, 98.0, outcome(), outcome("refused", seconds=0.004))
        assert missed(findings) == []
        assert value(findings, "encode: p99 of a refusal") == pytest.approx(4.0)

    def test_less_is_not(self):
        assert missed(self.judge(89.0, 50.0)) == [
            "encode, overload: goodput over capacity",
            "encode, afterwards: goodput over capacity",
        ]

    def test_nobody_hangs_waits_long_or_is_refused_late(self):
        hanging, long, late = outcome("no reply"), outcome(seconds=30.0), outcome("refused", seconds=0.5)
        assert missed(self.judge(95.0, 98.0, hanging, long, late)) == [
            "encode, overload: failed",
            "encode, overload: longest of the accepted",
            "encode: p99 of a refusal",
        ]

    def test_phases_are_told_apart_by_when_requests_were_due(self):
        offered = [outcome(sent=5 + number / 20, seconds=1.0) for number in range(120)]  # for 6 s
        offered += [outcome(sent=11 + number / 10, seconds=1.0) for number in range(30)]  # for 3 s
        found = overload.phases(10.0, offered, 6.0, 3.0)
        assert [len(phase.outcomes) for phase in found.values()] == [120, 30]
        assert [phase.rate for phase in found.values()] == [20.0, 10.0]
        # In the second phase's first second come the replies to the first one's last requests.
        assert found["overload"].goodput == pytest.approx(20.0, abs=0.3)
        assert found["afterwards"].goodput == pytest.approx(40 / 3, abs=0.5)


class TestDrain:
    def stop(self, *numbers, edge_status=0, server_status=0, seconds=1.5):
        return drain.Stop(10.0, seconds, edge_status, server_status, frozenset(map(drain.request_id, numbers)))

    def test_what_nobody_read_was_not_accepted(self):
        outcomes = [outcome(sent=9.0), outcome(sent=9.999), outcome(sent=10.5), outcome("no reply", sent=11.5)]
        findings = drain.judge(self.stop(0, 1, 2), outcomes)
        assert missed(findings) == []
        assert value(findings, "accepted") == 3
        assert value(findings, "accepted, in flight at the SIGTERM") == 1
        assert value(findings, "accepted after the SIGTERM") == 1
        assert value(findings, "not accepted") == 1

    @pytest.mark.parametrize(("sent", "read"), [(9.0, ()), (10.5, (0,))])
    @pytest.mark.parametrize("kind", ["no reply", "server error", "refused", "wrong"])
    def test_what_was_accepted_must_be_answered(self, sent, read, kind):
        found = missed(drain.judge(self.stop(*read, 1), [outcome(kind, sent=sent), outcome(sent=9.0)]))
        assert found == ["accepted and not answered rightly"]

    def test_both_have_to_end_well_and_in_time(self):
        stop = self.stop(0, edge_status=1, server_status=-9, seconds=40.0)
        assert missed(drain.judge(stop, [outcome(sent=9.0)])) == [
            "from SIGTERM to the end of the edge",
            "exit status of the edge",
            "exit status of the server",
        ]


class TestMemory:
    GOOD = Ask("/predictions/encode", b"{}", lambda reply: True)
    BAD = Ask("/predictions/encode", BAD_BODIES[0], lambda reply: False)

    def test_good_requests_are_answered_and_bad_ones_refused(self):
        asks = [self.GOOD, self.BAD] * 5000
        outcomes = [outcome(), outcome("client error", status=422)] * 5000
        assert missed(memory.judge_replies(asks, outcomes)) == []
        wrong = [outcome("server error", status=500), outcome("wrong"), *outcomes[2:]]
        assert missed(memory.judge_replies(asks, wrong)) == [
            "good ones not answered rightly",
            "bad ones without a 4xx",
        ]

    def test_fewer_requests_are_too_few(self):
        assert missed(memory.judge_replies([self.GOOD], [outcome()])) == ["requests"]

    def course(self, growth):
        places = list(range(0, 10_001, 100))
        sizes = [400.0 + growth * place for place in places]
        names = ("java", "encode worker")
        return memory.Course({}, places, dict.fromkeys(names, sizes), dict.fromkeys(names, sizes))

    def test_a_worker_must_not_grow(self):
        assert missed(memory.judge_course(self.course(0.0))) == []
        assert missed(memory.judge_course(self.course(0.02))) == [
            "encode worker: growth of the last tenth over that after a fifth",
            "encode worker: growth of the second half",
        ]

    def test_users_stop_at_the_number_or_at_the_moment(self):
        users = memory.Users(most_in_flight=2, latest=100.0, num_left=3)
        assert [users.take(1.0, 0), users.take(1.0, 1), users.take(1.0, 2)] == [1.0, 1.0, None]
        assert users.end == math.inf
        assert [users.take(2.0, 1), users.take(2.5, 1)] == [2.0, None]
        assert users.end == 2.5
        late = memory.Users(most_in_flight=2, latest=100.0, num_left=3)
        assert late.take(100.0, 0) is None
        assert late.end == 100.0


class TestMixedBatch:
    def test_one_round_that_differs_is_seen(self):
        good = Counter({"200": 31, "422": 1})
        assert missed(mixed_batch.judge("HTTP", [good, good])) == []
        for bad in (Counter({"503": 32}), Counter({"200": 30, "wrong": 1, "422": 1}), Counter({"200": 32})):
            assert len(missed(mixed_batch.judge("HTTP", [good, bad]))) == 1
        assert len(missed(mixed_batch.judge("HTTP", []))) == 1

    def test_a_wrong_reply_is_no_200(self):
        assert [mixed_batch.verdict(200, True), mixed_batch.verdict(200, False), mixed_batch.verdict(422, False)] == [
            "200",
            "wrong",
            "422",
        ]


def test_a_single_sentence_is_held_up_by_no_bulk():
    slow = [outcome(seconds=0.002)] * 98 + [outcome(seconds=0.05)] * 2
    quick = [outcome(seconds=0.002)] * 100
    goal = at_most(fairness.MOST_MS)
    assert missed(fairness.judge("raw", slow, (5, 5), goal)) == ["raw: single, p99"]
    assert missed(fairness.judge("raw", slow, (5, 5), None)) == missed(fairness.judge("raw", quick, (5, 5), goal)) == []
    assert missed(fairness.judge("raw", quick, (0, 0), goal)) == ["raw: bulk, requests"]
    assert missed(fairness.judge("raw", quick, (5, 4), goal)) == ["raw: bulk, failed"]
    assert [name for name, each in fairness.ARRANGEMENTS.items() if each.goal] == ["1 worker for each, behind the edge"]


def test_latency_is_that_of_right_replies():
    assert missed(latency.judge([outcome(seconds=0.0015)] * 10)) == []
    assert missed(latency.judge([outcome(seconds=0.003)] * 10)) == ["p50"]
    assert missed(latency.judge([outcome(seconds=0.0015)] * 10 + [outcome("wrong")])) == ["not answered rightly"]
