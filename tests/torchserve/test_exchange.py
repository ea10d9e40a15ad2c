import json
from collections.abc import Sequence

import pytest

from resay.engine import RawReply, RawRequest
from resay.torchserve.exchange import answer_rows


class EchoService:
    """Says what it was asked, as bytes."""

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        return [RawReply(200, repr((bytes(r.body), r.content_type)).encode()) for r in raw_requests]

    def describe(self) -> dict[str, object]:
        return {"service": "echo"}


def answer(*rows: tuple[dict[str, object], dict[str, object]]) -> list[RawReply]:
    return answer_rows(EchoService(), [row for row, _ in rows], [headers for _, headers in rows])


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Content-Type": "application/json"}, "application/json"),
        ({"content-type": "text/plain; charset=utf-8"}, "text/plain; charset=utf-8"),
        ({"Accept": "*/*"}, None),
        # TorchServe mixes the types of form fields in among the headers.
        ({"content-type": {"content-type": "image/png"}}, None),
    ],
)
def test_body_and_content_type_go_to_the_engine_as_they_came(
    headers: dict[str, object], content_type: str | None
) -> None:
    (reply,) = answer(({"body": bytearray(b"\x00[")}, headers))
    assert reply.body == repr((b"\x00[", content_type)).encode()


def test_a_request_without_a_body_is_an_empty_one() -> None:
    (reply,) = answer(({}, {}))
    assert reply.body == repr((b"", None)).encode()


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8", "multipart/form-data"],
)
def test_a_form_is_refused_and_its_mates_are_answered_in_order(content_type: str) -> None:
    form = ({"inputs": b"x"}, {"Content-Type": content_type})
    replies = answer(({"body": b"a"}, {}), form, ({"body": b"b"}, {}), form)
    assert [reply.status for reply in replies] == [200, 415, 200, 415]
    assert b"'a'" in replies[0].body
    assert b"'b'" in replies[2].body
    error = json.loads(replies[1].body)["error"]
    assert error["code"] == "unsupported_media_type"
    assert "application/json" in error["message"]


def test_a_question_for_the_description_may_share_a_batch() -> None:
    replies = answer(({}, {"describe": "True"}), ({"body": b"a"}, {}), ({"body": b"b"}, {"describe": {"x": "y"}}))
    assert json.loads(replies[0].body) == {"service": "echo"}
    assert b"'a'" in replies[1].body
    assert b"'b'" in replies[2].body


def test_no_request_is_asked_for_nothing() -> None:
    assert answer() == []
