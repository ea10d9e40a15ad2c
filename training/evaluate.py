"""Measure models and baselines on tasks, keep every figure as a row, and write a page on a model.

    python training/evaluate.py runs/reviews --tasks reconstruction --text dev.txt --out results.csv
    python training/evaluate.py runs/reviews models/reviews --tasks paper sts-b --data senteval --out results.csv
    python training/evaluate.py average sif maximum random-lstm --tasks paper sts-b --data senteval \
        --vectors vectors.npz --words train.txt --out results.csv
    python training/evaluate.py models/reviews --tasks all --data senteval --text dev.txt --out results.csv \
        --report reviews.html

The rows of a task are written as soon as it is measured, and what stands in the table for the same model and code is
not measured again: an interrupted command goes on where it was. Reconstructions of example sentences go to RUN.txt
beside the table. The page sets the first of the models beside all other systems of the table.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

# Before torch loads OpenMP: threads that spin while they wait slow a shared machine down many times over.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from resay.corpus import read_lines
from resay.errors import ResayError, SettingsError
from resay.evaluation.measuring import Measured, measure_subject
from resay.evaluation.report import build_page, make_examples, read_about
from resay.evaluation.rows import Row, read_rows
from resay.evaluation.subjects import Subject, open_subjects
from resay.evaluation.systems import BASELINES, Sources, VectorCache
from resay.evaluation.tasks import GROUPS, TASKS, Material, choose_tasks
from resay.vectors.atomic_file import atomic_file

RESULTS = Path(__file__).parent / "results"
EXAMPLES = RESULTS / "examples.txt"


def check_systems(systems: list[str], *, with_report: bool) -> None:
    """Check that the systems can stand in one table, and that there is a model to write of."""
    names = [Path(given).resolve().name for given in systems]
    twice = [given for given, name in zip(systems, names, strict=True) if names.count(name) > 1]
    if twice:  # a run and its export, say
        raise SettingsError(
            f"{' and '.join(twice)} would have one name in the table; give them in commands of their own"
        )
    if with_report and set(systems) <= set(BASELINES):
        raise SettingsError("--report writes a page on a model; name a run folder or an exported model too")


def show(subject: Subject, measured: Measured) -> None:
    """Print a line on a task."""
    name = f"{subject.title} {subject.reading}".strip()
    if not measured.rows:
        print(f"{name}  {measured.task}: left out; it needs a run folder", flush=True)
        return
    cells = "  ".join(f"{row['metric']} {float(row['value']):.4g}" for row in measured.rows)
    after = "in the table" if measured.known else f"{measured.rows[0]['seconds']} s"
    print(f"{name}  {measured.task}: {cells}  ({after})", flush=True)


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Measure everything; return the rows, those that stood in the table before too."""
    material = Material(
        data=arguments.data,
        text=arguments.text,
        pairs=arguments.pairs,
        seed=arguments.seed,
        examples=list(read_lines([EXAMPLES])),
        out=arguments.out.parent if arguments.out else None,
    )
    tasks, left_out = choose_tasks(arguments.tasks, material)
    for line in left_out:
        print(f"left out: {line}")
    sources = Sources(
        vectors=arguments.vectors,
        lemmas=arguments.lemmas,
        text=arguments.words or arguments.text,
        seed=arguments.seed,
    )
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache(arguments.cache or Path(folder))
        # All are opened before the first is measured: what was misspelt is said at once.
        subjects = [
            subject
            for given in arguments.systems
            for subject in open_subjects(given, arguments.readings, sources, cache)
        ]
        for subject in subjects:
            for measured in measure_subject(subject, tasks, material, arguments.out, again=arguments.again):
                show(subject, measured)
                rows += measured.rows
    return [*read_rows(arguments.out)] if arguments.out else rows


def write_report(arguments: argparse.Namespace, rows: list[Row]) -> None:
    """Write the page on the first model that was named."""
    model = next(Path(given) for given in arguments.systems if given not in BASELINES)
    page = build_page(read_about(model), rows, make_examples(model, list(read_lines([EXAMPLES]))))
    with atomic_file(arguments.report) as temporary:
        temporary.write_text(page, encoding="utf-8")
    print(f"wrote {arguments.report}")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "systems",
        nargs="+",
        metavar="SYSTEM",
        help=f"a run folder, an exported folder, or one of {', '.join(BASELINES)}",
    )
    parser.add_argument(
        "--tasks", nargs="+", default=[], metavar="TASK", help=f"of {', '.join(TASKS)}; or {', '.join(GROUPS)}"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="SentEval's folder, data/downstream")
    parser.add_argument(
        "--text", type=Path, metavar="FILE", help="text that no system was trained on, a sentence a line"
    )
    parser.add_argument(
        "--pairs", type=Path, metavar="JSON", help="graded pairs of --text; made with MiniLM if there are none yet"
    )
    parser.add_argument("--readings", nargs="+", default=["embedding"], metavar="READING", help="of models")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help="word vectors, for baselines")
    parser.add_argument("--lemmas", type=Path, metavar="JSON", help="base forms for words that --vectors lacks")
    parser.add_argument(
        "--words", type=Path, metavar="FILE", help="text whose word counts weigh words, for baselines; default: --text"
    )
    parser.add_argument("--out", type=Path, metavar="CSV", help="the table; nothing is written without it")
    parser.add_argument("--report", type=Path, metavar="HTML", help="a page on the first model")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="keeps sentence vectors for another time")
    parser.add_argument("--seed", type=int, default=0, help="of classifiers, probes and random baselines")
    parser.add_argument("--again", action="store_true", help="measure also what stands in the table")
    arguments = parser.parse_args()
    if not (arguments.tasks or arguments.report):
        parser.error("name --tasks, or --report for a page on what stands in the table")
    return arguments


def main() -> int:
    """Evaluate; return the exit status."""
    arguments = parse_arguments()
    try:
        check_systems(arguments.systems, with_report=arguments.report is not None)
        rows = measure(arguments)
        if arguments.report:
            write_report(arguments, rows)
    except (ResayError, OSError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
