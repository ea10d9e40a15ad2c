"""Matrix products of the fused door in fp32 on a CPU, by the faster of the two libraries inside torch.

``torch.mm`` calls MKL, which runs at half of oneDNN's rate on AMD processors (``benchmarks/training.py`` measures
both). Which one is used depends on the processor and on sizes alone, never on a measurement: a run must give the
same bits when it is repeated.
"""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

LARGEST_BLOCK_BYTES = 32 * 2**20
"""oneDNN's results are new tensors; above this size the allocator returns them to the system each time."""


@cache
def is_amd() -> bool:
    """Whether the processor is AMD's, as far as the system says."""
    try:
        return "AuthenticAMD" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")[:4096]
    except OSError:
        return False


def prefers_onednn(hidden: Tensor, weight: Tensor, rows: int) -> bool:
    """Whether the products of chunks of so many rows are better done by oneDNN."""
    return (
        hidden.device.type == "cpu"
        and hidden.dtype == weight.dtype == torch.float32
        and rows * len(weight) * 4 <= LARGEST_BLOCK_BYTES
        and bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
        and is_amd()
    )


def onednn_linear(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return ``rows · weightᵀ + bias``."""
    product: Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return product


def product_of_rows(left: Tensor, right: Tensor, out: Tensor) -> Tensor:
    """Return ``left · rightᵀ``: in ``out``, or in a new tensor where oneDNN makes it."""
    if prefers_onednn(left, right, len(left)):
        return onednn_linear(left, right)
    return torch.mm(left, right.t(), out=out)
