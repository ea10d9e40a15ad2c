from pathlib import Path

import pytest

from resay.engine.service import (
    DECODE_MAX_ITEMS,
    ENCODE_MAX_ITEMS,
    INTERPOLATE_MAX_ITEMS,
    PARAPHRASE_MAX_ITEMS,
    SAMPLE_MAX_ITEMS,
)
from resay.engine.settings import ServiceSettings
from resay.errors import SettingsError
from resay.torchserve.archive import ArchiveSettings
from resay.torchserve.endpoints import ENDPOINTS
from resay.torchserve.limits import NAMES, read_limits

MAX_ITEMS = {
    "encode": ENCODE_MAX_ITEMS,
    "encode_bulk": ENCODE_MAX_ITEMS,
    "paraphrase": PARAPHRASE_MAX_ITEMS,
    "decode": DECODE_MAX_ITEMS,
    "interpolate": INTERPOLATE_MAX_ITEMS,
    "sample": SAMPLE_MAX_ITEMS,
}
SHIPPED = Path(__file__).parents[2] / "serving" / "limits.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "limits.toml"
    path.write_text(text)
    return path


def test_the_shipped_file_holds_every_limit_and_the_defaults() -> None:
    defaults = ServiceSettings()
    limits = read_limits(SHIPPED)
    assert list(limits) == list(ENDPOINTS)
    for endpoint, max_items in MAX_ITEMS.items():
        assert limits[endpoint] == {
            "max_body_bytes": defaults.max_body_bytes,
            "max_items": max_items,
            "max_characters": defaults.max_characters,
            "max_decoded_tokens": defaults.max_decoded_tokens,
            "time_limit_seconds": ArchiveSettings().time_limit_seconds(endpoint),
        }
        assert set(limits[endpoint]) == set(NAMES)


def test_what_is_missing_is_not_invented(tmp_path: Path) -> None:
    assert read_limits(write(tmp_path, "[encode]\nmax_items = 3\n")) == {"encode": {"max_items": 3}}
    assert read_limits(write(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[encodes]\n", "did you mean 'encode'"),
        ("encode = 3\n", "table must be one of"),
        ("[encode]\nmax_item = 3\n", "limit of encode must be one of: .*did you mean 'max_items'"),
        ("[encode]\ndevice = 'cuda'\n", "limit of encode must be one of"),
        ("[paraphrase]\nmax_items = 0\n", "paraphrase: setting max_items: .*got 0"),
        ("[paraphrase]\nmax_items = '3'\n", "setting max_items"),
        ("[paraphrase]\ntime_limit_seconds = inf\n", "setting time_limit_seconds"),
        ("encode", "cannot be read"),
    ],
)
def test_refused(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as caught:
        read_limits(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.toml cannot be read"):
        read_limits(tmp_path / "nothing.toml")
