"""Candidates a second of each search, its cost beyond the bare step-graph calls, and what decoding together saves.

    python benchmarks/paraphrase.py models/NAME [--text FILE] [--together 1 32]

Runs on the CPU, one thread. benchmarks/README.md explains the columns.
"""

import argparse
import csv
import datetime
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import onnxruntime
from machine import git_describe, processor
from measuring import interleave, ratio, spread
from paraphrase_case import Workload, all_settings, make_requests, make_workload, read_sentences

from resay.engine import ModelFolder
from resay.engine.decoding import DecoderStep

HERE = Path(__file__).parent
MOST_TIMES_BARE = 1.3
GAIN_WANTED = 8


def parse_arguments() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("model", type=Path, help="exported model folder")
    add("--text", type=Path, help="sentences, one a line; default: a few about restaurants")
    add("--sources", type=int, default=32, help="sentences decoded by every arm; default: %(default)s")
    add("--together", type=int, nargs="+", default=[1, 32], help="sources in one call; default: 1 32")
    add("--hypotheses", type=int, default=16, help="of each source, but for greedy; default: %(default)s")
    add("--searches", nargs="+", choices=tuple(all_settings(1)), default=list(all_settings(1)))
    add("--repetitions", type=int, default=15, help="rounds at most; default: %(default)s")
    add("--seconds", type=float, default=60.0, help="CPU seconds of a search after which no round begins")
    add("--out", type=Path, default=HERE / "results" / "paraphrase.csv")
    return parser.parse_args()


def measure(workloads: Mapping[int, Workload], repetitions: int, seconds: float) -> dict[str, list[float]]:
    """Return the CPU seconds of decoding and of the bare calls, all in turn."""
    arms = {}
    for num_together, workload in workloads.items():
        arms[f"decode/{num_together}"] = workload.decode
        arms[f"bare/{num_together}"] = workload.replay
    return interleave(arms, "cpu", repetitions=repetitions, seconds=seconds)


def rows_of(
    arguments: argparse.Namespace,
    folder: ModelFolder,
    search: str,
    workloads: Mapping[int, Workload],
    times: Mapping[str, list[float]],
) -> Iterator[dict[str, object]]:
    """Yield a row for each number of sources in one call."""
    for num_together, workload in workloads.items():
        taken, bare = times[f"decode/{num_together}"], times[f"bare/{num_together}"]
        milliseconds = spread([1000 * value / arguments.sources for value in taken])
        num_found = sum(map(len, workload.hypotheses))
        yield {
            "search": search,
            "together": num_together,
            "hypotheses": 1 if search == "greedy" else arguments.hypotheses,
            "ms_per_source": round(milliseconds.median, 3),
            "ms_q25": round(milliseconds.q25, 3),
            "ms_q75": round(milliseconds.q75, 3),
            "bare_ms_per_source": round(1000 * spread(bare).median / arguments.sources, 3),
            "times_bare": round(ratio(taken, bare), 3),
            "candidates_per_s": round(num_found / spread(taken).median, 1),
            "found_per_source": round(num_found / arguments.sources, 2),
            "times_cheaper_than_alone": round(ratio(times["decode/1"], taken), 3) if 1 in workloads else "",
            "bare_times_cheaper_than_alone": round(ratio(times["bare/1"], bare), 3) if 1 in workloads else "",
            "steps": workload.num_steps,
            "rows": workload.num_rows,
            "sources": arguments.sources,
            "repetitions": len(taken),
            "model": folder.card.name,
            "vocab_size": folder.card.dimensions.vocab_size,
            "hidden_size": folder.card.dimensions.hidden_size,
            "processor": processor("cpu"),
            "onnxruntime": onnxruntime.__version__,
            "resay": git_describe(),
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }


def print_row(row: Mapping[str, object]) -> None:
    """Print what is to be seen at a glance, with a verdict."""
    verdict = "ok" if float(str(row["times_bare"])) <= MOST_TIMES_BARE else f"MISSED, {MOST_TIMES_BARE} wanted"
    gain = row["times_cheaper_than_alone"]
    print(
        f"{row['search']:13} {row['together']:3} at once: {row['ms_per_source']:8} ms a source "
        f"({row['ms_q25']} to {row['ms_q75']}), {row['times_bare']:5} x bare calls ({verdict}), "
        f"{row['candidates_per_s']:7} candidates/s, {gain} x cheaper than alone"
        f" (bare calls {row['bare_times_cheaper_than_alone']}; {GAIN_WANTED} wanted at 32)",
        flush=True,
    )


def main() -> int:
    """Measure, print and write."""
    arguments = parse_arguments()
    git_describe()  # of what is about to run, whatever is committed meanwhile
    folder = ModelFolder.open(arguments.model)
    step = DecoderStep.open(folder)
    sentences = read_sentences(arguments.text)
    rows = []
    for search in arguments.searches:
        settings = all_settings(arguments.hypotheses)[search]
        requests = make_requests(folder, sentences, arguments.sources, settings)
        workloads = {number: make_workload(step, requests, number) for number in arguments.together}
        times = measure(workloads, arguments.repetitions, arguments.seconds)
        for row in rows_of(arguments, folder, search, workloads, times):
            print_row(row)
            rows.append(row)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", newline="") as stream:
        table = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
