"""Whatever is sent, as the OpenAPI document allows or against it, is answered as it says, and never with a 5xx.

docs/api.md has the command for thousands of requests; these few are the same in every run.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from resay.engine import ModelFolder
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS
from resay.torchserve.limits import read_limits
from resay.torchserve.openapi import openapi_document

PROJECT = Path(__file__).parents[2]
NUM_EXAMPLES = 15
CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HEADERS = {"X-Request-Timeout-Ms": "60000"}
"""In the place of times that would rightly be answered 504."""
PATHS = [*(f"/predictions/{endpoint}" for endpoint in DEFAULT_ENDPOINTS), "/predictions/encode/1.0/v1/embeddings"]


@pytest.fixture(scope="module")
def api(model_path: Path) -> schemathesis.BaseSchema:
    """The document with the bounds of the model that is served, so that latents of its size are drawn too."""
    limits = read_limits(PROJECT / "serving" / "limits.toml")
    return schemathesis.openapi.from_dict(openapi_document(limits, ModelFolder.open(model_path).card))


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def check_refused(case: Case, response: Response) -> None:
    """JSON against the schema is refused, at least in part: as a whole or with an error in an item's place."""
    body = case.meta.components.get(ParameterLocation.BODY)
    if body is None or body.mode is not GenerationMode.NEGATIVE or case.media_type != "application/json":
        return
    if response.status_code == 200:
        reply = json.loads(response.content)
        assert any("error" in item for item in reply["data"]), f"{case.body!r} was answered: {reply}"


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", PATHS)
def test_every_request_is_answered_as_the_document_says(
    api: schemathesis.BaseSchema, session: requests.Session, server, path: str, mode: GenerationMode
) -> None:
    statuses = set()

    @settings(
        max_examples=NUM_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path]["POST"].as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        response = case.call(base_url=server.url, session=session, headers=HEADERS)
        case.validate_response(response, checks=CHECKED)
        check_refused(case, response)
        statuses.add(response.status_code)

    send()
    assert statuses & {400, 413, 415, 422} or mode is GenerationMode.POSITIVE
    assert 200 in statuses or mode is GenerationMode.NEGATIVE or path.endswith("sample")
