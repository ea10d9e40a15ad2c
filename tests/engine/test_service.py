import base64
import logging
from dataclasses import replace

import numpy as np
import orjson
import pytest

from resay.engine import EncodeService, ParaphraseService, RawRequest, SentenceEncoder, ServiceSettings
from resay.engine.decoding import MAX_ROWS
from resay.engine.limits import RequestLimits

JSON = "application/json"


def ask(service, *bodies, content_type=JSON):
    replies = service.respond([RawRequest(body, content_type) for body in bodies])
    assert len(replies) == len(bodies)
    assert {reply.content_type for reply in replies} <= {JSON}
    return [(reply.status, orjson.loads(reply.body)) for reply in replies]


def ask_one(service, body, content_type=JSON):
    return ask(service, body, content_type=content_type)[0]


@pytest.fixture(params=["encode", "paraphrase"])
def service(request, encode_service, paraphrase_service):
    return encode_service if request.param == "encode" else paraphrase_service


def test_encode_reply(encode_service, encoder):
    status, reply = ask_one(encode_service, {"inputs": ["The soup was great!", "  ", "nice quixotic soup"]})
    assert status == 200
    assert list(reply) == ["model", "dimensions", "data", "usage"]
    assert (reply["model"], reply["dimensions"]) == ("tiny", 10)
    first, failed, last = reply["data"]
    assert list(first) == ["index", "embedding", "num_tokens", "num_unknown", "truncated"]
    expected = encoder.encode(["The soup was great!"], normalize=True)[0].embedding
    np.testing.assert_allclose(first["embedding"], expected, atol=1e-5)
    assert failed == {"index": 1, "error": {"code": "empty_text", "message": failed["error"]["message"]}}
    assert (last["num_tokens"], last["num_unknown"], last["truncated"]) == (3, 1, False)
    assert reply["usage"] == {"num_inputs": 2, "num_tokens": 8}


def test_encode_options(encode_service, encoder):
    plain = encoder.encode(["soup"])[0].embedding
    _, reply = ask_one(encode_service, {"inputs": "soup", "normalize": False})
    np.testing.assert_allclose(reply["data"][0]["embedding"], plain, atol=1e-6)
    _, reply = ask_one(encode_service, {"inputs": "soup", "normalize": False, "dimensions": 3})
    np.testing.assert_allclose(reply["data"][0]["embedding"], plain[:3], atol=1e-6)
    assert reply["dimensions"] == 3
    _, reply = ask_one(encode_service, {"inputs": "soup", "dimensions": 3, "encoding_format": "base64"})
    decoded = np.frombuffer(base64.b64decode(reply["data"][0]["embedding"]), dtype="<f4")
    np.testing.assert_allclose(decoded, plain[:3] / np.linalg.norm(plain[:3]), atol=1e-6)


def test_truncation_is_a_matter_of_each_request(encode_service):
    long = "soup " * 20
    replies = ask(encode_service, {"inputs": [long]}, {"inputs": [long], "truncate": False}, long)
    assert replies[0][1]["data"][0]["truncated"]
    assert replies[1][1]["data"][0]["error"]["code"] == "too_long"
    assert replies[2][1]["data"][0]["num_tokens"] == 12


def test_paraphrase_reply(paraphrase_service):
    status, reply = ask_one(paraphrase_service, {"inputs": ["The soup was great!", "quixotic"], "n": 3})
    assert status == 200
    assert list(reply) == ["model", "data", "usage"]
    first, failed = reply["data"]
    assert list(first) == ["index", "candidates", "finish_reason", "filtered"]
    assert list(first["candidates"][0]) == ["text", "similarity", "novelty", "log_prob", "score"]
    assert len(first["candidates"]) == 3
    assert {"copy", "duplicate", "number", "low_similarity"} <= set(first["filtered"])
    assert failed["error"]["code"] == "no_known_words"
    assert reply["usage"] == {"num_inputs": 1, "num_tokens": 5}


