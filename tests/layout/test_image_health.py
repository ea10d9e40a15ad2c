"""The edge's health check, against servers that one can follow by hand."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest


class Answer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, *words):
        pass


class Failure(Answer):
    status = 503


@pytest.fixture
def port(request):
    server = HTTPServer(("127.0.0.1", 0), request.param)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def status_of(project, *options):
    command = [sys.executable, str(project / "serving/image/edge_health.py"), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("port", "status"), [(Answer, 0), (Failure, 1)], indirect=["port"])
def test_status_is_that_of_the_edge(project, port, status):
    assert status_of(project, "--port", port, "--no-tls").returncode == status


@pytest.mark.parametrize("port", [Answer], indirect=True)
def test_without_tls_there_is_no_health_where_tls_is_asked_for(project, port):
    done = status_of(project, "--port", port)
    assert done.returncode == 1
    assert "no answer from 127.0.0.1" in done.stderr


def test_nobody_there_is_no_health(project):
    assert status_of(project, "--port", 1, "--no-tls").returncode == 1
