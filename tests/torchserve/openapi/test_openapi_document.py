"""The document is valid, checked in as it is made, and says of bodies, limits and errors what is true."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from resay.edge.routes import PROBES, routes_of
from resay.engine import ModelCard, replies, sentence_replies
from resay.errors import SettingsError
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS, ENDPOINTS
from resay.torchserve.limits import read_limits
from resay.torchserve.openapi import openapi_document
from resay.torchserve.openapi import replies as documented
from resay.torchserve.openapi.rows import ROWS

PROJECT = Path(__file__).parents[3]
SCRIPT = PROJECT / "serving" / "make_openapi.py"
CHECKED_IN = json.loads((PROJECT / "serving" / "openapi.json").read_text(encoding="utf-8"))
LIMITS = read_limits(PROJECT / "serving" / "limits.toml")
ERRORS = ("400", "404", "413", "415", "422", "500", "503", "504")


def check(schema: Mapping[str, Any], document: Mapping[str, Any] = CHECKED_IN) -> jsonschema_rs.Validator:
    """Return the validator of a schema of the document."""
    return jsonschema_rs.validator_for({"allOf": [schema], "components": document["components"]})


def body_check(name: str, media_type: str, document: Mapping[str, Any] = CHECKED_IN) -> jsonschema_rs.Validator:
    """Return the validator of an endpoint's bodies."""
    return check(document["components"]["requestBodies"][name]["content"][media_type]["schema"], document)


def operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in CHECKED_IN["paths"].items():
        for method in ("get", "post"):
            if method in item:
                yield path, item[method]


