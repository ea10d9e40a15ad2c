import orjson
import pytest

from resay.engine import ModelFolder
from resay.engine.dialects import metadata_reply, ready_tails
from resay.engine.dialects.tensors import OUTPUTS


@pytest.fixture
def ask(folder: ModelFolder):
    def ask_for(tail: str, endpoint: str = "encode"):
        reply = metadata_reply(tail, endpoint, folder.card)
        return None if reply is None else orjson.loads(reply.body)

    return ask_for


def test_openais_list_holds_the_one_model(ask):
    model = {"id": "tiny", "object": "model", "created": 0, "owned_by": "resay"}
    assert ask("v1/models") == {"object": "list", "data": [model]}
    assert ask("v1/models/tiny") == model


def test_a_model_that_knows_when_it_was_made_says_so(folder):
    card = folder.card.model_copy(update={"provenance": {"created": "2026-11-21T18:56:57+00:00"}})
    reply = metadata_reply("v1/models/tiny", "encode", card)
    assert orjson.loads(reply.body)["created"] == 1795287417


def test_open_inference_says_what_goes_in_and_out(ask):
    assert ask("v2")["name"] == "resay"
    assert ask("v2/health/live") == {"live": True}
    model = ask("v2/models/encode")
    assert model["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    assert {output["name"]: output["datatype"] for output in model["outputs"]} == OUTPUTS["encode"]
    assert model["outputs"][0]["shape"] == [-1, 10]
    shapes = {output["name"]: output["shape"] for output in ask("v2/models/paraphrase", "paraphrase")["outputs"]}
    assert shapes == {
        name: [-1] if name in ("num_candidates", "finish_reason") else [-1, -1] for name in OUTPUTS["paraphrase"]
    }


@pytest.mark.parametrize(
    "tail", ["", "v1/embeddings", "v1/models/other", "v2/models/paraphrase", "v2/models/encode/infer", "v1/models/{}"]
)
def test_what_is_no_question_is_left_alone(ask, tail):
    assert ask(tail) is None


def test_what_has_no_tensors_has_no_tensors_to_tell_of(ask):
    assert ask("v2/models/decode", "decode") is None


def test_readiness_is_somebody_elses_question(ask):
    tails = ready_tails("encode")
    assert tails == ("readyz", "v1/models/encode", "v2/health/ready", "v2/models/encode/ready")
    assert [ask(tail) for tail in tails] == [None] * 4
