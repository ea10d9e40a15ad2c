"""Sentences a second of a whole training step: as published, step by step towards resay's, and what bounds it.

    python benchmarks/training.py [--threads 1 2] [--allocators default tuned]

Runs on the CPU. benchmarks/README.md explains the columns.
"""

import argparse
import csv
import datetime
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from machine import git_describe, processor
from measuring import last_json, spread
from training_case import TrainingCase
from training_variants import VARIANTS

HERE = Path(__file__).parent
SHARE_WANTED = 0.8
COLUMNS = [
    "threads",
    "allocator",
    "loss",
    "variant",
    "sentences_per_cpu_s",
    "cpu_q25",
    "cpu_q75",
    "sentences_per_wall_s",
    "times_published",
    "bound_sentences_per_s",
    "share_of_bound",
    "mm_bound_sentences_per_s",
    "share_of_mm_bound",
    "repetitions",
    "batch_size",
    "sentences_a_round",
    "mean_length",
    "vocab_size",
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
    add("--threads", type=int, nargs="+", default=[1])
    add("--allocators", nargs="+", choices=("default", "tuned"), default=["default"])
    add("--losses", nargs="+", choices=("ce", "soft-label"), default=["ce", "soft-label"])
    add("--variants", nargs="+", choices=tuple(VARIANTS), default=list(VARIANTS))
    add("--vocabulary", type=int, default=9_500, help="V; default: %(default)s")
    add("--hidden", type=int, default=256, help="H; default: %(default)s")
    add("--word-vector-size", type=int, default=300, help="E; default: %(default)s")
    add("--batch-size", type=int, default=128, help="B; default: %(default)s")
    add("--max-length", type=int, default=15, help="what padded variants pad to; default: %(default)s")
    add("--batches", type=int, default=8, help="batches a round; default: %(default)s")
    add("--sentences", type=int, default=20_000, help="of the corpus that they come from; default: %(default)s")
    add("--repetitions", type=int, default=7, help="rounds at most; default: %(default)s")
    add("--seconds", type=float, default=120.0, help="CPU seconds after which no round begins (at least three)")
    add("--seed", type=int, default=0)
    add("--out", type=Path, default=HERE / "results" / "training.csv", help="-products and -profile stand beside it")
    return parser.parse_args()


def cases(arguments: argparse.Namespace) -> Iterator[TrainingCase]:
    """Yield a case for each number of threads and allocator."""
    for threads in arguments.threads:
        for allocator in arguments.allocators:
            yield TrainingCase(
                threads=threads,
                allocator=allocator,
                losses=tuple(arguments.losses),
                variants=tuple(arguments.variants),
                vocab_size=arguments.vocabulary,
                hidden_size=arguments.hidden,
                word_vector_size=arguments.word_vector_size,
                batch_size=arguments.batch_size,
                max_length=arguments.max_length,
                num_batches=arguments.batches,
                num_sentences=arguments.sentences,
                repetitions=arguments.repetitions,
                seconds=arguments.seconds,
                seed=arguments.seed,
            )


def run_worker(case: TrainingCase) -> dict:
    """Return what a fresh process measures."""
    command = [sys.executable, str(HERE / "training_worker.py"), case.to_json()]
    environment = os.environ | {"OMP_NUM_THREADS": str(case.threads)}
    return last_json(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment).stdout)


