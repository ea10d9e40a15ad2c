"""What is served is what was exported, to the byte: checked where a worker opens its archive."""

import zipfile
from pathlib import Path

import pytest

from resay.engine import EncodeService, ModelFolder
from resay.errors import ModelFolderError
from resay.torchserve.archive import write_archives
from resay.torchserve.exchange import MODEL_FOLDER
from resay.torchserve.handler import ServiceHandler
from resay.torchserve.identity import model_sha

HANDLERS = Path(__file__).parents[2] / "handlers"
FILES = ("encoder.onnx", "decoder_step.onnx", "tokenizer.json", "model.json", "MANIFEST.sha256")


class EncodeHandler(ServiceHandler):
    service_class = EncodeService


@pytest.fixture
def unpacked(model_path: Path, tmp_path: Path) -> Path:
    """An archive as TorchServe unpacks it."""
    archive, *_ = write_archives(ModelFolder.open(model_path), HANDLERS, tmp_path / "store")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", [0, -2])
def test_a_worker_with_one_flipped_byte_does_not_start(unpacked: Path, make_context, name: str, place: int) -> None:
    flip(unpacked / MODEL_FOLDER / name, place)
    context = make_context(system_properties={"model_dir": str(unpacked)}, model_yaml_config={"handler": {}})
    with pytest.raises(ModelFolderError, match=name.replace(".", r"\.")):
        EncodeHandler().initialize(context)


def test_a_model_is_known_by_its_manifest(model_path: Path) -> None:
    before = model_sha(model_path)
    assert len(before) == 12
    assert int(before, 16) >= 0
    flip(model_path / "MANIFEST.sha256", 3)
    assert model_sha(model_path) != before
