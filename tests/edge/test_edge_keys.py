"""Who may ask, and how often; keys come and go while the edge serves."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from resay.edge.keys import add_key, read_keys, revoke_key
from resay.edge.rates import Rate

KEYS_SCRIPT = Path(__file__).parents[2] / "serving" / "edge" / "keys.py"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def run_keys(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(KEYS_SCRIPT), *words], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("keys") / "keys.toml"


@pytest.fixture(scope="module")
def keys(file) -> dict[str, str]:
    return {
        "shop": add_key(file, "shop"),
        "office": add_key(file, "office"),
        "slow": add_key(file, "slow", Rate.parse("2/m")),
    }


@pytest.fixture(scope="module")
def keyed_edge(start_edge, upstream, file, keys) -> Iterator:
    return start_edge("--no-tls", "--backend", upstream.url, "--keys", str(file), "--rate", "999999/s", "--burst", "5")


def test_without_a_key_nobody_is_served(keyed_edge, upstream) -> None:
    num_received = len(upstream.received)
    for headers in ({}, bearer("resay_wrong"), bearer(""), {"X-Api-Key": "wrong"}, {"Authorization": "Basic c2hvcDp4"}):
        for path, method in (("/encode", "POST"), ("/v1/models", "GET")):
            reply = keyed_edge.ask(path, headers=headers, method=method)
            assert (reply.status, reply.code) == (401, "unauthorized")
            assert reply.headers["WWW-Authenticate"] == 'Bearer realm="resay"'
    assert len(upstream.received) == num_received


def test_each_key_is_taken_in_both_headers(keyed_edge, keys) -> None:
    for name in ("shop", "office"):
        for headers in (bearer(keys[name]), {"authorization": f"bearer  {keys[name]}"}, {"X-Api-Key": keys[name]}):
            headers |= {"X-Request-Id": f"{name}-{len(headers)}-{sorted(headers)[0]}"}
            assert keyed_edge.ask("/encode", headers=headers).status == 200
            assert keyed_edge.log_line(headers["X-Request-Id"])["key"] == name


def test_no_digest_and_no_part_of_a_key_is_a_key(keyed_edge, keys, file) -> None:
    wrong = [read_keys(file)["shop"].sha256, keys["shop"][:-1], keys["shop"] + "x", keys["shop"].lower(), "shop"]
    for key in wrong:
        assert keyed_edge.ask("/encode", headers=bearer(key)).status == 401


def test_health_needs_no_key(keyed_edge) -> None:
    assert keyed_edge.ask("/livez", method="GET").status == 200
    assert keyed_edge.ask("/readyz", method="GET").status == 200


def test_each_key_has_a_rate_of_its_own(keyed_edge, keys) -> None:
    replies = [keyed_edge.ask("/encode", headers=bearer(keys["slow"])) for _ in range(8)]
    assert [reply.status for reply in replies] == 6 * [200] + 2 * [429]  # one, and a burst of five
    assert replies[-1].code == "rate_limited"
    assert replies[-1].headers["Retry-After"] == "30"
    assert keyed_edge.ask("/encode", headers=bearer(keys["shop"])).status == 200


def test_keys_come_and_go_and_no_request_fails(keyed_edge, keys, file, load) -> None:
    with load(keyed_edge.port, "/encode", headers=bearer(keys["shop"])) as shop:
        shop.wait_for(20)
        new = add_key(file, "warehouse")
        keyed_edge.wait_for("the keys (shop, office, slow, warehouse)")
        shop.wait_for(20)
        assert keyed_edge.ask("/encode", headers=bearer(new)).status == 200
        revoke_key(file, "office")
        keyed_edge.wait_for("the keys (shop, slow, warehouse)")
        shop.wait_for(20)
        assert keyed_edge.ask("/encode", headers=bearer(keys["office"])).status == 401
    assert set(shop.statuses) == {200}
    assert (shop.num_refused, shop.broken) == (0, [])
    assert not any(key in keyed_edge.output for key in (new, *keys.values()))


def test_a_file_that_cannot_be_read_changes_nothing(keyed_edge, keys, file) -> None:
    content = file.read_text()
    try:
        file.write_text("[keys.shop]\nsha256 = 5\n")
        keyed_edge.wait_for("warning: keys and certificate stay as they were")
        assert keyed_edge.ask("/encode", headers=bearer(keys["shop"])).status == 200
    finally:
        file.write_text(content)


def test_the_script_shows_a_key_once_and_stores_its_digest(tmp_path) -> None:
    file = tmp_path / "folder" / "keys.toml"
    added = run_keys(str(file), "add", "shop", "--rate", "20/s")
    assert added.returncode == 0
    key = added.stdout.strip()
    assert key.startswith("resay_")
    assert len(key) > 40
    assert key not in added.stderr + file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert run_keys(str(file), "list").stdout.split("\t")[:2] == ["shop", "20/s"]
    again = run_keys(str(file), "add", "shop")
    assert again.returncode == 1
    assert "already" in again.stderr
    unknown = run_keys(str(file), "revoke", "shopp")
    assert "did you mean 'shop'" in unknown.stderr
    assert run_keys(str(file), "revoke", "shop").returncode == 0
    assert run_keys(str(file), "list").stdout == ""
    for words in (("add",), ("revoke",), ("list", "shop"), ("revoke", "shop", "--rate", "5/s")):
        assert run_keys(str(file), *words).returncode == 2
