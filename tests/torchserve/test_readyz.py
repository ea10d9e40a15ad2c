import json

import pytest

from resay.engine.self_check import SelfCheck
from resay.torchserve import readyz
from resay.torchserve.identity import Identity
from resay.torchserve.readyz import Readiness

IDENTITY = Identity("encode", "encode", "1.0", "tiny", "0123456789ab", "CPUExecutionProvider")


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class Checks:
    """Gives one outcome after another."""

    def __init__(self, *outcomes: SelfCheck | Exception) -> None:
        self.outcomes = list(outcomes)

    def __call__(self) -> SelfCheck:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(readyz, "time", standing)
    return standing


def test_a_worker_that_answers_rightly_is_ready() -> None:
    reply = Readiness(IDENTITY, Checks(SelfCheck(3, ()))).reply()
    assert reply.status == 200
    assert json.loads(reply.body) == {
        "status": "ready",
        "ready": True,
        "model": "tiny",
        "model_sha": "0123456789ab",
        "checked": 3,
    }


def test_what_differs_is_told() -> None:
    reply = Readiness(IDENTITY, Checks(SelfCheck(3, ("latent differs by up to 1.0e-03", "2 of 3 differ")))).reply()
    assert reply.status == 503
    error = json.loads(reply.body)["error"]
    assert error["code"] == "not_ready"
    assert "latent differs by up to 1.0e-03; 2 of 3 differ" in error["message"]


def test_a_check_that_fails_says_nothing_of_the_inside(caplog: pytest.LogCaptureFixture) -> None:
    reply = Readiness(IDENTITY, Checks(RuntimeError("MARKER"))).reply()
    assert reply.status == 503
    assert b"MARKER" not in reply.body
    assert "MARKER" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_an_outcome_is_told_for_a_second(clock: Clock) -> None:
    readiness = Readiness(IDENTITY, Checks(SelfCheck(3, ()), SelfCheck(3, ("wrong",)), SelfCheck(3, ())))
    statuses = []
    for _ in range(5):
        statuses.append(readiness.reply().status)
        clock.now += 0.6
    assert statuses == [200, 200, 503, 503, 200]
