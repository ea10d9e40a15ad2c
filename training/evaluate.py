"""Measure a trained model and keep the figures, one row a run.

    python training/evaluate.py runs/reviews --tasks reconstruction --data dev.txt --out results.csv
    python training/evaluate.py runs/reviews --tasks reconstruction sts-b --data dev.txt senteval/ --out results.csv

A task brings its columns of the run up to date, and the row starts anew when the run was trained anew.
Reconstructions of example sentences go to RUN.txt beside the table.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from resay.errors import ResayError
from resay.evaluation import evaluate_reconstruction, evaluate_sts, read_sts
from resay.fitting import LoadedRun, load_run

EXAMPLES = Path(__file__).parent / "results" / "examples.txt"
NUM_RECONSTRUCTIONS = 2000


def describe(name: str, loaded: LoadedRun) -> dict[str, Any]:
    """Return what a results table says of how a run came about."""
    record = loaded.record
    soft = record["loss"]["name"] == "soft-label"
    return {
        "run": name,
        "loss": record["loss"]["name"],
        "num_neighbours": record["settings"]["num_neighbours"] if soft else "",
        "train_sentences": record["corpus"]["train"]["num_sentences"],
        "vocabulary": record["model"]["vocab_size"],
        "epochs": record["epochs"],
        "best_epoch": record["metrics"]["epoch"],
        "seconds": record["seconds"],
        "sentences_per_second": record["sentences_per_second"],
        "device": record["device"],
        "corpus_sha256": record["corpus"]["train"]["sha256"][:12],
        "created": record["created"],
    }


def reconstruction(loaded: LoadedRun, data: Path, out: Path) -> dict[str, Any]:
    """Measure reconstruction of a text file; write and print the examples' reconstructions."""
    examples = EXAMPLES.read_text(encoding="utf-8").splitlines()
    report = evaluate_reconstruction(loaded, [data], examples, num_reconstructions=NUM_RECONSTRUCTIONS)
    text = "\n".join(f"< {source}\n> {output}" for source, output in report.pairs) + "\n"
    out.write_text(text, encoding="utf-8")
    print(text)
    metrics = report.metrics
    return {
        "token_accuracy": round(metrics.token_accuracy, 4),
        "nats_per_token": round(metrics.nats_per_token, 4),
        "exact_reconstruction": round(metrics.exact_reconstruction, 4),
    }


def sts_benchmark(loaded: LoadedRun, data: Path, out: Path) -> dict[str, Any]:
    """Measure unsupervised similarity on the test part of the STS Benchmark."""
    correlations = evaluate_sts(loaded, read_sts(data / "STS" / "STSBenchmark" / "sts-test.csv"))
    return {f"sts_b_test_{name}": round(value, 4) for name, value in correlations.items()}


TASKS: Mapping[str, Callable[[LoadedRun, Path, Path], dict[str, Any]]] = {
    "reconstruction": reconstruction,
    "sts-b": sts_benchmark,
}


def write_row(table: Path, row: dict[str, Any]) -> None:
    """Add a row to a CSV file, or bring the row of the same run up to date."""
    rows: list[dict[str, Any]] = []
    if table.exists():
        with table.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    former = next((old for old in rows if old["run"] == row["run"]), {})
    kept = former if former.get("created") == row["created"] else {}
    rows = [*(old for old in rows if old is not former), {**kept, **row}]
    columns = list(dict.fromkeys(name for one in rows for name in one))
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda one: str(one["run"])))


def main() -> int:
    """Evaluate; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run folder of training/train.py")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, required=True)
    data_help = "one for each task, in their order: a text file for reconstruction, SentEval's folder for sts-b"
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="PATH", help=data_help)
    parser.add_argument("--out", type=Path, required=True, metavar="CSV")
    arguments = parser.parse_args()
    if len(arguments.data) != len(arguments.tasks):
        parser.error(
            f"--data must name one path for each of the {len(arguments.tasks)} tasks; got {len(arguments.data)}"
        )
    name = arguments.run.resolve().name
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        loaded = load_run(arguments.run)
        row = describe(name, loaded)
        for task, data in zip(arguments.tasks, arguments.data, strict=True):
            row |= TASKS[task](loaded, data, arguments.out.with_name(f"{name}.txt"))
    except (ResayError, OSError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    write_row(arguments.out, row)
    for key, value in row.items():
        print(f"{key:>22}  {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
