"""Train, measure and write the paper's Table 1 and Figure 2, and what the paper left open.

    python training/tables.py all --data senteval --train train.txt --dev dev.txt --vectors vectors.npz \
        --lemmas base_forms.json.gz --out runs/tables --results training/results/tables

`train`, `measure` and `report` are its three parts. Each can be stopped at any point and given again: what is trained
and measured stays as it is, what was interrupted goes on. The runs are those of training/configs/tables.toml; a folder
OUT/NAME-seedS that holds the very run is taken, whoever trained it, and one that holds another is an error.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

# Before torch loads OpenMP: threads that spin while they wait slow a shared machine down many times over.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from resay.errors import ResayError
from resay.evaluation.tables import (
    ROWS_FILE,
    SEEDS,
    Failure,
    Measuring,
    TableFile,
    measure_runs,
    read_table_file,
    train_runs,
    write_report,
)
from resay.fitting.preparation import TrainingFiles

HERE = Path(__file__).resolve().parent
TABLE = HERE / "configs" / "tables.toml"
MEASURE_ONE = "_measure"
"""The command, for this script alone, that measures one run in a process of its own."""


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def training_files(arguments: argparse.Namespace) -> TrainingFiles:
    """Return the files that the runs are trained on."""
    return TrainingFiles(train=arguments.train, dev=arguments.dev, vectors=arguments.vectors, lemmas=arguments.lemmas)


def train(arguments: argparse.Namespace, table: TableFile) -> list[Failure]:
    """Train what is not trained yet."""
    return train_runs(
        table.runs(arguments.groups, arguments.seeds),
        training_files(arguments),
        arguments.out,
        [sys.executable, str(HERE / "train.py")],
        num_jobs=arguments.jobs,
        say=say,
    )


def measuring_of(arguments: argparse.Namespace) -> Measuring:
    """Return what all measurements share."""
    return Measuring(data=arguments.data, table=arguments.results / ROWS_FILE, out=arguments.out, again=arguments.again)


def measure(arguments: argparse.Namespace, table: TableFile) -> list[Failure]:
    """Measure what is not measured yet."""
    places = ["--data", arguments.data, "--out", arguments.out, "--results", arguments.results]
    command = [sys.executable, __file__, MEASURE_ONE, *places, *(["--again"] if arguments.again else [])]
    return measure_runs(
        table.runs(arguments.groups, arguments.seeds),
        training_files(arguments),
        measuring_of(arguments),
        list(map(str, command)),
        num_jobs=arguments.jobs,
        say=say,
    )


def report(arguments: argparse.Namespace, table: TableFile) -> list[Failure]:
    """Write the pages and the figure from the rows that there are."""
    for path in write_report(arguments.results, table, arguments.groups, arguments.seeds):
        say(str(path))
    return []


Part = Callable[[argparse.Namespace, TableFile], list[Failure]]
PARTS: Mapping[str, Part] = {"train": train, "measure": measure, "report": report}
COMMANDS: Mapping[str, tuple[str, ...]] = {**{name: (name,) for name in PARTS}, "all": tuple(PARTS)}
"""Command to the parts that it does, in order."""


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where things are and what is measured again."""
    parser.add_argument("--data", type=Path, metavar="DIR", help="SentEval's folder, data/downstream")
    parser.add_argument("--out", type=Path, default=Path("runs/tables"), metavar="DIR", help="folder of the runs")
    parser.add_argument(
        "--results",
        type=Path,
        default=Path("training/results/tables"),
        metavar="DIR",
        help=f"folder of {ROWS_FILE} and the pages",
    )
    parser.add_argument("--again", action="store_true", help="measure also what is measured")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=COMMANDS, help="what to do; all: one after another")
    add_places(parser)
    parser.add_argument("--train", type=Path, nargs="+", metavar="FILE", help="training text, a sentence a line")
    parser.add_argument("--dev", type=Path, nargs="+", metavar="FILE", help="dev text")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help="word vectors: .vec .bin .txt .npz")
    parser.add_argument("--lemmas", type=Path, metavar="JSON", help="base forms for words that --vectors lacks")
    parser.add_argument("--groups", nargs="+", default=["table1"], metavar="GROUP", help="default: table1")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), metavar="SEED", help="default: 0 1 2")
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side, a thread each; default: 1")
    parser.add_argument("--table", type=Path, default=TABLE, metavar="TOML", help="the runs and groups")
    arguments = parser.parse_args()
    needed = {"train": ("train", "dev", "vectors"), "measure": ("data", "train", "dev", "vectors"), "report": ()}
    names = dict.fromkeys(name for part in COMMANDS[arguments.command] for name in needed[part])
    missing = [f"--{name}" for name in names if getattr(arguments, name) is None]
    if missing:
        parser.error(f"{arguments.command} needs {', '.join(missing)}")
    if arguments.jobs < 1:
        parser.error(f"--jobs must be 1 or more; got {arguments.jobs}")
    return arguments


def measure_one() -> None:
    """Measure one run here."""
    parser = argparse.ArgumentParser(prog=f"tables.py {MEASURE_ONE}")
    add_places(parser)
    parser.add_argument("run", help="its name")
    parser.add_argument("--readings", nargs="+", required=True)
    arguments = parser.parse_args(sys.argv[2:])
    for line in measuring_of(arguments).measure(arguments.run, arguments.readings):
        say(line)


def run_parts() -> int:
    """Do the parts of the command; return the exit status."""
    arguments = parse_arguments()
    table = read_table_file(arguments.table)
    failures = [failure for part in COMMANDS[arguments.command] for failure in PARTS[part](arguments, table)]
    if failures:
        names = ", ".join(dict.fromkeys(failure.name for failure in failures))
        print(f"tables.py: failed: {names}; the same command tries them again", file=sys.stderr)
    return 1 if failures else 0


def main() -> int:
    """Do what was asked; return the exit status."""
    try:
        if sys.argv[1:2] == [MEASURE_ONE]:
            measure_one()
            return 0
        return run_parts()
    except (ResayError, OSError) as error:
        print(f"tables.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
