import base64
import json
import shlex
from collections.abc import Callable

import pytest

from resay.engine import ModelCard
from resay.errors import ServerError
from resay.torchserve.endpoints import ENDPOINTS
from resay.torchserve.examples import Answer, ask, ask_examples
from resay.torchserve.http_client import Reply
from resay.torchserve.subject import Subject, subject_of

TEXT = "It's 5 o'clock — \"late\" & cold."
URL = "http://127.0.0.1:1"
LATENT = [0.25, -1.0, 0.0, 1.0]


class FakeServer:
    """Answers each endpoint rightly, unless told to refuse with a status and an error code, and keeps the requests."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refuse: dict[str, tuple[int, str]] | None = None) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.refuse = refuse or {}
        monkeypatch.setattr("resay.torchserve.examples.send", self.send)

    def send(self, method: str, url: str, *, body: bytes, **options: object) -> Reply:
        endpoint, payload = url.rpartition("/")[2], json.loads(body)
        self.asked.append((endpoint, payload))
        if endpoint in self.refuse:
            status, code = self.refuse[endpoint]
            return Reply(status, json.dumps({"error": {"code": code}}).encode())
        return Reply(200, json.dumps(self.answer(endpoint, payload)).encode())

    def answer(self, name: str, payload: dict[str, object]) -> dict[str, object]:
        endpoint = ENDPOINTS[name].bulk_of or name
        said = {"text": "Other words.", "log_prob": -1.0}
        if endpoint == "sample":
            return {"data": [{"index": index, **said} for index in range(payload["n"])]}
        items = {
            "paraphrase": {"candidates": [said]},
            "decode": said,
            "interpolate": {"steps": [{**said, "position": 0.0}, {**said, "position": 0.5}]},
        }
        if endpoint == "encode":
            return {"dimensions": 3, "data": [{"index": 0, "embedding": self.embedding(payload)}]}
        return {"data": [{"index": 0, **items[endpoint]}]}

    def embedding(self, payload: dict[str, object]) -> object:
        if payload.get("encoding_format") == "bits":
            return base64.b64encode(b"\xa0").decode()
        return LATENT if payload.get("features") == "latent" else [0.0] * 3


@pytest.fixture
def with_prior(make_card: Callable[..., ModelCard]) -> Subject:
    return subject_of(make_card(prior={"kind": "normal"}), TEXT)


def problems_of(answers: list[Answer]) -> dict[str, list[str]]:
    return {answer.endpoint: answer.problems for answer in answers}


def test_every_endpoint_is_asked_about_the_same_sentence(monkeypatch, with_prior: Subject) -> None:
    server = FakeServer(monkeypatch)
    answers = ask_examples(URL, {}, with_prior, ENDPOINTS)
    assert problems_of(answers) == {name: [] for name in ENDPOINTS}
    asked = dict(server.asked)
    assert asked["encode"] == asked["encode_bulk"] == {"inputs": TEXT}
    assert asked["paraphrase"]["inputs"] == asked["interpolate"]["inputs"][0] == TEXT
    assert asked["decode"] == {"inputs": LATENT}
    for answer in answers:
        assert answer.for_reading(URL).startswith(f"$ curl -X POST {URL}/predictions/{answer.endpoint}")


def test_only_the_chosen_endpoints_are_asked(monkeypatch, with_prior: Subject) -> None:
    server = FakeServer(monkeypatch)
    assert problems_of(ask_examples(URL, {}, with_prior, ["encode", "sample"])) == {"encode": [], "sample": []}
    assert [endpoint for endpoint, _ in server.asked] == ["encode", "sample"]


def test_without_encode_the_latent_in_the_middle_is_decoded(monkeypatch, with_prior: Subject) -> None:
    server = FakeServer(monkeypatch)
    assert problems_of(ask_examples(URL, {}, with_prior, ["decode"])) == {"decode": []}
    assert server.asked == [("decode", {"inputs": [0.0] * 4})]


def test_binary_latents_go_as_packed_bits(monkeypatch, make_card: Callable[..., ModelCard]) -> None:
    space = {"noise": "uniform", "readings": ["latent", "sample", "bits"], "binary": True}
    server = FakeServer(monkeypatch)
    subject = subject_of(make_card(**space, prior={"kind": "bernoulli", "probabilities": [0.5] * 4}), TEXT)
    (answer,) = [answer for answer in ask_examples(URL, {}, subject, ENDPOINTS) if answer.endpoint == "decode"]
    assert dict(server.asked)["decode"] == {"inputs": "oA==", "encoding_format": "bits"}
    assert json.loads(shlex.split(answer.for_reading(URL).splitlines()[0])[-1]) == answer.payload


def test_a_long_latent_is_shown_as_a_pipe(with_prior: Subject) -> None:
    source = {"inputs": TEXT, "features": "latent"}
    answer = Answer("decode", {"inputs": [0.123] * 300}, {"data": []}, [], source)
    shown = answer.for_reading(URL, "$(cat token)")
    assert shown.count("curl") == 2
    assert shown.count("Bearer $(cat token)") == 2
    assert "0.123" not in shown


def test_a_refusal_is_a_problem_and_no_failure(monkeypatch, with_prior: Subject) -> None:
    FakeServer(monkeypatch, dict.fromkeys(ENDPOINTS, (422, "no_known_words")))
    answers = ask_examples(URL, {}, with_prior, ENDPOINTS)
    assert problems_of(answers) == {name: [f"{name}: refused with status 422"] for name in ENDPOINTS}


def test_what_a_model_cannot_do_it_has_to_refuse(monkeypatch, subject: Subject) -> None:
    FakeServer(monkeypatch, {"sample": (422, "no_prior")})
    assert problems_of(ask_examples(URL, {}, subject, ["encode", "sample"])) == {"encode": [], "sample": []}
    FakeServer(monkeypatch, {"sample": (422, "unknown_field")})
    (answer,) = ask_examples(URL, {}, subject, ["sample"])
    assert answer.problems == ["sample: not refused with the code no_prior, but status 422, unknown_field"]
    FakeServer(monkeypatch)
    (answer,) = ask_examples(URL, {}, subject, ["sample"])
    assert answer.problems == ["sample: not refused with the code no_prior, but status 200, None"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(503, b'{"error": {"message": "bad"}}'), 'failed with status 503.*"bad"'),
        (Reply(200, b"<html>"), "something other than a JSON object"),
        (Reply(200, b"[1]"), "something other than a JSON object"),
    ],
)
def test_a_failed_request_is_told(monkeypatch, reply: Reply, problem: str) -> None:
    monkeypatch.setattr("resay.torchserve.examples.send", lambda *args, **options: reply)
    with pytest.raises(ServerError, match=problem):
        ask("http://127.0.0.1:1/predictions/encode", {}, {})


def test_no_answer_is_told() -> None:
    with pytest.raises(ServerError, match="did not answer"):
        ask("http://127.0.0.1:9/predictions/encode", {}, {})
