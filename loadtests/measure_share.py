"""Measure what a sentence costs through the server, as a share of what it costs in ONNX Runtime alone.

python loadtests/measure_share.py [models/NAME] [--texts FILE] [--rounds 5] [--seconds 3]

Starts a server of its own. Takes about three minutes.
"""

from __future__ import annotations

import argparse
import csv
import random
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from drills.running import running_server
from knee.rows import commit, hardware
from share.bare import bare_seconds
from share.cases import CASES, Case
from share.page import write_page
from share.served import Served, ask, requests_of
from traffic.texts import read_texts

from resay.engine import ModelFolder, SentenceEncoder
from resay.errors import ResayError

HERE = Path(__file__).resolve().parent
NUM_TEXTS = 2048
WARM_UP_S = 5.0


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    try:
        folder = ModelFolder.open(options.model)
        encoder = SentenceEncoder.open(folder)
        texts = draw_texts(read_texts(options.texts))
        with running_server(options.model, ["encode"]) as server:
            processes = server.processes()
            asked = {case: requests_of(server.url, case, texts) for case in CASES}
            for case in (CASES[0], CASES[3]):
                ask(server.url, case, asked[case], processes, WARM_UP_S)  # Java compiles what it runs often
            bare: dict[Case, list[float]] = {case: [] for case in CASES}
            served: dict[Case, list[Served]] = {case: [] for case in CASES}
            for turn in range(options.rounds):
                for case in CASES:
                    bare[case].append(1e6 * bare_seconds(encoder, case, texts))
                    served[case].append(ask(server.url, case, asked[case], processes, options.seconds))
                print(f"round {turn + 1} of {options.rounds}", flush=True)
    except (ResayError, OSError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    rows = [row_of(case, bare[case], served[case], folder.card.name) for case in CASES]
    options.out.mkdir(parents=True, exist_ok=True)
    write_table(options.out / "share.csv", rows)
    command = shlex.join(["python", "loadtests/measure_share.py", *sys.argv[1:]])
    write_page(options.out / "share.md", rows, command)
    for row in rows:
        print(
            {name: row[name] for name in ("features", "texts", "form", "bare_us", "frontend_us", "workers_us", "share")}
        )
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measure what serving adds to the cost of a sentence.")
    parser.add_argument("model", type=Path, nargs="?", default=HERE.parent / "models" / "yelp-soft-label")
    parser.add_argument("--texts", type=Path, help="file with one text a line, instead of the built-in ones")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each case in each round (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder for table and page")
    return parser.parse_args()


def draw_texts(texts: Sequence[str]) -> list[str]:
    """Return `NUM_TEXTS` of them, in random order, again and again if there are fewer."""
    generator = random.Random(0)
    drawn: list[str] = []
    while len(drawn) < NUM_TEXTS:
        drawn += generator.sample(texts, len(texts))
    return drawn[:NUM_TEXTS]


def row_of(case: Case, bare: Sequence[float], served: Sequence[Served], model: str) -> dict[str, object]:
    """Return the medians of all rounds; the share is the median of theirs."""
    share = median(one / (other.frontend_us + other.workers_us) for one, other in zip(bare, served, strict=True))
    latencies = sorted(value for each in served for value in each.latencies_ms)
    return {
        "features": case.features,
        "texts": case.num_texts,
        "connections": case.num_connections,
        "form": case.form,
        "bare_us": round(median(bare), 1),
        "frontend_us": round(median(each.frontend_us for each in served), 1),
        "workers_us": round(median(each.workers_us for each in served), 1),
        "share": round(share, 3),
        "goal": "" if case.goal is None else case.goal,
        "met": "" if case.goal is None else "yes" if share >= case.goal else "no",
        "sentences_per_s": round(median(each.sentences_per_s for each in served)),
        "p50_ms": round(latencies[len(latencies) // 2], 2),
        "p99_ms": round(latencies[int(0.99 * len(latencies))], 2),
        "model": model,
        "commit": commit(),
        "hardware": hardware(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write_table(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """Write the rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
