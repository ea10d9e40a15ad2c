"""What goes on to TorchServe and what does not; what comes back; what is written down."""

import json
import re
import time

KEYS = {"time", "request_id", "trace_id", "key", "route", "status", "bytes", "seconds", "upstream_seconds"}
TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_routes_lead_where_they_should(edge, upstream) -> None:
    for path, target in [
        ("/encode", "/predictions/encode"),
        ("/paraphrase", "/predictions/paraphrase"),
        ("/predictions/encode", "/predictions/encode"),
        ("/v1/embeddings", "/predictions/encode/1.0/v1/embeddings"),
    ]:
        assert edge.ask(path, body=b"some text").status == 200
        assert (upstream.received[-1].path, upstream.received[-1].body) == (target, b"some text")
    assert edge.ask("/v1/models", method="GET", body=None).status == 200
    assert upstream.received[-1].path == "/predictions/encode/1.0/v1/models"


def test_the_arrival_is_the_edges_own_word(edge, upstream) -> None:
    before = time.time()
    edge.ask("/encode", headers={"X-Request-Start": "t=1.000", "X-Request-Timeout-Ms": "250"})
    start = re.fullmatch(r"t=(\d+\.\d{3})", upstream.received[-1].headers["x-request-start"])
    assert start is not None
    assert before - 1 < float(start[1]) < time.time() + 1
    assert upstream.received[-1].headers["x-request-timeout-ms"] == "250"


def test_a_request_has_one_id_from_end_to_end(edge, upstream) -> None:
    sane = edge.ask("/encode", headers={"X-Request-Id": "order-17.b/3"})
    assert sane.headers.get_all("X-Request-Id") == ["order-17.b/3"]
    assert upstream.received[-1].headers["x-request-id"] == "order-17.b/3"
    for strange in ("The food was good.", "x" * 129, 'a"b', ""):
        own = edge.ask("/encode", headers={"X-Request-Id": strange})
        (given,) = own.headers.get_all("X-Request-Id") or []
        assert re.fullmatch(r"[0-9a-f]{32}", given)
        assert upstream.received[-1].headers["x-request-id"] == given
    assert re.fullmatch(r"[0-9a-f]{32}", edge.ask("/nothing").headers["X-Request-Id"])


def test_a_trace_goes_on_if_it_is_one(edge, upstream) -> None:
    traced = f"00-{TRACE}-b7ad6b7169203331-01"
    edge.ask("/encode", headers={"traceparent": traced, "X-Request-Id": "traced"})
    assert upstream.received[-1].headers["traceparent"] == traced
    assert edge.log_line("traced")["trace_id"] == TRACE
    edge.ask("/encode", headers={"traceparent": "The food was good.", "X-Request-Id": "untraced"})
    assert "traceparent" not in upstream.received[-1].headers
    assert edge.log_line("untraced")["trace_id"] == ""


def test_the_client_is_named_and_its_secrets_are_not(edge, upstream) -> None:
    edge.ask(
        "/encode", headers={"Authorization": "Bearer secret", "X-Api-Key": "secret", "X-Forwarded-For": "10.0.0.1"}
    )
    headers = upstream.received[-1].headers
    assert headers["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
    assert "secret" not in json.dumps(headers)


def test_a_query_goes_nowhere(edge, upstream) -> None:
    # TorchServe would mix its fields in among those of the request.
    assert edge.ask("/encode?body=other&describe=True").status == 200
    assert upstream.received[-1].path == "/predictions/encode"


def test_an_endpoint_can_be_asked_what_it_is_and_other_protocols_cannot(edge, upstream) -> None:
    for path, seen in [("/encode", "True"), ("/predictions/encode", "True"), ("/v1/embeddings", None)]:
        assert edge.ask(path, headers={"describe": "True"}, body=b"{}").status == 200
        assert upstream.received[-1].headers.get("describe") == seen


def test_strangers_on_the_machine_cannot_read_what_is_written(edge) -> None:
    edge.ask("/encode", headers={"X-Request-Id": "written"})
    edge.log_line("written")
    for name in ("access.log", "console.log", "state.json", "nginx.conf"):
        assert (edge.run / name).stat().st_mode & 0o007 == 0, name


def test_the_log_has_a_line_of_facts_for_every_request(edge) -> None:
    asked = [("/encode", 200, "/encode"), ("/encode?a=b", 200, "/encode"), ("/encode/x", 404, ""), ("/x", 404, "")]
    for number, (path, status, route) in enumerate(asked):
        reply = edge.ask(path, headers={"X-Request-Id": f"fact-{number}"})
        line = edge.log_line(f"fact-{number}")
        assert set(line) == KEYS
        assert (line["status"], line["route"], line["bytes"]) == (status, route, len(reply.body))
        assert line["seconds"] >= 0
        assert bool(line["upstream_seconds"]) == (status == 200)


def test_no_log_has_a_text_a_query_or_a_key(edge) -> None:
    secrets = {"Authorization": "Bearer hush-1", "X-Api-Key": "hush-2", "Cookie": "hush-3"}
    for fake in ({}, {"status": 422, "worker": True}, {"status": 503}, {"drop": True}, {"seconds": 1.5}):
        edge.ask("/encode?q=hush-4", headers={**secrets, "X-Fake": json.dumps(fake)}, body=b"hush-5")
    edge.ask("/hush-6?q=hush-7", headers={**secrets, "traceparent": "hush-8"}, body=b"hush-9")
    edge.ask("/encode?q=hush-10", headers=secrets, body=b"hush" * 300_000)
    edge.ask("/encode", headers={**secrets, "X-Request-Id": "last"})
    edge.log_line("last")
    written = [path for path in edge.run.rglob("*") if path.is_file()]
    assert {"access.log", "console.log", "nginx.conf"} <= {path.name for path in written}
    assert [path for path in written if b"hush" in path.read_bytes()] == []
    assert "hush" not in edge.output
