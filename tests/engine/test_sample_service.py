"""/predictions/sample: sentences from the prior."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from resay.engine import RawRequest, SampleService, ServiceSettings
from resay.engine.decoding import DecodingRequest, DecodingSettings, decode
from resay.engine.latents.priors import draw_latents

WITH_PRIOR = ["vae", "binary", "bottleneck"]


@pytest.mark.parametrize("latent", [*WITH_PRIOR, "lm"])
def test_n_sentences_come_back(latent, ask_service):
    for n in (1, 5, 12):
        status, reply = ask_service("sample", latent, n=n)
        assert status == 200
        assert list(reply) == ["model", "data"]
        assert [item["index"] for item in reply["data"]] == list(range(n))
        assert all(item["text"].strip() and item["log_prob"] <= 0 for item in reply["data"])
        assert not any("_num_" in item["text"].lower() or "<" in item["text"] for item in reply["data"])
    assert len(ask_service("sample", latent)[1]["data"]) == 5


@pytest.mark.parametrize("latent", WITH_PRIOR)
def test_they_are_what_decode_says_of_the_prior(latent, ask_service, open_service):
    prior = open_service("sample", latent).card.latent_space.prior
    latents = draw_latents(prior, 6, 10, seed=3)
    _, reply = ask_service("sample", latent, n=6, seed=3, num_beams=2)
    _, expected = ask_service("decode", latent, inputs=latents.tolist(), num_beams=2)
    assert [item["text"] for item in reply["data"]] == [item["text"] for item in expected["data"]]


@pytest.mark.parametrize("latent", [*WITH_PRIOR, "lm"])
@pytest.mark.parametrize("fields", [{}, {"temperature": 1.5}])
def test_the_first_five_of_ten_are_the_five(latent, fields, ask_service):
    five, ten, again, other = (
        [item["text"] for item in ask_service("sample", latent, n=n, seed=seed, **fields)[1]["data"]]
        for n, seed in ((5, 7), (10, 7), (5, 7), (5, 8))
    )
    assert ten[:5] == five == again
    assert five != other
    assert len(set(ten)) > 1


def test_a_temperature_draws_word_by_word(ask_service):
    cold, greedy = (
        [item["text"] for item in ask_service("sample", "vae", n=8, seed=2, **fields)[1]["data"]]
        for fields in ({"temperature": 0.01}, {"num_beams": 1})
    )
    assert sum(one == other for one, other in zip(cold, greedy, strict=True)) >= 7, "a frozen draw is the best word"
    hot = [item["text"] for item in ask_service("sample", "vae", n=8, seed=2, temperature=8.0)[1]["data"]]
    assert hot != greedy


def test_a_language_model_speaks_its_own_probabilities(ask_service, open_service):
    """First words over many sentences occur as often as the decoder says."""
    service = open_service("sample", "lm")
    settings = DecodingSettings("sample", 4000, top_k=1000)
    (drawn,) = decode(service.decoder.step, [DecodingRequest(np.zeros(1, np.float32), settings, 1)])
    probabilities = {hypothesis.token_ids[0]: np.exp(hypothesis.log_prob) for hypothesis in drawn}
    texts = [
        item["text"]
        for seed in range(4)
        for item in ask_service("sample", "lm", n=256, seed=seed, max_new_tokens=1)[1]["data"]
    ]
    words = service.decoder.tokenizer.words
    for word_id, probability in probabilities.items():
        share = sum(text.lower() == words[word_id] for text in texts) / len(texts)
        assert share == pytest.approx(probability, abs=0.05)
    same = ask_service("sample", "lm", n=4, temperature=1.0)
    assert ask_service("sample", "lm", n=4) == same


@pytest.mark.parametrize("latent", ["none", "gumbel"])
def test_a_model_without_a_prior_says_so(latent, ask_service):
    status, reply = ask_service("sample", latent)
    assert (status, reply["error"]["code"]) == (422, "no_prior")
    assert f"latent {latent}" in reply["error"]["message"]


@pytest.mark.parametrize(
    "request_",
    [RawRequest(b""), RawRequest(b"", "application/json"), RawRequest(""), RawRequest(b" \n"), RawRequest(None)],
)
def test_an_empty_body_is_fine(request_, open_service, ask_service):
    (reply,) = open_service("sample", "vae").respond([request_])
    assert (reply.status, orjson.loads(reply.body)) == ask_service("sample", "vae")


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        ({"n": 0}, 422, "out_of_range", "n"),
        ({"n": 257}, 413, "too_many_items", "n"),
        ({"n": 10**30}, 413, "too_many_items", "n"),
        ({"n": "5"}, 422, "wrong_type", "n"),
        ({"n": None}, 422, "wrong_type", "n"),
        ({"seed": 2**63}, 422, "out_of_range", "seed"),
        ({"temperature": 0}, 422, "out_of_range", "temperature"),
        ({"temperature": 11}, 422, "out_of_range", "temperature"),
        ({"temperature": float("nan")}, 422, "out_of_range", "temperature"),
        ({"num_beams": 17}, 422, "out_of_range", "num_beams"),
        ({"num_beams": 4, "temperature": 1.0}, 422, "not_allowed", "num_beams"),
        ({"max_new_tokens": 14}, 422, "out_of_range", "max_new_tokens"),
        ({"inputs": "soup"}, 422, "unknown_field", "inputs"),
        ("soup", 422, "wrong_type", ""),
        ([], 422, "wrong_type", ""),
        (b"{", 400, "invalid_json", ""),
    ],
)
def test_what_cannot_be_asked(body, status, code, path, open_service):
    (reply,) = open_service("sample", "vae").respond([RawRequest(body)])
    error = orjson.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["path"]) == (status, code, path)


def test_beams_are_nothing_to_a_language_model(ask_service):
    status, reply = ask_service("sample", "lm", num_beams=4)
    assert (status, reply["error"]["code"], reply["error"]["path"]) == (422, "not_allowed", "num_beams")


def test_the_limit_is_named(latent_path):
    service = SampleService.open(latent_path("vae"), ServiceSettings(max_items=3))
    (reply,) = service.respond([RawRequest({"n": 4})])
    assert "n is 4, and at most 3 sentences" in orjson.loads(reply.body)["error"]["message"]
    description = service.describe()
    assert (description["service"], description["limits"]["max_items"]) == ("sample", 3)
    assert description["latent_space"]["prior"] == "normal"
    assert list(description["fields"]) == ["n", "seed", "temperature", "num_beams", "max_new_tokens"]


def test_the_deadline_ends_sampling(latent_path, slow):
    service = SampleService.open(latent_path("vae"))
    slow.step = service.decoder.step
    limits = replace(service.limits, time_limit_seconds=0.0)
    late = replace(service, decoder=replace(service.decoder, step=slow), limits=limits)
    (reply,) = late.respond([RawRequest({"n": 3})])
    assert reply.status == 200
    assert [item["error"]["code"] for item in orjson.loads(reply.body)["data"]] == ["deadline"] * 3
    assert slow.seconds == 0


def test_requests_together_are_as_if_alone(open_service):
    service = open_service("sample", "vae")
    bodies = [{"n": 9}, {"n": 2, "temperature": 1.0}, {"n": 3, "seed": 4}, {"n": 0}]
    together = service.respond([RawRequest(body) for body in bodies])
    for body, reply in zip(bodies, together, strict=True):
        (alone,) = service.respond([RawRequest(body)])
        one, other = orjson.loads(alone.body), orjson.loads(reply.body)
        assert [item.get("text") for item in one.get("data", [])] == [
            item.get("text") for item in other.get("data", [])
        ]
        assert alone.status == reply.status
