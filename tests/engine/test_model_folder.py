import hashlib
import shutil

import orjson
import pytest

from resay.engine import ModelFolder
from resay.engine.model_folder import MODEL_FILES
from resay.errors import ModelFolderError
from resay.text import Tokenizer


def restamp(path):
    """Make the manifest agree with the files again, so that the checks behind it are reached."""
    lines = [f"{hashlib.sha256((path / name).read_bytes()).hexdigest()}  {name}\n" for name in MODEL_FILES]
    (path / "MANIFEST.sha256").write_text("".join(lines))


def change_card(path, change):
    card = orjson.loads((path / "model.json").read_bytes())
    change(card)
    (path / "model.json").write_bytes(orjson.dumps(card))
    restamp(path)


def test_opens_what_was_exported(folder, model_path):
    assert folder.card.name == model_path.name
    assert folder.card.limits.max_length == 12
    assert folder.tokenizer.vocab_size == folder.card.dimensions.vocab_size
    assert folder.encoder_bytes == (model_path / "encoder.onnx").read_bytes()


@pytest.mark.parametrize("name", MODEL_FILES)
def test_names_the_file_that_is_damaged(model_copy, name):
    data = bytearray((model_copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (model_copy / name).write_bytes(data)
    with pytest.raises(ModelFolderError, match=f"{name} is damaged.*copy it again"):
        ModelFolder.open(model_copy)


@pytest.mark.parametrize("name", MODEL_FILES)
def test_names_the_file_that_is_missing(model_copy, name):
    (model_copy / name).unlink()
    with pytest.raises(ModelFolderError, match=f"lacks {name}"):
        ModelFolder.open(model_copy)


def test_no_folder_no_manifest(model_copy, tmp_path):
    with pytest.raises(ModelFolderError, match="is not a folder"):
        ModelFolder.open(tmp_path / "nothing")
    (model_copy / "MANIFEST.sha256").unlink()
    with pytest.raises(ModelFolderError, match=r"has no MANIFEST\.sha256"):
        ModelFolder.open(model_copy)


@pytest.mark.parametrize("line", ["nonsense", "0" * 64 + "  ../encoder.onnx", "0" * 63 + "  encoder.onnx"])
def test_manifest_that_is_none(model_copy, line):
    manifest = model_copy / "MANIFEST.sha256"
    manifest.write_text(manifest.read_text() + line + "\n")
    with pytest.raises(ModelFolderError, match="line 5 is not of the form"):
        ModelFolder.open(model_copy)


def test_manifest_that_leaves_a_file_out(model_copy):
    manifest = model_copy / "MANIFEST.sha256"
    kept = [line for line in manifest.read_text().splitlines() if "tokenizer" not in line]
    manifest.write_text("\n".join(kept))
    with pytest.raises(ModelFolderError, match=r"does not list tokenizer\.json"):
        ModelFolder.open(model_copy)


def test_card_of_another_format(model_copy):
    change_card(model_copy, lambda card: card.update(format=2))
    with pytest.raises(ModelFolderError, match=r"has the format 2.*reads format 1"):
        ModelFolder.open(model_copy)


def test_card_without_a_key(model_copy):
    change_card(model_copy, lambda card: card["limits"].clear())
    with pytest.raises(ModelFolderError, match=r"limits\.max_length"):
        ModelFolder.open(model_copy)


def test_card_that_is_no_json(model_copy):
    (model_copy / "model.json").write_bytes(b"{")
    restamp(model_copy)
    with pytest.raises(ModelFolderError, match=r"model\.json cannot be read"):
        ModelFolder.open(model_copy)


def test_tokenizer_of_another_model(model_copy):
    Tokenizer.build(["one two"], min_count=1).save(model_copy / "tokenizer.json")
    restamp(model_copy)
    with pytest.raises(ModelFolderError, match="from different exports"):
        ModelFolder.open(model_copy)


def test_tokenizer_that_is_none(model_copy):
    (model_copy / "tokenizer.json").write_bytes(b"[]")
    restamp(model_copy)
    with pytest.raises(ModelFolderError, match=r"tokenizer\.json"):
        ModelFolder.open(model_copy)


def test_other_files_are_left_alone(model_copy):
    (model_copy / "notes.txt").write_text("mine")
    shutil.copytree(model_copy, model_copy / "inner")
    assert ModelFolder.open(model_copy).card.name == "tiny"
