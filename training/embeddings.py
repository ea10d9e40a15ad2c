"""Measure every step towards the default sentence embedding, its choices, and what was tried beyond it.

    python training/embeddings.py measure --vectors vectors.npz --lemmas base_forms.json.gz --train train.txt \
        --data senteval --pairs-dev dev-pairs.json --text-dev dev.txt --pairs-test test-pairs.json --text-test test.txt
    python training/embeddings.py measure … --run runs/reviews --variants encoder-mean latent-0.1
    python training/embeddings.py measure … --variants decoder-words default --tasks mrpc sick-e snli
    python training/embeddings.py report

Figures are correlations of cosine and grade, of embeddings that see neither pairs nor grades. Rows go to --out as they
come, and what stands there for the same variant, files and pairs is not measured again; the page beside it is made
from the rows. In-domain pairs are those of a text that nothing was trained on, graded by MiniLM: `training/evaluate.py
--tasks yelp-similarity --pairs` makes them, or resay.evaluation.similarity.build_pairs.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

# Before torch loads OpenMP: threads that spin while they wait slow a shared machine down many times over.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from resay.errors import ResayError
from resay.evaluation.embeddings import (
    VARIANTS,
    Given,
    Ingredients,
    Measurement,
    choose_variants,
    measure_variants,
    read_graded,
    write_page,
)
from resay.fitting.record import write_atomically

TABLE = Path(__file__).parent / "results" / "embeddings.csv"
TRANSFER = ("mrpc", "sick-e", "snli")


def show(measured: Measurement) -> None:
    """Print a line on a measurement."""
    cells = "  ".join(f"{row['metric']} {float(row['value']):.4g}" for row in measured.rows)
    after = "in the table" if measured.known else f"{measured.rows[0]['seconds']} s"
    print(f"{measured.variant}  {measured.task}: {cells}  ({after})", flush=True)


def measure(arguments: argparse.Namespace) -> None:
    """Measure what is not measured yet, then write the page."""
    torch.set_num_threads(arguments.threads)
    ingredients = Ingredients(
        arguments.vectors,
        arguments.train,
        lemmas=arguments.lemmas,
        word_counts=arguments.word_counts,
        run=arguments.run,
    )
    names = choose_variants(arguments.variants, ingredients)
    graded = read_graded(
        Given(
            data=arguments.data,
            pairs_dev=arguments.pairs_dev,
            text_dev=arguments.text_dev,
            pairs_test=arguments.pairs_test,
            text_test=arguments.text_test,
        )
    )
    for measured in measure_variants(
        names,
        ingredients,
        graded,
        arguments.out,
        tasks=arguments.tasks,
        data=arguments.data,
        again=arguments.again,
    ):
        show(measured)
    report(arguments)


def report(arguments: argparse.Namespace) -> None:
    """Write the page from the rows that there are."""
    page = arguments.out.with_suffix(".md")
    write_atomically(page, write_page(arguments.out))
    print(page)


COMMANDS: Mapping[str, Callable[[argparse.Namespace], None]] = {"measure": measure, "report": report}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    parsers = {name: commands.add_parser(name, help=command.__doc__) for name, command in COMMANDS.items()}
    for one in parsers.values():
        one.add_argument("--out", type=Path, default=TABLE, metavar="CSV", help="the table; the page goes beside it")
    one = parsers["measure"]
    one.add_argument("--vectors", type=Path, required=True, metavar="FILE", help="word vectors: .vec .bin .txt .npz")
    one.add_argument("--lemmas", type=Path, metavar="JSON", help="base forms for words that --vectors lacks")
    one.add_argument(
        "--train",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="text that words are counted in and that is fitted on, a sentence a line",
    )
    one.add_argument(
        "--word-counts", type=Path, metavar="TSV", help="of training/count_words.py; default: 10,000 words"
    )
    one.add_argument("--run", type=Path, metavar="RUN", help="a trained run, for variants that read an encoder")
    one.add_argument("--data", type=Path, metavar="DIR", help="SentEval's folder, data/downstream")
    for part, use in (("dev", "for choices"), ("test", "only reported")):
        one.add_argument(f"--pairs-{part}", type=Path, metavar="JSON", help=f"graded in-domain pairs, {use}")
        one.add_argument(f"--text-{part}", type=Path, metavar="FILE", help="the text that they are of")
    one.add_argument(
        "--variants", nargs="+", default=[], metavar="NAME", help=f"of {', '.join(VARIANTS)}; default: all"
    )
    one.add_argument("--tasks", nargs="+", choices=TRANSFER, default=[], help="transfer tasks, which take minutes each")
    one.add_argument("--threads", type=int, default=1, help="of torch")
    one.add_argument("--again", action="store_true", help="measure also what stands in the table")
    arguments = parser.parse_args()
    if arguments.command == "measure" and arguments.tasks and arguments.data is None:
        parser.error("--tasks need --data")
    return arguments


def main() -> int:
    """Do what was asked; return the exit status."""
    arguments = parse_arguments()
    try:
        COMMANDS[arguments.command](arguments)
    except (ResayError, OSError) as error:
        print(f"embeddings.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