def rows_of(case: TrainingCase, found: dict) -> Iterator[dict[str, object]]:
    """Yield a row for each variant and loss."""
    clock = "cpu" if case.threads == 1 else "wall"
    for name, cpu_seconds in found["cpu"].items():
        variant, loss = name.split("/")
        cpu = spread([found["num_sentences"] / seconds for seconds in cpu_seconds])
        wall = spread([found["num_sentences"] / seconds for seconds in found["wall"][name]])
        reached = {"cpu": cpu, "wall": wall}[clock].median
        published = found[clock].get(f"published/{loss}")
        yield {
            "threads": case.threads,
            "allocator": case.allocator,
            "loss": loss,
            "variant": variant,
            "sentences_per_cpu_s": round(cpu.median, 1),
            "cpu_q25": round(cpu.q25, 1),
            "cpu_q75": round(cpu.q75, 1),
            "sentences_per_wall_s": round(wall.median, 1),
            "times_published": round(spread(published).median * reached / found["num_sentences"], 3)
            if published
            else "",
            "bound_sentences_per_s": round(found["bound"]["best"], 1),
            "share_of_bound": round(reached / found["bound"]["best"], 3),
            "mm_bound_sentences_per_s": round(found["bound"]["mm"], 1),
            "share_of_mm_bound": round(reached / found["bound"]["mm"], 3),
            "repetitions": len(cpu_seconds),
            "batch_size": case.batch_size,
            "sentences_a_round": found["num_sentences"],
            "mean_length": round(found["mean_length"], 2),
            "vocab_size": found["vocab_size"],
            "hidden_size": case.hidden_size,
            "word_vector_size": case.word_vector_size,
            "processor": processor("cpu"),
            "torch": torch.__version__,
            "resay": git_describe(),
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }


def write(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def print_rows(rows: list[dict]) -> None:
    """Print the table of variants."""
    print(f"{'threads allocator loss       variant':41} {'sent/s, cpu':>24} {'wall':>7} {'x publ.':>7} of bound")
    for row in rows:
        print(
            f"{row['threads']:<7} {row['allocator']:9} {row['loss']:10} {row['variant']:11}"
            f"{row['sentences_per_cpu_s']:9,.0f} ({row['cpu_q25']:,.0f} to {row['cpu_q75']:,.0f})".ljust(66)
            + f"{row['sentences_per_wall_s']:7,.0f} {row['times_published']:>7} {row['share_of_bound']:.0%}"
        )


def print_bound(rates: list[dict], rows: list[dict]) -> None:
    """Print the rates of the products and the share of the bound that resay's step reaches."""
    print(f"\n{'matrix product':36} {'10⁹ operations':>15} {'torch.mm':>9} {'oneDNN':>7}  (10⁹ operations a second)")
    for rate in rates:
        onednn = f"{rate['onednn']:7.0f}" if rate["onednn"] else "      -"
        print(f"{rate['product']:36} {rate['operations'] / 1e9:15.2f} {rate['mm']:9.0f} {onednn}")
    for row in rows:
        if row["variant"] == "resay":
            verdict = "ok" if row["share_of_bound"] >= SHARE_WANTED else f"MISSED, {SHARE_WANTED:.0%} wanted"
            print(
                f"\n{row['loss']}, {row['threads']} thread(s), allocator {row['allocator']}: "
                f"{row['share_of_bound']:.0%} of the {row['bound_sentences_per_s']:,.0f} sentences/s that the faster "
                f"library allows ({verdict}); {row['share_of_mm_bound']:.0%} of torch.mm's "
                f"{row['mm_bound_sentences_per_s']:,.0f}"
            )


def main() -> int:
    """Measure, print and write."""
    arguments = parse_arguments()
    git_describe()  # of what is about to run, whatever is committed meanwhile
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    rows, products, profiles = [], [], []
    for case in cases(arguments):
        found = run_worker(case)
        mine = list(rows_of(case, found))
        setting = {"threads": case.threads, "allocator": case.allocator}
        products += [setting | rate for rate in found["products"]]
        for name, operators in found["profiles"].items():
            profiles += [setting | {"loss": name.split("/")[1]} | operator for operator in operators]
        print_rows(mine)
        print_bound(found["products"], mine)
        rows += mine
        write(arguments.out, rows)
        write(arguments.out.with_stem(arguments.out.stem + "-products"), products)
        if profiles:
            write(arguments.out.with_stem(arguments.out.stem + "-profile"), profiles)
    return 0


if __name__ == "__main__":
    sys.exit(main())
