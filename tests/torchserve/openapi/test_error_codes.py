"""No error code is missing from the table, and none in it is said by nobody."""

import ast
import re
from pathlib import Path

import pytest

from resay.engine.parsing import CODES, OWN_CODES
from resay.torchserve.openapi.codes import ERROR_CODES, codes_of
from resay.torchserve.openapi.examples import EDGE_ERRORS

PROJECT = Path(__file__).parents[3]
SOURCES = [
    path
    for folder in ("engine", "torchserve")
    for path in sorted((PROJECT / "src" / "resay" / folder).rglob("*.py"))
    if "openapi" not in path.parts
]
ERRORS = {"RequestError", "ProtocolError"}
OWN_ERRORS = {"PydanticCustomError"}
PASSED_ON = {
    "interpolator.py": {"sentence.code"},
    "merging.py": {"result.code"},
    "foreign.py": {"error.code", "code"},
    "open_inference_requests.py": {"error.code"},
    "parsing.py": {"kind", "code"},
}
"""Where a code is that of an error that was raised elsewhere, or stands in a table that is looked at here."""
BOTH = {(row.code, row.status) for row in ERROR_CODES}
OF_WORKER = {(row.code, row.status) for row in ERROR_CODES if row.origin == "worker"}


def calls(path: Path, names: set[str]) -> list[ast.Call]:
    """Return the calls of these names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names]


def possible(node: ast.expr) -> list[object]:
    """Return the constants that an expression may be; nothing, if it is something else."""
    if isinstance(node, ast.IfExp):
        return possible(node.body) + possible(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) else []


def said() -> set[tuple[str, int]]:
    """Return every code with its status that the sources name."""
    found = {(code, 422) for code in (*CODES.values(), *OWN_CODES)}
    for path in SOURCES:
        for call in calls(path, ERRORS):
            status, code = call.args[:2]
            found |= {(each, number) for each in possible(code) for number in possible(status)}
        found |= {(each, 422) for call in calls(path, OWN_ERRORS) for each in possible(call.args[0])}
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_code_is_in_the_table(path: Path) -> None:
    for call in calls(path, ERRORS):
        status, code = call.args[:2]
        if not possible(code) or not possible(status):
            where = f"{path.name}:{call.lineno}"
            assert ast.unparse(code) in PASSED_ON.get(path.name, ()), f"{where}: which code is this? See PASSED_ON"
        for each in possible(code):
            assert {(each, number) for number in possible(status)} <= OF_WORKER


def test_every_code_of_the_table_is_said() -> None:
    assert OF_WORKER - said() == set()


def test_codes_that_pydantic_finds_are_in_the_table() -> None:
    assert {(code, 422) for code in (*CODES.values(), *OWN_CODES)} <= OF_WORKER


def edge_errors() -> dict[str, tuple[int, str]]:
    """Return the errors of edge.js with status and message."""
    text = (PROJECT / "serving" / "edge" / "edge.js").read_text(encoding="utf-8")
    table = text[text.index("const ERRORS") : text.index("};")]
    row = re.compile(
        r"^    (\w+): \{\s*status: (\d+),(?:\s*retry: true,)?\s*message:\s*((?:'[^']*'[\s+]*)+)", re.MULTILINE
    )
    return {
        code: (int(status), "".join(re.findall(r"'([^']*)'", message))) for code, status, message in row.findall(table)
    }


def test_the_edge_says_what_the_table_says() -> None:
    found = edge_errors()
    assert len(found) >= 10
    assert {(code, status) for code, (status, _) in found.items()} <= BOTH
    of_edge = {(row.code, row.status) for row in ERROR_CODES if row.origin == "edge"}
    assert of_edge <= {(code, status) for code, (status, _) in found.items()}


def test_examples_of_the_edge_are_in_its_own_words() -> None:
    found = edge_errors()
    assert {code: found[code] for code in EDGE_ERRORS} == EDGE_ERRORS


def test_no_row_is_there_twice_and_each_says_something() -> None:
    assert len(BOTH) == len(ERROR_CODES)
    assert all(len(row.meaning) > 10 for row in ERROR_CODES)
    assert [row.status for row in ERROR_CODES] == sorted(row.status for row in ERROR_CODES)
    assert [row.code for row in codes_of(404, "worker")] == ["model_not_found"]
