"""Measure what stands in the neighbour tables of the soft-label loss, with and without the filters of training.

    python training/neighbours.py runs/reviews --lemmas base_forms.json --out training/results/neighbours.csv

A run gives its vocabulary, word vectors and word counts; whatever it was trained with, its table is made anew with
every filter. Words before and after go to the .txt file beside the table.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from resay.corpus import read_lines
from resay.errors import ResayError
from resay.fitting.preparation import Prepared, open_prepared, read_lemmas
from resay.fitting.record import read_record
from resay.losses import SoftLabelLoss
from resay.vectors import EXCLUSIONS, excluded_pairs

NUM_NEIGHBOURS = (3, 5, 10)
FILTERS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "antonyms": ("antonyms",),
    "inflections": ("inflections",),
    "antonyms inflections": ("antonyms", "inflections"),
}
SENTIMENT_RATIO, SENTIMENT_COUNT = 3.0, 10
"""A word has a sentiment if it is so many times as frequent on one side, and stands there so often."""
EXAMPLES = (
    "good best great bad worst terrible love loved hate friendly rude clean dirty fast slow cheap expensive hot cold "
    "fresh stale early always quickly large open north salty dessert meal recommend"
)


@dataclass(frozen=True)
class Table:
    """A run's neighbour table. Axes: W words that have a soft label, N neighbours, the word itself among them.

    Attributes:
        ids: [V, N].
        weights: [V, N], the soft labels.
        rows: [W], ids of the words that have one.
    """

    ids: np.ndarray
    weights: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, prepared: Prepared, num_neighbours: int, excluded: np.ndarray) -> "Table":
        """Make the table that training would make."""
        no_vector = np.flatnonzero(~prepared.has_vector)
        loss = SoftLabelLoss(
            prepared.word_vectors,
            num_neighbours,
            prepared.stop_ids,
            no_vector_ids=no_vector,
            excluded_pairs=excluded,
        )
        rows = np.setdiff1d(np.flatnonzero(prepared.has_vector), prepared.stop_ids)
        return cls(loss.neighbour_ids.numpy(), loss.neighbour_weights.numpy(), rows)

    def measure(self, pairs: np.ndarray, counts: np.ndarray, name: str) -> dict[str, float]:
        """Return how many words, and how much of their soft labels, meet a kind of pair; by word and by token."""
        words = np.repeat(self.rows, self.ids.shape[1]).reshape(len(self.rows), -1)
        found = are_in(pairs, words, self.ids[self.rows], len(self.ids))
        weight = (self.weights[self.rows] * found).sum(1)
        tokens = counts[self.rows] / counts[self.rows].sum()
        return {
            f"words_with_{name}": found.any(1).mean(),
            f"weight_on_{name}": weight.mean(),
            f"tokens_with_{name}": found.any(1) @ tokens,
            f"token_weight_on_{name}": weight @ tokens,
        }


def are_in(pairs: np.ndarray, first: np.ndarray, second: np.ndarray, vocab_size: int) -> np.ndarray:
    """Return which entries of two arrays of ids are one of the pairs, either way round."""
    keys = pairs.min(1) * vocab_size + pairs.max(1) if len(pairs) else pairs[:, 0]
    return np.isin(np.minimum(first, second) * vocab_size + np.maximum(first, second), keys)


def opposite_sentiments(prepared: Prepared, negative: Sequence[Path], positive: Sequence[Path]) -> np.ndarray:
    """Return all pairs of a word that stands in negative texts above all and one that stands in positive ones."""
    sides = []
    for files in (negative, positive):
        counts = np.ones(prepared.tokenizer.vocab_size)
        for sentence in prepared.tokenizer.encode_ids(read_lines(files)):
            np.add.at(counts, sentence, 1)
        sides.append(counts)
    shares = [counts / counts.sum() for counts in sides]
    bad, good = (
        np.flatnonzero((shares[side] > SENTIMENT_RATIO * shares[1 - side]) & (sides[side] > SENTIMENT_COUNT))
        for side in (0, 1)
    )
    return np.stack(np.meshgrid(bad, good), axis=-1).reshape(-1, 2)


def rows_of(run: Path, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield a run's rows, one for each number of neighbours and filter; filters go by the rules and by the lemmas."""
    record = read_record(run)
    prepared = open_prepared(run, record)
    words = prepared.tokenizer.words
    counts = prepared.train.word_counts(len(words))
    lemmas = read_lemmas(arguments.lemmas)
    kinds = {name: find(words, lemmas) for name, find in EXCLUSIONS.items()}
    if arguments.negative:
        kinds["opposite_sentiments"] = opposite_sentiments(prepared, arguments.negative, arguments.positive)
    for num_neighbours in NUM_NEIGHBOURS:
        plain = Table.of(prepared, num_neighbours, np.empty((0, 2), dtype=np.int64))
        for name, used in [(name, used) for name in FILTERS for used in ((None, lemmas) if lemmas else (None,))]:
            if name == "none" and used is not None:
                continue
            table = Table.of(prepared, num_neighbours, excluded_pairs(words, FILTERS[name], used))
            changed = (np.sort(table.ids) != np.sort(plain.ids)).any(1)[table.rows]
            yield {
                "run": run.resolve().name,
                "vectors": Path(record["vectors"]["source"]).name,
                "words_with_soft_label": len(table.rows),
                "tokens_with_soft_label": round(float(counts[table.rows].sum() / counts.sum()), 4),
                "num_neighbours": num_neighbours,
                "exclude_neighbours": name,
                "base_forms": "" if name == "none" else ("lemmas" if used else "rules"),
                "words_changed": round(float(changed.mean()), 4),
                "weight_on_word_itself": round(float(table.weights[table.rows, 0].mean()), 4),
            } | {
                column: round(float(value), 5)
                for kind, pairs in kinds.items()
                for column, value in table.measure(pairs, counts, kind).items()
            }


