"""Pieces of an HTML page: every text is escaped where it enters, and nothing else is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from resay.evaluation.report.style import STYLE


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: What stands in it.
        mark: A sign after the text, such as that of a note below the table.
    """

    text: str
    mark: str = ""

    def render(self) -> str:
        """Return it as HTML."""
        return f"<td>{escape(self.text)}{f'<sup>{escape(self.mark)}</sup>' if self.mark else ''}</td>"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is of, its cells, and a CSS class such as "ours"."""

    name: str
    cells: Sequence[Cell]
    kind: str = ""

    def render(self) -> str:
        """Return it as HTML."""
        kind = f' class="{escape(self.kind)}"' if self.kind else ""
        cells = "".join(cell.render() for cell in self.cells)
        return f'<tr{kind}><th scope="row">{escape(self.name)}</th>{cells}</tr>'


def table(heads: Sequence[tuple[str, str]], lines: Sequence[Line], corner: str) -> str:
    """Return a table that scrolls sideways on a narrow screen; rows and columns change places if it is less wide so.

    Args:
        heads: A title and a smaller line below it for each column but the first.
        lines: The rows.
        corner: Title of the first column, if the rows stay rows.
    """
    if len(heads) > len(lines):
        return _table([(line.name, "") for line in lines], _turned(heads, lines), "", [line.kind for line in lines])
    return _table(heads, lines, corner, [])


def _turned(heads: Sequence[tuple[str, str]], lines: Sequence[Line]) -> list[Line]:
    columns = zip(*(line.cells for line in lines), strict=True)
    return [Line(f"{title}, {below}", cells) for (title, below), cells in zip(heads, columns, strict=True)]


def _table(heads: Sequence[tuple[str, str]], lines: Sequence[Line], corner: str, kinds: Sequence[str]) -> str:
    titles = "".join(
        f'<th scope="col">{escape(title)}{f"<small>{escape(below)}</small>" if below else ""}</th>'
        for title, below in heads
    )
    columns = "".join(f'<col class="{escape(kind)}">' if kind else "<col>" for kind in ("", *kinds)) if kinds else ""
    group = f"<colgroup>{columns}</colgroup>" if columns else ""
    body = "\n".join(line.render() for line in lines)
    head = f'{group}<thead><tr><th scope="col">{escape(corner)}</th>{titles}</tr></thead>'
    return f'<div class="wide" tabindex="0"><table>{head}\n<tbody>\n{body}\n</tbody></table></div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and what is so called as a list; a text of several lines keeps them."""
    items = "\n".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs)
    return f"<dl>\n{items}\n</dl>"


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def warning(text: str, items: Iterable[str]) -> str:
    """Return a text that should not be overlooked, and a list below it."""
    listed = "\n".join(f"<li>{escape(item)}</li>" for item in items)
    return f'<div class="warning">{escape(text)}<ul>\n{listed}\n</ul></div>'


def section(title: str, *parts: str) -> str:
    """Return a section of HTML parts under a heading."""
    body = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def page(title: str, lead: str, sections: Iterable[str]) -> str:
    """Return a whole page, which needs no other file and loads none.

    Args:
        title: Its title and heading.
        lead: A line below the heading.
        sections: As `section` makes them.
    """
    body = "\n".join(sections)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<header>
<h1>{escape(title)}</h1>
<p class="lead">{escape(lead)}</p>
</header>
{body}
</main>
</body>
</html>
"""
