"""What gives sentences, and what a server says of itself."""

import base64
import json

import httpx
import numpy as np
import pytest

from resay.client import (
    Candidate,
    Failure,
    ItemsFailedError,
    Paraphrases,
    ReplyError,
    RequestRefused,
    Sentence,
    Step,
)
from resay.errors import SettingsError

SCORES = {"similarity": 0.9, "novelty": 0.25, "log_prob": -1.5, "score": 0.7}
STEPS = [{"text": "a", "position": 0, "log_prob": -1.0}, {"text": "b", "position": 1, "log_prob": -2.0}]


def with_answer(fake, answer_one):
    """Answer each input with what a function makes of it."""

    def answer(request):
        inputs = json.loads(request.content)["inputs"]
        if len(inputs) > fake.max_items:
            return fake.refusal(413, "too_many_tokens", "too many tokens to decode")
        data = [{"index": index, **answer_one(item)} for index, item in enumerate(inputs)]
        return httpx.Response(200, json={"model": "fake", "data": data[::-1]})

    fake.answer = answer


def paraphrase_of(text):
    if text == "bad":
        return {"error": {"code": "empty_text", "message": "no words"}}
    candidates = [{"text": f"{text}, again", **SCORES}]
    return {"candidates": candidates, "finish_reason": "fewer_than_n", "filtered": {"copy": 2}, "news": 1}


def test_paraphrases_come_in_the_order_of_the_texts(connect, fake):
    with_answer(fake, paraphrase_of)
    texts = [f"text {number}" for number in range(40)]
    found = connect()("paraphrase", texts)
    assert [item.candidates[0].text for item in found] == [f"{text}, again" for text in texts]
    assert sorted(map(len, fake.inputs)) == [8, 16, 16]
    (alone,) = connect()("paraphrase", "one")
    candidate = Candidate("one, again", similarity=0.9, novelty=0.25, log_prob=-1.5, score=0.7)
    assert alone == Paraphrases((candidate,), "fewer_than_n", {"copy": 2})
    assert connect()("paraphrase", iter(())) == []
    assert {request.url.path for request in fake.requests} == {"/predictions/paraphrase"}


def test_paraphrases_are_asked_for_with_the_options_that_were_given(connect, fake):
    with_answer(fake, paraphrase_of)
    connect()("paraphrase", "one")
    connect()(
        "paraphrase", "Ann sleeps", n=3, diversity=0.5, strategy="beam", seed=4, protect=["Ann"], min_similarity=0.5,
        options={"temperature": 0.8},
    )  # fmt: skip
    plain, full = fake.bodies
    assert plain == {"inputs": ["one"], "n": 5}
    assert full == {
        "inputs": ["Ann sleeps"], "n": 3, "diversity": 0.5, "strategy": "beam", "seed": 4, "protect": ["Ann"],
        "min_similarity": 0.5, "temperature": 0.8,
    }  # fmt: skip


def test_each_batch_protects_its_own_spans(connect, fake):
    # A server refuses a span that stands in none of the texts of a request.
    with_answer(fake, paraphrase_of)
    fake.max_items = 2
    connect(batch_size=4)("paraphrase", ["Ann", "Bob", "Ann and Bob", "nobody", "Eve"], protect=["Bob", " Eve "])
    protected = {tuple(body["inputs"]): body.get("protect") for body in fake.bodies}
    assert protected == {
        ("Ann", "Bob", "Ann and Bob", "nobody"): ["Bob"],
        ("Ann", "Bob"): ["Bob"],
        ("Ann and Bob", "nobody"): ["Bob"],
        ("Eve",): [" Eve "],
    }


def test_a_span_that_stands_nowhere_is_refused_before_anything_is_sent(blocking, fake):
    with pytest.raises(SettingsError, match=r"protect\[1\] stands in none of the texts"):
        blocking.paraphrase(["Ann sleeps", "Bob wakes"], protect=["Bob", "bob"])
    with pytest.raises(SettingsError, match=r"write \['Ann'\]"):
        blocking.paraphrase(["Ann sleeps"], protect="Ann")
    assert fake.requests == []


@pytest.mark.parametrize("name", ["inputs", "n", "protect", "return_scores"])
def test_options_are_further_fields_alone(blocking, fake, name):
    with pytest.raises(SettingsError, match=name):
        blocking.paraphrase("one", options={name: 1, "top_k": 3})
    assert fake.requests == []


def test_options_must_be_json(blocking):
    with pytest.raises(SettingsError, match="cannot be written as JSON"):
        blocking.paraphrase("one", options={"top_k": object()})


def test_the_paraphrases_of_the_others_are_not_lost(connect, fake):
    with_answer(fake, paraphrase_of)
    with pytest.raises(ItemsFailedError) as caught:
        connect(batch_size=2)("paraphrase", ["one", "two", "bad", "three"])
    assert caught.value.failures == (Failure(2, "empty_text", "no words"),)
    texts = [None if isinstance(item, Failure) else item.candidates[0].text for item in caught.value.results]
    assert texts == ["one, again", "two, again", None, "three, again"]


