"""What a reply amounts to."""

import json

import pytest
from drills.asks import Ask
from drills.outcomes import FAILED, Outcome, kind_of, num_of, right_rate, tell
from traffic.content import Reply

FULL = {"code": 503, "type": "ServiceUnavailableException", "message": 'Model "encode" has no worker to serve ...'}
DIED = {"code": 500, "type": "InternalServerException", "message": "Worker died."}
OURS = {"error": {"code": "internal_error", "message": "...", "path": ""}}
AT_THE_EDGE = {"error": {"code": "overloaded", "message": "...", "path": ""}}
ASK = Ask("/predictions/encode", b"{}", lambda reply: reply.body == b"right")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"right", "right"),
        (200, b"another's", "wrong"),
        (503, json.dumps(FULL, indent=2).encode(), "refused"),
        (503, json.dumps(AT_THE_EDGE).encode(), "refused"),
        (429, json.dumps(AT_THE_EDGE).encode(), "refused"),
        (422, json.dumps(OURS).encode(), "client error"),
        (500, json.dumps(DIED, indent=2).encode(), "server error"),
        (507, json.dumps(DIED).encode(), "server error"),
        (503, json.dumps(OURS).encode(), "server error"),
        (500, b"", "unclean error"),
        (502, b"<html>Bad Gateway</html>", "unclean error"),
        (500, b"[]", "unclean error"),
    ],
)
def test_kind_of_a_reply(status, body, kind):
    assert kind_of(ASK, Reply(status, body, {})) == kind


def outcome(kind, ended=1.0, told=""):
    return Outcome(due=0.0, sent=0.0, ended=ended, kind=kind, told=told)


def test_right_replies_are_counted_when_they_come():
    outcomes = [outcome("right", moment) for moment in (0.5, 1.5, 2.5, 9.0)] + [outcome("wrong", 2.0)]
    assert right_rate(outcomes, 1.0, 3.0) == 1.0
    assert num_of(outcomes, "right", "wrong") == 5


def test_what_failed_requests_were_told_is_said_with_counts():
    outcomes = [
        outcome("no reply", told="timeout"),
        *[outcome("server error", told="500")] * 2,
        outcome("refused", told="503"),
    ]
    assert tell(outcomes, *FAILED) == "2 times 500; 1 times timeout"
    assert tell([outcome("right")], *FAILED) == "nothing went wrong"
