"""What the Open Inference Protocol calls our replies: tensors with names, types and shapes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

DATATYPES: Mapping[str, str] = {"float32": "FP32", "int32": "INT32", "bool": "BOOL"}
"""numpy's name of a type to the protocol's; texts are BYTES."""

SCORES = ("similarity", "novelty", "log_prob", "score")


@dataclass(frozen=True, slots=True)
class Tensor:
    """One output.

    Attributes:
        shape: Its sizes.
        values: Its elements: numbers in an array, or texts, row by row.
    """

    shape: tuple[int, ...]
    values: ndarray | list[str]

    @property
    def datatype(self) -> str:
        """Name of its type."""
        return "BYTES" if isinstance(self.values, list) else DATATYPES[self.values.dtype.name]


def embedding_tensors(data: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
    """Return the vectors [B, D], and for each text how much of it was read [B]."""
    rows = np.stack([np.asarray(item["embedding"], dtype=np.float32) for item in data])
    return {
        "embedding": Tensor(rows.shape, rows),
        "num_tokens": counts([item["num_tokens"] for item in data]),
        "num_unknown": counts([item["num_unknown"] for item in data]),
        "truncated": Tensor((len(data),), np.array([item["truncated"] for item in data], dtype=np.bool_)),
    }


def paraphrase_tensors(data: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
    """Return the candidates [B, N] and their scores, each row filled up with empty texts and zeros."""
    rows = [item["candidates"] for item in data]
    shape = (len(rows), max(map(len, rows)))
    scored = [name for name in SCORES if any(name in candidate for row in rows for candidate in row)]
    return {
        "candidates": Tensor(shape, [text for row in rows for text in filled(row, "text", "", shape[1])]),
        "num_candidates": counts([len(row) for row in rows]),
        "finish_reason": Tensor((len(data),), [item["finish_reason"] for item in data]),
        **{
            name: Tensor(shape, np.array([filled(row, name, 0.0, shape[1]) for row in rows], dtype=np.float32))
            for name in scored
        },
    }


def filled(row: Sequence[Mapping[str, Any]], name: str, filler: object, size: int) -> list[Any]:
    """Return one field of each candidate, filled up to a size."""
    return [candidate[name] for candidate in row] + [filler] * (size - len(row))


def counts(numbers: Sequence[int]) -> Tensor:
    """Return whole numbers, one for each text."""
    return Tensor((len(numbers),), np.array(numbers, dtype=np.int32))


TENSORS: Mapping[str, Callable[[Sequence[Mapping[str, Any]]], dict[str, Tensor]]] = {
    "encode": embedding_tensors,
    "paraphrase": paraphrase_tensors,
}
"""How the items of each endpoint's reply are written; the endpoints that speak the protocol."""

OUTPUTS: Mapping[str, Mapping[str, str]] = {
    "encode": {"embedding": "FP32", "num_tokens": "INT32", "num_unknown": "INT32", "truncated": "BOOL"},
    "paraphrase": {
        "candidates": "BYTES",
        "num_candidates": "INT32",
        "finish_reason": "BYTES",
        **dict.fromkeys(SCORES, "FP32"),
    },
}
"""The outputs of each endpoint, and their types."""
