"""Files stay short enough to be read in one go."""

from statistics import median

MAX_LINES = 400
MAX_HANDLER_LINES = 60
MAX_MEDIAN_LINES = 120


def num_lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_python_file_is_long(project_files):
    sizes = {path: num_lines(path) for path in project_files if path.suffix == ".py"}
    assert len(sizes) > 20
    assert {str(path): lines for path, lines in sizes.items() if lines > MAX_LINES} == {}


def test_library_files_are_short_in_the_median(project):
    assert median(num_lines(path) for path in (project / "src").rglob("*.py")) <= MAX_MEDIAN_LINES


def test_handlers_are_thin(project):
    handlers = sorted((project / "handlers").glob("*.py"))
    assert handlers
    assert {path.name: num_lines(path) for path in handlers if num_lines(path) > MAX_HANDLER_LINES} == {}
