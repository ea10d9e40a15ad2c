import json
import math
import shlex

import pytest

from resay.errors import ServerError
from resay.torchserve.examples import (
    ask,
    ask_examples,
    curl,
    encode_problems,
    paraphrase_problems,
    show_reply,
)
from resay.torchserve.http_client import Reply

TEXT = "It's 5 o'clock — \"late\" & cold."


def encode_reply(embedding: list[float], dimensions: int = 3) -> dict[str, object]:
    return {"dimensions": dimensions, "data": [{"index": 0, "embedding": embedding}]}


def paraphrase_reply(*texts: str) -> dict[str, object]:
    return {"data": [{"index": 0, "candidates": [{"text": text} for text in texts]}]}


def test_a_right_reply_has_no_problems() -> None:
    assert encode_problems(encode_reply([0.1, -2, 1e-9]), 3) == []
    assert paraphrase_problems(paraphrase_reply("a", "b"), "b") == []


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (encode_reply([0.1, 0.2]), "2 numbers"),
        (encode_reply([0.1, 0.2, 0.3], dimensions=4), "dimensions = 4"),
        (encode_reply([0.1, 0.2, math.nan]), "finite"),
        (encode_reply([0.1, 0.2, None]), "finite"),
        ({"data": [{"index": 0, "error": {"code": "x", "message": "y"}}]}, "no single embedding"),
        ({"data": []}, "no single embedding"),
        ({}, "no single embedding"),
    ],
)
def test_a_wrong_embedding_is_found(reply: dict[str, object], problem: str) -> None:
    (found,) = encode_problems(reply, 3)
    assert problem in found


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (paraphrase_reply("Hello  World"), "no candidate differs"),
        (paraphrase_reply(""), "no candidate differs"),
        (paraphrase_reply(), "no candidate differs"),
        (paraphrase_reply("hello <unk>"), "<unk>"),
        ({"data": [{"index": 0, "error": {}}]}, "no single list of candidates"),
    ],
)
def test_a_wrong_paraphrase_is_found(reply: dict[str, object], problem: str) -> None:
    (found,) = paraphrase_problems(reply, "hello world")
    assert problem in found


def test_the_curl_line_survives_the_shell() -> None:
    words = shlex.split(curl("http://127.0.0.1:8080", "encode", {"inputs": TEXT}))
    assert words[0] == "curl"
    assert "http://127.0.0.1:8080/predictions/encode" in words
    assert json.loads(words[words.index("-d") + 1]) == {"inputs": TEXT}
    assert "Content-Type: application/json" in words


def test_only_the_first_numbers_of_an_embedding_are_shown() -> None:
    reply = encode_reply([0.123456] * 300, dimensions=300)
    shown = show_reply(reply)
    assert "[0.1235, 0.1235, 0.1235, 0.1235, … 300 numbers in all]" in shown
    assert len(shown) < 300
    assert len(reply["data"][0]["embedding"]) == 300


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(503, b'{"error": {"message": "bad"}}'), 'failed with status 503.*"bad"'),
        (Reply(200, b"<html>"), "something other than a JSON object"),
        (Reply(200, b"[1]"), "something other than a JSON object"),
    ],
)
def test_a_failed_request_is_told(monkeypatch, reply: Reply, problem: str) -> None:
    monkeypatch.setattr("resay.torchserve.examples.send", lambda *args, **options: reply)
    with pytest.raises(ServerError, match=problem):
        ask("http://127.0.0.1:1/predictions/encode", {}, {})


def test_a_refusal_is_a_problem_and_no_failure(monkeypatch) -> None:
    monkeypatch.setattr("resay.torchserve.examples.send", lambda *args, **options: Reply(422, b'{"error": {}}'))
    answers = ask_examples("http://127.0.0.1:1", {}, TEXT, 3)
    assert [answer.problems for answer in answers] == [
        ["encode: refused with status 422"],
        ["paraphrase: refused with status 422"],
    ]


def test_no_answer_is_told() -> None:
    with pytest.raises(ServerError, match="did not answer"):
        ask("http://127.0.0.1:9/predictions/encode", {}, {})


def test_both_endpoints_are_asked_about_the_same_sentence(monkeypatch) -> None:
    asked = {}

    def send(method: str, url: str, *, body: bytes, **options: object) -> Reply:
        asked[url.rpartition("/")[2]] = json.loads(body)
        reply = encode_reply([0.0] * 3) if url.endswith("encode") else paraphrase_reply("other")
        return Reply(200, json.dumps(reply).encode())

    monkeypatch.setattr("resay.torchserve.examples.send", send)
    answers = ask_examples("http://127.0.0.1:1", {}, TEXT, 3)
    assert [answer.endpoint for answer in answers] == ["encode", "paraphrase"]
    assert [answer.problems for answer in answers] == [[], []]
    assert asked["encode"]["inputs"] == asked["paraphrase"]["inputs"] == TEXT
    assert answers[0].for_reading("http://127.0.0.1:1").startswith("$ curl ")
