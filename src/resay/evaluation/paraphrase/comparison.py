"""Which system's frontier is higher, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resay.evaluation.paraphrase.baselines import BASELINES
from resay.evaluation.paraphrase.curves import Advantage, compare
from resay.evaluation.paraphrase.results import as_number
from resay.evaluation.paraphrase.systems import group_by, read_curves, system_names
from resay.evaluation.rows import Row

CROSS_ENTROPY = "ce"


@dataclass(frozen=True)
class Comparison:
    """One system's frontier against another's, with the same strategy unless the other is a baseline."""

    strategy: str
    system: str
    other: str
    advantage: Advantage

    def __str__(self) -> str:
        """Return a line of a report."""
        found = self.advantage
        start = f"{self.strategy:<13} {self.system:<28} against {self.other:<20}"
        if np.isnan(found.height):
            begins, ends = f"{found.novelty_from:.2f}", f"{found.novelty_to:.2f}"
            return f"{start} not comparable: one ends at novelty {ends}, the other begins at {begins}"
        interval = "" if np.isnan(found.low) else f"  95 % {found.low:+.4f} to {found.high:+.4f}"
        mark = "" if found.is_certain or np.isnan(found.low) else "  (may be chance)"
        return f"{start} {found.height:+.4f}{interval}  novelty {found.novelty_from:.2f}-{found.novelty_to:.2f}{mark}"


def compare_all(rows: Sequence[Row], scratch: Path | None) -> list[Comparison]:
    """Compare each similarity loss with cross-entropy, strategy by strategy, and every loss with word replacement.

    Args:
        rows: The table; systems that were measured on other sentences than each other are not compared.
        scratch: Where the single values behind the rows are; None: only means are known.
    """
    names = system_names(rows)
    dialled = [row for row in rows if str(row["dial"]) and np.isfinite(as_number(row["similarity"]))]
    groups = {key: one for key, one in group_by(dialled, "model", "strategy").items() if len(one) > 1}
    found = []
    for (model, strategy), one in groups.items():
        if strategy in BASELINES:
            continue
        for (other, its_strategy), others in groups.items():
            is_reference = its_strategy == strategy and others[0]["loss"] == CROSS_ENTROPY != one[0]["loss"]
            if (is_reference or its_strategy in BASELINES) and _same_inputs(one[0], others[0]):
                advantage = compare(*read_curves(one, others, scratch))
                found.append(Comparison(strategy, names[model], names[other], advantage))
    return sorted(found, key=lambda item: (item.strategy, item.other, -np.nan_to_num(item.advantage.height, nan=-9)))


def _same_inputs(first: Row, second: Row) -> bool:
    return all(str(first[name]) == str(second[name]) for name in ("sentences_sha256", "num_sentences", "n", "judge"))
