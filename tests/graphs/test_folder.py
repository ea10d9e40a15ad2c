import os
import subprocess

import pytest

from resay.errors import ExportError
from resay.graphs.folder import require_replaceable, write_folder

FILES = {"model.json": b"{}\n", "encoder.onnx": b"\x00\x01"}


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_files_and_manifest(tmp_path):
    folder = tmp_path / "models" / "new"
    write_folder(folder, FILES)
    assert names_in(folder) == ["MANIFEST.sha256", "encoder.onnx", "model.json"]
    assert names_in(folder.parent) == ["new"]
    subprocess.run(["sha256sum", "--check", "--strict", "MANIFEST.sha256"], cwd=folder, check=True)
    assert folder.stat().st_mode & 0o777 == 0o777 & ~current_umask()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_earlier_export_is_replaced_whole(tmp_path):
    folder = tmp_path / "again"
    write_folder(folder, FILES | {"tokenizer.json": b"old"})
    write_folder(folder, FILES | {"model.json": b"new"})
    assert names_in(folder) == ["MANIFEST.sha256", "encoder.onnx", "model.json"]
    assert (folder / "model.json").read_bytes() == b"new"
    assert names_in(tmp_path) == ["again"]


def test_an_empty_folder_is_taken(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    write_folder(folder, FILES)
    assert "model.json" in names_in(folder)


def test_an_interrupted_swap_puts_the_earlier_export_back(tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    write_folder(folder, FILES)
    rename = type(folder).rename

    def interrupt(path, target):
        if path.name.endswith(".partial"):
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(type(folder), "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_folder(folder, FILES | {"model.json": b"new"})
    assert (folder / "model.json").read_bytes() == FILES["model.json"]
    assert names_in(tmp_path) == ["kept"]


@pytest.mark.parametrize("names", [["notes.txt"], ["model.json", "notes.txt"], ["tokenizer.json"]])
def test_anything_else_is_left_alone(tmp_path, names):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("mine")
    with pytest.raises(ExportError, match="left as it is"):
        write_folder(folder, FILES)
    assert names_in(folder) == sorted(names)
    assert names_in(tmp_path) == ["mine"]


def test_a_folder_without_a_name_is_refused(tmp_path):
    with pytest.raises(ExportError, match="needs a name"):
        require_replaceable(tmp_path / "models" / "..")


def test_files_and_links_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("file", "link", "dangling"):
        with pytest.raises(ExportError, match="is not a folder"):
            require_replaceable(tmp_path / name)


def test_a_failed_write_changes_nothing(tmp_path):
    folder = tmp_path / "kept"
    write_folder(folder, FILES)
    with pytest.raises(ExportError, match="cannot be written"):
        write_folder(folder, {"model.json": b"new", "no/such/folder": b""})
    assert (folder / "model.json").read_bytes() == FILES["model.json"]
    assert names_in(tmp_path) == ["kept"]


def test_a_failed_swap_puts_the_earlier_export_back(tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    write_folder(folder, FILES)
    rename = type(folder).rename

    def refuse_new(path, target):
        if path.name.endswith(".partial"):
            raise PermissionError("not today")
        return rename(path, target)

    monkeypatch.setattr(type(folder), "rename", refuse_new)
    with pytest.raises(ExportError, match="not today"):
        write_folder(folder, FILES | {"model.json": b"new"})
    assert (folder / "model.json").read_bytes() == FILES["model.json"]
    assert names_in(tmp_path) == ["kept"]