def examples_of(run: Path, lemmas: Mapping[str, str] | None) -> Iterator[str]:
    """Yield a line for each example word: its neighbours, and with both filters what goes and what comes."""
    prepared = open_prepared(run, read_record(run))
    words = prepared.tokenizer.words
    number = {word: row for row, word in enumerate(words)}
    filters = (np.empty((0, 2), dtype=np.int64), excluded_pairs(words, tuple(EXCLUSIONS), lemmas))
    plain, filtered = (Table.of(prepared, 10, excluded) for excluded in filters)
    for word in EXAMPLES.split():
        if number.get(word, -1) in plain.rows:
            before, after = ([words[row] for row in table.ids[number[word], 1:]] for table in (plain, filtered))
            marked = [f"[{other}]" if other not in after else other for other in before]
            new = [other for other in after if other not in before]
            yield f"{word}: {' '.join(marked)}" + (f" + {' '.join(new)}" if new else "")


def main() -> int:
    """Measure; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="run folders of training/train.py")
    parser.add_argument("--lemmas", type=Path, metavar="JSON", help="word to base form, as for training")
    parser.add_argument("--negative", type=Path, nargs="+", default=(), metavar="FILE", help="texts of bad opinion")
    parser.add_argument("--positive", type=Path, nargs="+", default=(), metavar="FILE", help="texts of good opinion")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV")
    arguments = parser.parse_args()
    if bool(arguments.negative) != bool(arguments.positive):
        parser.error("--negative and --positive must both be given, or neither")
    try:
        lemmas = read_lemmas(arguments.lemmas)
        rows = [row for run in arguments.runs for row in rows_of(run, arguments)]
        lines = [line for run in arguments.runs for line in (f"{run.resolve().name}", *examples_of(run, lemmas), "")]
    except (ResayError, OSError) as error:
        print(f"neighbours.py: {error}", file=sys.stderr)
        return 1
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    legend = "The nine words nearest to each; with both filters those in [] go and those after + come.\n\n"
    arguments.out.with_suffix(".txt").write_text(legend + "\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
