"""Whatever a user sends, the answer is theirs: never a fault of the server, never a special word."""

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resay.engine import RawRequest

JSON = "application/json"
WORDS = ["soup", "Bread", "the", "hotel", "n't", "12.50", "7", "_num_", "<unk>", "</s>", "!", "quixotic", "\x00"]
SENTENCES = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=st.characters(), max_size=20),  # with halves of surrogate pairs
    st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)),
    max_leaves=6,
)
FIELDS = ["inputs", "n", "strategy", "num_beams", "normalize", "dimensions", "min_similarity", "max_new_tokens"]
LATENT_FIELDS = ["inputs", "n", "seed", "num_beams", "num_steps", "features", "encoding_format", "temperature"]
LATENTS = ["vae", "binary", "lm"]
SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")


def check(service, body, content_type):
    (reply,) = service.respond([RawRequest(body, content_type)])
    assert reply.status in {200, 400, 413, 422}
    parsed = orjson.loads(reply.body)
    if reply.status == 200:
        for item in parsed["data"]:
            for said in (*item.get("steps", []), *([item] if "text" in item else [])):
                assert said["text"].strip()
                assert not any(word in said["text"] for word in (*SPECIAL, "_num_"))
                assert said["log_prob"] <= 0
                assert 0 <= said.get("position", 0) <= 1
            for candidate in item.get("candidates", []):
                assert not any(word in candidate["text"] for word in SPECIAL)
                assert candidate["text"].strip()
                for name in ("similarity", "novelty", "score"):
                    assert 0 <= candidate[name] <= 1
                assert candidate["log_prob"] <= 0
    else:
        assert parsed["error"]["message"]
        assert parsed["error"]["code"] != "internal_error"
    return parsed


@settings(max_examples=60, deadline=None)
@given(st.lists(SENTENCES, min_size=1, max_size=6))
@example(["\ud83d", "\ud83d soup", "\U0001f372 soup \U0001f372", "我喜欢这个地方", "soup\x00soup", "\u202esoup"])
def test_any_unicode_text(encode_service, paraphrase_service, texts):
    for service in (encode_service, paraphrase_service):
        together = check(service, texts, JSON)
        assert [item["index"] for item in together["data"]] == list(range(len(texts)))
        for text in texts:
            check(service, text, "text/plain")


@settings(max_examples=150, deadline=None)
@given(st.one_of(VALUES, st.dictionaries(st.sampled_from(FIELDS), VALUES)))
def test_any_parsed_json(encode_service, paraphrase_service, value):
    for service in (encode_service, paraphrase_service):
        check(service, value, JSON)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([None, JSON, "text/plain", "", ";;", "application/x+json"]))
def test_any_bytes(encode_service, paraphrase_service, body, content_type):
    for service in (encode_service, paraphrase_service):
        check(service, body, content_type)


@settings(max_examples=40, deadline=None)
@given(st.lists(SENTENCES, min_size=1, max_size=5), st.randoms())
def test_the_order_of_texts_does_not_matter(paraphrase_service, texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    straight = check(paraphrase_service, texts, JSON)["data"]
    shuffled = check(paraphrase_service, [texts[index] for index in order], JSON)["data"]
    for place, index in enumerate(order):
        one, other = straight[index], shuffled[place]
        assert one.get("error") == other.get("error")
        assert one.get("filtered") == other.get("filtered")
        assert [c["text"] for c in one.get("candidates", [])] == [c["text"] for c in other.get("candidates", [])]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(SENTENCES, SENTENCES), min_size=1, max_size=3), st.sampled_from(LATENTS))
@example([("\ud83d soup", "\U0001f372 soup"), ("我喜欢这个地方", "soup\x00soup")], "binary")
def test_any_pair_of_texts(open_service, pairs, latent):
    service = open_service("interpolate", latent)
    parsed = check(service, {"inputs": [list(pair) for pair in pairs], "num_steps": 3, "num_beams": 2}, JSON)
    if latent == "lm":
        assert parsed["error"]["code"] == "no_latent_space"
    else:
        assert [item["index"] for item in parsed["data"]] == list(range(len(pairs)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(VALUES, st.lists(st.floats(), min_size=10, max_size=10)), min_size=1, max_size=4))
@example([[float("nan")] * 10, [3e38] * 10, [-0.0] * 10, [10**400] * 10])
def test_any_latent(open_service, latents):
    for encoding_format in ("float", "base64", "bits"):
        check(open_service("decode", "binary"), {"inputs": latents, "encoding_format": encoding_format}, JSON)


@settings(max_examples=80, deadline=None)
@given(st.one_of(VALUES, st.dictionaries(st.sampled_from(LATENT_FIELDS), VALUES)), st.sampled_from(LATENTS))
def test_any_parsed_json_about_latents(open_service, value, latent):
    for name in ("encode", "decode", "interpolate", "sample"):
        check(open_service(name, latent), value, JSON)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([None, JSON, "text/plain", ";;"]), st.sampled_from(LATENTS))
def test_any_bytes_about_latents(open_service, body, content_type, latent):
    for name in ("decode", "interpolate", "sample"):
        check(open_service(name, latent), body, content_type)
