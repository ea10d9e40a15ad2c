import math

import pytest

from resay.torchserve.reply_checks import (
    decode_problems,
    encode_problems,
    interpolate_problems,
    paraphrase_problems,
    sample_problems,
)
from resay.torchserve.subject import Payload, Subject


def encode_reply(embedding: list[float | None], dimensions: int = 3) -> Payload:
    return {"dimensions": dimensions, "data": [{"index": 0, "embedding": embedding}]}


def paraphrase_reply(*texts: str) -> Payload:
    return {"data": [{"index": 0, "candidates": [{"text": text} for text in texts]}]}


def said(text: str, log_prob: float | None = -1.5) -> Payload:
    return {"text": text, "log_prob": log_prob}


def steps_reply(*positions: float, text: str = "words", log_prob: float = 0.0) -> Payload:
    steps = [{**said(f"{text} {position}", log_prob), "position": position} for position in positions]
    return {"data": [{"index": 0, "steps": steps}]}


def data(*items: Payload) -> Payload:
    return {"data": [{"index": index, **item} for index, item in enumerate(items)]}


@pytest.mark.parametrize(
    ("problems", "reply"),
    [
        (encode_problems, encode_reply([0.1, -2, 1e-9])),
        (paraphrase_problems, paraphrase_reply("a", "hello world")),
        (decode_problems, data(said("Hello world."))),
        (interpolate_problems, steps_reply(0.0, 0.25, 1.0)),
        (interpolate_problems, steps_reply(0, 0.5)),
        (sample_problems, data(said("a"), said(""), said("a", 0))),
    ],
)
def test_a_right_reply_has_no_problems(problems, reply: Payload, subject: Subject) -> None:
    assert problems(reply, subject) == []


@pytest.mark.parametrize(
    ("problems", "reply", "problem"),
    [
        (encode_problems, encode_reply([0.1, 0.2]), "2 numbers"),
        (encode_problems, encode_reply([0.1, 0.2, 0.3], dimensions=4), "dimensions = 4"),
        (encode_problems, encode_reply([0.1, 0.2, math.nan]), "finite"),
        (encode_problems, encode_reply([0.1, 0.2, None]), "finite"),
        (paraphrase_problems, paraphrase_reply("Hello  World"), "no candidate differs"),
        (paraphrase_problems, paraphrase_reply(""), "no candidate differs"),
        (paraphrase_problems, paraphrase_reply(), "no candidate differs"),
        (paraphrase_problems, paraphrase_reply("hello <unk>"), "<unk>"),
        (decode_problems, data(said(" ")), "nothing was said"),
        (decode_problems, data(said("a <unk>")), "<unk>"),
        (decode_problems, data(said("a", 0.1)), "no logarithm"),
        (decode_problems, data(said("a", None)), "no logarithm"),
        (decode_problems, data(said("a"), said("b")), "no single text"),
        (interpolate_problems, steps_reply(0.0), "both ends say the same"),
        (interpolate_problems, steps_reply(0.1, 1.0), "do not ascend"),
        (interpolate_problems, steps_reply(0.0, 0.5, 0.5), "do not ascend"),
        (interpolate_problems, steps_reply(0.0, 1.5), "do not ascend"),
        (interpolate_problems, steps_reply(0.0, 1.0, text="<unk>"), "<unk>"),
        (interpolate_problems, steps_reply(0.0, 1.0, log_prob=math.nan), "no logarithm"),
        (sample_problems, data(said("a"), said("b")), "does not hold 3 texts"),
        (sample_problems, data(said(""), said(""), said("")), "nothing was said"),
        (sample_problems, data(said("a"), said("b"), {"error": {}}), "does not hold 3 texts"),
    ],
)
def test_a_wrong_reply_is_found(problems, reply: Payload, problem: str, subject: Subject) -> None:
    (found,) = problems(reply, subject)
    assert problem in found
