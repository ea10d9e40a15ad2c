"""/predictions/encode: every reading of every latent, in every form."""

import base64
from collections import Counter
from dataclasses import replace

import numpy as np
import orjson
import pytest

from resay.engine import ModelFolder, RawRequest, SentenceEncoder
from resay.engine.similar_words import SimilarWords

TEXT = "The soup was great!"
TEXTS = [TEXT, "our room cost 80 dollars.", "bread", "the waiter took 7 minutes in 12 cases.", "the hotel", TEXT]
READINGS = {
    "none": ["latent"],
    "bottleneck": ["latent"],
    "lm": ["latent"],
    "vae": ["latent", "mean", "sample"],
    "gumbel": ["latent", "mean", "sample", "bits", "probabilities", "logits"],
    "binary": ["latent", "mean", "sample", "bits", "probabilities", "logits"],
}
DRAWN = ["vae", "gumbel", "binary"]


class Recording:
    """A session that remembers what it was asked."""

    def __init__(self, session):
        self.session, self.calls = session, []

    def run(self, output_names, input_feed):
        self.calls.append((output_names, {name: value.copy() for name, value in input_feed.items()}))
        return self.session.run(output_names, input_feed)

    def get_providers(self):
        return self.session.get_providers()


@pytest.fixture
def recorded(open_service):
    """An encode service whose calls of the graph are seen."""

    def find(latent):
        service = open_service("encode", latent)
        session = Recording(service.encoder.session)
        return replace(service, encoder=replace(service.encoder, session=session)), session.calls

    return find


def vectors(reply):
    status, body = reply
    assert status == 200, body
    return [np.array(item["embedding"]) for item in body["data"]]


@pytest.mark.parametrize("latent", READINGS)
def test_every_reading_is_what_the_graph_gives(latent, ask_service, latent_path):
    encoder = SentenceEncoder.open(ModelFolder.open(latent_path(latent)))
    sentences = [encoder.preparer.prepare(text, truncate=True) for text in TEXTS]
    for features in ["embedding", *READINGS[latent]]:
        status, reply = ask_service("encode", latent, inputs=TEXTS, features=features, normalize=False)
        expected = encoder.read(sentences, [features], [0] * len(TEXTS))[features]
        np.testing.assert_allclose(vectors((status, reply)), expected, atol=1e-5)
        assert reply["dimensions"] == expected.shape[1]


def test_readings_stand_to_each_other_as_they_should(ask_service):
    read = {
        features: np.array(vectors(ask_service("encode", "binary", inputs=TEXTS, features=features)))
        for features in READINGS["binary"]
    }
    np.testing.assert_allclose(read["probabilities"], 1 / (1 + np.exp(-read["logits"])), atol=1e-6)
    assert np.array_equal(read["bits"], read["logits"] > 0)
    assert np.array_equal(read["latent"], read["bits"])
    assert np.array_equal(read["mean"], read["probabilities"])
    assert set(np.unique(read["sample"])) <= {0, 1}


def test_embeddings_alone_are_normalised_unless_told(ask_service):
    for features, expected in (("embedding", True), ("latent", False)):
        plain, unit, default = (
            vectors(ask_service("encode", "vae", inputs=[TEXT], features=features, **fields))[0]
            for fields in ({"normalize": False}, {"normalize": True}, {})
        )
        assert np.linalg.norm(unit) == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(unit, plain / np.linalg.norm(plain), atol=1e-5)
        assert np.array_equal(default, unit if expected else plain)


@pytest.mark.parametrize("latent", ["gumbel", "binary"])
def test_bits_are_packed(latent, ask_service):
    bits = vectors(ask_service("encode", latent, inputs=TEXTS, features="bits"))
    status, reply = ask_service("encode", latent, inputs=TEXTS, encoding_format="bits")
    assert status == 200
    assert reply["dimensions"] == 10
    for item, expected in zip(reply["data"], bits, strict=True):
        packed = np.frombuffer(base64.b64decode(item["embedding"]), np.uint8)
        assert len(packed) == 2
        assert np.array_equal(np.unpackbits(packed)[:10], expected)
    assert ask_service("encode", latent, inputs=TEXTS, encoding_format="bits", features="bits") == (status, reply)


def test_readings_in_base64(ask_service):
    plain = vectors(ask_service("encode", "vae", inputs=[TEXT], features="mean"))[0]
    _, reply = ask_service("encode", "vae", inputs=[TEXT], features="mean", encoding_format="base64")
    packed = np.frombuffer(base64.b64decode(reply["data"][0]["embedding"]), "<f4")
    np.testing.assert_allclose(packed, plain, atol=1e-6)


@pytest.mark.parametrize(
    ("latent", "fields", "code", "path", "part"),
    [
        ("none", {"features": "bits"}, "not_allowed", "features", "embedding, latent; got 'bits'; the latent of"),
        ("none", {"encoding_format": "bits"}, "not_allowed", "encoding_format", "latent none) are no bits"),
        ("vae", {"features": "logits"}, "not_allowed", "features", "embedding, latent, mean, sample; got"),
        ("binary", {"features": "logit"}, "not_allowed", "features", "did you mean 'logits'"),
        ("binary", {"features": "\ud83d" * 9}, "not_allowed", "features", "got"),
        ("binary", {"features": 5}, "wrong_type", "features", "string"),
        ("binary", {"features": None}, "wrong_type", "features", "string"),
        ("binary", {"features": "mean", "encoding_format": "bits"}, "not_allowed", "features", "must be bits"),
        ("binary", {"encoding_format": "bits", "normalize": True}, "not_allowed", "normalize", "cannot be true"),
        ("binary", {"encoding_format": "bits", "dimensions": 3}, "not_allowed", "dimensions", "embedding alone"),
        ("binary", {"features": "latent", "dimensions": 3}, "not_allowed", "dimensions", "embedding alone"),
        ("binary", {"features": "sample", "seed": -1}, "out_of_range", "seed", "greater"),
        ("binary", {"features": "sample", "seed": 1.5}, "wrong_type", "seed", "integer"),
    ],
)
def test_what_a_model_cannot_read_off(latent, fields, code, path, part, open_service):
    body = {"inputs": [TEXT], **fields}
    (reply,) = open_service("encode", latent).respond([RawRequest(body)])
    error = orjson.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["path"]) == (422, code, path)
    assert part in error["message"]


