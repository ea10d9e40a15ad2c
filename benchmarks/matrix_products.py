"""How fast a training step could be if it were nothing but its matrix products, at the rates measured here.

Each product is timed in the shape that the step has it, with its output allocated beforehand, by torch.mm (on x86
that is MKL) and by oneDNN, which torch uses for LSTMs; on some processors one is twice as fast as the other.
Element-wise work, the optimiser, and the small products of the latent (under 1 % of the operations) count for nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor
from training_case import TrainingCase

REPETITIONS = 7
CHUNK_ROWS = 128


@dataclass(frozen=True, slots=True)
class Product:
    """left [rows, inner] · right [inner, columns], `count` times a step.

    Attributes:
        transposed_left: Whether `left` is the transpose of a matrix in memory.
        transposed_right: Likewise `right`.
    """

    name: str
    rows: int
    inner: int
    columns: int
    count: float
    transposed_left: bool = False
    transposed_right: bool = False

    @property
    def operations(self) -> float:
        """Return the floating-point operations of a step."""
        return 2.0 * self.rows * self.inner * self.columns * self.count


def step_products(case: TrainingCase, mean_length: float) -> list[Product]:
    """Return the products of a step on a batch of the mean length: T steps to read, T + 1 to say."""
    size, hidden, vectors, vocabulary = case.batch_size, case.hidden_size, case.word_vector_size, case.vocab_size
    said = mean_length + 1
    chunks = size * said / CHUNK_ROWS
    read_rows, said_rows = round(size * mean_length), round(size * said)
    gates = 4 * hidden
    steps = mean_length + said
    return [
        Product("output forward", CHUNK_ROWS, hidden, vocabulary, chunks, transposed_right=True),
        Product("output hidden gradient", CHUNK_ROWS, vocabulary, hidden, chunks),
        Product("output weight gradient", vocabulary, CHUNK_ROWS, hidden, chunks, transposed_left=True),
        Product("encoder input", read_rows, vectors, gates, 1, transposed_right=True),
        Product("decoder input", said_rows, vectors, gates, 1, transposed_right=True),
        Product("recurrent", size, hidden, gates, steps, transposed_right=True),
        Product("recurrent gradient", size, gates, hidden, steps),
        Product("encoder input weight gradient", gates, read_rows, vectors, 1, transposed_left=True),
        Product("decoder input weight gradient", gates, said_rows, vectors, 1, transposed_left=True),
        Product("decoder input gradient", said_rows, gates, vectors, 1),
        Product("encoder recurrent weight gradient", gates, read_rows, hidden, 1, transposed_left=True),
        Product("decoder recurrent weight gradient", gates, said_rows, hidden, 1, transposed_left=True),
    ]


@dataclass(frozen=True, slots=True)
class Rate:
    """A product with its measured rates in 10⁹ operations a second; `onednn` is None where there is none."""

    product: Product
    mm: float
    onednn: float | None

    @property
    def best(self) -> float:
        """Return the higher one."""
        return self.mm if self.onednn is None else max(self.mm, self.onednn)


def operand(rows: int, columns: int, transposed: bool) -> Tensor:
    """Return a random matrix, or the transposed view of one."""
    return torch.randn(columns, rows).t() if transposed else torch.randn(rows, columns)


def measure_rates(products: list[Product], num_threads: int) -> list[Rate]:
    """Time every product by both libraries, in turn."""
    return [measure_rate(product, num_threads) for product in products]


def measure_rate(product: Product, num_threads: int) -> Rate:
    """Time one product by both libraries, in turn."""
    left = operand(product.rows, product.inner, product.transposed_left)
    right = operand(product.inner, product.columns, product.transposed_right)
    out = torch.empty(product.rows, product.columns)
    arms: dict[str, Callable[[], object]] = {"mm": lambda: torch.mm(left, right, out=out)}
    if torch.backends.mkldnn.is_available():
        linear = torch.ops.mkldnn._linear_pointwise
        arms["onednn"] = lambda: linear(left, right.t(), None, "none", [], "")
    clock = time.process_time if num_threads == 1 else time.perf_counter
    times: dict[str, list[float]] = {name: [] for name in arms}
    with torch.no_grad():
        for turn in range(REPETITIONS + 1):
            for name, arm in arms.items():
                started = clock()
                arm()
                if turn:
                    times[name].append(clock() - started)
    once = 2e-9 * product.rows * product.inner * product.columns
    rates = {name: once / median(values) for name, values in times.items()}
    return Rate(product, rates["mm"], rates.get("onednn"))


def bound(rates: list[Rate], case: TrainingCase, library: str) -> float:
    """Return the sentences a second of a step that is only these products: "best" of both libraries, or "mm" alone."""
    seconds = sum(rate.product.operations / (1e9 * getattr(rate, library)) for rate in rates)
    return case.batch_size / seconds
