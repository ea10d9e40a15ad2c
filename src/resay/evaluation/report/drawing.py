"""Plots as SVG that stands in a page: its colours are the page's, so that it is readable in light and in dark."""

import io
import re
from collections.abc import Mapping
from typing import Any

from resay.evaluation.pyplot import load_pyplot

COLOURS: Mapping[str, str] = {
    "#010101": "var(--ink)",
    "#020202": "var(--rule)",
    "#030303": "var(--ours)",
    "#040404": "var(--reading)",
    "#050505": "var(--models)",
    "#060606": "var(--baselines)",
    "#070707": "var(--faint)",
}
"""Colours that matplotlib draws with, and the variables of the page's style that take their places."""
INK, RULE, OURS, OTHER_READING, MODELS, BASELINES, FAINT = COLOURS
WIDTH = 5.0
"""Inches; 72 units each, so that the text is of its own size on a phone."""
SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "resay",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def new_panel(height: float) -> tuple[Any, Any, Any]:
    """Return pyplot, a figure and its only panel; to be used within `drawing_settings`."""
    pyplot = load_pyplot()
    figure, panel = pyplot.subplots(figsize=(WIDTH, height), layout="constrained")
    panel.set_axisbelow(True)
    return pyplot, figure, panel


def drawing_settings() -> Any:  # noqa: ANN401  matplotlib's own context
    """Return the context in which plots of a page are drawn and saved.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    return load_pyplot().rc_context(SETTINGS)


def inline_svg(figure: Any, *, prefix: str, description: str) -> str:  # noqa: ANN401
    """Return a figure as an SVG element; drawn twice it is the same text.

    Args:
        figure: matplotlib's.
        prefix: Of its ids, so that those of two plots on a page differ.
        description: For who cannot see it; letters, digits and plain punctuation.
    """
    stream = io.StringIO()
    figure.savefig(stream, format="svg", transparent=True, metadata=NO_METADATA)
    text = stream.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, count=1, flags=re.DOTALL)  # it would be the whole page's
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = re.sub(r'(xlink:href="|url\()#', rf"\g<1>#{prefix}-", text)
    for colour, variable in COLOURS.items():
        text = text.replace(colour, variable)
    return text.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1)
