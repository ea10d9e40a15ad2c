import pytest

from resay.engine import ServiceSettings, read_settings
from resay.errors import SettingsError


def test_defaults_and_given():
    assert read_settings({}) == ServiceSettings()
    assert read_settings({"max_items": 7, "device": "cuda"}).max_items == 7
    assert ServiceSettings().max_body_bytes == 1024 * 1024


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_item": 7}, "did you mean 'max_items'"),
        ({"max_items": 0}, "setting max_items: .*got 0"),
        ({"device": "tpu"}, "setting device: .*'cpu' or 'cuda'"),
        ({"num_threads": "2"}, "setting num_threads"),
    ],
)
def test_refused(given, message):
    with pytest.raises(SettingsError, match=message):
        read_settings(given)