def test_scores_may_be_left_out(paraphrase_service):
    _, reply = ask_one(paraphrase_service, {"inputs": "soup was great", "return_scores": False})
    assert {tuple(candidate) for candidate in reply["data"][0]["candidates"]} == {("text",)}


def test_a_single_text_that_fails_fails_its_request(service):
    assert ask_one(service, b"  ", None) == (
        422,
        {
            "error": {
                "code": "empty_text",
                "message": ask_one(service, [" "])[1]["data"][0]["error"]["message"].replace("1 char", "2 char"),
                "path": "inputs",
            }
        },
    )
    status, reply = ask_one(service, ["  "])
    assert status == 200
    assert reply["data"][0]["index"] == 0
    assert reply["usage"] == {"num_inputs": 0, "num_tokens": 0}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ([], 422, "no_inputs"),
        (b"[]", 422, "no_inputs"),
        (b"5", 422, "wrong_type"),
        (b"{", 400, "invalid_json"),
        (b"\xff\xfe", 400, "not_utf8"),
        (b'"' + b"a" * 2**21 + b'"', 413, "body_too_large"),
        (["a"] * 600, 413, "too_many_items"),
        (b'{"inputs": "a", "colour": 1}', 422, "unknown_field"),
        ("a" * 20_001, 422, "too_long"),
    ],
)
def test_whole_requests_that_fail_leave_the_others_alone(service, body, status, code):
    good = ["The soup was great!"]
    first, bad, last = ask(service, good, body, good)
    assert bad[0] == status
    assert bad[1]["error"]["code"] == code
    assert list(bad[1]["error"]) == ["code", "message", "path"]
    assert first == last
    assert first[0] == 200


def test_requests_are_answered_as_if_alone(service):
    bodies = [
        {"inputs": ["The soup was great!", "bread", " "]},
        "our room is small",
        {"inputs": "the waiter was very good."},
        ["the hotel cost 80 dollars."] * 3,
    ]
    alone = [ask_one(service, body) for body in bodies]
    for (status, reply), (alone_status, alone_reply) in zip(ask(service, *bodies), alone, strict=True):
        assert status == alone_status
        assert_close(reply, alone_reply)


