"""A training run from its files to its finished folder."""

import dataclasses
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from tqdm import tqdm

from resay.errors import CheckpointError, DeviceError
from resay.fitting.checkpoint import MODEL_FILE, Progress, latest_checkpoint, restore_checkpoint
from resay.fitting.curves import Curves
from resay.fitting.embedding import EMBEDDER_FILE, LEXICON_FILE
from resay.fitting.interruption import TrainingInterrupted, stop_request
from resay.fitting.loop import Fit
from resay.fitting.objective import ReconstructionObjective
from resay.fitting.preparation import Prepared, TrainingFiles, open_prepared, prepare
from resay.fitting.record import RECORD_FILE, git_commit, now, read_record, versions, write_record
from resay.fitting.settings import TrainSettings
from resay.losses import build_loss
from resay.models import Autoencoder
from resay.models.average import smooth_inverse_frequency
from resay.text import UNK_ID

UNKNOWN_WORD_WEIGHT = 1e-3
"""An unknown word says little, but a sentence of nothing else still needs a direction."""


def _accelerator(settings: TrainSettings) -> Accelerator:
    gpu = torch.cuda.is_available()
    if settings.device == "cuda" and not gpu:
        raise DeviceError("device cuda was asked for, but torch sees no GPU; use --device cpu or auto")
    on_gpu = gpu and settings.device != "cpu"
    precision = settings.mixed_precision
    if precision == "auto":
        precision = "bf16" if on_gpu and torch.cuda.is_bf16_supported() else "no"
    return Accelerator(cpu=not on_gpu, mixed_precision=precision)


def build_objective(settings: TrainSettings, prepared: Prepared, cache: Path | None = None) -> ReconstructionObjective:
    """Return a fresh model with its loss; the same settings and corpus give the same weights.

    Args:
        settings: Sizes, loss and seed.
        prepared: Corpus and word vectors.
        cache: Folder for the table of neighbours, which takes minutes for large vocabularies.
    """
    set_seed(settings.seed)
    word_vectors = torch.from_numpy(prepared.word_vectors)
    counts = torch.from_numpy(prepared.train.word_counts(prepared.tokenizer.vocab_size)).float()
    token_weights = smooth_inverse_frequency(counts)
    token_weights[UNK_ID] = UNKNOWN_WORD_WEIGHT
    options = dataclasses.replace(
        settings.loss_options(),
        stop_ids=prepared.stop_ids,
        no_vector_ids=np.flatnonzero(~prepared.has_vector),
        excluded_pairs=prepared.excluded_pairs,
    )
    loss = build_loss(settings.loss, word_vectors, options)
    return ReconstructionObjective(Autoencoder(prepared.model_settings, word_vectors, token_weights), loss)


def _start_record(run: Path, settings: TrainSettings, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": run.name,
        "created": now(),
        "command": sys.argv,
        "status": "running",
        "seed": settings.seed,
        "git_commit": git_commit(),
        "versions": versions(),
        "settings": settings.as_dict(),
        "loss": {"name": settings.loss, "options": dataclasses.asdict(settings.loss_options())},
        **found,
    }


def _resumed_record(run: Path, files: TrainingFiles, settings: TrainSettings) -> dict[str, Any]:
    """Return the record of the run that goes on, which must be of the same files and settings."""
    record = read_record(run)
    if record.get("files") != files.as_record():
        raise CheckpointError(
            f"{run} was started with other files, {json.dumps(record.get('files'))}; resume with those"
        )
    former = {**TrainSettings().as_dict(), **record["settings"]}  # settings newer than the run had their default
    differing = [name for name, value in settings.as_dict().items() if former[name] != value]
    if differing:
        raise CheckpointError(
            f"{run} was started with other settings ({', '.join(differing)}); resume with the same ones, "
            "or choose another --out"
        )
    return record


