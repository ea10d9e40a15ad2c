"""Measure latent spaces as Baynazarov & Piontkovskaya (2019) do: tables, plots, and a page with theirs beside ours.

    python training/latents.py measure runs/* --data test.txt --out results/latents
    python training/latents.py measure runs/* --data test.txt --out results/latents --tasks spoil
    python training/latents.py classify runs/* --texts negative=neg.txt positive=pos.txt --leave-out train.txt dev.txt \
        --name sentiment --out results/latents
    python training/latents.py classify runs/* --texts topics.train.csv --dev-texts topics.test.csv --name topics \
        --out results/latents
    python training/latents.py report --title Reviews --out results/latents

`measure` knows the tasks perplexity (Table 1), spoil (Figure 2), means (Figure 3) and covariance (Figure 4). Every task
writes TASK.csv and TASK.png into the folder, `report` writes report.md. What stands in a table is not measured again
unless --again is given, or the run was trained anew. No sentence is written anywhere.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from resay.errors import DeviceError, ResayError
from resay.evaluation.latents import (
    MEASURES,
    TABLES,
    Experiment,
    LabelledParts,
    open_runs,
    read_labelled,
    read_tables,
    split_labelled,
    write_report,
)
from resay.evaluation.latents.labelled_text import without
from resay.evaluation.latents.plots import draw
from resay.fitting.record import git_commit

REPORT = "report.md"


def experiment_of(arguments: argparse.Namespace) -> Experiment:
    """Return what the measurements of both commands share."""
    commit, _, changes = (git_commit() or "").partition("+")
    return Experiment(
        out=arguments.out,
        seed=arguments.seed,
        again=arguments.again,
        commit=commit[:7] + ("+changes" if changes else ""),
    )


def show(measured: Iterator[tuple[str, int | None]], prefix: str = "") -> None:
    """Print a line on each measurement as it comes, with its processor seconds."""
    started = time.process_time()
    for name, num_rows in measured:
        said = {None: "in the table", 0: "has no dimensions"}.get(num_rows, f"{num_rows} rows")
        print(f"{prefix}{name}: {said}  ({time.process_time() - started:.0f} s)", flush=True)
        started = time.process_time()


def measure(arguments: argparse.Namespace) -> None:
    """Measure perplexities and dimensions, and draw them."""
    runs = open_runs(arguments.runs)
    if arguments.device == "cuda" and not torch.cuda.is_available():
        raise DeviceError("device cuda was asked for, but torch sees no GPU; leave --device out")
    experiment = replace(
        experiment_of(arguments),
        data=arguments.data,
        num_draws=arguments.num_draws,
        num_spoiled=arguments.num_spoiled,
        device=arguments.device,
    )
    for run in runs:
        show(experiment.measure(run, arguments.tasks), f"{run.name}  ")
    draw_all(arguments.out, arguments.tasks)


def classify(arguments: argparse.Namespace) -> None:
    """Train classifiers on latents, and draw how good they are."""
    runs = open_runs(arguments.runs)
    texts = read_labelled(arguments.texts, arguments.leave_out)
    if arguments.dev_texts:
        dev = read_labelled(arguments.dev_texts, arguments.leave_out)
        parts = LabelledParts(without(texts, dev), dev)
    else:
        train, dev = split_labelled(
            texts, num_train=arguments.num_train, num_dev=arguments.num_dev, seed=arguments.seed
        )
        parts = LabelledParts(train, dev)
    experiment = experiment_of(arguments)
    show(experiment.classify(runs, parts, name=arguments.name, num_seeds=arguments.num_seeds))
    draw_all(arguments.out, ["classify"])


def report(arguments: argparse.Namespace) -> None:
    """Write the page."""
    path = arguments.out / REPORT
    path.write_text(write_report(read_tables(arguments.out), arguments.title), encoding="utf-8")
    print(path)


def draw_all(folder: Path, tasks: Sequence[str]) -> None:
    """Draw the tables of tasks, those that have rows."""
    tables = read_tables(folder)
    for task in tasks:
        if tables[task]:
            print(draw(task, tables, folder))


COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "measure": measure,
    "classify": classify,
    "report": report,
}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    parsers = {name: commands.add_parser(name, help=command.__doc__) for name, command in COMMANDS.items()}
    for name, one in parsers.items():
        one.add_argument(
            "--out", type=Path, required=True, metavar="DIR", help=f"folder of {', '.join(TABLES.values())}"
        )
        if name == "report":
            one.add_argument("--title", required=True, help="what the corpus is called")
            continue
        one.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="run folders of training/train.py")
        one.add_argument("--seed", type=int, default=0)
        one.add_argument("--again", action="store_true", help="measure also what stands in the tables")
    one = parsers["measure"]
    one.add_argument("--data", type=Path, nargs="+", required=True, metavar="FILE", help="test sentences, one a line")
    one.add_argument("--tasks", nargs="+", choices=MEASURES, default=list(MEASURES))
    one.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    one.add_argument("--num-draws", type=int, default=10, help="latents drawn for each sentence")
    one.add_argument(
        "--num-spoiled", type=int, default=1000, help="sentences, evenly spread, that dimensions are spoiled on"
    )
    one = parsers["classify"]
    one.add_argument("--name", required=True, help="what the labelled texts are called")
    one.add_argument(
        "--texts",
        nargs="+",
        required=True,
        metavar="TEXTS",
        help="LABEL=FILE, one sentence a line, or a csv of text,label",
    )
    one.add_argument(
        "--dev-texts", nargs="+", default=[], metavar="TEXTS", help="else both parts are drawn from --texts"
    )
    one.add_argument("--leave-out", type=Path, nargs="+", default=[], metavar="FILE", help="sentences not to take")
    one.add_argument("--num-train", type=int, default=9000)
    one.add_argument("--num-dev", type=int, default=1000)
    one.add_argument("--num-seeds", type=int, default=5, help="classifiers for each kind of features")
    return parser.parse_args()


def main() -> int:
    """Do what was asked; return the exit status."""
    arguments = parse_arguments()
    try:
        COMMANDS[arguments.command](arguments)
    except (ResayError, OSError) as error:
        print(f"latents.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
