"""A plain language model has no latent space, and says so."""

import pytest

INPUTS = {"paraphrase": "The soup was great!", "decode": [0.0], "interpolate": ["soup", "bread"]}


@pytest.mark.parametrize("name", INPUTS)
def test_what_needs_a_latent_space_is_refused(name, ask_service):
    status, reply = ask_service(name, "lm", inputs=INPUTS[name])
    assert (status, reply["error"]["code"]) == (422, "no_latent_space")
    assert "latent lm" in reply["error"]["message"]
    assert "encode and sample" in reply["error"]["message"]


def test_the_rest_is_answered(ask_service):
    assert ask_service("encode", "lm", inputs="The soup was great!")[0] == 200
    status, reply = ask_service("encode", "lm", inputs="The soup was great!", features="latent")
    assert (status, reply["data"][0]["embedding"]) == (200, [0.0])
    assert ask_service("sample", "lm")[0] == 200


def test_it_is_described_as_what_it_is(open_service):
    for name in (*INPUTS, "encode", "sample"):
        space = open_service(name, "lm").describe()["latent_space"]
        assert space == {
            "readings": ["latent"],
            "noise": "none",
            "reads_sentence": False,
            "binary": False,
            "prior": None,
        }
