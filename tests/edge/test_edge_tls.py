"""TLS and HTTP/2; slow clients, and many of them."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

CURVE = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def make_certificate(certificate: Path, key: Path, algorithm: tuple[str, ...] = CURVE) -> None:
    """Write a new certificate of this machine, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the test's certificate, is not installed")
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    kind = ["-newkey", *algorithm, "-nodes", "-days", "2"]
    subprocess.run([openssl, "req", "-x509", *kind, *subject, *files], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    make_certificate(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def tls_edge(start_edge, upstream, certificate):
    """One that has little patience with clients."""
    paths = ("--certificate", str(certificate[0]), "--key", str(certificate[1]))
    limits = ("--client-timeout", "1", "--connections", "3")
    return start_edge(*paths, "--host", "127.0.0.1", "--backend", upstream.url, *limits)


@pytest.fixture
def connect(tls_edge, certificate):
    """Open connections to it; the protocols of ALPN may be named."""
    opened: list[ssl.SSLSocket] = []

    def connect_once(*protocols: str, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(certificate[0]))
        context.set_alpn_protocols(list(protocols))
        context.maximum_version = most
        plain = socket.create_connection(("127.0.0.1", tls_edge.port), timeout=20)
        opened.append(context.wrap_socket(plain, server_hostname="localhost"))
        return opened[-1]

    yield connect_once
    for connection in opened:
        connection.close()


def read_all(connection: ssl.SSLSocket) -> bytes:
    """Return everything until the end, which a reset is too."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()


def test_the_certificate_is_shown_and_requests_are_answered(connect) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        connection = connect("http/1.1", most=version)
        assert connection.version() == version.name.replace("_", ".")
        connection.sendall(get("/livez"))
        assert read_all(connection).startswith(b"HTTP/1.1 200 OK")


def test_no_cipher_without_forward_secrecy_is_taken(start_edge, upstream, tmp_path) -> None:
    make_certificate(tmp_path / "cert.pem", tmp_path / "key.pem", ("rsa:2048",))
    paths = ("--certificate", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"))
    edge = start_edge(*paths, "--host", "127.0.0.1", "--backend", upstream.url)
    for cipher, taken in [
        ("ECDHE-RSA-AES128-GCM-SHA256", True),
        ("ECDHE-RSA-CHACHA20-POLY1305", True),
        ("AES128-GCM-SHA256", False),
        ("ECDHE-RSA-AES128-SHA256", False),
    ]:
        context = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
        with socket.create_connection(("127.0.0.1", edge.port), timeout=20) as plain:
            if taken:
                context.wrap_socket(plain, server_hostname="localhost").close()
            else:
                with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
                    context.wrap_socket(plain, server_hostname="localhost")


def test_a_renewed_certificate_is_taken_without_a_restart(connect, certificate, tls_edge, tmp_path) -> None:
    old = connect().getpeercert(binary_form=True)
    make_certificate(tmp_path / "cert.pem", tmp_path / "key.pem")
    for path in certificate:
        (tmp_path / path.name).replace(path)
    tls_edge.wait_for("read again: the certificate")
    assert connect().getpeercert(binary_form=True) != old  # and it is the one that the client trusts now


def test_http_2_is_offered(connect) -> None:
    assert connect("h2", "http/1.1").selected_alpn_protocol() == "h2"
    assert connect("http/1.1").selected_alpn_protocol() == "http/1.1"


def test_http_2_is_spoken_and_its_errors_have_our_form(tls_edge, certificate) -> None:
    curl = shutil.which("curl")
    if curl is None or "HTTP2" not in subprocess.run([curl, "--version"], capture_output=True, text=True).stdout:
        pytest.skip("curl with HTTP/2 is not installed")
    command = [
        curl,
        "--silent",
        "--http2",
        "--cacert",
        str(certificate[0]),
        "--write-out",
        "\n%{http_version} %{http_code}",
    ]
    for options, status, sign in [
        (["/v1/models"], "200", "said by first"),
        (
            ["/encode", "--data", "x", "-H", "Content-Type: text/plain", "-H", 'X-Fake: {"status": 503}'],
            "429",
            "overloaded",
        ),
        (
            ["/encode", "--data", "x", "-H", "Content-Type: text/plain", "-H", 'X-Fake: {"status": 507}'],
            "503",
            "unavailable",
        ),
        (
            ["/encode", "--data", "x", "-H", "Content-Type: text/plain", "-H", 'X-Fake: {"status": 404}'],
            "404",
            "not_found",
        ),
        (["/encode"], "405", "method_not_allowed"),
    ]:
        url = f"https://localhost:{tls_edge.port}{options[0]}"
        done = subprocess.run([*command, url, *options[1:]], capture_output=True, text=True, check=True)
        body, _, told = done.stdout.rpartition("\n")
        assert told == f"2 {status}"
        assert sign in body


def test_plain_http_is_told_to_speak_tls(tls_edge) -> None:
    reply = tls_edge.ask("/encode")
    assert (reply.status, reply.code) == (400, "tls_required")


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /encode HTTP/1.1\r\nHost: localhost\r\nX-Slow",
        b"POST /encode HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nslow",
    ],
    ids=["headers", "body"],
)
def test_a_client_that_never_finishes_is_dropped_without_a_word(connect, upstream, begun) -> None:
    num_received = len(upstream.received)
    connection = connect("http/1.1")
    connection.sendall(begun)
    assert read_all(connection) == b""
    assert len(upstream.received) == num_received


def test_headers_that_trickle_in_are_no_way_round_it(connect) -> None:
    connection = connect("http/1.1")
    connection.settimeout(0.2)
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n")
    for _ in range(50):
        try:
            connection.sendall(b"X-Slow: 1\r\n")
            if connection.recv(1) == b"":
                return
        except TimeoutError:
            continue
        except OSError:
            return
    raise AssertionError("still open")


def test_one_address_has_so_many_requests_at_a_time_and_no_more(tls_edge, connect, upstream) -> None:
    upstream.release.clear()
    before = len(upstream.of("/predictions/encode"))
    lines = ("Host: localhost", "Content-Type: text/plain", "Content-Length: 1", "Connection: close")
    body = "\r\n".join(["POST /encode HTTP/1.1", *lines, 'X-Fake: {"wait": true}', "", "x"]).encode()
    waiting = [connect("http/1.1") for _ in range(3)]
    for connection in waiting:
        connection.sendall(body)
    deadline = time.monotonic() + 20
    while len(upstream.of("/predictions/encode")) < before + 3:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    one_more = connect("http/1.1")
    one_more.sendall(get("/v1/models"))
    refused = read_all(one_more)
    assert refused.startswith(b"HTTP/1.1 429 ")
    assert json.loads(refused.rpartition(b"\r\n\r\n")[2])["error"]["code"] == "rate_limited"
    upstream.release.set()
    assert all(read_all(connection).startswith(b"HTTP/1.1 200 ") for connection in waiting)