@pytest.mark.parametrize("latent", DRAWN)
def test_a_sample_is_of_its_text_and_seed_alone(latent, ask_service):
    def sample(texts, seed):
        return vectors(ask_service("encode", latent, inputs=texts, features="sample", seed=seed))

    alone = {text: sample([text], 3)[0] for text in TEXTS}
    for text, together in zip(TEXTS, sample(TEXTS, 3), strict=True):
        np.testing.assert_allclose(together, alone[text], atol=1e-5)
    assert any(not np.allclose(one, alone[text]) for text, one in zip(TEXTS, sample(TEXTS, 4), strict=True))
    default = vectors(ask_service("encode", latent, inputs=[TEXT], features="sample"))
    np.testing.assert_allclose(default, sample([TEXT], 0), atol=1e-6)


def test_samples_of_one_seed_are_not_all_drawn_alike(recorded):
    service, calls = recorded("vae")
    service.respond([RawRequest({"inputs": TEXTS, "features": "sample"})])
    noise = np.concatenate([feed["noise"] for _, feed in calls])
    assert len(np.unique(noise, axis=0)) == len(set(TEXTS))


@pytest.mark.parametrize("latent", DRAWN)
def test_the_mean_of_samples_is_the_mean(latent, open_service):
    """Of soft coins it is not: their mean is what the coins would be."""
    service = open_service("encode", latent)
    requests = [RawRequest({"inputs": [TEXT], "features": "sample", "seed": seed}) for seed in range(300)]
    drawn = [orjson.loads(reply.body)["data"][0]["embedding"] for reply in service.respond(requests)]
    (reply,) = service.respond([RawRequest({"inputs": [TEXT], "features": "mean"})])
    expected = np.array(orjson.loads(reply.body)["data"][0]["embedding"])
    spread = np.std(drawn, axis=0)
    if latent == "gumbel":
        assert np.corrcoef(np.mean(drawn, axis=0), expected)[0, 1] > 0.9
    else:
        assert (np.abs(np.mean(drawn, axis=0) - expected) < 0.25 * spread + 0.02).all()


def test_requests_for_different_things_share_a_call(recorded):
    service, calls = recorded("binary")
    bodies = [
        {"inputs": [TEXT]},
        {"inputs": [TEXT], "features": "logits"},
        {"inputs": [TEXT], "features": "sample", "seed": 5},
        {"inputs": TEXT, "encoding_format": "bits"},
    ]
    together = [orjson.loads(reply.body) for reply in service.respond(list(map(RawRequest, bodies)))]
    assert len(calls) == 1
    assert calls[0][0] == ["bits", "embedding", "logits", "sample"]
    for body, reply in zip(bodies, together, strict=True):
        (alone,) = service.respond([RawRequest(body)])
        assert orjson.loads(alone.body) == reply


def test_a_model_without_noise_is_asked_as_ever(recorded):
    service, calls = recorded("none")
    service.respond([RawRequest({"inputs": TEXTS}), RawRequest({"inputs": TEXTS, "features": "latent"})])
    # Of sentences of like length; what both requests want comes from the same calls.
    assert sum(len(feed["lengths"]) for _, feed in calls) == 2 * len(TEXTS)
    assert all(names == ["embedding", "latent"] for names, _ in calls)
    assert all(list(feed) == ["token_ids", "lengths"] for _, feed in calls)


@pytest.mark.parametrize("latent", DRAWN)
def test_noise_is_zero_where_nothing_is_drawn(latent, recorded):
    service, calls = recorded(latent)
    service.respond([RawRequest({"inputs": TEXTS, "features": features}) for features in ("latent", "mean")])
    service.respond([RawRequest({"inputs": TEXTS})])
    assert calls[0][0] == ["latent", "mean"]
    num_rows = Counter(name for names, feed in calls for name in names for _ in feed["lengths"])
    assert num_rows["latent"] == num_rows["mean"] == 2 * len(TEXTS)
    assert all(not feed["noise"].any() and feed["noise"].shape == (len(feed["lengths"]), 10) for _, feed in calls)


def test_words_like_each_other_are_found_with_any_latent(latent_path):
    similar = SimilarWords.open(SentenceEncoder.open(ModelFolder.open(latent_path("binary"))))
    assert similar.like(6)[0].tolist().count(6) == 1


def test_describe_tells_of_the_latent_space(open_service):
    description = orjson.loads(orjson.dumps(open_service("encode", "binary").describe()))
    assert description["latent"] == "binary"
    assert description["latent_space"] == {
        "readings": READINGS["binary"],
        "noise": "uniform",
        "reads_sentence": True,
        "binary": True,
        "prior": "bernoulli",
    }
    assert description["dimensions"]["latent_size"] == 10
    assert {"features", "encoding_format", "seed"} <= set(description["fields"])
    assert open_service("encode", "none").describe()["latent_space"]["prior"] is None
