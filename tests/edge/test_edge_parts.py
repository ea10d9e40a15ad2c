"""The parts of the edge that need no nginx."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from resay.edge.configuration import Inside, edge_configuration
from resay.edge.keys import ApiKey, add_key, digest, read_keys
from resay.edge.program import Nginx, find_nginx
from resay.edge.rates import Rate
from resay.edge.retries import Retries
from resay.edge.routes import known_routes_pattern, routes_of
from resay.edge.run_folder import EdgeFolder, check_reachable, edge_folder, read_json
from resay.edge.settings import EdgeSettings, parse_backend
from resay.errors import MissingExtraError, ServerError, SettingsError
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS, ENDPOINTS

TEMPLATES = Path(__file__).parents[2] / "serving" / "edge"
SETTINGS = EdgeSettings(endpoints=("encode",), max_body_bytes={"encode": 1000})


def test_a_rate_is_read_and_written() -> None:
    rate = Rate.parse("90/m")
    assert (str(rate), rate.nginx, rate.retry_after_s) == ("90/m", "90r/m", 1)
    assert [Rate.parse(text).burst for text in ("50/s", "90/m", "30/m", "6/m", "1/s")] == [100, 3, 1, 1, 2]
    assert Rate.parse("7/m").retry_after_s == 9
    assert Rate.parse("50/s").retry_after_s == 1


@pytest.mark.parametrize("text", ["", "50", "0/s", "-1/s", "5/h", "1.5/s", "5 /s", "1000000/s", "५/s"])
def test_another_form_of_rate_is_refused(text) -> None:
    with pytest.raises(SettingsError, match="such as 50/s"):
        Rate.parse(text)


def test_keys_are_random_and_stored_as_digests(tmp_path) -> None:
    file = tmp_path / "keys.toml"
    keys = [add_key(file, name, rate) for name, rate in (("a", None), ("b", Rate.parse("5/s")), ("c-1_x", None))]
    assert len(set(keys)) == 3
    known = read_keys(file)
    assert [known[name].sha256 for name in ("a", "b", "c-1_x")] == [digest(key) for key in keys]
    assert [known[name].rate for name in ("a", "b")] == [None, Rate(5, "s")]


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", 'a"', "a;b", "a" * 64, "ä", "$x"])
def test_a_name_is_short_and_plain(tmp_path, name) -> None:
    with pytest.raises(SettingsError, match="a key's name"):
        add_key(tmp_path / "keys.toml", name)
    assert not (tmp_path / "keys.toml").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("keys = 5", "tables"),
        ("[other]", "tables"),
        ("[keys.a]", "64 hex digits"),
        ('[keys.a]\nsha256 = "ABC"', "64 hex digits"),
        (f'[keys.a]\nsha256 = "{"A" * 64}"', "64 hex digits"),
        (f'[keys.a]\nsha256 = "{"a" * 64}"\nrate = "fast"', "such as 50/s"),
        (f'[keys.a]\nsha256 = "{"a" * 64}"\nrat = "5/s"', "did you mean 'rate'"),
        (f'[keys."a;b"]\nsha256 = "{"a" * 64}"', "a key's name"),
        ("[keys]\na = 5", r"\[keys.NAME\]"),
        (f'[keys.a]\nsha256 = "{"a" * 64}"\n[keys.b]\nsha256 = "{"a" * 64}"', "the same key"),
        ("[keys", "cannot be read"),
        ("\udcff", "cannot be read"),
    ],
)
def test_a_damaged_file_of_keys_is_refused(tmp_path, content, message) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(content, errors="surrogateescape")
    with pytest.raises(SettingsError, match=message):
        read_keys(file)


def test_every_endpoint_has_a_short_route() -> None:
    paths = [route.path for route in routes_of(ENDPOINTS)]
    assert {f"/{endpoint}" for endpoint in DEFAULT_ENDPOINTS} <= set(paths)
    assert "/encode_bulk" not in paths
    assert {"/v1/embeddings", "/v1/models"} <= set(paths)
    assert len(paths) == len(set(paths))
    assert [route.endpoint for route in routes_of(["sample"])] == ["sample", "sample"]
    assert "/readyz" in known_routes_pattern(routes_of(["sample"]))


def test_what_has_a_body_has_two_ways_if_there_are_two() -> None:
    assert {route.bulk_target for route in routes_of(["encode", "paraphrase"])} == {""}
    assert {route.path: route.bulk_target for route in routes_of(["encode", "encode_bulk", "paraphrase"])} == {
        "/encode": "/predictions/encode_bulk",
        "/predictions/encode": "/predictions/encode_bulk",
        "/v1/embeddings": "/predictions/encode_bulk/1.0/v1/embeddings",
        "/v1/models": "",
        "/paraphrase": "",
        "/predictions/paraphrase": "",
    }


def test_a_body_may_be_as_large_as_the_larger_of_both_limits() -> None:
    both = replace(SETTINGS, endpoints=("encode", "encode_bulk"), max_body_bytes={"encode": 1000, "encode_bulk": 9000})
    assert (both.most_bytes("encode"), SETTINGS.most_bytes("encode")) == (9000, 1000)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "https://a:1", "http://a:0", "http://a:70000", "http://a:1/x", "http://a;b:1", ""]
)
def test_a_backend_is_host_and_port(url) -> None:
    with pytest.raises(SettingsError, match="such as"):
        parse_backend(url)


def test_a_backend_is_read() -> None:
    assert parse_backend("http://server-2.local:8080/") == "server-2.local:8080"
    assert parse_backend("http://[::1]:80") == "[::1]:80"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"host": "0.0.0.0"}, "--keys"),
        ({"host": "::"}, "--open"),
        ({"host": "a b"}, "--host"),
        ({"port": 0}, "--port"),
        ({"burst": 0}, "--burst"),
        ({"bulk_bytes": 0}, "--bulk-bytes"),
        ({"endpoints": ("encode_bulk",)}, "name encode as well"),
        ({"connections": 0}, "--connections"),
        ({"drain_timeout_s": 0}, "--drain-timeout"),
        ({"drain_notice_s": -1.0}, "--drain-notice"),
        ({"private_key": Path("key.pem")}, "--certificate"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, message) -> None:
    SETTINGS.check()
    with pytest.raises(SettingsError, match=message):
        replace(SETTINGS, **changes).check()


def test_who_says_so_may_serve_everybody() -> None:
    replace(SETTINGS, host="0.0.0.0", open_to_all=True).check()
    assert replace(SETTINGS, host="0.0.0.0").url == "http://127.0.0.1:8443"


def test_burst_follows_the_rate_unless_it_is_given(inside) -> None:
    keys = {"slow": ApiKey("a" * 64, Rate.parse("6/m"), "")}
    assert "limit_req zone=rate_6_m burst=1 nodelay" in edge_configuration(SETTINGS, inside, SETTINGS.backend, keys)
    fixed = edge_configuration(replace(SETTINGS, burst=7), inside, SETTINGS.backend, keys)
    assert "limit_req zone=rate_6_m burst=7 nodelay" in fixed


@pytest.fixture
def inside(tmp_path) -> Inside:
    nginx = Nginx(Path("nginx"), (1, 22, 1), Path("module.so"))
    return Inside(nginx, TEMPLATES, EdgeFolder(tmp_path, keep=True), tmp_path / "access.log")


def test_http_2_is_asked_for_as_this_nginx_wants_it(inside) -> None:
    settings = replace(SETTINGS, certificate=Path("cert.pem"), private_key=Path("key.pem"))
    old = edge_configuration(settings, inside, settings.backend, None)
    assert "listen 127.0.0.1:8443 ssl http2;" in old
    new_inside = replace(inside, nginx=replace(inside.nginx, version=(1, 29, 0)))
    new = edge_configuration(settings, new_inside, settings.backend, None)
    assert "listen 127.0.0.1:8443 ssl;" in new
    assert "http2 on;" in new


def test_a_path_that_nginx_would_read_as_something_else_is_refused(inside, tmp_path) -> None:
    with pytest.raises(SettingsError, match="dollar sign"):
        edge_configuration(SETTINGS, replace(inside, access_log=tmp_path / "a$b"), SETTINGS.backend, None)


def test_a_template_that_asks_for_too_much_is_named(inside, tmp_path) -> None:
    (tmp_path / "route.conf").write_text("@{colour}")
    with pytest.raises(ServerError, match="'colour'"):
        edge_configuration(SETTINGS, replace(inside, templates=tmp_path), SETTINGS.backend, None)
    (tmp_path / "route.conf").write_text("@!")
    with pytest.raises(ServerError, match="a plain @ as @@"):
        edge_configuration(SETTINGS, replace(inside, templates=tmp_path), SETTINGS.backend, None)


def test_a_missing_nginx_is_named(tmp_path) -> None:
    with pytest.raises(MissingExtraError, match="libnginx-mod-http-js"):
        find_nginx(str(tmp_path))


def test_a_missing_script_module_is_named(tmp_path, monkeypatch) -> None:
    program = tmp_path / "nginx"
    program.write_text(f"#!/bin/sh\necho 'nginx version: nginx/1.30.2 --modules-path={tmp_path}' >&2\n")
    program.chmod(0o755)
    monkeypatch.setattr("resay.edge.program._USUAL_MODULE_FOLDERS", ())
    with pytest.raises(MissingExtraError, match="ngx_http_js_module"):
        find_nginx(str(tmp_path))
    (tmp_path / "ngx_http_js_module.so").touch()
    found = find_nginx(str(tmp_path))
    assert (found.version, found.has_http2_directive) == ((1, 30, 2), True)


def test_a_run_folder_of_the_users_own_stays_without_what_only_a_running_edge_has(tmp_path) -> None:
    with edge_folder(tmp_path / "run") as run:
        run.write_json(run.state, {"backend": "x"})
        assert read_json(run.state) == {"backend": "x"}
        with pytest.raises(ServerError, match="another edge"), edge_folder(run.root):
            pass
        assert run.state.exists()
    assert run.root.is_dir()
    assert read_json(run.state) == {}
    with edge_folder() as temporary:
        assert temporary.root.is_dir()
    assert not temporary.root.exists()


@pytest.mark.parametrize("mode", [0o1777, 0o770, 0o757])
def test_a_run_folder_in_which_others_may_write_is_refused_and_left_as_it_is(tmp_path, mode) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(ServerError, match=f"mode {mode:04o}.*such as {tmp_path}/edge"), edge_folder(tmp_path):
        pass
    assert stat.S_IMODE(tmp_path.stat().st_mode) == mode
    assert list(tmp_path.iterdir()) == []
    with edge_folder(tmp_path / "edge") as run:
        assert stat.S_IMODE(run.root.stat().st_mode) == 0o711


def test_a_run_folder_that_was_there_keeps_its_mode(tmp_path) -> None:
    tmp_path.chmod(0o755)
    with edge_folder(tmp_path):
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_what_failed_is_tried_again_later_and_later_and_something_else_at_once(monkeypatch) -> None:
    now = 100.0
    monkeypatch.setattr("resay.edge.retries.time.monotonic", lambda: now)
    retries = Retries()
    waits = []
    for _ in range(8):
        assert retries.is_due("a")
        waits.append(retries.failed("a"))
        assert not retries.is_due("a")
        assert retries.is_due("b")
        now += waits[-1]
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert retries.failed("b") == 1.0
    retries.succeeded()
    assert retries.is_due("b")


def test_a_folder_that_nginx_could_not_reach_is_named(tmp_path) -> None:
    closed = tmp_path / "closed"
    (closed / "run").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(ServerError, match="closed to others"):
        check_reachable(closed / "run", "nobody")
