import gzip
import tracemalloc

import numpy as np
import pytest

from resay.errors import VectorsError
from resay.vectors import read_vectors

ROWS = [("the", [0.5, -1.0, 2.0]), ("café", [1e-3, 0.0, 3.25]), ("e\u00a0mail", [1.0, 2.0, 3.0])]


def lines_of(rows):
    return [f"{word} {' '.join(map(str, numbers))}" for word, numbers in rows]


def write(path, lines, end="\n"):
    content = (end.join(lines) + end).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def assert_rows(vectors, rows):
    assert list(vectors.words) == [word for word, _ in rows]
    assert vectors.matrix.dtype == np.float32
    np.testing.assert_array_equal(vectors.matrix, np.array([numbers for _, numbers in rows], dtype=np.float32))
    assert vectors.subword is None


@pytest.mark.parametrize("extension", [".vec", ".vec.gz", ".txt", ".txt.gz", ".VEC"])
@pytest.mark.parametrize("header", [["3 3"], []])
def test_reads_with_and_without_header(tmp_path, extension, header):
    path = write(tmp_path / f"vectors{extension}", header + lines_of(ROWS))
    assert_rows(read_vectors(path), ROWS)


def test_gzip_is_told_by_content(tmp_path):
    path = tmp_path / "vectors.vec"
    path.write_bytes(gzip.compress("\n".join(lines_of(ROWS)).encode()))
    assert_rows(read_vectors(path), ROWS)


def test_windows_line_ends_trailing_blanks_and_blank_lines(tmp_path):
    lines = [line + " " for line in lines_of(ROWS)]
    path = write(tmp_path / "vectors.vec", ["3 3", *lines, ""], end="\r\n")
    assert_rows(read_vectors(path), ROWS)


@pytest.mark.parametrize("header", [["4 3"], []])
def test_words_with_spaces_are_read_from_the_right(tmp_path, header):
    rows = [(". . .", [1.0, 2.0, 3.0]), *ROWS]
    assert_rows(read_vectors(write(tmp_path / "vectors.txt", header + lines_of(rows))), rows)


def test_numbers_and_odd_characters_are_words(tmp_path):
    rows = [("7", [1.0, 2.0, 3.0]), ("\u0085", [4.0, 5.0, 6.0]), ("\u2028", [7.0, 8.0, 9.0])]
    assert_rows(read_vectors(write(tmp_path / "vectors.txt", lines_of(rows))), rows)


def test_bytes_that_are_no_utf8_are_replaced(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_bytes(b"caf\xe9 1 2\n")
    assert_rows(read_vectors(path), [("caf\ufffd", [1.0, 2.0])])


def test_first_duplicate_is_kept_and_counted(tmp_path):
    rows = [*ROWS, ("the", [9.0, 9.0, 9.0]), ("the", [8.0, 8.0, 8.0])]
    vectors = read_vectors(write(tmp_path / "vectors.vec", ["5 3", *lines_of(rows)]))
    assert_rows(vectors, ROWS)
    assert vectors.num_duplicates == 2


def test_only_keeps_the_words_wanted_in_the_order_of_the_file(tmp_path):
    path = write(tmp_path / "vectors.vec", ["3 3", *lines_of(ROWS)])
    assert_rows(read_vectors(path, only=["e\u00a0mail", "absent", "the"]), [ROWS[0], ROWS[2]])
    nothing = read_vectors(path, only=())
    assert nothing.matrix.shape == (0, 3)


def test_only_needs_memory_for_the_words_wanted_alone(tmp_path):
    path = write(tmp_path / "vectors.txt", [f"word{row} " + "0.25 " * 50 for row in range(20_000)])
    read_vectors(path, only={"word7"})
    tracemalloc.start()
    try:
        vectors = read_vectors(path, only={"word7"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(vectors) == 1
    assert peak < 20_000 * 50 * 4 / 4


BAD_FILES = {
    "too few numbers": (
        ["a 1 2 3", "b 1 2 3", "c 1 2"],
        r"line 3: found 2 fields after 'c'; expected 3 numbers",
    ),
    "too many numbers": (
        ["a 1 2 3", "b 1 2 3", "c 1 2 3 4"],
        r"line 3: found 4 fields after 'c'; expected 3",
    ),
    "too few, header": (["2 3", "a 1 2 3", "b 1 2"], r"line 3: found 2 fields after 'b'; expected 3 numbers"),
    "too many, header": (["1 3", "a 1 2 3 4"], r"line 2: found 4 fields after 'a'; expected 3 numbers"),
    "not a number": (["a 1 2 3", "b 1 x2 3"], r"line 2: found 'x2' in the row of 'b'; expected a number"),
    "two spaces": (["2 3", "a 1 2 3", "b 1 2  3"], r"line 3: found .* expected"),
    "tabs": (["a\t1\t2\t3"], r"line 1: found no numbers"),
    "nan": (["a 1 2 3", "b 1 nan 3"], r"line 2: found a value that is NaN.*row of 'b'; expected finite"),
    "infinities": (["a 1 2 3", "b inf 2 -inf"], r"line 2: .*infinite"),
    "beyond float32": (["a 1 2 3", "b 1e39 2 3"], r"line 2: .*beyond float32"),
    "empty": ([], r"the file is empty"),
    "header alone": (["0 3"], r"a header line but no rows"),
    "size zero": (["1 0", "a"], r"line 1: found header gives vectors of size 0"),
    "fewer rows": (["3 2", "a 1 2"], r"line 1 announces 3 rows, the file holds 1; it may be truncated"),
    "more rows": (["1 2", "a 1 2", "b 1 2"], r"announces 1 rows, the file holds 2"),
    "words alone": (["a", "b"], r"line 1: found no numbers after 'a'"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_refuses(tmp_path, name):
    lines, message = BAD_FILES[name]
    path = write(tmp_path / "vectors.vec", lines)
    with pytest.raises(VectorsError, match=message) as caught:
        read_vectors(path)
    assert str(path) in str(caught.value)


def test_refuses_a_truncated_gzip(tmp_path):
    path = write(tmp_path / "vectors.vec.gz", lines_of(ROWS) * 50)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(VectorsError, match="damaged or truncated gzip"):
        read_vectors(path)


def test_the_size_is_told_by_most_lines_not_by_the_first(tmp_path):
    path = write(tmp_path / "vectors.txt", ["a 1 2 3 4", *(f"w{row} 1 2 3" for row in range(9))])
    with pytest.raises(VectorsError, match="line 1: found 4 fields after 'a'; expected 3 numbers"):
        read_vectors(path)
