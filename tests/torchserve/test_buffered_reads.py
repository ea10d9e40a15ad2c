"""Reading a worker's socket in large pieces."""

import socket
import threading
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from resay.torchserve.buffered_reads import PROTOCOL, READER, BufferedReads, buffer_reads


@pytest.fixture
def ends():
    near, far = socket.socketpair()
    near.settimeout(5)
    with near, far:
        yield near, far


def test_what_comes_in_one_piece_is_given_out_in_fields(ends):
    near, far = ends
    far.sendall(b"I\x00\x00\x00\x05hello")
    read = BufferedReads()
    assert [read(near, length) for length in (1, 4, 5, 0)] == [b"I", b"\x00\x00\x00\x05", b"hello", b""]


def test_a_field_that_comes_in_pieces_is_put_together(ends):
    near, far = ends
    read = BufferedReads()
    far.sendall(b"ab")
    assert read(near, 1) == b"a"
    far.sendall(b"cd")
    assert read(near, 3) == b"bcd"


def test_another_connection_begins_anew(ends):
    near, far = ends
    read = BufferedReads()
    far.sendall(b"xy")
    assert read(near, 1) == b"x"
    other, sender = socket.socketpair()
    with other, sender:
        sender.sendall(b"z")
        assert read(other, 1) == b"z"


def test_a_long_message_after_a_short_one_is_read_whole(ends):
    near, far = ends
    read = BufferedReads()
    body = bytes(range(256)) * 2000
    writer = threading.Thread(target=far.sendall, args=(b"ab" + body + b"c",))
    writer.start()
    assert read(near, 2) == b"ab"
    assert read(near, len(body)) == body
    assert read(near, 1) == b"c"
    writer.join(5)


def test_a_front_end_that_is_gone_ends_the_worker(ends):
    near, far = ends
    far.sendall(b"a")
    far.close()
    with pytest.raises(SystemExit) as ended:
        BufferedReads()(near, 2)
    assert ended.value.code == 0


def test_it_takes_the_place_of_the_protocols_own_reader():
    protocol = ModuleType(PROTOCOL)
    assert not buffer_reads({PROTOCOL: protocol})
    setattr(protocol, READER, print)
    assert buffer_reads({PROTOCOL: protocol})
    assert isinstance(getattr(protocol, READER), BufferedReads)
    assert not buffer_reads({})


def test_torchserve_has_the_reader_that_is_replaced():
    package = find_spec("ts")  # not imported: it brings torch
    if package is None or package.origin is None:
        pytest.skip("the extra serve is missing")
    module = Path(package.origin).parent.joinpath(*PROTOCOL.split(".")[1:]).with_suffix(".py")
    assert f"def {READER}(conn, length):" in module.read_text(encoding="utf-8")
