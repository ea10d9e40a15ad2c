"""The chunks of tokens that both doors go through, and the matrices that every chunk uses again.

Axes: T tokens (flattened), C tokens of a chunk, V vocabulary.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

CPU_CHUNK_ROWS = 128
CPU_CHUNK_BYTES = 4 * 2**20
DEVICE_CHUNK_BYTES = 256 * 2**20

# One chunk's arithmetic: see ``terms``.
Terms = Callable[[Tensor, Tensor, Tensor | None, "Scratch"], Tensor]


@dataclass(frozen=True, slots=True)
class Work:
    """What both doors need besides their differentiable inputs.

    Attributes:
        terms: Arithmetic of one chunk.
        targets: Target of each token; where a token is ignored, any id of the vocabulary.
        order: The tokens that count, in the order they are visited; ``None`` for all of them.
        ignored: Tokens that must not count though they are visited; ``None`` for none.
        dtype: Type of the arithmetic and of the loss.
        product_dtype: Type in which matrix products read their factors.
    """

    terms: Terms
    targets: Tensor
    order: Tensor | None
    ignored: Tensor | None
    dtype: torch.dtype
    product_dtype: torch.dtype

    @property
    def num_visited(self) -> int:
        """Tokens that are visited."""
        return self.targets.numel() if self.order is None else self.order.numel()

    @property
    def visits_all(self) -> bool:
        """Whether every token is visited, in whatever order."""
        return self.num_visited == self.targets.numel()

    def total(self, losses: Tensor, token_weights: Tensor) -> Tensor:
        """Return Σ token_weights · loss, summed over visited tokens alone: padding does not change a bit of it."""
        if self.order is not None:
            losses, token_weights = losses[self.order], token_weights[self.order]
        return torch.dot(losses, token_weights)

    def scratch(self, vocab_size: int) -> "Scratch":
        """Return the matrices for the chunks of this work."""
        rows = chunk_rows(vocab_size, self.dtype, self.targets.device)
        return Scratch(max(1, min(rows, self.num_visited)), vocab_size, self.dtype, self.targets.device)

    def chunks(self, rows: int) -> "Iterator[Chunk]":
        """Yield the chunks of tokens to visit, ``rows`` at a time."""
        for start in range(0, self.num_visited, rows):
            stop = min(start + rows, self.num_visited)
            yield Chunk(slice(start, stop), None if self.order is None else self.order[start:stop])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some tokens: a slice of them all, or the positions listed in ``index``."""

    span: slice
    index: Tensor | None

    def __len__(self) -> int:
        return int(self.span.stop - self.span.start)

    def of(self, values: Tensor) -> Tensor:
        """Return the rows of this chunk: a view, or a copy where they are scattered."""
        return values[self.span] if self.index is None else values.index_select(0, self.index)

    def put(self, into: Tensor, values: Tensor) -> None:
        """Write the rows of this chunk."""
        if self.index is None:
            into[self.span] = values
        else:
            into.index_copy_(0, self.index, values.to(into.dtype))


class Scratch:
    """Matrices [rows, V] that are made when first asked for and used again by every chunk of one call."""

    def __init__(self, rows: int, vocab_size: int, dtype: torch.dtype, device: torch.device) -> None:
        self.rows = rows
        self.vocab_size = vocab_size
        self.dtype = dtype
        self.device = device
        self._matrices: dict[str, Tensor] = {}

    def matrix(self, name: str, rows: int) -> Tensor:
        """Return the first rows of the matrix of that name; its content is whatever was left there."""
        if name not in self._matrices:
            shape = (self.rows, self.vocab_size)
            self._matrices[name] = torch.empty(shape, dtype=self.dtype, device=self.device)
        return self._matrices[name][:rows]


def chunk_rows(vocab_size: int, dtype: torch.dtype, device: torch.device) -> int:
    """Return how many tokens make a chunk.

    On a CPU 128 rows keep the matrix products efficient at any vocabulary; a small vocabulary takes more,
    so that the work of a chunk outweighs the cost of starting it. Elsewhere a chunk is sized by its bytes.
    """
    row_bytes = vocab_size * dtype.itemsize
    if device.type == "cpu":
        return max(CPU_CHUNK_ROWS, CPU_CHUNK_BYTES // row_bytes)
    return max(CPU_CHUNK_ROWS, DEVICE_CHUNK_BYTES // row_bytes // 128 * 128)
