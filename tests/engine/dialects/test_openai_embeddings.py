import base64
import json

import numpy as np
import pytest

TAIL = "v1/embeddings"
TEXTS = ["The soup was great!", "the room was very good"]


def test_a_list_is_answered_in_openais_form(ask_encode, expected):
    status, reply = ask_encode({"input": TEXTS, "model": "tiny"}, tail=TAIL)
    assert status == 200
    assert list(reply) == ["object", "data", "model", "usage"]
    assert (reply["object"], reply["model"]) == ("list", "tiny")
    assert reply["usage"] == {"prompt_tokens": 10, "total_tokens": 10}
    assert [item["object"] for item in reply["data"]] == ["embedding", "embedding"]
    assert [item["index"] for item in reply["data"]] == [0, 1]
    assert [item["embedding"] for item in reply["data"]] == expected
    assert reply["data"][0]["truncated"] is False


def test_one_text_base64_and_fewer_dimensions(ask_encode, expected):
    body = {"input": TEXTS[0], "model": "tiny", "encoding_format": "base64", "dimensions": 3, "user": "someone"}
    _, reply = ask_encode(body, tail=TAIL)
    (item,) = reply["data"]
    vector = np.frombuffer(base64.b64decode(item["embedding"]), "<f4")
    cut = np.array(expected[0][:3])
    np.testing.assert_allclose(vector, cut / np.linalg.norm(cut), atol=1e-6)


def test_fields_that_are_null_and_a_model_that_is_not_named_are_as_if_not_there(ask_encode):
    body = {"input": TEXTS, "dimensions": None, "encoding_format": None, "user": None, "model": None}
    assert ask_encode(body, tail=TAIL) == ask_encode({"input": TEXTS, "model": "tiny"}, tail=TAIL)


def test_our_own_options_are_taken_too(ask_encode):
    long = "soup " * 20
    status, reply = ask_encode({"input": long, "model": "tiny", "truncate": False}, tail=TAIL)
    assert (status, reply["error"]["code"], reply["error"]["path"]) == (422, "too_long", "input")
    _, reply = ask_encode({"input": long, "model": "tiny"}, tail=TAIL)
    assert reply["data"][0]["truncated"] is True


@pytest.mark.parametrize(
    ("body", "status", "code", "path", "hint"),
    [
        ({"input": [1, 2, 3], "model": "tiny"}, 422, "wrong_type", "input", "token ids"),
        ({"input": [[1, 2], [3]], "model": "tiny"}, 422, "wrong_type", "input", "send the texts"),
        ({"input": [], "model": "tiny"}, 422, "no_inputs", "input", "at least one text"),
        ({"input": 5, "model": "tiny"}, 422, "wrong_type", "input", "list of texts"),
        ({"input": TEXTS, "model": "other"}, 404, "model_not_found", "model", "'tiny'"),
        ({"input": TEXTS, "model": 5}, 404, "model_not_found", "model", "'tiny'"),
        ({"input": TEXTS, "model": "x\ud800"}, 404, "model_not_found", "model", "'tiny'"),
        ({"model": "tiny"}, 422, "missing_field", "input", "input is missing"),
        ({"inputs": TEXTS, "model": "tiny"}, 422, "unknown_field", "inputs", "did you mean 'input'"),
        ({"input": TEXTS, "dimensions": 11}, 422, "out_of_range", "dimensions", "1 to 10"),
        ({"input": TEXTS, "encoding_format": "hex"}, 422, "not_allowed", "encoding_format", "base64"),
        ({"input": ["good", " ", "good"]}, 422, "empty_text", "input[1]", "at least one word"),
        ({"input": ["good", 5]}, 422, "wrong_type", "input[1]", "number"),
        (["good"], 422, "wrong_type", "", 'an object with "input"'),
    ],
)
def test_what_cannot_be_answered_is_refused_in_openais_words(ask_encode, body, status, code, path, hint):
    given, reply = ask_encode(json.dumps(body).encode(), tail=TAIL)
    error = reply["error"]
    assert set(error) == {"code", "message", "path"}
    assert (given, error["code"], error["path"]) == (status, code, path)
    assert hint in error["message"]


def test_only_encode_has_embeddings(ask_paraphrase):
    _, reply = ask_paraphrase({"input": "good soup"}, tail=TAIL)
    assert reply["error"]["code"] == "unknown_field"
