"""What a bridge refuses to be told."""

import pytest

from resay.bridge.opening import needing_grpc
from resay.bridge.settings import VERSION, BridgeSettings
from resay.errors import MissingExtraError, SettingsError
from resay.torchserve import archive
from resay.torchserve.configuration import read_properties


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"backend": "127.0.0.1:8080"}, "address such as"),
        ({"backend": "ftp://127.0.0.1"}, "address such as"),
        ({"backend": "http://"}, "address such as"),
        ({"backend": "http://127.0.0.1:8080/v2"}, "no path"),
        ({"backend": "http://127.0.0.1:80800"}, "address such as"),
        ({"backend": "http://name:secret@127.0.0.1"}, "address such as"),
        ({"routes": "edges"}, "did you mean 'edge'"),
        ({"port": 70000}, "65535"),
        ({"max_message_bytes": 0}, "max_message_bytes"),
        ({"max_concurrent": -1}, "max_concurrent"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds"),
        ({"grace_seconds": float("inf")}, "grace_seconds"),
    ],
)
def test_nonsense_is_refused(given: dict, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        BridgeSettings(**given)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1:8001"), ("::1", "[::1]:8001")])
def test_address_is_one_of_grpc(host: str, address: str) -> None:
    assert BridgeSettings(host=host).address == address


def test_numbers_are_those_of_the_server(pytestconfig: pytest.Config) -> None:
    text = (pytestconfig.rootpath / "serving" / "config.properties").read_text(encoding="utf-8")
    assert BridgeSettings().max_message_bytes == int(read_properties(text)["max_request_size"])
    assert archive.VERSION == VERSION


@pytest.mark.parametrize("name", ["grpc", "google.protobuf", "httpx"])
def test_a_missing_package_is_told(name: str) -> None:
    with pytest.raises(MissingExtraError, match=r"'\.\[grpc\]'"), needing_grpc():
        raise ModuleNotFoundError(name=name)
    with pytest.raises(ModuleNotFoundError), needing_grpc():
        raise ModuleNotFoundError(name="resay.something")
