"""The losses once more, from the paper and in plain loops, and what several test files need."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import jaxtyping
import numpy as np
import pytest
import torch

from resay.losses import LossOptions, build_loss, chunks

SMALLEST_ROW_SUM = 1e-6


@dataclass(frozen=True)
class Variant:
    """A loss with options; ``positive`` where only vectors without negative similarities are allowed."""

    name: str
    options: dict = field(default_factory=dict)
    positive: bool = False

    @property
    def eps(self) -> float:
        return self.options.get("eps", 1e-5 if self.name == "weighted-ce" else 0.0)

    @property
    def ce_mix(self) -> float:
        return self.options.get("ce_mix", 0.0)

    def build(self, vectors, **options):
        return build_loss(self.name, vectors, LossOptions(**self.options, **options))

    def __str__(self):
        return "-".join([self.name, *(f"{key}={value}" for key, value in self.options.items())])


VARIANTS = [
    Variant("ce"),
    Variant("soft-label"),
    Variant("soft-label", {"num_neighbours": 1}),
    Variant("soft-label", {"num_neighbours": 1000}),
    Variant("soft-label", {"normalize": False}),
    Variant("soft-label", {"temperature": 0.1}),
    Variant("soft-label", {"temperature": 0.5, "normalize": False}),
    Variant("soft-label", {"eps": 1e-5}),
    Variant("soft-label", {"eps": 1e-2, "negatives": "keep", "num_neighbours": 9, "normalize": False}),
    Variant("soft-label", {"eps": 1e-2, "negatives": "keep", "num_neighbours": 9}),
    Variant("weighted-ce"),
    Variant("weighted-ce", {"eps": 1e-2, "normalize": True}),
    Variant("weighted-ce", {"negatives": "clamp"}),
    Variant("weighted-ce", {"negatives": "clamp", "eps": 0.0, "normalize": True}),
    Variant("weighted-ce", {"negatives": "affine"}),
    Variant("weighted-ce", {"negatives": "affine", "eps": 0.0}),
    Variant("weighted-ce", {"negatives": "affine", "eps": 0.0, "normalize": True}),
    Variant("weighted-ce", {"eps": 0.0}, positive=True),
    Variant("weighted-ce", {"eps": 0.0, "normalize": True}, positive=True),
    Variant("weighted-ce", {"temperature": 0.1, "eps": 0.0}),
    Variant("weighted-ce", {"temperature": 0.2, "normalize": True}),
    Variant("weighted-sim"),
    Variant("weighted-sim", {"ce_mix": 0.1}),
]


def pytest_generate_tests(metafunc):
    """Run every test that asks for a ``variant`` with all of them, or with those of a kind."""
    kinds = {
        "variant": VARIANTS,
        "similarity_variant": [variant for variant in VARIANTS if variant.name != "ce"],
        "kernel_variant": [variant for variant in VARIANTS if variant.name != "soft-label" or not variant.options],
    }
    for name in kinds.keys() & set(metafunc.fixturenames):
        metafunc.parametrize(name, kinds[name], ids=str)


def cosine(first, second) -> float:
    """sim(y_t, y_i) of the paper; 0 where a vector has no direction."""
    largest = max(*map(abs, first), 0.0), max(*map(abs, second), 0.0)
    if 0.0 in largest:
        return 0.0
    first = [value / largest[0] for value in first]
    second = [value / largest[1] for value in second]
    dot = math.fsum(a * b for a, b in zip(first, second, strict=True))
    return dot / math.sqrt(math.fsum(a * a for a in first)) / math.sqrt(math.fsum(b * b for b in second))


def mapped(similarity, negatives, temperature) -> float:
    if temperature is not None:
        return math.exp((similarity - 1) / temperature)
    return {"keep": similarity, "clamp": max(similarity, 0.0), "affine": (1 + similarity) / 2}[negatives]


def all_similarities(vectors, no_vector=(), negatives="keep", temperature=None, normalize=False):
    """V × V similarities as equations 2 and 3 use them; row y belongs to target y."""
    vectors = [[float(value) for value in row] for row in vectors]
    alone = [y in no_vector or not any(row) for y, row in enumerate(vectors)]
    table = np.zeros((len(vectors), len(vectors)))
    for y in range(len(vectors)):
        for i in range(len(vectors)):
            if alone[y]:
                table[y, i] = float(i == y)
            elif not alone[i]:
                table[y, i] = mapped(cosine(vectors[y], vectors[i]), negatives, temperature)
        if normalize:
            total = math.fsum(table[y])
            if total < SMALLEST_ROW_SUM:
                table[y] = np.eye(len(vectors))[y]
            else:
                table[y] /= total
    return table


def soft_labels(
    vectors, num_neighbours, stops=(), no_vector=(), negatives="clamp", temperature=None, normalize=True, excluded=()
):
    """V × V soft targets of equation 5, with pairs of words that are not each other's neighbours."""
    apart = {frozenset(pair) for pair in excluded}
    vectors = [[float(value) for value in row] for row in vectors]
    alone = [y in no_vector or not any(row) for y, row in enumerate(vectors)]
    table = np.zeros((len(vectors), len(vectors)))
    for y in range(len(vectors)):
        if alone[y] or y in stops:
            table[y, y] = 1
            continue
        others = [i for i in range(len(vectors)) if i != y and not alone[i] and {i, y} not in apart]
        cosines = {i: cosine(vectors[y], vectors[i]) for i in others}
        nearest = sorted(cosines, key=lambda i: (-np.float32(min(max(cosines[i], -1), 1)), i))
        table[y, y] = 1
        for i in nearest[: num_neighbours - 1]:
            table[y, i] = mapped(cosines[i], negatives, temperature)
        if normalize:
            total = math.fsum(table[y])
            if total < SMALLEST_ROW_SUM:
                table[y] = np.eye(len(vectors))[y]
            else:
                table[y] /= total
    return table


