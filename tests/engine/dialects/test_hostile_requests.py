"""Requests that were made to do harm: each is refused by name, at once, and costs its batch mates nothing."""

import json
from math import prod

import pytest

from resay.engine import RawRequest
from resay.engine.dialects import GRPC_TAIL
from resay.engine.dialects.open_inference_requests import MAX_DIMENSIONS


def tensor(**changed):
    return {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["good"], **changed}


def respond(service, *requests):
    raw = [RawRequest(json.dumps(body).encode(), "application/json", tail=tail) for body, tail in requests]
    return [(reply.status, json.loads(reply.body)) for reply in service.respond(raw)]


@pytest.mark.parametrize(
    "shape", [[2**63 - 1] * 45_000, [2**63 - 1] * 3, [0, 2**63 - 1, 1], [1] * 100], ids=["long", "huge", "zero", "ones"]
)
def test_a_shape_is_not_multiplied_before_it_is_looked_at(encode_service, shape, monkeypatch):
    def product(sizes):
        assert len(sizes) <= MAX_DIMENSIONS
        assert max(sizes) <= 1, "no size is larger than the data"
        return prod(sizes)

    monkeypatch.setattr("resay.engine.dialects.open_inference_requests.prod", product)
    ((status, reply),) = respond(encode_service, ({"inputs": [tensor(shape=shape)]}, ""))
    assert (status, reply["code"], reply["path"]) == (422, "wrong_length", "inputs[0].shape")
    assert len(reply["error"]) < 300


@pytest.mark.parametrize("tail", ["", GRPC_TAIL])
def test_an_id_that_cannot_be_said_again_is_refused_and_fails_no_other(encode_service, tail):
    good = ({"inputs": ["good food"]}, "")
    bad = ({"id": "\ud800", "inputs": [tensor(data=["Z29vZA=="])]}, tail)
    first, (status, _), last = respond(encode_service, good, bad, good)
    assert (first[0], status, last[0]) == (200, 422, 200)


def test_what_is_no_base64_is_refused_over_grpc(encode_service):
    ((status, reply),) = respond(encode_service, ({"inputs": [tensor(data=["é"])]}, GRPC_TAIL))
    assert status == 400
    assert reply["outputs"][0]["data"][0]["code"] == "not_utf8"


def test_no_path_of_http_is_that_of_grpc():
    assert "\0" in GRPC_TAIL


def test_a_reply_that_cannot_be_written_fails_alone_and_computes_nothing_anew(encode_service, monkeypatch):
    calls = []
    original = type(encode_service)._compute

    def compute(service, requests):
        calls.append(len(requests))
        return original(service, requests)

    def write(self, reply):
        raise ZeroDivisionError

    monkeypatch.setattr(type(encode_service), "_compute", compute)
    monkeypatch.setattr("resay.engine.dialects.open_inference.OpenInference.write", write)
    good = ({"inputs": ["good food"]}, "")
    replies = respond(encode_service, good, ({"inputs": [tensor()]}, ""), good)
    assert [status for status, _ in replies] == [200, 500, 200]
    assert calls == [3]


def test_a_dialect_that_cannot_even_say_what_failed_fails_alone(encode_service, monkeypatch):
    def write_error(self, error):
        raise ZeroDivisionError

    monkeypatch.setattr("resay.engine.dialects.open_inference.OpenInference.write_error", write_error)
    good = ({"inputs": ["good food"]}, "")
    (first, _), (status, reply), (last, _) = respond(encode_service, good, ({"inputs": [tensor(shape=[7])]}, ""), good)
    assert (first, status, last) == (200, 500, 200)
    assert reply["error"]["code"] == "internal_error"
