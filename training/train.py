"""Train a sentence autoencoder from text files.

    python training/train.py --loss soft-label --train reviews.txt --out runs/reviews

Every setting can stand in a TOML file (--config); the flags below override it.
"""

import argparse
import os
import sys
from pathlib import Path

# Before torch loads OpenMP: threads that spin while they wait slow a shared machine down many times over.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from resay.errors import ResayError
from resay.fitting import TrainSettings, load_settings
from resay.fitting.preparation import TrainingFiles
from resay.fitting.settings import CHOICES, DEFAULT_EXCLUSIONS
from resay.fitting.train import train_run
from resay.vectors import EXCLUSIONS

DEFAULTS = TrainSettings()
USABLE_ACCURACY = 0.6
"""Below it, reconstructions were word salad in every run that was looked at (training/results/)."""
OVERRIDES = {
    "loss": str,
    "latent": str,
    "latent_size": int,
    "num_neighbours": int,
    "ce_mix": float,
    "hidden_size": int,
    "encoder_cell": str,
    "encoder_layers": int,
    "encoder_direction": str,
    "dropout": float,
    "word_dropout": float,
    "unknown_rate": float,
    "mixed_precision": str,
    "max_length": int,
    "batch_size": int,
    "epochs": int,
    "learning_rate": float,
    "seed": int,
    "device": str,
}
LISTS = ("exclude_neighbours",)


def parse_arguments() -> argparse.Namespace:
    """Return the command line, each flag that was not given left out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, nargs="+", required=True, metavar="FILE", help="text, a sentence a line")
    parser.add_argument(
        "--dev", type=Path, nargs="+", default=(), metavar="FILE", help="default: 1 line in 50 of --train"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder to make")
    parser.add_argument("--config", type=Path, metavar="TOML", help="settings, see training/configs/")
    parser.add_argument("--vectors", type=Path, metavar="FILE", help=".vec .bin .txt .npz; default: train fastText")
    parser.add_argument("--lemmas", type=Path, metavar="JSON", help="base forms for words that --vectors lacks")
    parser.add_argument("--stop-words", type=Path, metavar="FILE", help="words that get no soft label, one a line")
    parser.add_argument(
        "--word-counts",
        type=Path,
        metavar="FILE",
        help="word<TAB>count lines of a more general text, for the weights of sentence embeddings (count_words.py)",
    )
    parser.add_argument("--resume", action="store_true", help="go on with a run that was stopped or killed")
    parser.add_argument(
        "--exclude-neighbours",
        nargs="*",
        choices=tuple(EXCLUSIONS),
        default=argparse.SUPPRESS,
        metavar="KIND",
        help=f"kinds of words that are no neighbours in the soft-label loss, of: {', '.join(EXCLUSIONS)}; "
        f"default: {' '.join(DEFAULT_EXCLUSIONS) or 'none'}",
    )
    for name, kind in OVERRIDES.items():
        flag = "--" + name.replace("_", "-")
        text = f"default: {getattr(DEFAULTS, name)}"
        parser.add_argument(flag, type=kind, choices=CHOICES.get(name), default=argparse.SUPPRESS, help=text)
    return parser.parse_args()


def main() -> int:
    """Train; return the exit status."""
    arguments = parse_arguments()
    overrides = {name: getattr(arguments, name) for name in (*OVERRIDES, *LISTS) if hasattr(arguments, name)}
    files = TrainingFiles(
        train=arguments.train,
        dev=arguments.dev,
        vectors=arguments.vectors,
        lemmas=arguments.lemmas,
        stop_words=arguments.stop_words,
        word_counts=arguments.word_counts,
    )
    try:
        settings = load_settings(arguments.config, overrides)
        record = train_run(arguments.out, files, settings, resume=arguments.resume)
    except (ResayError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nstopped; go on with the same command and --resume ({arguments.out})", file=sys.stderr)
        return 130
    print(f"{arguments.out}: {record['status']} after {record['epochs']} epochs")
    accuracy = record["metrics"]["dev_token_accuracy"]
    if accuracy < USABLE_ACCURACY and settings.latent != "lm":
        print(
            f"warning: told a dev sentence, the model gets {accuracy:.0%} of its words right, the words before being "
            "given; its paraphrases will make no sense. More sentences help most, tens of thousands of them "
            f"(here {record['corpus']['train']['num_sentences']:,}); then more epochs",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
