"""Every endpoint's real replies are what the OpenAPI document says."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

DOCUMENT = json.loads((Path(__file__).parents[2] / "serving" / "openapi.json").read_text(encoding="utf-8"))
TEXTS = ["The soup was great!", "our room is small", "  ", 7]
PAIRS = [["the soup was great!", "our room is small"], ["only one"]]
ASKED = {
    "encode": ("encode", "none", {"inputs": TEXTS}),
    "one text": ("encode", "none", {"inputs": TEXTS[0], "encoding_format": "base64", "dimensions": 2}),
    "bits": ("encode", "binary", {"inputs": TEXTS, "encoding_format": "bits"}),
    "paraphrase": ("paraphrase", "none", {"inputs": TEXTS, "n": 3}),
    "no scores": ("paraphrase", "none", {"inputs": TEXTS, "return_scores": False}),
    "decode": ("decode", "none", {"inputs": [[0.1] * 24, [0.5], "a"]}),
    "interpolate": ("interpolate", "none", {"inputs": PAIRS}),
    "ways between bits": ("interpolate", "binary", {"inputs": PAIRS}),
    "sample": ("sample", "binary", {"n": 3}),
    "no prior": ("sample", "none", {"n": 3}),
    "unknown field": ("interpolate", "none", {"inputs": PAIRS, "colour": "red"}),
    "no text": ("encode", "none", {"inputs": " "}),
}


@pytest.mark.parametrize("case", ASKED)
def test_a_reply_is_what_the_document_says(ask_service, case):
    name, latent, body = ASKED[case]
    status, reply = ask_service(name, latent, **body)
    reference = DOCUMENT["paths"][f"/{name}"]["post"]["responses"][str(status)]["$ref"]
    response = DOCUMENT["components"]["responses"][reference.rpartition("/")[2]]
    schema = {
        "allOf": [response["content"]["application/json"]["schema"]],
        "components": DOCUMENT["components"],
    }
    jsonschema_rs.validator_for(schema).validate(reply)


def test_every_endpoint_is_asked():
    paths = {f"/{name}" for name, _, _ in ASKED.values()}
    assert paths == {path for path in DOCUMENT["paths"] if path.count("/") == 1} - {"/livez", "/readyz"}
