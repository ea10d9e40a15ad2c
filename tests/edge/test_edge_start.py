"""What would not be safe, or cannot be, is refused at the start."""

import importlib.util
import sys
from pathlib import Path

import pytest

START = Path(__file__).parents[2] / "serving" / "edge" / "start.py"
PLAIN = ("--no-tls", "--host", "127.0.0.1")


@pytest.fixture
def error_of(nginx, monkeypatch, tmp_path, capsys):
    """Run the script here, which is faster than in a process of its own; return what it says when it refuses."""
    spec = importlib.util.spec_from_file_location("edge_start", START)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> str:
        monkeypatch.setattr(sys, "argv", [str(START), *options])
        assert script.main() == 1
        said = capsys.readouterr().err
        assert said.startswith("error: ")
        return said

    return run


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--no-tls",), "without API keys everybody who can reach 0.0.0.0 would be served"),
        ((), "name --certificate and --key"),
        (("--certificate", "cert.pem", "--host", "127.0.0.1"), "one of them is missing"),
        ((*PLAIN, "--rate", "50"), "such as 50/s"),
        ((*PLAIN, "--backend", "https://x"), "such as http://127.0.0.1:8080"),
        ((*PLAIN, "--endpoints", "encod"), "did you mean 'encode'"),
        ((*PLAIN, "--endpoints", "encode_bulk"), "name encode as well"),
        ((*PLAIN, "--bulk-bytes", "5000"), "--bulk-bytes needs one of encode_bulk among --endpoints"),
        (("--no-tls", "--keys", "none.toml"), "keys.py none.toml add NAME"),
        (("--certificate", "cert.pem", "--key", "key.pem", "--host", "127.0.0.1"), "nginx does not take"),
    ],
)
def test_a_start_is_refused_with_the_way_out(error_of, options, message) -> None:
    assert message in error_of(*options)


def test_a_port_that_is_taken_is_named(error_of, edge, upstream) -> None:
    said = error_of(*PLAIN, "--port", str(edge.port), "--backend", upstream.url)
    assert f"bind() to 127.0.0.1:{edge.port} failed" in said
    assert edge.ask("/encode").status == 200


def test_two_edges_do_not_share_a_folder(error_of, edge) -> None:
    assert "another edge runs in" in error_of(*PLAIN, "--run-dir", str(edge.run))
    assert edge.ask("/encode").status == 200
