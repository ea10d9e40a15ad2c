"""The plot of losses.csv: time and peak memory over the vocabulary, a panel a loss."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

COLOURS = {
    "published": "#b2182b",
    "torch-dense": "#b2182b",
    "torch-fused": "#7b6aa8",
    "liger": "#8c6d31",
    "apple": "#31748c",
    "drop-in": "#e08214",
    "fused": "#1b7837",
}
LINES = {"default": "-", "tuned": "--"}


def load_pyplot() -> Any:  # noqa: ANN401  matplotlib is imported here alone
    """Return matplotlib.pyplot, drawing to files.

    Raises:
        SystemExit: If matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise SystemExit("the plot needs matplotlib: pip install matplotlib, or leave it out with --no-plot") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def draw(rows: Sequence[dict], path: Path) -> None:
    """Draw medians with quartiles above and peaks of memory below; dashed lines are the tuned allocator's."""
    pyplot = load_pyplot()
    losses = list(dict.fromkeys(row["loss"] for row in rows))
    figure, axes = pyplot.subplots(2, len(losses), figsize=(3.3 * len(losses), 6.4), sharex=True, sharey="row")
    axes = axes.reshape(2, len(losses))
    for column, loss in enumerate(losses):
        for (form, allocator), lines in grouped(rows, loss).items():
            if form not in COLOURS:
                continue
            style = {"color": COLOURS[form], "linestyle": LINES[allocator], "marker": "o", "markersize": 3.5}
            sizes = [row["vocab_size"] for row in lines]
            medians = [row["median_ms"] for row in lines]
            label = form if allocator == "default" else f"{form}, tuned"
            axes[0, column].plot(sizes, medians, label=label, **style)
            low, high = ([row[name] for row in lines] for name in ("q25_ms", "q75_ms"))
            axes[0, column].fill_between(sizes, low, high, color=COLOURS[form], alpha=0.15, linewidth=0)
            known = [row for row in lines if "peak_mb" in row]
            axes[1, column].plot([row["vocab_size"] for row in known], [row["peak_mb"] for row in known], **style)
        axes[0, column].set_title(loss)
        axes[1, column].set_xlabel("vocabulary")
        axes[0, column].legend(fontsize=6.5, frameon=False)
    sizes = sorted({row["vocab_size"] for row in rows})
    for axis in axes.flat:
        axis.set(xscale="log", yscale="log")
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.set_xticks([], minor=True)
        axis.grid(which="both", alpha=0.2)
    first = rows[0]
    axes[0, 0].set_ylabel(f"forward + backward, ms ({first['clock']} time)")
    axes[1, 0].set_ylabel("peak memory, MB")
    figure.suptitle(
        f"T={first['num_tokens']}, H={first['hidden_size']}, E={first['word_vector_size']}, {first['dtype']}, "
        f"{first['processor']}, {first['threads']} thread(s), torch {first['torch']}",
        fontsize=9,
    )
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def grouped(rows: Sequence[dict], loss: str) -> dict[tuple[str, str], list[dict]]:
    """Return the measured rows of a loss by form and allocator, smallest vocabulary first."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in sorted(rows, key=lambda row: row["vocab_size"]):
        if row["loss"] == loss and "median_ms" in row:
            groups.setdefault((row["form"], row["allocator"]), []).append(row)
    return groups
