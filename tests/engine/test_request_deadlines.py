"""A request's own deadline: what nobody waits for is not computed, and costs its batch mates nothing."""

import json
import time
from dataclasses import replace

import pytest

from resay.engine import DecodeService, InterpolateService, RawRequest, SampleService

PAST = 0.0


class CountingSession:
    """Counts the calls of a graph."""

    def __init__(self, session):
        self.session = session
        self.num_calls = 0

    def run(self, names, feed):
        self.num_calls += 1
        return self.session.run(names, feed)

    def get_providers(self):
        return self.session.get_providers()


@pytest.fixture
def counted(encode_service):
    session = CountingSession(encode_service.encoder.session)
    return replace(encode_service, encoder=replace(encode_service.encoder, session=session)), session


def late(text):
    return RawRequest({"inputs": text}, deadline=PAST)


def test_an_expired_request_never_reaches_the_graph(counted):
    service, session = counted
    replies = service.respond([late("good food"), late(["good", "food"])])
    assert [reply.status for reply in replies] == [504, 504]
    assert json.loads(replies[0].body)["error"]["code"] == "deadline"
    assert session.num_calls == 0


def test_an_expired_request_costs_its_mates_nothing(counted):
    service, session = counted
    in_time = RawRequest({"inputs": "good food"}, deadline=time.monotonic() + 100)
    replies = service.respond([late("good"), in_time, RawRequest("the room")])
    assert [reply.status for reply in replies] == [504, 200, 200]
    assert session.num_calls == 1


def test_an_expired_paraphrase_is_refused(paraphrase_service):
    replies = paraphrase_service.respond([late("good food"), RawRequest({"inputs": "good food", "n": 1})])
    assert [reply.status for reply in replies] == [504, 200]


@pytest.mark.parametrize("service_class", [DecodeService, InterpolateService, SampleService])
def test_an_expired_request_for_latents_is_refused(latent_path, service_class):
    service = service_class.open(latent_path("vae"))
    (reply,) = service.respond([RawRequest({}, deadline=PAST)])
    assert (reply.status, json.loads(reply.body)["error"]["code"]) == (504, "deadline")