def _new_record(run: Path, files: TrainingFiles, settings: TrainSettings) -> dict[str, Any]:
    """Return the record of a new run, whose files are prepared; whatever an unfinished start left is removed."""
    for name in ("checkpoints", "tensorboard"):
        shutil.rmtree(run / name, ignore_errors=True)
    for name in (MODEL_FILE, LEXICON_FILE, EMBEDDER_FILE, "history.csv", "samples.txt"):
        (run / name).unlink(missing_ok=True)
    run.mkdir(parents=True, exist_ok=True)
    return _start_record(run, settings, {"files": files.as_record(), **prepare(files, run, settings)})


def _open_run(
    run: Path, files: TrainingFiles, settings: TrainSettings, resume: bool
) -> tuple[dict[str, Any], Prepared, ReconstructionObjective]:
    """Return record, data and fresh model of a run, new or going on.

    The record of a new run is written last: settings that turn out wrong leave no run behind.
    """
    if (run / RECORD_FILE).exists():
        if not resume:
            raise CheckpointError(f"{run} already holds a run; add --resume to go on with it, or choose another --out")
        record = _resumed_record(run, files, settings)
    else:
        record = _new_record(run, files, settings)
    prepared = open_prepared(run, record)
    objective = build_objective(settings, prepared, run / "neighbours")
    write_record(run, record)
    return record, prepared, objective


def train_run(run: Path, files: TrainingFiles, settings: TrainSettings, *, resume: bool = False) -> dict[str, Any]:
    """Train a model into a run folder; return the contents of its `run.json`.

    Interrupted (Ctrl-C, SIGTERM), it ends the step and saves a checkpoint first; killed, it loses the steps since
    the last one. Either way `resume=True` goes on, and on the same machine with the same number of threads ends
    with the same weights as a run that never stopped. Where there is nothing to resume, it starts.

    Raises:
        CorpusError: If a text file cannot be trained on.
        VectorsError: If the word vectors cannot be read.
        CheckpointError: If the folder holds a run and `resume` is not set, or a run of other files or settings.
        SettingsError: If the loss cannot be built with these settings and vectors.
        DivergedError: If the loss is not a number any more.
        DeviceError: If a GPU was asked for and there is none.
        TrainingInterrupted: If it was asked to stop.
    """
    accelerator = _accelerator(settings)
    with accelerator.main_process_first():
        going_on = resume or not accelerator.is_main_process
        record, prepared, objective = _open_run(run, files, settings, going_on)
    if accelerator.is_main_process:
        for side, corpus in (("train", prepared.train), ("dev", prepared.dev)):
            tqdm.write(f"{side}: {corpus.report.summary()}")
    parameters = [parameter for parameter in objective.parameters() if parameter.requires_grad]
    objective.to(accelerator.device)
    optimizer = torch.optim.Adam(parameters, lr=settings.learning_rate, fused=True)
    progress = Progress()
    checkpoint = latest_checkpoint(run)
    if checkpoint is not None:
        progress = restore_checkpoint(checkpoint, objective.autoencoder, optimizer)
    with stop_request() as stop, Curves(run, progress.step) as curves:
        fit = Fit(run, settings, prepared, objective, optimizer, accelerator, progress, stop)
        try:
            for _ in fit.epochs(curves):
                _update_record(run, record, fit, "running")
        except TrainingInterrupted:
            _update_record(run, record, fit, "interrupted")
            raise
        _update_record(run, record, fit, "finished")
    return record


def _update_record(run: Path, record: dict[str, Any], fit: Fit, status: str) -> None:
    """Bring `run.json` up to date: how far the run is, and the measures of the best epoch."""
    progress = fit.progress
    best = min(progress.history, key=lambda row: row["dev_loss"], default=None)
    record |= {
        "status": status,
        "device": str(fit.accelerator.device),
        "mixed_precision": fit.accelerator.mixed_precision,
        "epochs": progress.epoch,
        "steps": progress.step,
        "seconds": round(progress.seconds, 1),
        "sentences_per_second": round(progress.sentences / progress.seconds, 1) if progress.seconds else None,
        "metrics": best,
    }
    if fit.accelerator.is_main_process:
        write_record(run, record)
