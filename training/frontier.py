"""Measure paraphrasing, models and baselines, over the whole dial; draw the frontier of fidelity and diversity.

    python training/frontier.py models/* --run runs/reviews --dev dev.txt --train train.txt --out paraphrase.csv
    python training/frontier.py --plot-only --out paraphrase.csv --plot paraphrase-frontier.png

A row stands in the table as soon as it is measured, and is not measured again: an interrupted command goes on where
it was. Sentences are written nowhere; the values of the single ones go to the folder --scratch, as numbers.
Seconds in the table are processor seconds.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when numpy and torch are imported

from resay.corpus.lines import read_lines
from resay.engine import ModelCard, ModelFolder, Paraphraser
from resay.engine.model_folder import MANIFEST_FILE
from resay.engine.strategies import STRATEGIES
from resay.errors import ResayError
from resay.evaluation.paraphrase import (
    BASELINES,
    DIALLED,
    Material,
    MiniLmJudge,
    Produced,
    SynonymReplacement,
    compare_all,
    correlations,
    draw_frontier,
    produce,
)
from resay.evaluation.paraphrase.experiment import Experiment, System, sample_sentences
from resay.evaluation.paraphrase.results import read_rows
from resay.fitting.preparation import read_lemmas
from resay.vectors.antonyms import are_antonyms

DIAL = (0.0, 0.25, 0.5, 0.75, 1.0)
GREEDY = "greedy"  # has one candidate, and no set to measure
FAULTS = ("copies", "unknown_words", "number_errors")
"""Measures that are 0 for every model, or something is broken."""
TECHNICAL = frozenset({"ignore_index", "reduction", "vocab_size", "cache_dir"})
WORDS_OF_CORPUS = frozenset({"no_vector_ids", "stop_ids", "excluded_pairs"})


def describe_options(card: ModelCard) -> str:
    """Return the options of a model's loss that are set, on one line."""
    options: dict[str, Any] = dict(card.provenance.get("loss_options") or {})
    num_neighbours = options.pop("num_neighbours", None)
    shown = {name: value for name, value in options.items() if value and name not in TECHNICAL | WORDS_OF_CORPUS}
    exclusions = (card.provenance.get("vectors") or {}).get("exclusions")
    if card.loss == "soft-label":
        shown = {"N": num_neighbours} | shown | ({"without": "+".join(exclusions)} if exclusions else {})
    return " ".join(f"{name}={value}" for name, value in shown.items())


def open_model(path: Path, num_threads: int) -> tuple[System, Paraphraser]:
    """Load an exported model."""
    folder = ModelFolder.open(path)
    paraphraser = Paraphraser.open(folder, num_threads=num_threads)
    card = folder.card
    digest = hashlib.sha256((path / MANIFEST_FILE).read_bytes()).hexdigest()
    return System(card.name, digest, card.loss, describe_options(card), card.latent, paraphraser.encoder), paraphraser


def show(row: Mapping[str, Any] | None, name: str) -> None:
    """Print a line on a measurement."""
    if row is None:
        print(f"{name}: in the table", flush=True)
        return
    cells = {key: row[key] for key in ("similarity", "novelty", "self_bleu", "all_delivered", "meaning_flips")}
    seconds = f"{row['produce_seconds']} s + judge {row['judge_seconds']} s"
    print(f"{name}: " + "  ".join(f"{key} {value}" for key, value in cells.items()) + f"  ({seconds})", flush=True)


def measure_models(experiment: Experiment, arguments: argparse.Namespace) -> None:
    """Measure every model with every strategy at every setting of the dial."""
    for path in arguments.models:
        system, paraphraser = open_model(path, arguments.num_threads)
        for strategy in arguments.strategies:
            for dial in arguments.dial:
                make = partial(
                    produce,
                    paraphraser,
                    experiment.sentences,
                    strategy=strategy,
                    dial=dial,
                    num_candidates=arguments.n,
                    seed=arguments.seed,
                )
                row = experiment.run(system, strategy, dial, make, again=arguments.again)
                show(row, f"{system.model}  {strategy}  {dial:g}")


