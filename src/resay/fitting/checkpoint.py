"""Checkpoints in safetensors and JSON: no pickle, complete or absent, exact on resume.

RUN/model.safetensors             the best weights so far, by dev loss
RUN/checkpoints/step-00001000/    state.safetensors (weights, optimiser, random generators) and progress.json
"""

import dataclasses
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from resay.errors import CheckpointError, SettingsError
from resay.fitting.embedding import load_embedder
from resay.fitting.record import read_record
from resay.models import Autoencoder, ModelSettings
from resay.models.embedder import SentenceEmbedder
from resay.text import Encoding, Tokenizer
from resay.text.lexicon import Lexicon

MODEL_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
FORMER_NAME, PRESENT_NAME = "encoder.lstm.", "encoder.readers.0.0."
"""Of the encoder's weights, in runs made when it had one layer and one direction at most."""


@dataclass(kw_only=True, slots=True)
class Progress:
    """How far a run has come; everything but tensors that a resumed run needs.

    Attributes:
        epoch: Epochs finished.
        batches_done: Batches of the next epoch that are done.
        step: Optimiser steps taken.
        loss_sum: Sum of the training loss over the tokens of the epoch so far.
        num_tokens: Those tokens.
        best_loss: Lowest dev loss, None before the first validation.
        epochs_without_better: Validations since then.
        seconds: Time spent in training steps.
        sentences: Sentences trained on.
        history: One row a finished epoch.
    """

    epoch: int = 0
    batches_done: int = 0
    step: int = 0
    loss_sum: float = 0.0
    num_tokens: int = 0
    best_loss: float | None = None
    epochs_without_better: int = 0
    seconds: float = 0.0
    sentences: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


def _random_state() -> dict[str, Tensor]:
    states = {"random.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["random.cuda"] = torch.cuda.get_rng_state()
    return states


def save_checkpoint(run: Path, model: Autoencoder, optimizer: torch.optim.Optimizer, progress: Progress) -> None:
    """Write a checkpoint beside the last one, then remove the last one: there is a complete one at any moment."""
    folder = run / "checkpoints"
    complete = folder / f"step-{progress.step:08d}-{progress.epoch:04d}"
    if complete.exists():  # same step, same epoch: same contents
        return
    tensors = {f"model.{name}": tensor.contiguous() for name, tensor in model.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        for name, tensor in state.items():
            tensors[f"optimizer.{index}.{name}"] = tensor.contiguous()
    tensors |= _random_state()
    temporary = folder / "incomplete"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    save_file(tensors, temporary / "state.safetensors")
    (temporary / "progress.json").write_text(json.dumps(dataclasses.asdict(progress)))
    temporary.rename(complete)
    for other in folder.glob("step-*"):
        if other != complete:
            shutil.rmtree(other)


def latest_checkpoint(run: Path) -> Path | None:
    """Return the newest complete checkpoint of a run."""
    return max((run / "checkpoints").glob("step-*"), default=None)


def restore_checkpoint(checkpoint: Path, model: Autoencoder, optimizer: torch.optim.Optimizer) -> Progress:
    """Load weights, optimiser and random generators in place; return how far the run had come.

    Raises:
        CheckpointError: If a file is damaged or belongs to a model of other sizes.
    """
    try:
        tensors = load_file(checkpoint / "state.safetensors")
        progress = Progress(**json.loads((checkpoint / "progress.json").read_text()))
        model.load_state_dict(
            with_present_names({name[6:]: value for name, value in tensors.items() if name.startswith("model.")})
        )
    except (OSError, SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{checkpoint}: cannot resume from it ({error}); remove it, or train into another --out"
        ) from None
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".", 2)
            state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    torch.set_rng_state(tensors["random.cpu"])
    if torch.cuda.is_available() and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])
    return progress


def with_present_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a model's weights under the names that they have today."""
    return {name.replace(FORMER_NAME, PRESENT_NAME): weight for name, weight in weights.items()}


def save_model(run: Path, model: Autoencoder) -> None:
    """Write the weights as the run's model, whole or not at all."""
    temporary = run / f"{MODEL_FILE}.tmp"
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, temporary)
    temporary.replace(run / MODEL_FILE)


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A trained model with all that travels with it.

    Attributes:
        model: In evaluation mode, on the CPU.
        tokenizer: The one it was trained with.
        record: The contents of `run.json`.
        max_length: Tokens that a sentence may have.
        lexicon: Gives the ids that the embedder reads; None in runs without one.
        embedder: Gives sentence embeddings; None in runs whose embeddings are averages of the model's own vectors.
    """

    model: Autoencoder
    tokenizer: Tokenizer
    record: dict[str, Any]
    max_length: int
    lexicon: Lexicon | None = None
    embedder: SentenceEmbedder | None = None

    def embedding_of(self, encoding: Encoding) -> Float[Tensor, " D"]:
        """Return the embedding that the run's embedder gives a sentence."""
        assert self.lexicon is not None
        assert self.embedder is not None
        ids = self.lexicon.ids(encoding, self.max_length)
        embedding: Tensor = self.embedder(torch.tensor([ids]), torch.tensor([len(ids)]))[0]
        return embedding


def load_run(run: Path) -> LoadedRun:
    """Load the best model of a run folder.

    Raises:
        CheckpointError: If the folder is no run, has no validated model yet, or is damaged.
    """
    missing = [name for name in (MODEL_FILE, TOKENIZER_FILE, "run.json") if not (run / name).is_file()]
    if missing:
        raise CheckpointError(
            f"{run}: no finished training run ({', '.join(missing)} missing); train one with "
            f"python training/train.py --train FILE --out {run}"
        )
    record = read_record(run)
    tokenizer = Tokenizer.from_file(run / TOKENIZER_FILE)
    try:
        model = Autoencoder(ModelSettings(**record["model"]))
        model.load_state_dict(with_present_names(load_file(run / MODEL_FILE)))
    except (OSError, SafetensorError, RuntimeError, TypeError, SettingsError) as error:
        raise CheckpointError(f"{run / MODEL_FILE}: damaged, or of another model ({error})") from None
    lexicon, embedder = load_embedder(run) or (None, None)
    return LoadedRun(model.eval(), tokenizer, record, int(record["settings"]["max_length"]), lexicon, embedder)
