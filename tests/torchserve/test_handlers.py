"""The handlers as TorchServe uses them, without TorchServe."""

import importlib.util
import inspect
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

import resay.engine
from resay.engine import ModelCard, RawReply, RawRequest, ServiceSettings
from resay.torchserve.endpoints import ENDPOINTS
from resay.torchserve.identity import Identity

HANDLERS = Path(__file__).parents[2] / "handlers"


MODEL_SHA = "887147055beb"


class FakeService:
    """Says what it is."""

    def __init__(self, card: ModelCard, description: dict[str, object]) -> None:
        self.card = card
        self.description = description

    def respond(self, raw_requests: Sequence[RawRequest]) -> list[RawReply]:
        raise AssertionError("nobody asks")

    def describe(self) -> dict[str, object]:
        return self.description


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


@pytest.fixture
def context(tmp_path: Path, make_context, endpoint: str):
    """TorchServe's, as far as the start of a worker needs it."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MANIFEST.sha256").write_text("what the model holds")
    return make_context(
        manifest={"model": {"modelName": endpoint, "modelVersion": "7.0"}},
        system_properties={"model_dir": str(tmp_path)},
        model_yaml_config={"handler": {"device": "cpu", "num_threads": 2}},
    )


def test_the_service_is_opened_with_the_archives_model_and_settings(
    module: ModuleType, endpoint: str, context, make_card, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    logged = []
    service_name = ENDPOINTS[endpoint].bulk_of or endpoint
    described = {"service": service_name, "model": "tiny", "providers": ["CPUExecutionProvider"]}
    service = FakeService(make_card(), described)

    def open_service(*arguments: object) -> FakeService:
        opened.append(arguments)
        return service

    monkeypatch.setattr("resay.torchserve.handler.start_json_log", logged.append)
    monkeypatch.setattr(handler_class(module), "service_class", SimpleNamespace(open=open_service))
    handler = handler_class(module)()
    handler.initialize(context)
    folder = Path(context.system_properties["model_dir"]) / "model"
    assert opened == [(folder, ServiceSettings(device="cpu", num_threads=2))]
    assert logged == [endpoint]
    assert handler.worker.service is service
    assert handler.worker.identity == Identity(endpoint, service_name, "7.0", "tiny", MODEL_SHA, "CPUExecutionProvider")


def test_each_endpoint_opens_the_service_of_its_name(module: ModuleType, endpoint: str) -> None:
    assert handler_class(module).__name__ == f"{endpoint.title().replace('_', '')}Handler"
    service = ENDPOINTS[endpoint].bulk_of or endpoint
    assert handler_class(module).service_class is getattr(resay.engine, f"{service.title()}Service")


def test_every_handler_has_a_row_and_every_row_a_handler() -> None:
    assert {path.name for path in HANDLERS.glob("*.py")} == {f"{endpoint}_handler.py" for endpoint in ENDPOINTS}


def test_batches_go_to_the_worker(module: ModuleType, context) -> None:
    handler = handler_class(module)()
    asked = []
    handler.worker = SimpleNamespace(answer=lambda *given: asked.append(given) or [b"{}"])
    assert handler.handle([{"body": b"a"}], context) == [b"{}"]
    assert asked == [([{"body": b"a"}], context)]
