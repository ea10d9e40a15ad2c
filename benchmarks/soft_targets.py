"""Draw the soft targets of a few words: what SoftLabelLoss asks of a model in place of a one-hot target.

    python benchmarks/soft_targets.py --text reviews.txt --words delicious waiter --out soft_targets.png

A panel a word, a pair of bars for each of its nearest words: the weight by similarity, which is the default, and
with a temperature. The weights are read from the loss itself. English stop words are one-hot, as in training.
"""

import argparse
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from resay.errors import ResayError
from resay.losses import SoftLabelLoss
from resay.text import Tokenizer
from resay.text.stop_words import STOP_WORDS
from resay.vectors import WordVectors, read_vectors, train_fasttext

QUICKSTART = Path(__file__).parents[1] / "training" / "configs" / "quickstart.toml"
BLUE, ORANGE = "#0072B2", "#E69F00"  # of Okabe and Ito's palette: told apart by every kind of colour vision
GREY = "#666666"
BAR_HEIGHT = 0.36
WORDS = ["delicious", "waiter", "slow", "breakfast", "the"]


class Targets(NamedTuple):
    """The soft target of one word, the word itself first."""

    words: list[str]
    by_similarity: list[float]
    with_temperature: list[float]


def train_vectors(text: Path) -> WordVectors:
    """Return fastText vectors trained on a text file as the quick start trains its own."""
    settings = tomllib.loads(QUICKSTART.read_text(encoding="utf-8"))
    lines = text.read_text(encoding="utf-8").splitlines()
    tokenizer = Tokenizer.build(lines, min_count=settings["min_count"])
    with tempfile.TemporaryDirectory() as folder:
        tokenised = Path(folder) / "tokenised.txt"
        rows = (" ".join(encoding.tokens) for encoding in tokenizer.encode_batch(lines))
        tokenised.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        return train_fasttext(
            tokenised,
            word_vector_size=settings["word_vector_size"],
            num_epochs=settings["fasttext_epochs"],
            subsampling=settings["fasttext_subsampling"],
            min_count=settings["min_count"],
        )


def soft_targets(vectors: WordVectors, words: Sequence[str], num_neighbours: int, temperature: float) -> list[Targets]:
    """Return the soft targets of some words as the loss holds them; neighbours without weight are left out."""
    stop_ids = [row for row, word in enumerate(vectors.words) if word in STOP_WORDS]
    plain = SoftLabelLoss(vectors.matrix, num_neighbours, stop_ids)
    sharp = SoftLabelLoss(vectors.matrix, num_neighbours, stop_ids, temperature=temperature)
    targets = []
    for word in words:
        row = vectors.index[word]
        weights = plain.neighbour_weights[row].tolist()
        shown = [slot for slot, weight in enumerate(weights) if slot == 0 or weight > 0]
        ids, sharp_weights = plain.neighbour_ids[row].tolist(), sharp.neighbour_weights[row].tolist()
        targets.append(
            Targets(
                [vectors.words[ids[slot]] for slot in shown],
                [weights[slot] for slot in shown],
                [sharp_weights[slot] for slot in shown],
            )
        )
    return targets


def draw_bars(axes: Axes, weights: Sequence[float], shift: float, colour: str, label: str) -> None:
    """Draw one series of bars, each with its number."""
    places = [slot + shift for slot in range(len(weights))]
    axes.barh(places, weights, BAR_HEIGHT, color=colour, label=label)
    for place, weight in zip(places, weights, strict=True):
        axes.text(weight + 0.02, place, f"{weight:.2f}", va="center", fontsize=8, color=GREY)


def draw(targets: Sequence[Targets], num_neighbours: int, temperature: float) -> Figure:
    """Return the figure: panels side by side that share one scale."""
    figure = Figure(figsize=(2.1 * len(targets), 0.4 * num_neighbours + 1.0), layout="constrained")
    for number, target in enumerate(targets):
        axes = figure.add_subplot(1, len(targets), number + 1)
        draw_bars(axes, target.by_similarity, -BAR_HEIGHT / 2, BLUE, "weights by similarity (default)")
        draw_bars(axes, target.with_temperature, BAR_HEIGHT / 2, ORANGE, f"with temperature={temperature:g}")
        axes.set_title(f"“{target.words[0]}”", fontsize=12, fontweight="bold", loc="left")
        axes.set_yticks(range(len(target.words)), target.words, fontsize=10)
        axes.set_ylim(num_neighbours - 0.45, -0.55)
        axes.set_xlim(0, 1.25)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.spines["left"].set_color(GREY)
        if len(target.words) == 1:
            axes.text(0.04, 1, "one-hot", va="center", fontsize=9, color=GREY)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=10)
    return figure


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, find the neighbours, draw them."""
    parser = argparse.ArgumentParser(description="Draw the soft targets of a few words.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--vectors", type=Path, help="word vectors: fastText .bin or .vec, GloVe text, .npz")
    source.add_argument("--text", type=Path, help="sentences to train vectors on, with the quick start's settings")
    parser.add_argument("--words", nargs="+", default=WORDS, help=f"default {' '.join(WORDS)}")
    parser.add_argument("--num-neighbours", type=int, default=5, help="N (default %(default)s)")
    parser.add_argument("--temperature", type=float, default=0.1, help="of the second bars (default %(default)s)")
    parser.add_argument("--save-vectors", type=Path, help="keep the vectors in this .npz file")
    parser.add_argument("--out", type=Path, required=True, help="the picture: .png, .svg or .pdf")
    options = parser.parse_args(arguments)
    try:
        vectors = read_vectors(options.vectors) if options.vectors else train_vectors(options.text)
        if options.save_vectors:
            vectors.save_npz(options.save_vectors)
        missing = [word for word in options.words if word not in vectors]
        if missing:
            sys.exit(f"--words {' '.join(missing)}: not among the {len(vectors)} words that have a vector")
        targets = soft_targets(vectors, options.words, options.num_neighbours, options.temperature)
    except (ResayError, OSError) as error:
        sys.exit(str(error))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    draw(targets, options.num_neighbours, options.temperature).savefig(options.out, dpi=160)
    for target in targets:
        weights = zip(target.words, target.by_similarity, target.with_temperature, strict=True)
        print("  ".join(f"{word} {plain:.2f}/{sharp:.2f}" for word, plain, sharp in weights))
    return 0


if __name__ == "__main__":
    sys.exit(main())
