"""Spans that must come back, through the service."""

import orjson
import pytest

from resay.engine import RawRequest


def ask(service, **body):
    reply = service.respond([RawRequest(orjson.dumps(body), "application/json")])[0]
    return reply.status, orjson.loads(reply.body)


@pytest.mark.parametrize("strategy", ["beam", "diverse-beam", "sample", "latent", "mixed"])
def test_protected_spans_come_back_as_they_are(paraphrase_service, strategy):
    texts = [
        "The soup at Zorbq was very good.",
        "Zorbq: the soup is small and clean!",
        "the soup cost 80 dollars, Zorbq",
    ]
    status, reply = ask(paraphrase_service, inputs=texts, protect=["soup"], strategy=strategy, seed=1)
    assert status == 200
    found = [candidate["text"] for result in reply["data"] for candidate in result["candidates"]]
    assert found
    assert all("soup" in text and "Zorbq" in text for text in found)


def test_a_span_that_stands_in_no_text_is_refused(paraphrase_service):
    status, reply = ask(paraphrase_service, inputs=["the soup", "the hotel"], protect=["hotel", "sooup"])
    assert (status, reply["error"]["code"], reply["error"]["path"]) == (422, "not_found", "protect[1]")
    assert "sooup" not in reply["error"]["message"], "no text of a user in a message that may be logged"
    assert ask(paraphrase_service, inputs=["the soup", "the hotel"], protect=["hotel"])[0] == 200
    assert ask(paraphrase_service, inputs="the very good soup", protect=["very  good"])[0] == 422, "two spaces"


def test_a_seed_gives_the_same_candidates_in_any_company(paraphrase_service):
    text, options = "the soup was great!", {"strategy": "sample", "seed": 5, "diversity": 1.0, "n": 3}
    alone = ask(paraphrase_service, inputs=text, **options)[1]["data"][0]["candidates"]
    company = ["the hotel is small and clean.", text, "our room was very good."]
    together = ask(paraphrase_service, inputs=company, **options)[1]["data"][1]["candidates"]
    assert [item["text"] for item in together] == [item["text"] for item in alone]
    other = ask(paraphrase_service, inputs=text, **{**options, "seed": 6})[1]["data"][0]["candidates"]
    assert [item["text"] for item in other] != [item["text"] for item in alone]


def test_without_a_seed_the_same_request_gives_the_same_candidates(paraphrase_service):
    options = {"inputs": "the soup was great!", "strategy": "sample", "temperature": 3.0, "n": 3}
    replies = [ask(paraphrase_service, **options, **seed)[1] for seed in ({}, {}, {"seed": 0}, {"seed": 1})]
    assert replies[0] == replies[1] == replies[2]
    assert replies[0] != replies[3]


def test_numbers_that_follow_each_other_come_back(paraphrase_service):
    text = "our room cost 555 1234 dollars."
    status, reply = ask(paraphrase_service, inputs=text, n=3, allow_identity=True)
    assert status == 200
    assert reply["data"][0]["candidates"], reply["data"][0]["filtered"]
    for candidate in reply["data"][0]["candidates"]:
        digits = [character for character in candidate["text"] if character.isdigit()]
        assert digits == [character for character in text if character.isdigit()]


def test_white_space_around_a_protected_span_is_no_matter(paraphrase_service):
    assert ask(paraphrase_service, inputs="the soup was great!", protect=["soup "])[0] == 200
