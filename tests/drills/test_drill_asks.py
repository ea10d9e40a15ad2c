"""What the drills ask: right replies are told from wrong ones, and random requests are good or bad as meant."""

from collections import Counter
from itertools import islice
from pathlib import Path

import orjson
import pytest
from drills.asks import ENCODE, PARAPHRASE, encode_asks, paraphrase_asks
from drills.handler_batch import handed_over, open_worker
from drills.mixed_batch import BAD, mixed, verdict
from drills.random_asks import BAD_BODIES, MOST_CANDIDATES, MOST_TEXTS, RandomAsks
from pydantic import ValidationError
from traffic.content import Reply

from resay.engine import ModelFolder
from resay.engine.requests import EncodeRequest, ParaphraseRequest

MODEL = Path(__file__).parents[2] / "models" / "yelp-soft-label"
FIELDS = {ENCODE: EncodeRequest, PARAPHRASE: ParaphraseRequest}


@pytest.fixture(scope="module")
def worker():
    return open_worker(MODEL)


@pytest.mark.parametrize("form", ["float", "base64"])
def test_the_engines_vectors_are_right_in_any_batch_and_anothers_are_wrong(worker, form):
    asks = encode_asks(MODEL, 3, form)[:5]
    replies = handed_over(worker, asks)
    assert all(ask.is_right(reply) for ask, reply in zip(asks, replies, strict=True))
    assert not any(ask.is_right(reply) for ask, reply in zip(asks, replies[1:] + replies[:1], strict=True))
    assert not asks[0].is_right(Reply(200, replies[0].body[:-10], {}))


def test_a_vector_that_is_a_little_off_is_wrong(worker):
    ask = encode_asks(MODEL, 1, "float")[0]
    body = orjson.loads(handed_over(worker, [ask])[0].body)
    body["data"][0]["embedding"][7] += 2e-5
    assert not ask.is_right(Reply(200, orjson.dumps(body), {}))


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_costs_its_neighbours_nothing(worker, name):
    asks = mixed(encode_asks(MODEL, 1)[:31], BAD[name])
    replies = handed_over(worker, asks)
    verdicts = Counter(verdict(reply.status, ask.is_right(reply)) for ask, reply in zip(asks, replies, strict=True))
    assert verdicts == {"200": 31, "422": 1}


def test_paraphrases_have_to_be_distinct_and_few():
    ask = paraphrase_asks()[0]

    def reply(*texts):
        item = {"index": 0, "candidates": [{"text": text} for text in texts], "finish_reason": "stop"}
        return Reply(200, orjson.dumps({"data": [item]}), {})

    assert ask.is_right(reply("a", "b", "c"))
    assert not ask.is_right(reply("a", "a"))
    assert not ask.is_right(reply("a", "b", "c", "d"))
    assert not ask.is_right(Reply(200, b"[]", {}))


def test_random_requests_are_good_or_bad_as_meant_and_of_every_shape():
    card = ModelFolder.open(MODEL).card
    shapes = Counter()
    for ask in islice(RandomAsks.of(card), 2000):
        bad = ask.body in BAD_BODIES
        shapes["bad" if bad else ask.path] += 1
        try:
            fields = FIELDS[ask.path].model_validate(orjson.loads(ask.body))
        except (ValidationError, orjson.JSONDecodeError):
            assert bad, ask.body
            continue
        assert not bad, ask.body
        assert 1 <= len(fields.inputs) <= MOST_TEXTS[ask.path]
        assert all(1 <= len(text.split()) <= 60 for text in fields.inputs)
        shapes.update(f"{ask.path} {name}" for name in fields.model_fields_set)
        if ask.path == PARAPHRASE:
            assert fields.n <= MOST_CANDIDATES
    for model, path in ((EncodeRequest, ENCODE), (ParaphraseRequest, PARAPHRASE)):
        assert {name for name in model.model_fields if not shapes[f"{path} {name}"]} <= {"truncate"}
    assert shapes["bad"] >= 50


def test_random_requests_are_the_same_for_a_seed():
    card = ModelFolder.open(MODEL).card
    first, again = ([ask.body for ask in islice(RandomAsks.of(card, seed=3), 50)] for _ in range(2))
    assert first == again
