"""Measure a trained model and keep the figures.

    python training/evaluate.py runs/reviews --tasks reconstruction --data dev.txt --out results.csv

The row of a run replaces its former row; the examples' reconstructions go to a text file of the run's name beside it.
"""

import argparse
import csv
import sys
from pathlib import Path
from typing import Any

from resay.errors import ResayError
from resay.evaluation import ReconstructionReport, evaluate_reconstruction
from resay.fitting import LoadedRun, load_run

EXAMPLES = Path(__file__).parent / "results" / "examples.txt"
TASKS = ("reconstruction",)


def result_row(name: str, loaded: LoadedRun, report: ReconstructionReport) -> dict[str, Any]:
    """Return what a results table says of a run."""
    record, metrics = loaded.record, report.metrics
    return {
        "run": name,
        "loss": record["loss"]["name"],
        "num_neighbours": record["settings"]["num_neighbours"] if record["loss"]["name"] == "soft-label" else "",
        "train_sentences": record["corpus"]["train"]["num_sentences"],
        "vocabulary": record["model"]["vocab_size"],
        "epochs": record["epochs"],
        "best_epoch": record["metrics"]["epoch"],
        "seconds": record["seconds"],
        "sentences_per_second": record["sentences_per_second"],
        "device": record["device"],
        "token_accuracy": round(metrics.token_accuracy, 4),
        "nats_per_token": round(metrics.nats_per_token, 4),
        "exact_reconstruction": round(metrics.exact_reconstruction, 4),
        "corpus_sha256": record["corpus"]["train"]["sha256"][:12],
        "git_commit": (record["git_commit"] or "")[:12],
    }


def write_row(table: Path, row: dict[str, Any]) -> None:
    """Add a row to a CSV file, in place of an earlier row of the same run."""
    rows: list[dict[str, Any]] = []
    if table.exists():
        with table.open(newline="", encoding="utf-8") as stream:
            rows = [old for old in csv.DictReader(stream) if old["run"] != row["run"]]
    table.parent.mkdir(parents=True, exist_ok=True)
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerows([*rows, row])


def main() -> int:
    """Evaluate; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a run folder of training/train.py")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FILE", help="text, a sentence a line")
    parser.add_argument("--examples", type=Path, default=EXAMPLES, help="sentences to show reconstructions of")
    parser.add_argument("--num-reconstructions", type=int, default=2000, help="sentences decoded free-running")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV")
    arguments = parser.parse_args()
    name = arguments.run.resolve().name
    try:
        loaded = load_run(arguments.run)
        examples = arguments.examples.read_text(encoding="utf-8").splitlines()
        report = evaluate_reconstruction(
            loaded, arguments.data, examples, num_reconstructions=arguments.num_reconstructions
        )
    except (ResayError, OSError) as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    row = result_row(name, loaded, report)
    write_row(arguments.out, row)
    lines = [f"< {source}\n> {output}" for source, output in report.pairs]
    arguments.out.with_name(f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for key, value in row.items():
        print(f"{key:>22}  {value}")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