def token_loss(kind, logits, row, target, eps=0.0, ce_mix=0.0) -> float:
    """The loss of one token by its equation, one word after the other."""
    largest = max(logits)
    log_sum = largest + math.log(math.fsum(math.exp(z - largest) for z in logits))
    loss = 0.0
    for i, z in enumerate(logits):
        log_probability = z - log_sum
        if kind == "weighted-sim":
            loss -= row[i] * math.exp(log_probability)
        elif eps:
            loss -= row[i] * math.log(math.exp(log_probability) + eps)
        else:
            loss -= row[i] * log_probability
    return loss - ce_mix * (logits[target] - log_sum)


def dense(kind, logits, table, targets, eps=0.0, ce_mix=0.0):
    """The published form: T × V probabilities and T × V rows of a V × V table. Loss of each token."""
    rows = table[targets]
    log_probabilities = torch.log_softmax(logits, -1)
    if kind == "weighted-sim":
        own = log_probabilities.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return -(rows * log_probabilities.exp()).sum(-1) - ce_mix * own
    if eps:
        log_probabilities = torch.log(log_probabilities.exp() + eps)
    return -(rows * log_probabilities).sum(-1)


@pytest.fixture(scope="session")
def paper() -> SimpleNamespace:
    return SimpleNamespace(
        cosine=cosine,
        all_similarities=all_similarities,
        soft_labels=soft_labels,
        token_loss=token_loss,
        dense=dense,
    )


@pytest.fixture
def small_chunks(monkeypatch) -> int:
    """Chunks of seven tokens, which no test's number of tokens divides."""
    monkeypatch.setattr(chunks, "CPU_CHUNK_ROWS", 7)
    monkeypatch.setattr(chunks, "CPU_CHUNK_BYTES", 0)
    return 7


@pytest.fixture
def unhooked() -> Iterator[None]:
    """Without the shape checks that only the tests run under: what a user of the library sees."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
