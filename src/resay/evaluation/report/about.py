"""What a model is, from the `run.json` of a run folder or the `model.json` of an exported one."""

import csv
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resay.engine.model_folder import CARD_FILE, ModelFolder
from resay.errors import SettingsError
from resay.fitting.record import RECORD_FILE, read_record

HISTORY_FILE = "history.csv"
SHORT_SHA, SHORT_COMMIT = 12, 7
SOFT_LABEL = "soft-label"
TECHNICAL = frozenset({"ignore_index", "reduction", "vocab_size", "cache_dir", "no_vector_ids", "stop_ids"})
"""Options of a loss that say nothing of what it is."""


@dataclass(frozen=True, slots=True)
class About:
    """A model, in words.

    Attributes:
        name: What it is called.
        loss: What it was trained with.
        num_neighbours: N of the soft-label loss; "" for others.
        seed: Of the training; "" where it is not known.
        facts: Names and what is so called, for people.
        history: Rows of the training's curve, an epoch each; none for an exported model.
        exported: Whether it is an exported model.
    """

    name: str
    loss: str
    num_neighbours: str
    seed: str
    facts: Sequence[tuple[str, str]]
    history: Sequence[Mapping[str, str]] = ()
    exported: bool = False


def is_exported(path: Path) -> bool:
    """Return whether a folder is an exported model, and no run.

    Raises:
        SettingsError: If it is neither.
    """
    if (path / CARD_FILE).is_file():
        return True
    if (path / RECORD_FILE).is_file():
        return False
    raise SettingsError(
        f"{path}: is no run folder of training/train.py, which holds {RECORD_FILE}, and no folder of"
        f" export/to_onnx.py, which holds {CARD_FILE}; name one of them"
    )


def read_about(path: Path) -> About:
    """Return what a folder says of its model.

    Raises:
        SettingsError: If it is neither a run folder nor an exported model.
        CheckpointError: If run.json is damaged.
        ModelFolderError: If the exported folder is.
    """
    return _about_export(path) if is_exported(path) else _about_run(path)


def _about_run(path: Path) -> About:
    record = read_record(path)
    loss = record.get("loss") or {}
    options = loss.get("options") or {}
    history: list[dict[str, str]] = []
    if (path / HISTORY_FILE).is_file():
        with (path / HISTORY_FILE).open(newline="", encoding="utf-8") as stream:
            history = list(csv.DictReader(stream))
    return About(
        name=path.resolve().name,
        loss=str(loss.get("name", "")),
        num_neighbours=_neighbours(loss.get("name"), options),
        seed=str(record.get("seed", "")),
        facts=[(name, text) for name, text in _run_facts(record) if text],
        history=history,
    )


def _about_export(path: Path) -> About:
    card = ModelFolder.open(path).card
    options = card.provenance.get("loss_options") or {}
    seed = card.provenance.get("seed")
    return About(
        name=path.resolve().name,
        loss=card.loss,
        num_neighbours=_neighbours(card.loss, options),
        seed="" if seed is None else str(seed),
        facts=[
            ("Loss", describe_loss(card.loss, options)),
            ("Latent", card.latent),
            ("Vocabulary", f"{card.dimensions.vocab_size:,} words"),
            (
                "Sizes",
                f"word vectors {card.dimensions.word_vector_size}, decoder {card.dimensions.hidden_size}, latent "
                f"{card.dimensions.latent_size}, embedding {card.dimensions.embedding_size}",
            ),
            ("Longest sentence", f"{card.limits.max_length} tokens"),
            ("Files", _file_sizes(path)),
            *((name, text) for name, text in _provenance(card.provenance) if text),
        ],
        exported=True,
    )


def _run_facts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    loss, model = record.get("loss") or {}, record.get("model") or {}
    corpus = (record.get("corpus") or {}).get("train") or {}
    settings = record.get("settings") or {}
    yield "Loss", describe_loss(str(loss.get("name", "")), loss.get("options") or {})
    yield "Latent", str(model.get("latent", ""))
    yield "Vocabulary", f"{model['vocab_size']:,} words" if "vocab_size" in model else ""
    shown = {name: value for name, value in model.items() if name not in ("vocab_size", "latent")}
    yield "Sizes", ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in shown.items())
    if corpus:
        names = ", ".join(Path(name).name for name in corpus.get("files", ()))
        sizes = f"{corpus.get('num_sentences', 0):,} sentences, {corpus.get('num_tokens', 0):,} tokens"
        yield "Training text", f"{names}: {sizes}, sha256 {str(corpus.get('sha256', ''))[:SHORT_SHA]}"
    metrics = record.get("metrics") or {}
    epochs = f"{record.get('epochs', '')} epochs, the best was {metrics['epoch']}" if "epoch" in metrics else ""
    training = [epochs, *(f"{name.replace('_', ' ')} {settings[name]}" for name in _TRAINING if name in settings)]
    yield "Training", ", ".join(part for part in training if part)
    seconds, device = record.get("seconds"), record.get("device", "")
    yield "Trained for", "" if seconds is None else f"{seconds:,.0f} s on {device}"
    yield "Command", shlex.join(["python", *map(str, record.get("command", ()))])
    yield from _provenance(record)


_TRAINING = ("batch_size", "learning_rate", "schedule", "unknown_rate", "mixed_precision")


def _provenance(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what both files say in the same words."""
    vectors = record.get("vectors") or {}
    yield (
        "Word vectors",
        ": ".join(
            part for part in (Path(str(vectors.get("source", ""))).name, str(vectors.get("summary", ""))) if part
        ),
    )
    yield "Left out of neighbours", ", ".join(vectors.get("exclusions") or ())
    yield "Training text's sha256", str(record.get("corpus_sha256") or "")[:SHORT_SHA]
    yield "Seed", "" if record.get("seed") is None else str(record["seed"])
    yield "Commit", short_commit(str(record.get("git_commit") or ""))
    yield "Versions", ", ".join(f"{name} {version}" for name, version in (record.get("versions") or {}).items())
    yield "Trained", str(record.get("created") or "")


def describe_loss(name: str, options: Mapping[str, Any]) -> str:
    """Return a loss and those of its options that are set, on one line."""
    shown = {key: value for key, value in options.items() if key not in TECHNICAL and _is_set(value)}
    if name != SOFT_LABEL:
        shown.pop("num_neighbours", None)
    return ", ".join([name, *(f"{key.replace('_', ' ')} {_value(value)}" for key, value in shown.items())])


def _neighbours(loss: object, options: Mapping[str, Any]) -> str:
    return str(options.get("num_neighbours", "")) if loss == SOFT_LABEL else ""


def _is_set(value: object) -> bool:
    """Return whether an option is in use: False is a choice, 0 and nothing are none."""
    return isinstance(value, bool) or bool(value)


def _value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _file_sizes(path: Path) -> str:
    sizes = [(file.name, file.stat().st_size / 1e6) for file in sorted(path.iterdir()) if file.is_file()]
    return ", ".join(f"{name} {size:.1f} MB" for name, size in sizes if size >= 0.05)


def short_commit(commit: str) -> str:
    """Return a commit's first digits, with "+changes" where it has that."""
    number, plus, changes = commit.partition("+")
    return number[:SHORT_COMMIT] + plus + changes