def measure_baselines(experiment: Experiment, arguments: argparse.Namespace) -> None:
    """Measure the baselines that there is material for."""
    corpus = list(dict.fromkeys(read_lines([arguments.train]))) if arguments.train else []
    corpus_sha = hashlib.sha256("\n".join(corpus).encode()).hexdigest()
    system, paraphraser = open_model(arguments.models[0], arguments.num_threads)
    near_words = None
    if arguments.run:
        near_words = SynonymReplacement.from_run(arguments.run, arguments.num_neighbours)
    material = Material(
        corpus=corpus,
        encoder=paraphraser.encoder,
        synonyms=near_words,
        num_candidates=arguments.n,
        seed=arguments.seed,
    )
    made_from = {"parrot": "", "random": corpus_sha, "nearest": system.sha256}
    made_from |= {"synonyms": near_words.sha256} if near_words else {}
    for name in arguments.baselines:
        if name not in made_from or (name in ("random", "nearest") and not corpus):
            print(f"{name}: left out; it needs {'--run' if name == 'synonyms' else '--train'}")
            continue
        for dial in arguments.dial if name in DIALLED else (None,):

            def make(name: str = name, dial: float | None = dial) -> Produced:
                candidates = BASELINES[name](material, experiment.sentences, dial or 0.0)
                return Produced(candidates, own_similarities=[])

            baseline = System(name, made_from[name])
            row = experiment.run(baseline, name, dial, make, again=arguments.again)
            show(row, name if dial is None else f"{name}  {dial:g}")


def report(table: Path, scratch: Path) -> None:
    """Print whose frontier is higher, and how the engine's own scores follow the judge."""
    rows = read_rows(table)
    for row in rows:
        for fault in FAULTS if row["strategy"] in STRATEGIES else ():
            if float(row[fault] or 0) > 0:
                print(f"to be mended: {row['model']} {row['strategy']} {row['dial']} has {fault} {row[fault]}, not 0")
    print("\nmean height of the frontier above another's over the middle half of the dial, in similarity")
    for line in compare_all(rows, scratch):
        print(line)
    print("\nPearson correlation with the judge: over all candidates (over candidates of one input)")
    for name, scores in correlations(rows, scratch).items():
        cells = "  ".join(f"{score} {overall:.3f} ({within:.3f})" for score, (overall, within) in scores.items())
        print(f"{name:<28} {cells}")


def git_commit() -> str:
    """Return the commit of this checkout, with "+changes" where the library differs from it; "" outside of one."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "--short", "HEAD") + (
            "+changes" if git("status", "--porcelain", "--", "../src") else ""
        )
    except (OSError, subprocess.CalledProcessError):
        return ""


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL", help="folders of export/to_onnx.py")
    parser.add_argument("--dev", type=Path, metavar="FILE", help="the inputs are drawn from this text file")
    parser.add_argument("--train", type=Path, metavar="FILE", help="training text, for two of the baselines")
    parser.add_argument("--run", type=Path, metavar="RUN", help="run folder whose word vectors replace words")
    parser.add_argument("--num-neighbours", type=int, default=5, help="of that baseline, the word itself included")
    parser.add_argument(
        "--lemmas", type=Path, metavar="FILE", help="word to base form, .json or .json.gz; for antonyms"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="CSV")
    parser.add_argument("--plot", type=Path, metavar="PNG")
    parser.add_argument("--plot-only", action="store_true", help="draw what stands in the table")
    parser.add_argument("--report-only", action="store_true", help="print the report on what stands in the table")
    parser.add_argument(
        "--strategies", nargs="+", choices=STRATEGIES, default=[name for name in STRATEGIES if name != GREEDY]
    )
    parser.add_argument("--baselines", nargs="*", choices=BASELINES, default=[*BASELINES])
    parser.add_argument("--dial", nargs="+", type=float, default=list(DIAL))
    parser.add_argument("--num-sentences", type=int, default=1000)
    parser.add_argument("--n", type=int, default=5, help="candidates for each input")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16", help="of the judge")
    parser.add_argument("--num-threads", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=Path("runs/frontier"), metavar="DIR")
    parser.add_argument("--again", action="store_true", help="measure also what stands in the table")
    arguments = parser.parse_args()
    if arguments.plot_only and not arguments.plot:
        parser.error("--plot-only needs --plot PNG")
    if not (arguments.plot_only or arguments.report_only) and not (arguments.models and arguments.dev):
        parser.error("name one model folder at least, and --dev FILE; or --plot-only, or --report-only")
    return arguments


def main() -> int:
    """Measure, report and draw; return the exit status."""
    arguments = parse_arguments()
    try:
        if not (arguments.plot_only or arguments.report_only):
            experiment = Experiment(
                sentences=sample_sentences(arguments.dev, arguments.num_sentences),
                judge=MiniLmJudge.open(num_threads=arguments.num_threads, precision=arguments.precision),
                are_antonyms=partial(are_antonyms, lemmas=read_lemmas(arguments.lemmas)),
                num_candidates=arguments.n,
                seed=arguments.seed,
                table=arguments.out,
                scratch=arguments.scratch,
                commit=git_commit(),
            )
            measure_baselines(experiment, arguments)
            measure_models(experiment, arguments)
        if not arguments.plot_only:
            report(arguments.out, arguments.scratch)
        if arguments.plot:
            draw_frontier(read_rows(arguments.out), arguments.plot)
            print(f"\n{arguments.plot}")
    except (ResayError, OSError) as error:
        print(f"frontier.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
