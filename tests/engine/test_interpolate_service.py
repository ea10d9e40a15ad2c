"""/predictions/interpolate: the sentences on the way between two."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import orjson
import pytest

from resay.engine import InterpolateService, RawRequest, ServiceSettings
from resay.engine.interpolator import PathStep, fold
from resay.engine.latent_decoder import DecodedSentence
from resay.engine.latent_requests import MAX_POINTS
from resay.engine.latents.paths import Path, bit_flips, straight_line
from resay.errors import RequestError

PAIR = ["The soup was great!", "our room took a very nice waiter in cases."]
OTHER = ["bread", "the hotel is small and clean."]
WITH_LATENTS = ["none", "vae", "gumbel", "binary"]


def codes(ask_service, latent, texts):
    _, reply = ask_service("encode", latent, inputs=texts, features="latent")
    return [np.array(item["embedding"], np.float32) for item in reply["data"]]


@pytest.mark.parametrize("latent", WITH_LATENTS)
@pytest.mark.parametrize("num_steps", [None, 2, 5])
def test_the_steps_are_what_decode_says_of_the_way(latent, num_steps, ask_service):
    start, end = codes(ask_service, latent, PAIR)
    fields = {} if num_steps is None else {"num_steps": num_steps}
    path = bit_flips(start, end, 4, num_steps) if latent == "binary" else straight_line(start, end, num_steps)
    status, reply = ask_service("interpolate", latent, inputs=PAIR, seed=4, **fields)
    assert status == 200
    assert list(reply) == ["model", "data"]
    (item,) = reply["data"]
    said = ask_service("decode", latent, inputs=path.latents.tolist())[1]["data"]
    expected = [
        {
            "text": one["text"],
            "position": pytest.approx(position, abs=1e-6),
            "log_prob": pytest.approx(one["log_prob"], abs=2e-5),
        }
        for before, one, position in zip([None, *said[:-1]], said, path.positions, strict=True)
        if before is None or before["text"] != one["text"]
    ]
    assert item == {"index": 0, "steps": expected}
    assert item["steps"][0]["position"] == 0
    texts = [step["text"] for step in item["steps"]]
    assert all(one != other for one, other in pairwise(texts))
    assert len(texts) > 1


def test_the_seed_decides_the_way_of_bits_alone(ask_service):
    ways = {
        latent: [ask_service("interpolate", latent, inputs=PAIR, seed=seed)[1]["data"] for seed in (0, 0, *range(1, 9))]
        for latent in ("binary", "vae")
    }
    assert ways["binary"][0] == ways["binary"][1]
    assert any(way != ways["binary"][0] for way in ways["binary"])
    assert all(way == ways["vae"][0] for way in ways["vae"])
    assert ask_service("interpolate", "binary", inputs=PAIR)[1]["data"] == ways["binary"][0]


def test_no_pair_depends_on_the_others(ask_service):
    pairs = [PAIR, OTHER, [PAIR[0], OTHER[0]]]
    status, together = ask_service("interpolate", "binary", inputs=pairs)
    assert status == 200
    for pair, item in zip(pairs, together["data"], strict=True):
        (alone,) = ask_service("interpolate", "binary", inputs=pair)[1]["data"]
        assert [step["text"] for step in alone["steps"]] == [step["text"] for step in item["steps"]]


def test_a_text_to_itself_is_one_step(ask_service):
    for latent in ("vae", "binary"):
        (item,) = ask_service("interpolate", latent, inputs=[PAIR[0], PAIR[0]])[1]["data"]
        assert [step["position"] for step in item["steps"]] == [0]


def test_equal_neighbours_are_folded_into_the_first():
    one, other = DecodedSentence("one", -0.5), DecodedSentence("other", -1.0)
    again = replace(one, log_prob=-0.1)
    path = Path(np.zeros((5, 2), np.float32), np.linspace(0, 1, 5))
    assert fold([one, again, other, other, again], path) == [
        PathStep(one, 0.0),
        PathStep(other, 0.5),
        PathStep(again, 1.0),
    ]
    error = RequestError(504, "deadline", "late")
    assert fold([one, again, error, other, one], path) is error


@pytest.mark.parametrize(
    ("pair", "code", "part"),
    [
        ([PAIR[0], "  "], "empty_text", "text 2 of the pair: "),
        ([" ", PAIR[0]], "empty_text", "text 1 of the pair: "),
        ([PAIR[0], "soup " * 13], "too_long", "text 2 of the pair: the text has 13 tokens"),
        (["quixotic zephyrs!", PAIR[0]], "no_known_words", "text 1 of the pair: "),
        ([PAIR[0]], "wrong_length", "two texts; got 1"),
        ([*PAIR, PAIR[0]], "wrong_length", "two texts; got 3"),
        ([], "wrong_length", "two texts; got 0"),
        ([PAIR[0], 5], "wrong_type", "got a number"),
        ([PAIR[0], "a" * 20_001], "too_long", "at most 20000"),
        ("soup", "wrong_type", "a list of two texts; got a string"),
    ],
)
def test_a_bad_pair_fails_alone(pair, code, part, ask_service):
    status, reply = ask_service("interpolate", "vae", inputs=[PAIR, pair, OTHER])
    assert status == 200
    first, failed, last = reply["data"]
    assert failed["index"] == 1
    assert failed["error"]["code"] == code
    assert part in failed["error"]["message"]
    assert first["steps"]
    assert last["steps"]
    if isinstance(pair, list) and pair:
        status, reply = ask_service("interpolate", "vae", inputs=pair)
        assert (status, reply["error"]["code"], reply["error"]["path"]) == (422, code, "inputs")


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        ({"inputs": []}, 422, "no_inputs", "inputs"),
        ({"inputs": "soup"}, 422, "wrong_type", "inputs"),
        ({}, 422, "missing_field", "inputs"),
        ({"inputs": [PAIR] * 17}, 413, "too_many_items", "inputs"),
        ({"inputs": PAIR, "num_steps": 1}, 422, "out_of_range", "num_steps"),
        ({"inputs": PAIR, "num_steps": MAX_POINTS + 1}, 422, "out_of_range", "num_steps"),
        ({"inputs": PAIR, "num_steps": 2.0}, 422, "wrong_type", "num_steps"),
        ({"inputs": PAIR, "num_beams": 17}, 422, "out_of_range", "num_beams"),
        ({"inputs": PAIR, "seed": -1}, 422, "out_of_range", "seed"),
        ({"inputs": PAIR, "steps": 5}, 422, "unknown_field", "steps"),
        ("soup", 422, "wrong_type", "inputs"),
    ],
)
def test_what_cannot_be_asked(body, status, code, path, open_service):
    (reply,) = open_service("interpolate", "vae").respond([RawRequest(body)])
    error = orjson.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["path"]) == (status, code, path)
    if code == "out_of_range" and path == "num_steps":
        assert str(MAX_POINTS) in error["message"] or "2" in error["message"]


def test_a_body_may_be_the_pair_itself(open_service, ask_service):
    (reply,) = open_service("interpolate", "vae").respond([RawRequest(orjson.dumps(PAIR))])
    assert orjson.loads(reply.body) == ask_service("interpolate", "vae", inputs=PAIR)[1]


def test_a_way_that_is_too_long_names_the_limit(ask_service, monkeypatch):
    start, end = codes(ask_service, "binary", PAIR)
    num_flips = int((start != end).sum())
    assert num_flips >= 2
    monkeypatch.setattr("resay.engine.interpolator.MAX_POINTS", num_flips)
    status, reply = ask_service("interpolate", "binary", inputs=[PAIR, [PAIR[0], PAIR[0]]])
    assert status == 200
    error = reply["data"][0]["error"]
    assert error["code"] == "too_many_steps"
    assert f"differ in {num_flips} bits, and at most {num_flips} points" in error["message"]
    assert reply["data"][1]["steps"]
    assert ask_service("interpolate", "binary", inputs=PAIR, num_steps=2)[0] == 200


def test_the_deadline_ends_interpolation(model_path, slow):
    service = InterpolateService.open(model_path, ServiceSettings(time_limit_seconds=20.0))
    slow.step = service.interpolator.decoder.step
    decoder = replace(service.interpolator.decoder, step=slow)
    limited = replace(service, interpolator=replace(service.interpolator, decoder=decoder))
    big = {"inputs": [PAIR] * 16, "num_steps": 64, "num_beams": 16}
    small = {"inputs": OTHER, "num_steps": 2, "num_beams": 1}
    replies = limited.respond([RawRequest(big), RawRequest(small)])
    assert slow.seconds <= 21
    assert replies[1].status == 200
    items = orjson.loads(replies[0].body)["data"]
    assert items[-1]["error"]["code"] == "deadline"
    (late,) = replace(limited, limits=replace(limited.limits, time_limit_seconds=0.0)).respond([RawRequest(small)])
    assert (late.status, orjson.loads(late.body)["error"]["code"]) == (504, "deadline")


def test_description(open_service):
    description = orjson.loads(orjson.dumps(open_service("interpolate", "binary").describe()))
    assert (description["service"], description["limits"]["max_items"]) == ("interpolate", 16)
    assert list(description["fields"]) == ["inputs", "num_steps", "seed", "num_beams"]
    assert description["latent_space"]["binary"]
