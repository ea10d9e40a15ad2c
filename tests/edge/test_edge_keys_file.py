"""The file of keys stays what it was: whose it is, who may read it, where it lies."""

import os
import stat
from pathlib import Path

import pytest

from resay.edge import keys
from resay.edge.keys import add_key, digest, read_keys, revoke_key
from resay.errors import SettingsError


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "keys.toml"
    add_key(path, "shop")
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_its_makers_alone_and_a_mode_that_was_chosen_stays(file) -> None:
    assert mode_of(file) == 0o600
    file.chmod(0o640)
    add_key(file, "office")
    assert mode_of(file) == 0o640
    revoke_key(file, "office")
    assert mode_of(file) == 0o640


def test_a_symbolic_link_stays_one(file, tmp_path) -> None:
    link = tmp_path / "elsewhere" / "link.toml"
    link.parent.mkdir()
    link.symlink_to(file)
    add_key(link, "office")
    assert link.is_symlink()
    assert set(read_keys(file)) == {"shop", "office"}
    assert list(link.parent.iterdir()) == [link]


def test_the_owner_stays(file) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(file, 12345, 12346)
    file.chmod(0o440)
    add_key(file, "office")
    assert (file.stat().st_uid, file.stat().st_gid, mode_of(file)) == (12345, 12346, 0o440)


def test_who_would_take_the_file_from_its_owner_is_told(file, monkeypatch) -> None:
    content = file.read_text()
    owner = os.fstat

    def of_somebody_else(descriptor: int) -> os.stat_result:
        return os.stat_result((*owner(descriptor)[:4], 54321, *owner(descriptor)[5:]))

    def refuse(*of: object) -> None:
        raise PermissionError

    monkeypatch.setattr("resay.edge.keys.os.fstat", of_somebody_else)
    monkeypatch.setattr("resay.edge.keys.os.fchown", refuse)
    with pytest.raises(SettingsError, match="change them as that user or as root"):
        add_key(file, "office")
    assert (file.read_text(), list(file.parent.iterdir())) == (content, [file])


@pytest.mark.parametrize("created", ["'yesterday'", """'2026-01-01"\\nrate = "9/s'""", "[]", "5"])
def test_a_day_that_is_none_is_refused(file, created) -> None:
    content = f'[keys.a]\nsha256 = "{"a" * 64}"\ncreated = {created}\n'
    file.write_text(content)
    with pytest.raises(SettingsError, match="such as 2026-03-31"):
        add_key(file, "office")
    assert file.read_text() == content


def test_a_day_may_be_left_out_or_be_tomls_own(file) -> None:
    file.write_text(f'[keys.a]\nsha256 = "{"a" * 64}"\n[keys.b]\nsha256 = "{"b" * 64}"\ncreated = 2026-01-31\n')
    add_key(file, "office")
    assert [read_keys(file)[name].created for name in "ab"] == ["", "2026-01-31"]


def test_what_does_not_read_the_same_is_not_written(file, monkeypatch) -> None:
    content = file.read_text()
    monkeypatch.setattr(keys, "_table", lambda name, key: f'\n[keys.{name}]\nsha256 = "{digest(name)}"\n')
    with pytest.raises(SettingsError, match="stay as they were"):
        add_key(file, "office")
    assert (file.read_text(), list(file.parent.iterdir())) == (content, [file])
