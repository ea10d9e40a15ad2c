"""A page on a model, self-contained HTML, and the page of results, Markdown made from tables."""

from resay.evaluation.report.about import About, read_about
from resay.evaluation.report.examples import Examples, make_examples
from resay.evaluation.report.page import build_page
from resay.evaluation.report.results_page import build_results_page

__all__ = ["About", "Examples", "build_page", "build_results_page", "make_examples", "read_about"]
