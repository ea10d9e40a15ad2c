"""Where the server is, what a client is made of, and what it says when something is missing."""

import inspect
import ssl
import subprocess
import sys

import httpx
import pytest

from resay.client import AsyncClient, Client
from resay.client.encoding import encode_plan
from resay.client.settings import ROUTES, ClientSettings
from resay.errors import SettingsError

GOOD = {
    "base_url": "http://127.0.0.1:8080",
    "routes": "torchserve",
    "api_key": None,
    "timeout_seconds": 30.0,
    "max_retries": 5,
    "batch_size": 64,
    "max_connections": 8,
}


@pytest.mark.parametrize(
    ("changed", "hint"),
    [
        ({"base_url": "127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"base_url": "ftp://host"}, "must be http://"),
        ({"base_url": "http://"}, "with a host"),
        ({"base_url": "http://host?key=1"}, "nothing behind its path"),
        ({"base_url": "http://host#part"}, "nothing behind its path"),
        ({"base_url": "http://host:http"}, "no valid port"),
        ({"base_url": "http://host:99999"}, "no valid port"),
        ({"base_url": "http://me:secret@host"}, "no user and password"),
        ({"routes": "edges"}, "did you mean 'edge'"),
        ({"api_key": ""}, "printable ASCII"),
        ({"api_key": "key\n"}, "printable ASCII"),
        ({"api_key": "schlüssel"}, "printable ASCII"),
        ({"timeout_seconds": 0.0}, "above 0"),
        ({"timeout_seconds": float("inf")}, "finite"),
        ({"timeout_seconds": float("nan")}, "finite"),
        ({"max_retries": -1}, "at least 0"),
        ({"batch_size": 0}, "at least 1"),
        ({"max_connections": 0}, "at least 1"),
    ],
)
def test_a_setting_that_is_not_allowed_is_named(changed, hint):
    ClientSettings(**GOOD)
    with pytest.raises(SettingsError, match=hint) as caught:
        ClientSettings(**{**GOOD, **changed})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "routes", "url", "ready"),
    [
        ("http://h:1", "torchserve", "http://h:1/predictions/encode", "http://h:1/predictions/encode/1.0/readyz"),
        ("http://h:1/", "edge", "http://h:1/encode", "http://h:1/readyz"),
        ("https://h/api/", "edge", "https://h/api/encode", "https://h/api/readyz"),
        ("http://[::1]:8080", "edge", "http://[::1]:8080/encode", "http://[::1]:8080/readyz"),
    ],
)
def test_addresses_are_made_of_base_and_route(base_url, routes, url, ready):
    settings = ClientSettings(**{**GOOD, "base_url": base_url, "routes": routes})
    assert settings.url("encode") == url
    assert settings.ready_url == ready


@pytest.mark.parametrize("routes", list(ROUTES))
def test_every_route_can_be_asked(connect, fake, routes):
    assert connect(routes=routes)("encode", "one").shape == (4,)
    assert fake.requests[0].url.path == ROUTES[routes].prefix + "encode"


def test_the_key_goes_into_its_header_and_nowhere_else(connect, fake):
    connect(api_key="sesame")("encode", "one")
    connect()("encode", "one")
    with_key, without = fake.requests
    assert with_key.headers["authorization"] == "Bearer sesame"
    assert "authorization" not in without.headers
    assert with_key.headers["user-agent"].startswith("resay/")
    with Client(api_key="sesame", transport=httpx.MockTransport(fake)) as client:
        assert "sesame" not in repr(client)
        assert "sesame" not in repr(client._settings)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_transport_is_httpx_own(kind):
    with pytest.raises(SettingsError, match="BaseTransport; got int"):
        kind(transport=5)


@pytest.mark.parametrize(
    ("base_url", "verify"), [("http://host", False), ("https://host", True), ("https://127.0.0.1", True)]
)
def test_certificates_are_looked_at_wherever_there_are_any(base_url, verify):
    from resay.client.sending import shared_arguments

    settings = ClientSettings(**{**GOOD, "base_url": base_url})
    assert shared_arguments(settings, None)["verify"] is verify
    context = ssl.create_default_context()
    assert shared_arguments(settings, context)["verify"] is context


def test_how_to_fail_has_names(blocking):
    fields = {"dimensions": None}
    with pytest.raises(SettingsError, match="on_error must be one of: raise, nan; got 'nana'"):
        encode_plan(blocking._exchange, "one", fields, "nana")


def test_both_clients_have_the_same_methods_with_the_same_arguments():
    def methods(kind):
        return {
            name: inspect.signature(member)
            for name, member in vars(kind).items()
            if not name.startswith("_") and inspect.isfunction(inspect.unwrap(member))
        }

    assert methods(Client) == methods(AsyncClient)
    assert len(methods(Client)) == 9
    assert inspect.signature(Client) == inspect.signature(AsyncClient)


HIDDEN = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"httpx", "onnxruntime", "torch", "pydantic", "tokenizers"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from resay.client import AsyncClient, Client, Embeddings
from resay.errors import MissingExtraError
for kind in (Client, AsyncClient):
    try:
        kind()
    except MissingExtraError as error:
        print(error)
"""


def test_a_missing_httpx_is_missed_when_a_client_is_made_and_not_before():
    done = subprocess.run([sys.executable, "-c", HIDDEN], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    first, second = done.stdout.splitlines()
    told = "the client needs httpx, not installed here; run: pip install '.[client]' in resay's folder"
    assert first == second == told
