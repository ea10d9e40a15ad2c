"""/predictions/decode: latents in, sentences out."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from resay.engine import DecodeService, RawRequest, ServiceSettings
from resay.engine.decoding import MAX_ROWS, DecoderStep, DecodingRequest, DecodingSettings, decode
from resay.engine.latent_decoder import LatentDecoder, beam_settings
from resay.engine.wording import write_sentence
from resay.errors import RequestError
from resay.text import NUM_ID, UNK_ID

TEXTS = ["The soup was great!", "our room cost 80 dollars.", "the waiter is small and clean.", "bread"]
WITH_LATENTS = ["none", "bottleneck", "vae", "gumbel", "binary"]


def said_by(service, latent, num_beams):
    """What the searches themselves find best, one latent at a time."""
    settings = DecodingSettings("beam", num_beams) if num_beams > 1 else DecodingSettings("greedy")
    (hypotheses,) = decode(service.decoder.step, [DecodingRequest(np.array(latent, np.float32), settings, 13)])
    return write_sentence(hypotheses[0].token_ids, service.decoder.tokenizer), hypotheses[0].log_prob


@pytest.mark.parametrize("latent", WITH_LATENTS)
@pytest.mark.parametrize("num_beams", [1, 4])
def test_what_encode_gives_is_said_again(latent, num_beams, ask_service, open_service):
    _, codes = ask_service("encode", latent, inputs=TEXTS, features="latent")
    latents = [item["embedding"] for item in codes["data"]]
    status, reply = ask_service("decode", latent, inputs=latents, num_beams=num_beams)
    assert status == 200
    assert list(reply) == ["model", "data"]
    for index, (item, vector) in enumerate(zip(reply["data"], latents, strict=True)):
        text, log_prob = said_by(open_service("decode", latent), vector, num_beams)
        assert item == {"index": index, "text": text, "log_prob": pytest.approx(log_prob, abs=2e-5)}
        assert item["log_prob"] <= 0


@pytest.mark.parametrize("latent", WITH_LATENTS)
def test_every_form_of_a_latent_is_the_same_latent(latent, ask_service):
    forms = ["float", "base64"] + (["bits"] if latent in ("binary", "gumbel") else [])
    features = "bits" if "bits" in forms else "latent"
    said = []
    for form in forms:
        _, codes = ask_service("encode", latent, inputs=TEXTS, features=features, encoding_format=form)
        vectors = [item["embedding"] for item in codes["data"]]
        status, reply = ask_service("decode", latent, inputs=vectors, encoding_format=form)
        assert status == 200
        said.append([item["text"] for item in reply["data"]])
    assert all(texts == said[0] for texts in said)


def test_learnt_sentences_come_back(ask_service):
    texts = [f"The {thing} was great!" for thing in ("soup", "bread", "hotel", "waiter")]
    _, codes = ask_service("encode", "none", inputs=texts, features="latent")
    _, reply = ask_service("decode", "none", inputs=[item["embedding"] for item in codes["data"]])
    found = [item["text"] for item in reply["data"]]
    assert sum(text.replace(" .", ".") == said for text, said in zip(texts, found, strict=True)) >= 3


def test_one_latent_or_many(ask_service):
    _, codes = ask_service("encode", "binary", inputs=TEXTS[:2], encoding_format="bits")
    first, second = (item["embedding"] for item in codes["data"])
    status, one = ask_service("decode", "binary", inputs=first, encoding_format="bits")
    _, both = ask_service("decode", "binary", inputs=[first, second], encoding_format="bits")
    assert status == 200
    assert one["data"][0] == both["data"][0]
    numbers = [0.0] * 10
    assert ask_service("decode", "vae", inputs=numbers) == ask_service("decode", "vae", inputs=[numbers])


def test_a_bad_latent_fails_alone(ask_service):
    good = [0.5] * 10
    status, reply = ask_service("decode", "vae", inputs=[good, good[:9], "AAAA", None, good])
    assert status == 200
    first, *failed, last = reply["data"]
    assert [item["error"]["code"] for item in failed] == ["wrong_length", "wrong_type", "wrong_type"]
    assert [item["index"] for item in reply["data"]] == [0, 1, 2, 3, 4]
    assert "10 components" in failed[0]["error"]["message"]
    assert first["text"] == last["text"]
    status, reply = ask_service("decode", "vae", inputs=good[:9])
    assert (status, reply["error"]["code"], reply["error"]["path"]) == (422, "wrong_length", "inputs")


@pytest.mark.parametrize(
    ("body", "status", "code", "path"),
    [
        ({"inputs": []}, 422, "no_inputs", "inputs"),
        ({"inputs": 5}, 422, "wrong_type", "inputs"),
        ({}, 422, "missing_field", "inputs"),
        ({"inputs": [[0.0] * 10] * 257}, 413, "too_many_items", "inputs"),
        ({"inputs": [0.0] * 10, "num_beams": 17}, 422, "out_of_range", "num_beams"),
        ({"inputs": [0.0] * 10, "num_beams": 0}, 422, "out_of_range", "num_beams"),
        ({"inputs": [0.0] * 10, "max_new_tokens": 14}, 422, "out_of_range", "max_new_tokens"),
        ({"inputs": [0.0] * 10, "encoding_format": "bits"}, 422, "not_allowed", "encoding_format"),
        ({"inputs": [0.0] * 10, "encoding_format": "f16"}, 422, "not_allowed", "encoding_format"),
        ({"inputs": [0.0] * 10, "seed": 1}, 422, "unknown_field", "seed"),
        (5, 422, "wrong_type", ""),
    ],
)
def test_what_cannot_be_asked(body, status, code, path, open_service):
    (reply,) = open_service("decode", "vae").respond([RawRequest(body)])
    error = orjson.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["path"]) == (status, code, path)


def test_a_body_may_be_the_latent_itself(open_service, ask_service):
    service = open_service("decode", "vae")
    expected = ask_service("decode", "vae", inputs=[0.5] * 10)[1]
    (reply,) = service.respond([RawRequest(orjson.dumps([0.5] * 10))])
    assert orjson.loads(reply.body) == expected
    (reply,) = service.respond([RawRequest(5)])
    assert "must be a latent, a list of latents or an object" in orjson.loads(reply.body)["error"]["message"]


def test_no_latent_depends_on_the_others(ask_service, open_service, rng):
    latents = rng.standard_normal((40, 10)).round(3)
    together = ask_service("decode", "vae", inputs=latents.tolist())[1]["data"]
    for latent, item in zip(latents[::7], together[::7], strict=True):
        (alone,) = ask_service("decode", "vae", inputs=latent.tolist())[1]["data"]
        assert alone["text"] == item["text"]
        assert alone["log_prob"] == pytest.approx(item["log_prob"], abs=2e-5)
    bodies = [{"inputs": latents[:30].tolist()}, {"inputs": latents[0].tolist(), "num_beams": 1}, {"inputs": []}]
    replies = open_service("decode", "vae").respond([RawRequest(body) for body in bodies])
    assert [reply.status for reply in replies] == [200, 200, 422]
    assert [item["text"] for item in orjson.loads(replies[0].body)["data"]] == [item["text"] for item in together[:30]]


def test_latents_far_from_all_sentences_are_no_fault(ask_service):
    for size in (1e3, 1e20, 3e38):
        status, reply = ask_service("decode", "vae", inputs=[[size] * 10, [-size] * 10, [0.0] * 10])
        assert status == 200
        for item in reply["data"]:
            assert item.get("text") or item["error"]["code"] == "no_sentence"
        assert reply["data"][2]["text"]


def test_numbers_and_special_words_are_not_printed(ask_service, rng):
    latents = (3 * rng.standard_normal((64, 10))).tolist()
    for num_beams in (1, 3):
        for item in ask_service("decode", "vae", inputs=latents, num_beams=num_beams)[1]["data"]:
            assert item["text"]
            assert not any(word in item["text"].lower() for word in ("_num_", "<unk>", "<pad>", "<s>", "</s>"))


def test_what_no_decoder_says_is_left_out(folder):
    tokenizer = folder.tokenizer
    ids = [tokenizer.words.index(word) for word in ("the", "soup", "was", "great", "!")]
    assert write_sentence(ids, tokenizer) == "The soup was great!"
    assert write_sentence([UNK_ID, *ids[:2], NUM_ID, *ids[2:]], tokenizer) == "The soup was great!"
    assert write_sentence([UNK_ID, NUM_ID], tokenizer) == ""


class NothingToSay:
    """A decoder to which every next word is impossible."""

    vocab_size, hidden_size = 9, 1

    def run(self, token_ids, latents, state, num_candidates):
        candidate_ids = np.tile(np.arange(num_candidates), (len(token_ids), 1))
        return _Output(candidate_ids, np.full(candidate_ids.shape, -1e9, np.float32), state)


class _Output:
    def __init__(self, candidate_ids, log_probs, state):
        self.candidate_ids, self.log_probs, self.state = candidate_ids, log_probs, state


def test_a_latent_without_a_sentence_is_an_error_of_its_own(folder):
    decoder = LatentDecoder(NothingToSay(), folder.tokenizer)
    (error,) = decoder.decode([DecodingRequest(np.zeros(1, np.float32), beam_settings(2), 5)])
    assert isinstance(error, RequestError)
    assert (error.status, error.code) == (422, "no_sentence")


def test_many_latents_are_one_loop(folder, latent_path):
    service = DecodeService.open(latent_path("vae"))
    rows = []

    class Counting:
        vocab_size, hidden_size = service.decoder.step.vocab_size, service.decoder.step.hidden_size

        def run(self, token_ids, latents, state, num_candidates):
            rows.append(len(token_ids))
            return service.decoder.step.run(token_ids, latents, state, num_candidates)

    counted = replace(service, decoder=replace(service.decoder, step=Counting()))
    counted.respond([RawRequest({"inputs": [[0.1] * 10] * 50, "max_new_tokens": 5})])
    assert len(rows) <= 5, "one step of all"
    rows.clear()
    counted.respond([RawRequest({"inputs": [[0.1] * 10] * 256, "num_beams": 16, "max_new_tokens": 2})])
    assert max(rows) <= MAX_ROWS
    assert len(rows) == 2 * 256 * 16 // MAX_ROWS


def test_the_deadline_ends_decoding(folder, slow):
    """Steps take a second each; small requests come first."""
    step = DecoderStep.open(folder)
    slow.step = step
    service = DecodeService.open(folder.path, ServiceSettings(time_limit_seconds=20.0))
    limited = replace(service, decoder=replace(service.decoder, step=slow))
    latent = [0.1] * folder.card.dimensions.latent_size
    big = {"inputs": [latent] * 256, "num_beams": 16}
    small = {"inputs": latent, "num_beams": 1, "max_new_tokens": 2}
    replies = limited.respond([RawRequest(big), RawRequest(small)])
    assert slow.seconds <= 21
    assert replies[1].status == 200
    items = orjson.loads(replies[0].body)["data"]
    assert {item["error"]["code"] for item in items if "error" in item} == {"deadline"}
    assert "error" not in items[0], "the first turn was in time"
    (late,) = replace(limited, limits=replace(limited.limits, time_limit_seconds=0.0)).respond([RawRequest(small)])
    assert late.status == 504


def test_limits_and_description(latent_path):
    service = DecodeService.open(latent_path("vae"), ServiceSettings(max_items=2))
    (reply,) = service.respond([RawRequest({"inputs": [[0.0] * 10] * 3})])
    assert "3 latents, and at most 2" in orjson.loads(reply.body)["error"]["message"]
    description = orjson.loads(orjson.dumps(service.describe()))
    assert (description["service"], description["limits"]["max_items"]) == ("decode", 2)
    assert list(description["fields"]) == ["inputs", "encoding_format", "num_beams", "max_new_tokens"]
    assert description["providers"] == ["CPUExecutionProvider"]
