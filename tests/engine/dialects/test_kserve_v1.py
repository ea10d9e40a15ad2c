import pytest

from resay.engine.dialects.foreign import FIELDS
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS

TEXTS = ["The soup was great!", "the room was very good"]


def test_instances_become_predictions(ask_encode, expected):
    assert ask_encode({"instances": TEXTS}) == (200, {"predictions": expected})


def test_our_options_stand_beside_them(ask_encode):
    _, reply = ask_encode({"instances": TEXTS, "dimensions": 3, "encoding_format": "base64"})
    assert [len(prediction) for prediction in reply["predictions"]] == [16, 16]


def test_a_prediction_of_another_endpoint_is_its_item(ask_paraphrase):
    _, native = ask_paraphrase({"inputs": TEXTS[:1], "n": 2, "seed": 3})
    _, reply = ask_paraphrase({"instances": TEXTS[:1], "n": 2, "seed": 3})
    (item,), (prediction,) = native["data"], reply["predictions"]
    assert {"index": 0, **prediction} == item
    assert len(prediction["candidates"]) == 2


def test_latents_are_instances_too(ask_service):
    latents = [[0.1] * 24, [0.2] * 24]
    status, reply = ask_service("decode", "none", instances=latents)
    assert status == 200, reply
    _, native = ask_service("decode", "none", inputs=latents)
    assert reply["predictions"] == [{"text": item["text"], "log_prob": item["log_prob"]} for item in native["data"]]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"instances": ["good", " ", 5]}, "empty_text", "instances[1]"),
        ({"instances": []}, "no_inputs", "instances"),
        ({"instances": "good"}, "wrong_type", "instances"),
        ({"instances": [{"text": "good"}]}, "wrong_type", "instances[0]"),
        ({"instances": TEXTS, "inputs": TEXTS}, "unknown_field", "inputs"),
        ({"instances": TEXTS, "dimensions": 0}, "out_of_range", "dimensions"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_its_words(ask_encode, body, code, path):
    status, reply = ask_encode(body)
    assert (status, reply["error"]["code"], reply["error"]["path"]) == (422, code, path)


def test_what_is_sent_nothing_predicts_nothing(ask_service):
    status, reply = ask_service("sample", "binary", instances=["good"])
    assert (status, reply["error"]["code"]) == (422, "unknown_field")


def test_every_endpoint_has_its_fields():
    assert set(FIELDS) == set(DEFAULT_ENDPOINTS)