@pytest.mark.parametrize("num_failures", [1, 10, 12])
def test_many_failures_are_counted(connect, fake, num_failures):
    with_answer(fake, paraphrase_of)
    with pytest.raises(ItemsFailedError, match=f"{num_failures} of {num_failures + 1} inputs") as caught:
        connect()("paraphrase", ["bad"] * num_failures + ["good"])
    assert ("and 2 more" in str(caught.value)) == (num_failures == 12)
    assert len(caught.value.failures) == num_failures


def test_latents_are_sent_as_their_bytes(connect, fake):
    def said(item):
        return {"text": str(np.frombuffer(base64.b64decode(item), "<f4").tolist()), "log_prob": -0.5}

    with_answer(fake, said)
    latents = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert connect(batch_size=2)("decode", latents, num_beams=2) == [
        Sentence("[0.0, 1.0]", -0.5), Sentence("[2.0, 3.0]", -0.5), Sentence("[4.0, 5.0]", -0.5)
    ]  # fmt: skip
    assert connect()("decode", latents[1]) == [Sentence("[2.0, 3.0]", -0.5)]
    assert connect()("decode", latents[:0]) == []
    assert {body["encoding_format"] for body in fake.bodies} == {"base64"}
    assert [body.get("num_beams") for body in fake.bodies] == [2, 2, None]


def test_latents_have_two_axes_at_most(blocking):
    with pytest.raises(SettingsError, match=r"\(1, 1, 2\)"):
        blocking.decode(np.zeros((1, 1, 2), dtype=np.float32))


def test_ways_lead_from_text_to_text(connect, fake):
    with_answer(fake, lambda pair: {"steps": [{**step, "text": text} for step, text in zip(STEPS, pair, strict=True)]})
    ways = connect(batch_size=1)("interpolate", [("a", "b"), ("c", "é")], num_steps=2, seed=1)
    assert ways == [(Step("a", 0.0, -1.0), Step("b", 1.0, -2.0)), (Step("c", 0.0, -1.0), Step("é", 1.0, -2.0))]
    assert sorted(fake.inputs) == [[["a", "b"]], [["c", "é"]]]
    assert {(body["num_steps"], body["seed"]) for body in fake.bodies} == {(2, 1)}


@pytest.mark.parametrize("pair", ["ab", ("a",), ("a", "b", "c"), ("a", 7), None])
def test_a_pair_is_two_texts(blocking, pair):
    with pytest.raises(SettingsError, match=r"pairs\[1\]"):
        blocking.interpolate(iter([("a", "b"), pair]))


def test_samples_come_from_one_request(connect, fake):
    data = [{"index": index, "text": f"said {index}", "log_prob": -1.0} for index in range(3)]
    fake.planned = [lambda: httpx.Response(200, json={"data": data})] * 2
    assert connect()("sample", 3, seed=2, temperature=0.5)[1] == Sentence("said 1", -1.0)
    assert fake.bodies == [{"n": 3, "seed": 2, "temperature": 0.5}]
    with pytest.raises(ReplyError, match="4 items were asked for"):
        connect()("sample", 4)


def test_samples_that_were_not_done_in_time_are_named(connect, fake):
    late = {"index": 1, "error": {"code": "deadline", "message": "too late"}}
    data = [{"index": 0, "text": "said", "log_prob": -1.0}, late]
    fake.planned = [httpx.Response(200, json={"data": data})]
    with pytest.raises(ItemsFailedError) as caught:
        connect()("sample", 2)
    assert caught.value.results == [Sentence("said", -1.0), Failure(1, "deadline", "too late")]


@pytest.mark.parametrize(("routes", "path"), [("torchserve", "/predictions/encode/1.0/readyz"), ("edge", "/readyz")])
@pytest.mark.parametrize(
    ("planned", "ready"),
    [
        (httpx.Response(200, json={"status": "ready"}), True),
        (httpx.Response(503), False),
        (httpx.Response(502), False),
        (httpx.Response(429), False),
        (httpx.Response(504), False),
        (httpx.ConnectError("refused"), False),
        (httpx.ReadTimeout("slow"), False),
    ],
)
def test_a_server_is_ready_or_not_at_the_first_try(connect, fake, fake_time, routes, path, planned, ready):
    fake.planned = [lambda: planned if isinstance(planned, Exception) else httpx.Response(planned.status_code)]
    assert connect(routes=routes)("ready") is ready
    (request,) = fake.requests
    assert (request.method, request.url.path) == ("GET", path)
    assert fake_time.sleeps == []


@pytest.mark.parametrize("status", [401, 404, 500])
def test_something_else_at_the_address_is_not_a_server_that_is_not_ready(connect, fake, status):
    fake.planned = [httpx.Response(status)]
    with pytest.raises(RequestRefused):
        connect()("ready")


def test_an_endpoint_describes_itself(connect, fake):
    fake.planned = [lambda: httpx.Response(200, json={"service": "paraphrase", "limits": {"max_items": 64}})] * 2
    assert connect()("describe", "paraphrase")["limits"] == {"max_items": 64}
    (request,) = fake.requests
    assert (request.method, request.url.path) == ("POST", "/predictions/paraphrase")
    assert request.headers["describe"] == "True"
    with pytest.raises(ReplyError, match="did not describe itself"):
        connect()("describe", "encode")
