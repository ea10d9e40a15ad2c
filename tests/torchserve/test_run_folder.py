from pathlib import Path

import pytest

from resay.errors import ServerError
from resay.torchserve.run_folder import make_run_folder


def test_a_temporary_run_folder_is_private_and_goes_away(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run = make_run_folder()
    assert run.root.stat().st_mode & 0o077 == 0
    assert run.archives.is_dir()
    assert run.logs.is_dir()
    assert run.temporary.is_dir()
    run.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_chosen_place_is_made_shared_and_kept(tmp_path: Path) -> None:
    place = tmp_path / "runs"
    first, second = make_run_folder(place), make_run_folder(place)
    assert first.root != second.root
    first.remove()
    assert first.root.is_dir()


def test_a_path_too_long_for_a_socket_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / ("x" * 90)
    with pytest.raises(ServerError, match=r"too long a path.*--run-dir"):
        make_run_folder(place)


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServerError, match=r"no run folder can be made in .*file"):
        make_run_folder(tmp_path / "file")
