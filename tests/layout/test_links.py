"""Links between the pages of the project lead somewhere, and no page waits to be filled in."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

PROJECT = Path(__file__).parents[2]
PAGES = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    *sorted({*PROJECT.glob("docs/*.md"), *PROJECT.glob("*/README.md")}),
]
LINK = re.compile(r"\]\(<?([^)<>\s#]+)[^)]*\)")
PLACEHOLDER = re.compile(r"@[A-Z][A-Z_]*@")


def broken_links(page, text):
    for target in LINK.findall(text):
        if not re.match(r"[a-z][a-z+.-]*:", target) and not (page.parent / unquote(target)).exists():
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_to_files(page):
    assert list(broken_links(page, page.read_text(encoding="utf-8"))) == []


def test_broken_links_are_found():
    text = '[a](nothing.md) [b](README.md#top) [c](https://example.org/x.md) [d](#here) ![e](no.png "title")'
    assert list(broken_links(PROJECT / "README.md", text)) == ["nothing.md", "no.png"]


def test_readme_is_filled_in():
    assert PLACEHOLDER.search("before @DEMO@ after")
    assert PLACEHOLDER.findall((PROJECT / "README.md").read_text(encoding="utf-8")) == []