def assert_close(one, other):
    """Equal but for the last digits of floats."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_close(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for item, other_item in zip(one, other, strict=True):
            assert_close(item, other_item)
    else:
        assert one == (pytest.approx(other, abs=2e-5) if isinstance(one, float) else other)


class FailsOn:
    """A session that cannot stand sentences of one length."""

    def __init__(self, session, length):
        self.session, self.length, self.num_calls = session, length, 0

    def run(self, output_names, input_feed):
        self.num_calls += 1
        if self.length in input_feed["lengths"]:
            raise RuntimeError("secret words of a user")
        return self.session.run(output_names, input_feed)

    def get_providers(self):
        return []


def test_an_internal_fault_fails_its_own_request_only(encode_service, encoder, caplog):
    session = FailsOn(encoder.session, 3)
    broken = replace(encode_service, encoder=SentenceEncoder(encoder.preparer, session, 10))
    with caplog.at_level(logging.DEBUG):
        first, bad, last = ask(broken, ["soup"], ["bread", "soup was great"], "our room")
    assert (first[0], bad[0], last[0]) == (200, 500, 200)
    assert bad[1]["error"]["code"] == "internal_error"
    assert "secret" not in orjson.dumps(bad[1]).decode() + caplog.text
    assert "RuntimeError while answering a request, at run:" in caplog.text


@pytest.mark.parametrize("name", ["encode", "paraphrase"])
def test_a_fault_while_reading_is_internal(name, encode_service, paraphrase_service, monkeypatch):
    monkeypatch.setattr(f"resay.engine.{name}_service.parse_texts", lambda *_: 1 / 0)
    assert ask_one({"encode": encode_service, "paraphrase": paraphrase_service}[name], "soup")[0] == 500


def test_limits_can_be_set(model_path):
    settings = ServiceSettings(max_items=2, max_body_bytes=50, max_characters=5, time_limit_seconds=9.0)
    encode = EncodeService.open(model_path, settings)
    assert encode.limits == RequestLimits(50, 2, 5, 9.0)
    assert ask_one(encode, ["a"] * 3)[1]["error"]["code"] == "too_many_items"
    assert ParaphraseService.open(model_path, settings).limits == encode.limits
    assert encode.describe()["limits"]["time_limit_seconds"] == 9


def with_time_limit(service, seconds):
    return replace(service, limits=replace(service.limits, time_limit_seconds=seconds))


def test_work_that_never_ends_is_given_up(service):
    hasty = with_time_limit(service, 1e-9)
    status, reply = ask_one(hasty, "The soup was great!")
    assert (status, reply["error"]["code"], reply["error"]["path"]) == (504, "deadline", "inputs")
    status, reply = ask_one(hasty, ["The soup was great!", 7])
    assert status == 200
    assert [item["error"]["code"] for item in reply["data"]] == ["deadline", "wrong_type"]
    assert reply["usage"]["num_inputs"] == 0


def test_one_time_limit_covers_all_requests_that_came_together(paraphrase_service, slow):
    """Four turns of 13 steps or fewer would take the big requests; the limit lies within the second one."""
    limited = with_time_limit(
        replace(paraphrase_service, paraphraser=replace(paraphrase_service.paraphraser, step=slow)), 18.0
    )
    big = {"inputs": ["the hotel took 80 minutes."] * 32, "num_beams": 64, "max_new_tokens": 13}
    small = {"inputs": "The soup was great!", "n": 2}
    first, second, third = ask(limited, big, small, big)
    assert slow.seconds <= 18
    assert max(slow.num_rows) <= MAX_ROWS
    assert third[0] == first[0] == 200
    assert second[1]["data"][0]["finish_reason"] == "complete"
    items = first[1]["data"] + third[1]["data"]
    done = [item for item in items if "candidates" in item]
    assert [item["error"]["code"] for item in items if item not in done] == ["deadline"] * (64 - len(done))
    assert 15 <= len(done) < 64
    assert all(item["candidates"] for item in done)


def test_a_fault_gives_no_new_time(paraphrase_service, slow, monkeypatch):
    """Each request is then asked again alone, within the same limit."""
    limited = with_time_limit(
        replace(paraphrase_service, paraphraser=replace(paraphrase_service.paraphraser, step=slow)), 3.0
    )
    monkeypatch.setattr("resay.engine.paraphraser.sift", lambda *_, **__: 1 / 0)
    replies = ask(limited, *["The soup was great!"] * 5)
    assert [status for status, _ in replies] == [504] * 5
    assert slow.seconds == 3


def test_big_requests_for_embeddings_are_taken_in_turns(encode_service, monkeypatch):
    bodies = [["The soup was great!"] * 5, "bread", ["our room is small", 7]]
    together = ask(encode_service, *bodies)
    turns = []
    encoder_class = type(encode_service.encoder)
    read = encoder_class.read
    monkeypatch.setattr("resay.engine.encode_service.MAX_TURN_CHARACTERS", 30)
    monkeypatch.setattr(
        type(encode_service.encoder), "read", lambda *given: turns.append(len(given[1])) or read(*given)
    )
    for (status, reply), (expected_status, expected) in zip(ask(encode_service, *bodies), together, strict=True):
        assert status == expected_status
        assert_close(reply, expected)
    assert turns == [2, 5]  # the two small requests, then the big one


def test_describe(encode_service, paraphrase_service):
    for service, name, max_items in [(encode_service, "encode", 512), (paraphrase_service, "paraphrase", 64)]:
        description = orjson.loads(orjson.dumps(service.describe()))
        assert (description["service"], description["model"]) == (name, "tiny")
        assert description["limits"]["max_items"] == max_items
        assert description["limits"]["max_length"] == 12
        assert description["providers"] == ["CPUExecutionProvider"]
        assert description["dimensions"]["embedding_size"] == 10
        assert "inputs" in description["fields"]
    assert paraphrase_service.describe()["fields"]["n"]["maximum"] == 50


def test_no_requests_no_replies(service):
    assert service.respond([]) == []
