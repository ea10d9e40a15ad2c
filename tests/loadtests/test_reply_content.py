"""Wrong contents are found, and right ones pass."""

import base64
import json

import numpy as np
import pytest
from traffic.content import FirstReplies, Reply
from traffic.kinds import KINDS, NUM_BULK_TEXTS
from traffic.texts import read_texts

from resay.errors import SettingsError

TEXTS = read_texts()
BULK = (TEXTS * 2)[:NUM_BULK_TEXTS]


def vectors_of(texts):
    found = np.array([np.random.default_rng(len(text)).normal(size=16) for text in texts], dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def json_reply(embeddings, dimensions=16, order=None):
    data = [{"index": index, "embedding": each} for index, each in enumerate(embeddings)]
    body = {"dimensions": dimensions, "data": [data[index] for index in order] if order else data}
    return Reply(200, json.dumps(body).encode(), {})


def interactive(vector, **options):
    return json_reply([vector.tolist()], **options)


def bulk(vectors, **options):
    return json_reply([base64.b64encode(each.astype("<f4").tobytes()).decode() for each in vectors], **options)


def raw(vectors, **headers):
    return Reply(200, vectors.astype("<f4").tobytes(), {"x-shape": f"{len(vectors)},{vectors.shape[1]}", **headers})


def paraphrases(*candidates, reason="complete"):
    item = {"index": 0, "candidates": [{"text": text} for text in candidates], "finish_reason": reason}
    return Reply(200, json.dumps({"data": [item]}).encode(), {})


def problem(kind, reply, texts, first=None):
    return KINDS[kind].problem(reply, texts, first or FirstReplies())


def test_right_embeddings_pass_in_every_form_and_agree():
    first = FirstReplies()
    assert problem("interactive", interactive(vectors_of(TEXTS[:1])[0]), TEXTS[:1], first) == ""
    assert problem("bulk", bulk(vectors_of(BULK)), BULK, first) == ""
    assert problem("bulk-raw", raw(vectors_of(BULK) + 3e-6), BULK, first) == ""
    assert set(first.vectors) == set(TEXTS)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (interactive(2 * vectors_of(TEXTS[:1])[0]), "of length 2.0000 instead of 1"),
        (interactive(vectors_of(TEXTS[:1])[0], dimensions=17), "where dimensions says 17"),
        (json_reply(vectors_of(TEXTS[:2]).tolist()), "shape (2, 16) for 1 texts"),
        (json_reply([[float("nan")] * 16]), "unexpected form"),
        (Reply(200, b'{"data": [{"index": 0, "error": {"code": "x"}}], "dimensions": 16}', {}), "KeyError"),
        (Reply(200, b"Healthy", {}), "unexpected form"),
        (Reply(503, b'{"code": 503, "type": "ServiceUnavailable"}', {}), "status 503"),
        (Reply(422, b'{"error": {"code": "no_inputs"}}', {}), "status 422 no_inputs"),
    ],
)
def test_wrong_embeddings_are_found(reply, words):
    assert words in problem("interactive", reply, TEXTS[:1])


def test_the_answer_to_another_text_is_found():
    first = FirstReplies()
    vectors = vectors_of(TEXTS)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert problem("interactive", interactive(vector), [text], first) == ""
    assert "differs from the first one seen" in problem("interactive", interactive(vectors[4]), [TEXTS[3]], first)
    swapped = vectors_of(BULK)
    swapped[[5, 9]] = swapped[[9, 5]]
    assert repr(BULK[5]) in problem("bulk", bulk(swapped), BULK, first)
    assert "items out of order" in problem("bulk", bulk(vectors_of(BULK), order=[1, 0, *range(2, 64)]), BULK, first)


def test_failed_rows_of_raw_replies_are_found():
    vectors = vectors_of(BULK)
    vectors[3] = np.nan
    assert "rows 3 failed" in problem("bulk-raw", raw(vectors, **{"x-failed": "3"}), BULK)
    assert "instead of 1" in problem("bulk-raw", raw(vectors), BULK)
    assert "unexpected form" in problem("bulk-raw", Reply(200, vectors.tobytes(), {}), BULK)


def test_right_paraphrases_pass():
    first = FirstReplies()
    assert problem("paraphrase", paraphrases("a", "b"), ["x"], first) == ""
    assert problem("paraphrase", paraphrases("b", "c"), ["x"], first) == ""
    assert problem("paraphrase", paraphrases(reason="fewer_than_n"), ["y"], first) == ""
    assert problem("paraphrase", paraphrases(reason="fewer_than_n"), ["y"], first) == ""


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (paraphrases("a", "a"), "one of them twice"),
        (paraphrases(*"abcdef"), "too many candidates"),
        (paraphrases("a <unk>"), "<unk>"),
        (paraphrases(reason=""), "no candidates and no reason"),
    ],
)
def test_wrong_paraphrases_are_found(reply, words):
    assert words in problem("paraphrase", reply, ["x"])


def test_paraphrases_of_another_text_are_found():
    first = FirstReplies()
    assert problem("paraphrase", paraphrases("a", "b"), ["x"], first) == ""
    assert "nothing in common" in problem("paraphrase", paraphrases("c", "d"), ["x"], first)
    assert "nothing in common" in problem("paraphrase", paraphrases(reason="fewer_than_n"), ["x"], first)


def test_built_in_texts_are_of_many_lengths():
    lengths = {len(text.split()) for text in TEXTS}
    assert len(TEXTS) == len(set(TEXTS)) == 40
    assert len(lengths) >= 15
    assert min(lengths) <= 3
    assert max(lengths) >= 30


def test_texts_of_a_file(tmp_path):
    path = tmp_path / "texts"
    path.write_text("one\n\n  \nzwei ö\n", encoding="utf-8")
    assert read_texts(path) == ["one", "zwei ö"]
    path.write_text("\n")
    with pytest.raises(SettingsError, match="holds no text"):
        read_texts(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_texts(tmp_path / "nothing")
