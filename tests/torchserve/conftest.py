import hashlib
import io
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from resay.engine import ModelCard
from resay.text import Tokenizer
from resay.torchserve.json_log import start_json_log
from resay.torchserve.subject import Subject, subject_of

SENTENCES = ["the food was great .", "the service was slow .", "the food was slow ."]


class FakeContext:
    """TorchServe's context, as far as handlers need it; keeps what is set."""

    def __init__(self, headers: Sequence[Mapping[str, object]] = (), **attributes: object) -> None:
        self.manifest = attributes.get("manifest", {})
        self.system_properties = attributes.get("system_properties", {})
        self.model_yaml_config = attributes.get("model_yaml_config", {})
        self._headers = headers
        self.replies: dict[int, dict[str, object]] = {}

    def get_all_request_header(self, idx: int) -> Mapping[str, object]:
        return self._headers[idx]

    def get_request_id(self, idx: int) -> str:
        return f"own-{idx}"

    def set_response_status(self, code: int, phrase: str, idx: int) -> None:
        self.replies.setdefault(idx, {}).update(status=code, phrase=phrase)

    def set_response_content_type(self, idx: int, value: str) -> None:
        self.replies.setdefault(idx, {})["content-type"] = value

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        self.replies.setdefault(idx, {})[key] = value

    @property
    def statuses(self) -> list[object]:
        return [self.replies[index]["status"] for index in range(len(self._headers))]


@pytest.fixture
def make_context() -> Callable[..., FakeContext]:
    """Make a context of a batch with the headers given."""
    return FakeContext


@pytest.fixture
def make_card() -> Callable[..., ModelCard]:
    """Return the card of a model with embeddings of 3 numbers and latents of 4, and the latent space given."""
    sizes = {"vocab_size": 9, "word_vector_size": 3, "hidden_size": 4, "latent_size": 4, "embedding_size": 3}

    def make(**latent_space: object) -> ModelCard:
        card = {"format": 1, "name": "tiny", "dimensions": sizes, "limits": {"max_length": 10}}
        return ModelCard.model_validate({**card, "latent_space": latent_space})

    return make


@pytest.fixture
def subject(make_card: Callable[..., ModelCard]) -> Subject:
    return subject_of(make_card(), "Hello world")


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    """A model folder that verifies; its graphs are no graphs, since nothing here loads them."""
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    card = {
        "format": 1,
        "name": "tiny",
        "dimensions": {
            "vocab_size": tokenizer.vocab_size,
            "word_vector_size": 3,
            "hidden_size": 4,
            "latent_size": 4,
            "embedding_size": 3,
        },
        "limits": {"max_length": 10},
    }
    files = {
        "encoder.onnx": b"encoder",
        "decoder_step.onnx": b"decoder",
        "tokenizer.json": tokenizer.to_bytes(),
        "model.json": json.dumps(card).encode(),
    }
    folder = tmp_path / "tiny"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()]
    (folder / "MANIFEST.sha256").write_text("".join(lines))
    return folder


@pytest.fixture
def json_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a worker's log would write; the loggers are afterwards as they were."""
    library, root = logging.getLogger("resay"), logging.getLogger()
    handlers, level, propagate, root_level = library.handlers, library.level, library.propagate, root.level
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    start_json_log("encode")
    yield written
    library.handlers, library.propagate = handlers, propagate
    library.setLevel(level)
    root.setLevel(root_level)
