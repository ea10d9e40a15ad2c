"""Measuring variants, each task written down before the next begins.

A variant's gain is its Pearson correlation less that of the variant that it is held against, on the same pairs; the
interval is that of the percentile bootstrap over pairs, both measured on the same resamples.

Axes: K pairs, R resamples.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from resay.evaluation.embeddings.ingredients import Ingredients
from resay.evaluation.embeddings.variants import VariantSystem
from resay.evaluation.report.about import read_about, short_commit
from resay.evaluation.rows import Row, hardware, read_rows, replace_rows, rows_of
from resay.evaluation.similarity.graded_pairs import GradedPairs
from resay.evaluation.similarity.scores import CORRELATIONS, INTERVAL, NUM_RESAMPLES, pair_cosines
from resay.evaluation.systems.digests import digest_of
from resay.fitting.record import git_commit, now

PEARSON = "cosine_pearson"
GAIN, GAIN_LOW, GAIN_HIGH = "gain", "gain_low", "gain_high"
MAKING = "making"
"""The task that says how long it took to make a variant, and how many components it has."""
SUBSET = "20k train pairs"
"""Has to be said wherever a figure of SNLI stands that was learned from its smaller training part."""
SHORT_SHA = 12
RESAMPLES_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came of one variant on one task; `known` if it stood in the table already."""

    variant: str
    task: str
    rows: Sequence[Row]
    known: bool = False


def measure_variants(
    names: Sequence[str],
    ingredients: Ingredients,
    graded: Mapping[str, GradedPairs],
    table: Path,
    *,
    tasks: Sequence[str] = (),
    data: Path | None = None,
    again: bool = False,
) -> Iterator[Measurement]:
    """Measure variants; yield what came of each task as soon as it is written.

    What stands in the table for the same variant, files and pairs is not measured again, whichever commit measured it.

    Args:
        names: Keys of `VARIANTS`.
        ingredients: What they are made from.
        graded: Pairs by the name of their task.
        table: The CSV file.
        tasks: Transfer tasks, of `resay.evaluation.transfer`.
        data: SentEval's folder, for these.
        again: Whether to measure also what stands in the table.

    Raises:
        ResayError: If a file cannot be read, or the table is another one.
    """
    bench = _Bench(ingredients, graded, data)
    for name in names:
        system = bench.system(name)
        for task in (MAKING, *graded, *tasks):
            head = bench.head(system, task)
            known = [] if again else rows_of(read_rows(table), head)
            if known:
                yield Measurement(name, task, known, known=True)
                continue
            started = time.perf_counter()
            values = bench.measure(system, task)
            done = {"hardware": hardware(), "seconds": round(time.perf_counter() - started, 1), "created": now()}
            done["commit"] = short_commit(git_commit() or "")
            rows = [{**head, **done, "metric": metric, "value": value} for metric, value in values.items()]
            replace_rows(table, rows)
            yield Measurement(name, task, rows)
        bench.drop(name)


class _Bench:
    """What the measurements share: systems that others are held against, and their cosines."""

    def __init__(self, ingredients: Ingredients, graded: Mapping[str, GradedPairs], data: Path | None) -> None:
        self._ingredients = ingredients
        self._graded = graded
        self._data = data
        self._systems: dict[str, VariantSystem] = {}
        self._cosines: dict[tuple[str, str], Float64[ndarray, " K"]] = {}

    def system(self, name: str) -> VariantSystem:
        """Return a variant; the same one as long as it is not dropped."""
        return self._systems.setdefault(name, VariantSystem(name, self._ingredients))

    def drop(self, name: str) -> None:
        """Forget a variant's vectors; its cosines are few and stay."""
        del self._systems[name]

    def head(self, system: VariantSystem, task: str) -> dict[str, Any]:
        """Return the cells that a measurement depends on."""
        note = "" if task == MAKING else self._graded_note(system, task) if task in self._graded else self._note(task)
        return {**self._about(system), "system": system.name, "task": task, "note": note, "model_sha256": system.sha256}

    def _about(self, system: VariantSystem) -> dict[str, str]:
        """Return the cells that say which run an encoder is of; empty ones for variants without."""
        empty = dict.fromkeys(("loss", "num_neighbours", "seed", "reading"), "")
        if not system.variant.needs_run:
            return empty
        about = read_about(self._ingredients.run)
        return {**empty, "loss": about.loss, "num_neighbours": about.num_neighbours, "seed": about.seed}

    def _graded_note(self, system: VariantSystem, task: str) -> str:
        pairs = self._graded[task]
        content = (pairs.text_sha256, repr(pairs.lines.tolist()), repr(pairs.grades.tolist()))
        graded = f"{len(pairs):,} pairs graded by {pairs.judge}, sha256 {digest_of(content)[:SHORT_SHA]}"
        base = system.variant.base
        return graded if base is None else f"{graded}; gain over {base} {self.system(base).sha256[:SHORT_SHA]}"

    def _note(self, task: str) -> str:
        from resay.evaluation.transfer import snli_is_subset

        return SUBSET if task == "snli" and self._data is not None and snli_is_subset(self._data) else ""

    def measure(self, system: VariantSystem, task: str) -> dict[str, float]:
        """Return the values of a task's metrics."""
        if task == MAKING:
            started = time.perf_counter()
            system.make()
            seconds = time.perf_counter() - started
            return {"seconds": seconds, "components": float(system.embed(["one text"]).shape[1])}
        if task in self._graded:
            return self._measure_pairs(system, task)
        from resay.evaluation.transfer import evaluate_task

        assert self._data is not None
        return dict(evaluate_task(task, system.embed, self._data, 0))

    def _measure_pairs(self, system: VariantSystem, task: str) -> dict[str, float]:
        grades = self._graded[task].grades
        ours = self._cosines_of(system, task)
        values = {name: float(one(ours[None], grades[None])[0]) for name, one in CORRELATIONS.items()}
        base = system.variant.base
        if base is not None:
            theirs = self._cosines_of(self.system(base), task)
            values |= gain_of(ours, theirs, grades)
        return values

    def _cosines_of(self, system: VariantSystem, task: str) -> Float64[ndarray, " K"]:
        key = system.name, task
        if key not in self._cosines:
            self._cosines[key] = pair_cosines(self._graded[task], system.embed)
        return self._cosines[key]


def gain_of(
    ours: Float64[ndarray, " K"], theirs: Float64[ndarray, " K"], grades: Float64[ndarray, " K"], seed: int = 0
) -> dict[str, float]:
    """Return by how much one row of cosines follows the grades more closely than another, and its 95 % interval."""
    pearson = CORRELATIONS[PEARSON]

    def difference(
        first: Float64[ndarray, "R K"], second: Float64[ndarray, "R K"], judged: Float64[ndarray, "R K"]
    ) -> Float64[ndarray, " R"]:
        return pearson(first, judged) - pearson(second, judged)

    generator = np.random.default_rng(seed)
    resampled = []
    for _ in range(0, NUM_RESAMPLES, RESAMPLES_AT_A_TIME):
        places = generator.integers(len(grades), size=(RESAMPLES_AT_A_TIME, len(grades)))
        resampled.append(difference(ours[places], theirs[places], grades[places]))
    low, high = np.nanpercentile(np.concatenate(resampled), INTERVAL).tolist()
    return {GAIN: float(difference(ours[None], theirs[None], grades[None])[0]), GAIN_LOW: low, GAIN_HIGH: high}
