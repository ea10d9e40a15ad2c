import json

import numpy as np
import pytest

from resay.engine.dialects.tensors import OUTPUTS, paraphrase_tensors

TEXTS = ["The soup was great!", "the room was very good"]


def tensor(*texts, **changed):
    return {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": list(texts), **changed}


def outputs_of(reply):
    return {output["name"]: output for output in reply["outputs"]}


def test_texts_become_vectors_and_what_was_read_of_them(ask_encode, expected):
    status, reply = ask_encode({"id": "42", "inputs": [tensor(*TEXTS)]})
    assert status == 200
    assert list(reply) == ["model_name", "parameters", "id", "outputs"]
    assert (reply["model_name"], reply["parameters"], reply["id"]) == ("encode", {"model": "tiny"}, "42")
    outputs = outputs_of(reply)
    assert list(outputs) == list(OUTPUTS["encode"])
    assert (outputs["embedding"]["datatype"], outputs["embedding"]["shape"]) == ("FP32", [2, 10])
    assert outputs["embedding"]["data"] == expected[0] + expected[1]
    assert outputs["num_tokens"] == {"name": "num_tokens", "datatype": "INT32", "shape": [2], "data": [5, 5]}
    assert outputs["truncated"] == {"name": "truncated", "datatype": "BOOL", "shape": [2], "data": [False, False]}


def test_the_models_name_may_be_said_again(ask_encode):
    plain = ask_encode({"inputs": [tensor(*TEXTS)]})
    assert ask_encode({"inputs": [tensor(*TEXTS)], "model_name": "encode"}) == plain
    status, reply = ask_encode({"inputs": [tensor(*TEXTS)], "model_name": "other"})
    assert (status, reply["code"], reply["path"]) == (404, "model_not_found", "model_name")


def test_only_the_outputs_that_are_asked_for_come_in_that_order(ask_encode):
    body = {"inputs": [tensor(*TEXTS)], "outputs": [{"name": "num_tokens"}, {"name": "embedding"}]}
    _, reply = ask_encode(body)
    assert list(outputs_of(reply)) == ["num_tokens", "embedding"]
    assert "id" not in reply


def test_a_tensor_may_have_more_dimensions_and_be_nested(ask_encode):
    flat = ask_encode({"inputs": [tensor(*TEXTS)]})
    assert ask_encode({"inputs": [tensor(*TEXTS, shape=[2, 1])]}) == flat
    assert ask_encode({"inputs": [tensor(shape=[2, 1], data=[[text] for text in TEXTS])]}) == flat


def test_parameters_are_our_options(ask_encode):
    _, reply = ask_encode({"inputs": [tensor(*TEXTS)], "parameters": {"dimensions": 3, "normalize": False}})
    assert outputs_of(reply)["embedding"]["shape"] == [2, 3]


def test_candidates_are_texts_with_their_scores(ask_paraphrase):
    options = {"n": 3, "seed": 1}
    status, reply = ask_paraphrase({"inputs": [tensor(*TEXTS)], "parameters": options})
    assert status == 200
    _, native = ask_paraphrase({"inputs": TEXTS, **options})
    outputs = outputs_of(reply)
    assert list(outputs) == list(OUTPUTS["paraphrase"])
    assert {name: output["datatype"] for name, output in outputs.items()} == OUTPUTS["paraphrase"]
    numbers = outputs["num_candidates"]["data"]
    assert numbers == [len(item["candidates"]) for item in native["data"]]
    assert outputs["candidates"]["shape"] == outputs["score"]["shape"] == [2, max(numbers)]
    texts = np.array(outputs["candidates"]["data"], dtype=object).reshape(2, -1)
    for row, item in zip(texts, native["data"], strict=True):
        assert list(row[: len(item["candidates"])]) == [candidate["text"] for candidate in item["candidates"]]


def test_rows_are_filled_up():
    candidate = {"text": "good", "similarity": 0.5, "novelty": 0.25, "log_prob": -1.0, "score": 2.0}
    items = [{"candidates": [candidate], "finish_reason": "stop"}, {"candidates": [], "finish_reason": "length"}]
    tensors = paraphrase_tensors([*items, {"candidates": [candidate] * 2, "finish_reason": "stop"}])
    assert tensors["candidates"].shape == (3, 2)
    assert tensors["candidates"].values == ["good", "", "", "", "good", "good"]
    assert tensors["score"].values.tolist() == [[2.0, 0.0], [0.0, 0.0], [2.0, 2.0]]
    assert tensors["num_candidates"].values.tolist() == [1, 0, 2]
    assert paraphrase_tensors(items[1:])["candidates"].shape == (1, 0)


def test_without_scores_there_are_none(ask_paraphrase):
    _, reply = ask_paraphrase({"inputs": [tensor(*TEXTS)], "parameters": {"n": 1, "return_scores": False}})
    assert list(outputs_of(reply)) == ["candidates", "num_candidates", "finish_reason"]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        ({"inputs": [tensor("good", " ")]}, "empty_text", "inputs[0].data[1]"),
        ({"inputs": [tensor("good", 5)]}, "wrong_type", "inputs[0].data[1]"),
        ({"inputs": [tensor()]}, "no_inputs", "inputs[0].data"),
        ({"inputs": [tensor("good"), tensor("good")]}, "wrong_length", "inputs"),
        ({"inputs": [tensor("good"), "good"]}, "wrong_length", "inputs"),
        ({"inputs": [tensor("good", shape=[2])]}, "wrong_length", "inputs[0].shape"),
        ({"inputs": [tensor("good", shape=[-1])]}, "wrong_length", "inputs[0].shape"),
        ({"inputs": [tensor("good", shape="1")]}, "wrong_length", "inputs[0].shape"),
        ({"inputs": [tensor(5.0, datatype="FP32")]}, "not_allowed", "inputs[0].datatype"),
        ({"inputs": [tensor(data="good")]}, "wrong_type", "inputs[0].data"),
        ({"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES"}]}, "missing_field", "inputs[0].data"),
        ({"inputs": [tensor("good")], "id": 5}, "wrong_type", "id"),
        ({"inputs": [tensor("good")], "n": 5}, "unknown_field", "n"),
        ({"inputs": [tensor("good")], "parameters": {"n": 5}}, "unknown_field", "parameters.n"),
        ({"inputs": [tensor("good")], "parameters": []}, "wrong_type", "parameters"),
        ({"inputs": [tensor("good")], "parameters": {"dimensions": 0}}, "out_of_range", "parameters.dimensions"),
        ({"inputs": [tensor("good")], "outputs": [{"name": "logits"}]}, "unknown_field", "outputs[0].logits"),
        ({"inputs": [tensor("good")], "outputs": ["embedding"]}, "wrong_type", "outputs"),
        (
            {"inputs": [tensor("good")], "outputs": [{"name": "embedding", "parameters": 5}]},
            "wrong_type",
            "outputs[0].parameters",
        ),
        (
            {"inputs": [tensor("good")], "outputs": [{"name": "embedding", "parameters": {"classification": 1}}]},
            "unknown_field",
            "outputs[0].parameters.classification",
        ),
    ],
)
def test_an_error_is_a_string_as_the_protocol_has_it(ask_encode, body, code, path):
    status, reply = ask_encode(body)
    assert (status, set(reply)) == (422, {"error", "code", "path"})
    assert (reply["code"], reply["path"]) == (code, path)
    assert len(reply["error"]) > 10


@pytest.mark.parametrize("inputs", [["good", tensor("good")], [{"text": "good"}, "good"]])
def test_a_wrong_item_of_our_own_requests_is_no_tensor(ask_encode, inputs):
    status, reply = ask_encode({"inputs": inputs})
    assert status == 200
    assert sorted("error" in item for item in reply["data"]) == [False, True]


def test_deep_nesting_is_refused_like_any_other_element(ask_encode):
    body = json.dumps({"inputs": [tensor(shape=[1])]}).replace("[]", "[" * 900 + "]" * 900)
    status, reply = ask_encode(body.encode())
    assert (status, reply["code"]) == (422, "wrong_type")


def test_its_path_says_what_is_spoken_where_the_body_does_not(ask_encode):
    for body in (b"{", b"5", b"{}"):
        status, reply = ask_encode(body, tail="v2/models/encode/infer")
        assert status in (400, 422)
        assert isinstance(reply["error"], str)


def test_an_endpoint_without_tensors_says_so_in_our_own_words(ask_service):
    status, reply = ask_service("decode", "none", inputs=[tensor("good")])
    assert (status, reply["data"][0]["error"]["code"]) == (200, "wrong_type")
