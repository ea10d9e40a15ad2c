"""KServe's protocols against a real server: v1 over HTTP, the Open Inference Protocol over HTTP and gRPC.

`tritonclient` is one of their own clients. KServe's, which is too heavy to be installed here, does over HTTP what httpx
is made to do.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
import tritonclient.http
from tritonclient.utils import InferenceServerException

TEXTS = ["The food was really slow.", "The bed was so clean."]
SIZE = 16


@pytest.fixture(scope="module")
def http(server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def vectors(http: httpx.Client) -> np.ndarray:
    """The vectors of TEXTS, as our own protocol gives them."""
    return np.array([item["embedding"] for item in http.post("/predictions/encode", json=TEXTS).json()["data"]])


@pytest.fixture(scope="module")
def triton(server) -> Iterator[tritonclient.http.InferenceServerClient]:
    """The client, at the path whose every tail the worker answers."""
    with tritonclient.http.InferenceServerClient(f"127.0.0.1:{server.port}/predictions/encode/1.0") as client:
        yield client


def text_tensor(texts: list[str], *, binary: bool) -> tritonclient.http.InferInput:
    tensor = tritonclient.http.InferInput("text", [len(texts)], "BYTES")
    return tensor.set_data_from_numpy(np.array([text.encode() for text in texts], dtype=object), binary_data=binary)


class TestV1:
    def test_instances_become_predictions(self, http: httpx.Client, vectors: np.ndarray) -> None:
        reply = http.post("/v1/models/encode:predict", json={"instances": TEXTS})
        assert reply.status_code == 200
        assert set(reply.json()) == {"predictions"}
        np.testing.assert_allclose(reply.json()["predictions"], vectors, atol=1e-6)

    def test_options_stand_beside_them(self, http: httpx.Client) -> None:
        reply = http.post("/v1/models/encode:predict", json={"instances": TEXTS, "dimensions": 4})
        assert np.shape(reply.json()["predictions"]) == (2, 4)
        reply = http.post("/v1/models/paraphrase:predict", json={"instances": TEXTS, "n": 2})
        assert [len(prediction["candidates"]) for prediction in reply.json()["predictions"]] == [2, 2]

    def test_one_bad_instance_fails_the_request_by_its_place(self, http: httpx.Client) -> None:
        reply = http.post("/v1/models/encode:predict", json={"instances": [*TEXTS, " "]})
        error = reply.json()["error"]
        assert (reply.status_code, error["code"], error["path"]) == (422, "empty_text", "instances[2]")

    def test_a_model_says_whether_it_is_ready(self, http: httpx.Client) -> None:
        reply = http.get("/predictions/encode/1.0/v1/models/encode")
        assert (reply.status_code, reply.json()["ready"]) == (200, True)


class TestV2:
    @pytest.mark.parametrize("binary_in", [True, False])
    @pytest.mark.parametrize("binary_out", [True, False])
    def test_texts_become_vectors(self, triton, vectors: np.ndarray, binary_in: bool, binary_out: bool) -> None:
        outputs = [
            tritonclient.http.InferRequestedOutput(name, binary_data=binary_out) for name in ("embedding", "truncated")
        ]
        result = triton.infer("encode", [text_tensor(TEXTS, binary=binary_in)], request_id="7", outputs=outputs)
        np.testing.assert_allclose(result.as_numpy("embedding"), vectors, atol=1e-6)
        assert result.as_numpy("truncated").tolist() == [False, False]
        assert result.as_numpy("num_tokens") is None
        assert (result.get_response()["id"], result.get_response()["model_name"]) == ("7", "encode")

    def test_all_outputs_come_if_none_is_asked_for(self, triton) -> None:
        result = triton.infer("encode", [text_tensor(TEXTS, binary=True)], parameters={"dimensions": 4})
        assert result.as_numpy("embedding").shape == (2, 4)
        assert result.as_numpy("num_tokens").tolist() == [6, 6]

    def test_a_version_may_be_named(self, triton) -> None:
        result = triton.infer("encode", [text_tensor(TEXTS, binary=True)], model_version="1.0")
        assert result.as_numpy("embedding").shape == (2, SIZE)

    def test_the_servers_own_path_does_as_well(self, server, vectors: np.ndarray) -> None:
        with tritonclient.http.InferenceServerClient(f"127.0.0.1:{server.port}") as client:
            result = client.infer("encode", [text_tensor(TEXTS, binary=True)])
            np.testing.assert_allclose(result.as_numpy("embedding"), vectors, atol=1e-6)
            paraphrases = client.infer("paraphrase", [text_tensor(TEXTS, binary=True)], parameters={"n": 2})
            assert paraphrases.as_numpy("candidates").shape == (2, 2)
            assert isinstance(paraphrases.as_numpy("candidates")[0, 0], bytes)

    def test_an_exception_of_the_client_can_be_read(self, triton) -> None:
        with pytest.raises(InferenceServerException) as raised:
            triton.infer("encode", [text_tensor([*TEXTS, " "], binary=True)])
        assert raised.value.status() == "422"
        assert "at least one word" in str(raised.value)

    def test_server_and_model_tell_of_themselves(self, triton) -> None:
        assert triton.is_server_live()
        assert triton.is_server_ready()
        assert triton.is_model_ready("encode")
        assert not triton.is_model_ready("nothing")
        assert "binary_tensor_data" in triton.get_server_metadata()["extensions"]
        outputs = {output["name"]: output for output in triton.get_model_metadata("encode")["outputs"]}
        assert outputs["embedding"] == {"name": "embedding", "datatype": "FP32", "shape": [-1, SIZE]}


class TestWhatTorchServeAnswersItself:
    """Under /v1 and /v2 only predict and infer reach a worker."""

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/v2", {"name": "Torchserve", "version": "0.12.0", "extenstion": ["kserve", "kubeflow"]}),
            ("/v2/health/live", {"live": True}),
            # Also when no worker is: ask the worker, under /predictions.
            ("/v2/health/ready", {"ready": True}),
        ],
    )
    def test_it_speaks_for_the_server(self, http: httpx.Client, path: str, expected: dict[str, Any]) -> None:
        reply = http.get(path)
        assert (reply.status_code, reply.json()) == (200, expected)

    @pytest.mark.parametrize(
        "path", ["/v1/models", "/v1/models/encode", "/v2/models/encode", "/v2/models/encode/ready"]
    )
    def test_it_does_not_speak_for_models(self, http: httpx.Client, path: str) -> None:
        reply = http.get(path)
        assert (reply.status_code, reply.json()["type"]) == (404, "ResourceNotFoundException")

    @pytest.mark.parametrize("path", ["/v1/models/nothing:predict", "/v2/models/nothing/infer"])
    def test_it_refuses_unknown_models(self, http: httpx.Client, path: str) -> None:
        reply = http.post(path, json={})
        assert (reply.status_code, reply.json()["type"]) == (404, "ModelNotFoundException")

    def test_it_refuses_versions(self, http: httpx.Client) -> None:
        reply = http.post("/v2/models/encode/versions/1.0/infer", json={})
        assert (reply.status_code, reply.json()) == (501, {"error": "Model versioning is not yet supported."})
