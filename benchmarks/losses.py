"""Time and memory of every loss in every form: published, drop-in, fused, and torch's cross-entropies.

    python benchmarks/losses.py --vocabulary 9500 50000 200000

Each row is a forward and a backward pass of output layer and loss. benchmarks/README.md explains the columns.
"""

import argparse
import csv
import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from loss_case import LOSS_OPTIONS, LossCase
from loss_forms import FORMS, REFERENCE, forms_of
from loss_plot import draw, load_pyplot
from loss_report import print_ratios
from machine import git_describe, processor
from measuring import clock_name, ratio, spread

HERE = Path(__file__).parent
COLUMNS = [
    "device",
    "threads",
    "clock",
    "allocator",
    "dtype",
    "vocab_size",
    "loss",
    "form",
    "median_ms",
    "q25_ms",
    "q75_ms",
    "ratio_to_fused_ce",
    "repetitions",
    "peak_mb",
    "process_mb",
    "tables",
    "note",
    "num_tokens",
    "hidden_size",
    "word_vector_size",
    "processor",
    "torch",
    "resay",
    "date",
]


def parse_arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--vocabulary", type=int, nargs="+", default=[9_500, 50_000, 200_000], metavar="V")
    add("--losses", nargs="+", choices=tuple(LOSS_OPTIONS), default=list(LOSS_OPTIONS))
    add("--allocators", nargs="+", choices=("default", "tuned"), default=["default", "tuned"])
    add("--tokens", type=int, default=1024, help="T; default: %(default)s")
    add("--hidden", type=int, default=256, help="H; default: %(default)s")
    add("--word-vector-size", type=int, default=300, help="E; default: %(default)s")
    add("--neighbours", type=int, default=5, help="N of soft-label; default: %(default)s")
    add("--device", choices=("cpu", "cuda"), default="cuda" if torch.cuda.is_available() else "cpu")
    add("--dtype", choices=("float32", "bfloat16"), default="float32")
    add("--threads", type=int, default=1)
    add("--repetitions", type=int, default=9, help="rounds at most; default: %(default)s")
    add("--seconds", type=float, default=12.0, help="a case's seconds, after which no round begins (at least three)")
    add("--table-limit", type=int, default=20_000, help="largest V whose tables are computed, not made up")
    add("--dense-limit", type=int, default=100_000, help="largest V at which dense forms run on a CPU")
    add("--memory-budget", type=float, default=12.0, metavar="GB", help="forms that need more are refused")
    add("--no-memory", action="store_true", help="times alone")
    add("--seed", type=int, default=0)
    add("--out", type=Path, default=HERE / "results" / "losses.csv")
    add("--plot", type=Path, default=HERE / "results" / "losses.png", help="drawn from --out; needs matplotlib")
    add("--no-plot", action="store_true")
    return parser.parse_args()


def cases(arguments: argparse.Namespace) -> Iterator[LossCase]:
    """Yield a case for each vocabulary, allocator and loss, with all forms that the loss has here."""
    allocators = ["default"] if arguments.device == "cuda" else arguments.allocators
    for vocab_size in arguments.vocabulary:
        for allocator in allocators:
            for loss in arguments.losses:
                yield LossCase(
                    device=arguments.device,
                    dtype=arguments.dtype,
                    threads=arguments.threads,
                    allocator=allocator,
                    vocab_size=vocab_size,
                    loss=loss,
                    forms=tuple(name for name in forms_of(loss) if FORMS[name].available(arguments.device)),
                    num_tokens=arguments.tokens,
                    hidden_size=arguments.hidden,
                    word_vector_size=arguments.word_vector_size,
                    num_neighbours=arguments.neighbours,
                    random_tables=vocab_size > arguments.table_limit,
                    seed=arguments.seed,
                    repetitions=arguments.repetitions,
                    seconds=arguments.seconds,
                )


def refusals(case: LossCase, arguments: argparse.Namespace) -> dict[str, str]:
    """Return why some forms are not run."""
    found = {}
    for name in case.forms:
        needed = FORMS[name].needed_gb(case)
        if needed > arguments.memory_budget:
            found[name] = f"would need {needed:,.1f} GB"
        elif FORMS[name].logit_copies and case.device == "cpu" and case.vocab_size > arguments.dense_limit:
            found[name] = f"not run above --dense-limit {arguments.dense_limit}; needs {needed:,.1f} GB"
    return found


def run_worker(case: LossCase) -> dict:
    """Return what a fresh process measures."""
    command = [sys.executable, str(HERE / "loss_worker.py"), case.to_json()]
    environment = os.environ | {"OMP_NUM_THREADS": str(case.threads)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def measure(case: LossCase, arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield a row for each form of a case."""
    refused = refusals(case, arguments)
    names = tuple(name for name in case.forms if name not in refused)
    times = run_worker(replace(case, forms=names))
    reference = "fused" if case.loss == "ce" else REFERENCE
    for name in case.forms:
        row = constants(case) | {"form": name, "note": refused.get(name, "")}
        if name not in refused:
            figures = spread([seconds * 1e3 for seconds in times[name]])
            row |= {
                "median_ms": round(figures.median, 3),
                "q25_ms": round(figures.q25, 3),
                "q75_ms": round(figures.q75, 3),
                "ratio_to_fused_ce": round(ratio(times[name], times[reference]), 4),
                "repetitions": len(times[name]),
            }
            if not arguments.no_memory and name != REFERENCE:
                memory = run_worker(replace(case, forms=(name,), repetitions=0))
                row |= {key: round(value, 1) for key, value in memory.items()}
        yield row


def constants(case: LossCase) -> dict[str, object]:
    """Return the columns that all forms of a case share."""
    shared = set(LossCase.__slots__) - {"repetitions"}
    row = {name: getattr(case, name) for name in COLUMNS if name in shared}
    has_table = case.loss in ("soft-label", "weighted-ce", "weighted-sim")
    return row | {
        "clock": clock_name(case.device, case.threads),
        "tables": ("random" if case.random_tables else "computed") if has_table else "",
        "processor": processor(case.device),
        "torch": torch.__version__,
        "resay": git_describe(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def main() -> int:
    """Measure, write the CSV as rows come in, print the ratios and draw the plot."""
    arguments = parse_arguments()
    git_describe()  # of what is about to run, whatever is committed meanwhile
    if not arguments.no_plot:
        load_pyplot()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    with arguments.out.open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=COLUMNS, lineterminator="\n")
        table.writeheader()
        for case in cases(arguments):
            for row in measure(case, arguments):
                table.writerow(row)
                stream.flush()
                rows.append(row)
                figure = row["note"] or f"{row['median_ms']:10,.1f} ms  {row.get('peak_mb', ''):>10} MB"
                print(f"V={case.vocab_size:<8} {case.allocator:8} {case.loss:19} {row['form']:12} {figure}", flush=True)
    print_ratios(rows)
    if not arguments.no_plot:
        draw(rows, arguments.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
