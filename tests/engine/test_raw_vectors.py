"""Vectors as bare bytes."""

import json

import numpy as np
import pytest

from resay.engine import RawRequest

OCTETS = "application/octet-stream"


def ask(service, body, accept=OCTETS):
    (reply,) = service.respond([RawRequest(body, "application/json", accept=accept)])
    return reply


def test_rows_equal_those_of_json(encode_service):
    texts = ["good food", "the room", "good"]
    reply = ask(encode_service, texts)
    expected = [item["embedding"] for item in json.loads(ask(encode_service, texts, None).body)["data"]]
    assert (reply.status, reply.content_type) == (200, OCTETS)
    rows = np.frombuffer(reply.body, "<f4").reshape([int(size) for size in reply.headers["x-shape"].split(",")])
    np.testing.assert_allclose(rows, expected, rtol=1e-6)
    assert "x-failed" not in reply.headers


def test_options_count_and_the_format_does_not(encode_service):
    reply = ask(encode_service, {"inputs": ["good food"], "dimensions": 2, "encoding_format": "base64"})
    assert reply.headers["x-shape"] == "1,2"
    assert np.isclose(np.linalg.norm(np.frombuffer(reply.body, "<f4")), 1)


def test_an_item_that_failed_is_a_row_of_nan(encode_service):
    reply = ask(encode_service, ["good", " ", "food", 5])
    rows = np.frombuffer(reply.body, "<f4").reshape(4, -1)
    assert np.isnan(rows).all(axis=1).tolist() == [False, True, False, True]
    assert not np.isnan(rows[[0, 2]]).any()
    assert reply.headers["x-failed"] == "1,3"
    assert reply.headers["x-error"] == "empty_text"


def test_a_request_that_failed_is_json(encode_service):
    reply = ask(encode_service, [])
    assert (reply.status, reply.content_type) == (422, "application/json")
    assert json.loads(reply.body)["error"]["code"] == "no_inputs"


def test_the_other_endpoints_answer_in_json(paraphrase_service):
    assert ask(paraphrase_service, {"inputs": "good food", "n": 1}).content_type == "application/json"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("Application/Octet-Stream; q=1, application/json;q=0.5", OCTETS),
        ("application/json, application/octet-stream;q=0.5", "application/json"),
        ("*/*", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_first_type_that_is_accepted_decides(encode_service, accept, content_type):
    assert ask(encode_service, ["good food"], accept).content_type == content_type


@pytest.mark.parametrize(("given", "code"), [("bits", "not_allowed"), ("nonsense", "not_allowed"), (5, "not_allowed")])
def test_a_format_that_bytes_are_not_is_refused(encode_service, given, code):
    reply = ask(encode_service, {"inputs": ["good food"], "encoding_format": given})
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["path"]) == (422, code, "encoding_format")
