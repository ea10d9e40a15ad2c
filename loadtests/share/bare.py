"""ONNX Runtime alone: texts to tokens, tokens to vectors, in one process with one thread."""

from __future__ import annotations

import time
from collections.abc import Sequence

from resay.engine import SentenceEncoder
from resay.errors import RequestError
from share.cases import Case


def bare_seconds(encoder: SentenceEncoder, case: Case, texts: Sequence[str]) -> float:
    """Return the CPU seconds of a sentence."""
    started = time.process_time()
    for first in range(0, len(texts), case.bare_batch):
        prepared = [encoder.preparer.prepare(text, truncate=True) for text in texts[first : first + case.bare_batch]]
        encoder.read([one for one in prepared if not isinstance(one, RequestError)], [case.features])
    return (time.process_time() - started) / len(texts)
