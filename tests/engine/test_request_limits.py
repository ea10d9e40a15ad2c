"""Every limit lets a request of just its size pass, refuses one past it, and is reported."""

from dataclasses import replace

import orjson
import pytest

from resay.engine import RawRequest
from resay.engine.limits import model_bounds

LATENT_SIZE = 24
"""Of a model with the latent "none": that of its hidden states."""
LONGEST = 13
"""Most tokens of a sentence, the end mark included."""


def ask(service, body, limits):
    (reply,) = replace(service, limits=replace(service.limits, **limits)).respond([RawRequest(orjson.dumps(body))])
    answer = orjson.loads(reply.body)
    return (reply.status, *(answer["error"][key] for key in ("code", "path") if "error" in answer))


TEXT, PAIR, LATENT = "The soup was great!", ["the soup was great!", "our room is small"], [0.1] * LATENT_SIZE
COSTS = {
    "n": ("paraphrase", {"inputs": [TEXT] * 2, "n": 6, "max_new_tokens": 4}, 2 * 24 * 4),
    "few candidates": ("paraphrase", {"inputs": TEXT, "n": 1}, 20 * LONGEST),
    "beams": ("paraphrase", {"inputs": [TEXT], "num_beams": 3}, 3 * LONGEST),
    "greedy": ("paraphrase", {"inputs": [TEXT] * 3, "strategy": "greedy"}, 3 * LONGEST),
    "one latent": ("decode", {"inputs": LATENT}, 4 * LONGEST),
    "latents": ("decode", {"inputs": [LATENT] * 3, "num_beams": 2, "max_new_tokens": 5}, 3 * 2 * 5),
    "one pair": ("interpolate", {"inputs": PAIR, "num_steps": 2, "num_beams": 1}, 2 * LONGEST),
    "pairs": ("interpolate", {"inputs": [PAIR] * 2}, 2 * 9 * 4 * LONGEST),
}


@pytest.mark.parametrize("case", COSTS)
def test_a_request_may_cost_as_much_as_the_limit_and_no_more(open_service, case):
    name, body, cost = COSTS[case]
    service = open_service(name, "none")
    assert ask(service, body, {"max_decoded_tokens": cost}) == (200,)
    assert ask(service, body, {"max_decoded_tokens": cost - 1}) == (413, "too_many_tokens", "")


@pytest.mark.parametrize(
    ("fields", "num_hypotheses"),
    [({}, 4), ({"num_beams": 2}, 2), ({"temperature": 1.0}, 1)],
)
def test_a_sample_costs_its_beams(open_service, fields, num_hypotheses):
    service = open_service("sample", "binary")
    body, cost = {"n": 3, "max_new_tokens": 5, **fields}, 3 * num_hypotheses * 5
    assert ask(service, body, {"max_decoded_tokens": cost}) == (200,)
    assert ask(service, body, {"max_decoded_tokens": cost - 1}) == (413, "too_many_tokens", "")


def test_a_way_between_bits_costs_every_flip(open_service):
    service = open_service("interpolate", "binary")
    num_bits = service.card.dimensions.latent_size
    assert model_bounds(service.card).num_path_points == num_bits + 1
    cost = (num_bits + 1) * 4 * LONGEST
    assert ask(service, {"inputs": PAIR}, {"max_decoded_tokens": cost}) == (200,)
    assert ask(service, {"inputs": PAIR}, {"max_decoded_tokens": cost - 1})[0] == 413


def test_encode_decodes_nothing(encode_service):
    assert ask(encode_service, [TEXT] * 5, {"max_decoded_tokens": 1}) == (200,)


def test_what_a_request_may_cost_by_default_suffices_for_64_texts_with_many_candidates(paraphrase_service):
    hypotheses, longest = 64, 101
    assert 64 * hypotheses * longest <= paraphrase_service.limits.max_decoded_tokens


def test_the_message_names_what_is_counted_and_what_helps(open_service):
    service = open_service("interpolate", "none")
    limited = replace(service, limits=replace(service.limits, max_decoded_tokens=100))
    (reply,) = limited.respond([RawRequest(orjson.dumps({"inputs": [PAIR]}))])
    message = orjson.loads(reply.body)["error"]["message"]
    assert "1 * 36 * 13, are 468 tokens" in message
    assert "at most 100 are taken; send several requests, or less of: num_steps, num_beams" in message


EACH = pytest.mark.parametrize("name", ["encode", "paraphrase", "decode", "interpolate"])
ITEMS = {"encode": TEXT, "paraphrase": TEXT, "decode": LATENT, "interpolate": PAIR}


@EACH
def test_items(open_service, name):
    service, item = open_service(name, "none"), ITEMS[name]
    assert ask(service, {"inputs": [item] * 3}, {"max_items": 3}) == (200,)
    assert ask(service, {"inputs": [item] * 4}, {"max_items": 3}) == (413, "too_many_items", "inputs")


def test_sentences_of_a_sample(open_service):
    service = open_service("sample", "binary")
    assert ask(service, {"n": 3}, {"max_items": 3}) == (200,)
    assert ask(service, {"n": 4}, {"max_items": 3}) == (413, "too_many_items", "n")


@pytest.mark.parametrize("name", ["encode", "paraphrase"])
def test_characters(open_service, name):
    service = open_service(name, "none")
    assert ask(service, TEXT, {"max_characters": len(TEXT)}) == (200,)
    assert ask(service, TEXT, {"max_characters": len(TEXT) - 1}) == (422, "too_long", "inputs")


def test_characters_of_a_pair(open_service):
    service, longest = open_service("interpolate", "none"), max(map(len, PAIR))
    assert ask(service, PAIR, {"max_characters": longest}) == (200,)
    assert ask(service, PAIR, {"max_characters": longest - 1}) == (422, "too_long", "inputs")


@EACH
def test_bytes(open_service, name):
    service, body = open_service(name, "none"), {"inputs": [ITEMS[name]]}
    size = len(orjson.dumps(body))
    assert ask(service, body, {"max_body_bytes": size}) == (200,)
    assert ask(service, body, {"max_body_bytes": size - 1}) == (413, "body_too_large", "")


def test_tokens_of_a_text(open_service):
    service = open_service("encode", "none")
    longest = model_bounds(service.card).max_length
    body = {"inputs": "soup " * longest, "truncate": False}
    assert ask(service, body, {}) == (200,)
    assert ask(service, {**body, "inputs": body["inputs"] + "soup"}, {}) == (422, "too_long", "inputs")
    paraphrase = open_service("paraphrase", "none")
    assert ask(paraphrase, "soup " * (longest + 1), {}) == (422, "too_long", "inputs")


def test_tokens_of_a_sentence(open_service):
    service = open_service("decode", "none")
    assert model_bounds(service.card).max_new_tokens == LONGEST
    assert ask(service, {"inputs": LATENT, "max_new_tokens": LONGEST}, {}) == (200,)
    assert ask(service, {"inputs": LATENT, "max_new_tokens": LONGEST + 1}, {}) == (
        422,
        "out_of_range",
        "max_new_tokens",
    )


@pytest.mark.parametrize("name", ["encode", "paraphrase", "decode", "interpolate", "sample"])
def test_every_limit_is_reported(open_service, name):
    service = open_service(name, "binary" if name == "sample" else "none")
    given = {"max_body_bytes": 1, "max_items": 2, "max_characters": 3, "max_decoded_tokens": 4}
    limits = replace(service.limits, time_limit_seconds=5.0, **given)
    told = replace(service, limits=limits).describe()["limits"]
    assert told == {**given, "time_limit_seconds": 5.0, "max_length": 12, "max_new_tokens": 13}
