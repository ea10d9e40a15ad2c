"""The Python client against a real server, held against the engine itself."""

import asyncio
import re
from itertools import pairwise
from pathlib import Path

import httpx
import numpy as np
import pytest

from resay.client import AsyncClient, Client, Embeddings, ItemsFailedError, RequestRefused, UnreachableError
from resay.engine import ModelFolder, SentenceEncoder

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
NOUNS = ("food", "service", "room", "bed")
ADJECTIVES = ("good", "great", "slow", "clean")
TEXTS = [
    f"The {noun} was {' '.join(['very'] * times)} {adjective}{end}"
    for times in (1, 2, 5)
    for noun in NOUNS
    for adjective in ADJECTIVES
    for end in (".", "!", " café 😀 zyx")
]


@pytest.fixture(scope="module")
def expected(model_path):
    """Embeddings of TEXTS, of length 1, by the engine in this process."""
    encoder = SentenceEncoder.open(ModelFolder.open(model_path))
    return np.array([item.embedding for item in encoder.encode(TEXTS, normalize=True)])


class Watched(httpx.HTTPTransport):
    """Keeps the media types of the replies."""

    def __init__(self):
        super().__init__()
        self.media_types = []

    def handle_request(self, request):
        response = super().handle_request(request)
        self.media_types.append(response.headers["content-type"])
        return response


@pytest.fixture(scope="module")
def client(server):
    with Client(server.url) as client:
        yield client


@pytest.mark.parametrize("batch_size", [7, 64])
def test_embeddings_are_those_of_the_engine(server, expected, batch_size):
    watched = Watched()
    with Client(server.url, batch_size=batch_size, transport=watched) as client:
        vectors = client.encode(TEXTS)
    np.testing.assert_allclose(vectors, expected, rtol=0, atol=1e-6)
    assert set(watched.media_types) == {"application/octet-stream"}
    assert len(watched.media_types) == -(-len(TEXTS) // batch_size)


def test_tasks_get_the_same(server, expected):
    async def encode():
        async with AsyncClient(server.url, batch_size=16) as client:
            return await asyncio.gather(client.encode(TEXTS), client.encode(TEXTS[0]), client.encode_details(TEXTS))

    vectors, vector, details = asyncio.run(encode())
    np.testing.assert_allclose(vectors, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(vector, expected[0], rtol=0, atol=1e-6)
    np.testing.assert_allclose([item.vector for item in details], expected, rtol=0, atol=1e-6)


def test_what_the_server_takes_in_halves_is_whole(server, expected):
    times = 8  # 1,152 texts: more than the 512 that a request may have
    with Client(server.url, batch_size=2000) as client:
        vectors = client.encode(TEXTS * times)
    np.testing.assert_allclose(vectors, np.tile(expected, (times, 1)), rtol=0, atol=1e-6)


def test_what_failed_has_a_row_of_nan_and_a_reason(client, expected):
    given = [TEXTS[0], "", TEXTS[1], "a\ud800b", "good " * 5000]
    vectors, failures = client.encode(given, on_error="nan")
    codes = {failure.index: failure.code for failure in failures}
    assert codes[1] == "empty_text"
    assert codes[4] == "too_long"
    np.testing.assert_allclose(vectors[[0, 2]], expected[:2], rtol=0, atol=1e-6)
    assert np.isnan(vectors[list(codes)]).all()
    with pytest.raises(ItemsFailedError, match=r"inputs\[1\] empty_text"):
        client.encode(given)


def test_options_reach_the_engine(client, expected):
    raw = client.encode(TEXTS, normalize=False)
    np.testing.assert_allclose(raw / np.linalg.norm(raw, axis=1, keepdims=True), expected, rtol=0, atol=1e-6)
    short = client.encode(TEXTS, dimensions=3)
    assert short.shape == (len(TEXTS), 3)
    with pytest.raises(ItemsFailedError, match="too_long"):
        client.encode("good " * 250, truncate=False)
    (item,) = client.encode_details("good " * 250)
    assert item.truncated
    assert client.encode_details("zyx qwv blorp")[0].num_unknown == 3


def test_paraphrases_keep_what_is_protected_in_every_batch(client):
    texts = [f"The {noun} was really slow, said Zorbq{number}." for number in range(5) for noun in NOUNS]
    names = [f"Zorbq{number}" for number in range(5)]
    found = client.paraphrase(texts, n=3, seed=1, protect=names)
    assert len(found) == len(texts)
    candidates = [(text, candidate) for text, item in zip(texts, found, strict=True) for candidate in item.candidates]
    assert candidates
    assert all(text.split()[-1].rstrip(".") in candidate.text for text, candidate in candidates)
    assert all(-1 <= candidate.similarity <= 1 and 0 <= candidate.novelty <= 1 for _, candidate in candidates)
    again = client.paraphrase(texts, n=3, seed=1, protect=names)
    assert again == found


def test_latents_go_there_and_back(client):
    texts = ["The food was very good.", "The bed was so clean.", "The service was really slow."]
    latents = client.encode(texts, features="latent")
    assert [sentence.text for sentence in client.decode(latents)] == texts
    (way,) = client.interpolate([(texts[0], texts[1])], num_steps=5)
    assert (way[0].text, way[-1].text) == (texts[0], texts[1])
    positions = [step.position for step in way]
    assert positions[0] == 0
    assert all(before < after <= 1 for before, after in pairwise(positions))


def test_a_model_without_a_prior_refuses_samples(client):
    with pytest.raises(RequestRefused, match="sample") as caught:
        client.sample(2)
    assert caught.value.status == 422
    assert caught.value.request_id


def test_the_server_says_what_it_is(client):
    description = client.describe("paraphrase")
    assert description["service"] == "paraphrase"
    assert description["limits"]["max_items"] == 64
    assert client.ready() is True


def test_langchain_gets_lists(client, expected):
    embeddings = Embeddings(client)
    np.testing.assert_allclose(embeddings.embed_documents(TEXTS[:3]), expected[:3], rtol=0, atol=1e-6)
    assert asyncio.run(embeddings.aembed_query(TEXTS[0])) == embeddings.embed_query(TEXTS[0])


def test_the_wrong_routes_are_said(server):
    with Client(server.url, routes="edge") as client, pytest.raises(RequestRefused, match="torchserve") as caught:
        client.encode("one")
    assert (caught.value.status, caught.value.code) == (404, "ResourceNotFoundException")


def test_no_server_is_said(unused_port):
    with Client(f"http://127.0.0.1:{unused_port}", max_retries=0) as client:
        assert client.ready() is False
        with pytest.raises(UnreachableError, match="check that the server runs"):
            client.encode("one")


def test_the_page_shows_what_works(server, capsys):
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = {}
    for block in blocks:
        assert "http://127.0.0.1:8080" in block
        exec(block.replace("http://127.0.0.1:8080", server.url), names)
    names["client"].close()
    assert "[(1, 'empty_text')]" in capsys.readouterr().out
    assert [type(item).__name__ for item in (names["first"], names["second"])] == ["Paraphrases", "Failure"]
    assert names["vectors"].shape[0] == 2
    assert np.isnan(names["vectors"][1]).all()
