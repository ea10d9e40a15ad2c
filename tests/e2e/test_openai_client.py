"""The unmodified `openai` package against a real server."""

import asyncio
import json
from collections.abc import Iterator

import numpy as np
import openai
import pytest

from resay.torchserve.http_client import send

TEXTS = ["The food was really slow.", "The bed was so clean."]
MODEL = "tiny"


@pytest.fixture(scope="module")
def base_url(server) -> str:
    return f"{server.url}/predictions/encode/1.0/v1"


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def vectors(server) -> np.ndarray:
    """The vectors of TEXTS, as our own protocol gives them."""
    reply = send("POST", f"{server.url}/predictions/encode", body=json.dumps(TEXTS).encode())
    return np.array([item["embedding"] for item in json.loads(reply.body)["data"]])


def test_a_text_as_the_client_asks_by_itself(client: openai.OpenAI, vectors: np.ndarray) -> None:
    # It asks for base64 and makes numbers of it before anybody sees them.
    reply = client.embeddings.create(input=TEXTS[0], model=MODEL)
    assert (reply.object, reply.model) == ("list", MODEL)
    (item,) = reply.data
    assert (item.object, item.index) == ("embedding", 0)
    np.testing.assert_allclose(item.embedding, vectors[0], atol=1e-6)
    assert reply.usage.prompt_tokens == reply.usage.total_tokens == 6


@pytest.mark.parametrize("encoding_format", ["float", openai.NOT_GIVEN])
def test_a_list_in_its_order(client: openai.OpenAI, vectors: np.ndarray, encoding_format) -> None:
    reply = client.embeddings.create(input=TEXTS * 20, model=MODEL, encoding_format=encoding_format, user="someone")
    assert [item.index for item in reply.data] == list(range(40))
    np.testing.assert_allclose([item.embedding for item in reply.data], np.tile(vectors, (20, 1)), atol=1e-6)
    assert reply.usage.total_tokens == 240


def test_base64_is_left_to_who_asks_for_it(client: openai.OpenAI) -> None:
    reply = client.embeddings.create(input=TEXTS[0], model=MODEL, encoding_format="base64")
    assert isinstance(reply.data[0].embedding, str)


def test_fewer_dimensions(client: openai.OpenAI, vectors: np.ndarray) -> None:
    reply = client.embeddings.create(input=TEXTS, model=MODEL, dimensions=5)
    cut = vectors[:, :5] / np.linalg.norm(vectors[:, :5], axis=1, keepdims=True)
    np.testing.assert_allclose([item.embedding for item in reply.data], cut, atol=1e-6)


def test_what_openai_has_not_goes_and_comes_as_extra(client: openai.OpenAI) -> None:
    text = "good food " * 250
    reply = client.embeddings.create(input=text, model=MODEL)
    assert reply.data[0].model_extra["truncated"] is True
    with pytest.raises(openai.UnprocessableEntityError):
        client.embeddings.create(input=text, model=MODEL, extra_body={"truncate": False})


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    (model,) = client.models.list()
    assert (model.id, model.object, model.owned_by) == (MODEL, "model", "resay")
    assert client.models.retrieve(MODEL) == model


@pytest.mark.parametrize(
    ("fields", "error_class", "code", "path", "hint"),
    [
        ({"input": [1, 2]}, openai.UnprocessableEntityError, "wrong_type", "input", "token ids"),
        ({"input": [[1, 2], [3]]}, openai.UnprocessableEntityError, "wrong_type", "input", "send the texts"),
        ({"input": [*TEXTS, " "]}, openai.UnprocessableEntityError, "empty_text", "input[2]", "one word"),
        ({"input": []}, openai.UnprocessableEntityError, "no_inputs", "input", "at least one"),
        ({"input": "good", "model": "ada"}, openai.NotFoundError, "model_not_found", "model", "'tiny'"),
        ({"input": "good", "dimensions": 17}, openai.UnprocessableEntityError, "out_of_range", "dimensions", "1 to 16"),
        ({"input": ["good"] * 513}, openai.APIStatusError, "too_many_items", "input", "at most 512"),
        ({"input": "good " * 300_000}, openai.APIStatusError, "body_too_large", "", "smaller requests"),
    ],
)
def test_errors_are_of_the_clients_own_classes(client: openai.OpenAI, fields, error_class, code, path, hint) -> None:
    with pytest.raises(error_class) as raised:
        client.embeddings.create(**{"model": MODEL, **fields})
    error = raised.value
    assert error.code == code
    assert error.body["path"] == path
    # What one sees when the exception is printed.
    assert hint in str(error)


def test_what_is_no_json_is_a_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.post(
            "/embeddings", cast_to=object, content=b"{", options={"headers": {"Content-Type": "application/json"}}
        )
    assert raised.value.code == "invalid_json"
    assert "is not valid JSON" in str(raised.value)


def test_the_asynchronous_client(base_url: str, vectors: np.ndarray) -> None:
    async def ask() -> list[list[float]]:
        async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
            replies = await asyncio.gather(*(client.embeddings.create(input=text, model=MODEL) for text in TEXTS * 10))
            with pytest.raises(openai.NotFoundError):
                await client.embeddings.create(input="good", model="ada")
        return [reply.data[0].embedding for reply in replies]

    np.testing.assert_allclose(asyncio.run(ask()), np.tile(vectors, (10, 1)), atol=1e-6)