def resolve(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a reference leads to."""
    found: Any = CHECKED_IN
    for name in part["$ref"].removeprefix("#/").split("/") if "$ref" in part else []:
        found = found[name]
    return found if "$ref" in part else part


def test_what_is_checked_in_is_what_is_made() -> None:
    assert openapi_document(LIMITS) == CHECKED_IN, "run python serving/make_openapi.py"


def test_it_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(CHECKED_IN).validate()


def test_every_endpoint_is_there_at_both_ways_in() -> None:
    assert list(ROWS) == list(DEFAULT_ENDPOINTS)
    assert all(row.service.endpoint == name for name, row in ROWS.items())
    assert {path for path, _ in operations()} == {
        *(f"/{name}" for name in DEFAULT_ENDPOINTS),
        *(f"/predictions/{name}" for name in ENDPOINTS),
        *(f"/predictions/{name}/1.0/readyz" for name in ENDPOINTS),
        *(f"{base}/v1/{name}" for base in ("", "/predictions/encode/1.0") for name in ("embeddings", "models")),
        *PROBES,
    }


def test_the_edge_lets_through_what_the_document_says() -> None:
    routes = {(route.path, method) for route in routes_of(ENDPOINTS) for method in route.methods}
    for path, item in CHECKED_IN["paths"].items():
        for method in ("get", "post"):
            if item.get(method, {}).get("tags") == ["edge"]:
                assert path in PROBES or (path, method.upper()) in routes


@pytest.mark.parametrize(("path", "operation"), [*operations()], ids=lambda part: part if isinstance(part, str) else "")
def test_every_status_has_an_example_that_fits_it(path: str, operation: Mapping[str, Any]) -> None:
    if "requestBody" in operation:
        assert set(ERRORS) <= set(operation["responses"])
        assert {"401", "429"} <= set(operation["responses"]) or path.startswith("/predictions")
    for status, reference in operation["responses"].items():
        response = resolve(reference)
        content = response["content"]["application/json"]
        check(content["schema"]).validate(content["example"])
        if status != "200" and "error" in content["example"]:
            assert f"`{content['example']['error']['code']}`" in response["description"]
    for header in operation.get("parameters", []):
        parameter = resolve(header)
        if "example" in parameter:
            check(parameter["schema"]).validate(parameter["example"])


@pytest.mark.parametrize("name", CHECKED_IN["components"]["requestBodies"])
def test_every_body_has_an_example_that_fits_it(name: str) -> None:
    for media_type, content in CHECKED_IN["components"]["requestBodies"][name]["content"].items():
        if "example" in content:
            body_check(name, media_type).validate(content["example"])
    assert not body_check(name, "application/json").is_valid({"colour": "red"})


def test_an_error_has_no_code_of_another_status() -> None:
    schema = check(
        CHECKED_IN["components"]["responses"]["TorchserveRequestEntityTooLarge"]["content"]["application/json"][
            "schema"
        ]
    )
    error = {"code": "too_many_items", "message": "inputs has 600 texts", "path": "inputs"}
    assert schema.is_valid({"error": error})
    assert not schema.is_valid({"error": {**error, "code": "deadline"}})
    assert not schema.is_valid({"error": {"code": "too_many_items"}})
    assert not schema.is_valid({"error": error, "detail": "more"})


PAIR = ["a", "b"]
AT_LIMIT = {
    "texts": ("encode", {"inputs": ["a"] * 512}, {"inputs": ["a"] * 513}),
    "a bare list": ("paraphrase", ["a"] * 64, ["a"] * 65),
    "characters": ("encode", "a" * 20_000, "a" * 20_001),
    "characters in a list": ("paraphrase", {"inputs": ["a" * 20_000]}, {"inputs": ["a" * 20_001]}),
    "latents": ("decode", {"inputs": [[0.5]] * 256}, {"inputs": [[0.5]] * 257}),
    "pairs": ("interpolate", {"inputs": [PAIR] * 16}, {"inputs": [PAIR] * 17}),
    "a pair": ("interpolate", PAIR, [*PAIR, "c"]),
    "samples": ("sample", {"n": 256}, {"n": 257}),
    "candidates": ("paraphrase", {"inputs": "a", "n": 50}, {"inputs": "a", "n": 51}),
    "spans": ("paraphrase", {"inputs": "a", "protect": ["a"] * 32}, {"inputs": "a", "protect": ["a"] * 33}),
    "a span": ("paraphrase", {"inputs": "a", "protect": ["a" * 200]}, {"inputs": "a", "protect": ["a" * 201]}),
    "nothing": ("encode", {"inputs": ["a"]}, {"inputs": []}),
    "strategies": ("paraphrase", {"inputs": "a", "strategy": "beam"}, {"inputs": "a", "strategy": "beams"}),
    "null": ("embeddings", {"input": "a", "dimensions": None}, {"input": None}),
}


@pytest.mark.parametrize("case", AT_LIMIT)
def test_limits_stand_in_the_schemas(case: str) -> None:
    name, allowed, refused = AT_LIMIT[case]
    schema = body_check(name, "application/json")
    schema.validate(allowed)
    assert not schema.is_valid(refused)


def test_other_limits_make_another_document() -> None:
    document = openapi_document({"encode": {"max_items": 3, "max_characters": 5, "max_body_bytes": 99}})
    schema = body_check("encode", "application/json", document)
    assert schema.is_valid(["a"] * 3)
    assert not schema.is_valid(["a"] * 4)
    assert not schema.is_valid("a" * 6)
    assert not body_check("embeddings", "application/json", document).is_valid({"input": "a" * 6})
    assert document["x-limits"]["encode"]["max_body_bytes"] == 99
    assert document["x-limits"]["paraphrase"] == CHECKED_IN["x-limits"]["paraphrase"]
    assert "at most 99 are taken" in json.dumps(document)


def test_the_way_of_large_requests_is_that_of_all_the_others_with_limits_of_its_own() -> None:
    document = openapi_document({"encode": {"max_items": 3}, "encode_bulk": {"max_items": 7}})
    own, other = (document["paths"][f"/predictions/{name}"]["post"] for name in ("encode", "encode_bulk"))
    assert [name for name in other if other[name] != own.get(name)] == ["operationId", "summary", "description"]
    assert [document["x-limits"][name]["max_items"] for name in ("encode", "encode_bulk", "sample")] == [3, 7, 256]


def test_a_wrong_limit_is_refused() -> None:
    with pytest.raises(SettingsError, match="max_items"):
        openapi_document({"encode": {"max_items": 0}})


def test_a_models_bounds_become_numbers(make_card: Callable[..., ModelCard]) -> None:
    document = openapi_document(LIMITS, make_card())
    schemathesis.openapi.from_dict(document).validate()
    encode, decode = (body_check(name, "application/json", document) for name in ("encode", "decode"))
    assert encode.is_valid({"inputs": "a", "dimensions": 3})
    assert not encode.is_valid({"inputs": "a", "dimensions": 4})
    assert not encode.is_valid({"inputs": "a", "features": "bits"})
    assert not encode.is_valid({"inputs": "a", "encoding_format": "bits"})
    assert decode.is_valid([0.5] * 4)
    assert not decode.is_valid([0.5] * 5)
    assert decode.is_valid({"inputs": [0.5] * 4, "max_new_tokens": 11})
    assert not decode.is_valid({"inputs": [0.5] * 4, "max_new_tokens": 12})


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (replies.EmbeddingItem, documented.EmbeddingItem),
        (replies.ParaphraseItemReply, documented.ParaphraseItem),
        (replies.Usage, documented.Usage),
        (replies.ErrorItem, documented.FailedItem),
        (replies.ErrorBody, documented.ErrorDetail),
        (sentence_replies.SentenceItem, documented.SentenceItem),
        (sentence_replies.StepItem, documented.Step),
        (sentence_replies.StepsItem, documented.StepsItem),
    ],
    ids=lambda part: part.__name__,
)
def test_replies_are_told_as_they_are_written(written: Any, told: type[documented.Reply]) -> None:
    assert set(told.model_fields) == set(written.__annotations__)


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *options], capture_output=True, text=True)


def test_the_script_writes_and_compares(tmp_path: Path, model_path: Path) -> None:
    out = tmp_path / "openapi.json"
    assert run("--check", "--out", str(out)).returncode == 1
    assert run("--model", str(model_path), "--out", str(out)).returncode == 0
    compared = run("--check", "--out", str(out))
    assert compared.returncode == 1
    assert "is not up to date; run python serving/make_openapi.py" in compared.stderr
    assert run("--check").returncode == 0
