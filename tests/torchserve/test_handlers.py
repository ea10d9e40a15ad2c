"""The handlers as TorchServe uses them, without TorchServe."""

import importlib.util
import inspect
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import resay.engine
from resay.engine import RawReply, RawRequest, ServiceSettings
from resay.torchserve.endpoints import ENDPOINTS

HANDLERS = Path(__file__).parents[2] / "handlers"


class FakeContext:
    """TorchServe's context, as far as a handler needs it."""

    def __init__(self, headers: Sequence[dict[str, str]] = (), handler: dict[str, object] | None = None) -> None:
        self.system_properties = {"model_dir": "/models/unpacked"}
        self.model_yaml_config = {"handler": handler or {}}
        self.headers = headers
        self.statuses: dict[int, tuple[int, str]] = {}
        self.content_types: dict[int, str] = {}

    def get_all_request_header(self, index: int) -> dict[str, str]:
        return self.headers[index]

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        self.statuses[idx] = (code, phrase)

    def set_response_content_type(self, idx: int, value: str) -> None:
        self.content_types[idx] = value


class FakeService:
    """Answers with the status that the body names."""

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        return [RawReply(int(request.body), b"{}") for request in raw_requests]

    def describe(self) -> dict[str, object]:
        return {}


@pytest.fixture(params=list(ENDPOINTS))
def endpoint(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def module(endpoint: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{endpoint}_handler", HANDLERS / f"{endpoint}_handler.py")
    assert spec is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def handler_class(module: ModuleType) -> type:
    """Find the class by TorchServe's rule: the only one that the module defines."""
    (found,) = (
        value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == module.__name__
    )
    return found


def test_the_service_is_opened_with_the_archives_model_and_settings(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    service_class = SimpleNamespace(open=lambda *arguments: opened.append(arguments))
    monkeypatch.setattr(handler_class(module), "service_class", service_class)
    handler_class(module)().initialize(FakeContext(handler={"device": "cpu", "num_threads": 2}))
    assert opened == [(Path("/models/unpacked/model"), ServiceSettings(device="cpu", num_threads=2))]


def test_each_endpoint_opens_the_service_of_its_name(module: ModuleType, endpoint: str) -> None:
    assert handler_class(module).__name__ == f"{endpoint.capitalize()}Handler"
    assert handler_class(module).service_class is getattr(resay.engine, f"{endpoint.capitalize()}Service")


def test_every_handler_has_a_row_and_every_row_a_handler() -> None:
    assert {path.name for path in HANDLERS.glob("*.py")} == {f"{endpoint}_handler.py" for endpoint in ENDPOINTS}


def test_each_request_of_a_batch_has_its_own_status(module: ModuleType) -> None:
    handler = handler_class(module)()
    handler.service = FakeService()
    context = FakeContext(headers=[{}, {}, {"Content-Type": "multipart/form-data; boundary=x"}])
    replies = handler.handle([{"body": b"200"}, {"body": b"413"}, {"field": b"x"}], context)
    assert len(replies) == 3
    assert all(isinstance(reply, bytes) for reply in replies)
    assert context.statuses == {
        0: (200, "OK"),
        1: (413, "Request Entity Too Large"),
        2: (415, "Unsupported Media Type"),
    }
    assert set(context.content_types.values()) == {"application/json"}
