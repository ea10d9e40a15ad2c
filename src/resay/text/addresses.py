"""Words that are addresses: of pages, sites and mailboxes."""

from __future__ import annotations

import re

from resay.text.splitting import TOP_LEVEL

_ADDRESS = re.compile(rf"\w+://.*|www\..*|[^@]+@[^@]+\.[^@]+|(?:[a-z0-9-]+\.)+{TOP_LEVEL}(?:/.*)?", re.DOTALL)


def is_address(word: str) -> bool:
    """Whether ``word``, as the tokenizer cut it, is a URL, an e-mail address or the name of a site."""
    return len(word) > 2 and ("." in word or "://" in word) and _ADDRESS.fullmatch(word) is not None
