"""The page beside the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

HEAD = (
    "| features | texts a request | connections | vectors as | bare µs | front end µs | workers µs | share | goal |"
    " sentences/s | p50 ms | p99 ms |"
)


def write_page(path: Path, rows: Sequence[Mapping[str, object]], command: str) -> None:
    """Write it."""
    first = rows[0]
    lines = [
        "# What serving adds to ONNX Runtime",
        "",
        "Written by the command that follows; change nothing here by hand.",
        "",
        "```bash",
        command,
        "```",
        "",
        f"Model {first['model']}, commit {first['commit']}, {first['time']}, {first['hardware']}. CPU microseconds a",
        "sentence: `bare` is tokenising and ONNX Runtime in one process with one thread, in batches as large as the",
        "server's; the others are those of TorchServe's Java front end and of its worker, for the same sentences in",
        "the same minutes, taken in turn; medians of rounds. The share is bare / (front end + workers). `embedding` is",
        "a weighted average of word vectors, `latent` runs the recurrent encoder.",
        "",
        HEAD,
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(row: Mapping[str, object]) -> str:
    goal = f"{float(str(row['goal'])):.0%}{'' if row['met'] == 'yes' else ', missed'}" if row["goal"] != "" else ""
    cells = [
        row["features"],
        row["texts"],
        row["connections"],
        row["form"],
        row["bare_us"],
        row["frontend_us"],
        row["workers_us"],
        f"{float(str(row['share'])):.0%}",
        goal,
        row["sentences_per_s"],
        row["p50_ms"],
        row["p99_ms"],
    ]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
