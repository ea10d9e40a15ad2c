"""Shapes and types of what a caller hands to a loss; every message names what came and what is allowed."""

import math

import numpy as np
import torch
from torch import Tensor

from resay.errors import SettingsError, ShapeError
from resay.losses import devices


def shape_of(tensor: Tensor) -> str:
    """Return a shape the way messages print it."""
    return f"[{', '.join(str(size) for size in tensor.shape)}]"


def check_targets(targets: Tensor, lead: Tensor, name: str, vocab_size: int, ignore_index: int) -> None:
    """Raise ShapeError unless ``targets`` are token ids in the shape of ``lead`` without its last axis.

    The range of the ids is looked at on a CPU only: elsewhere the look would make the host wait.
    """
    if not isinstance(targets, Tensor) or targets.is_floating_point() or targets.is_complex():
        given = targets.dtype if isinstance(targets, Tensor) else type(targets).__name__
        raise ShapeError(f"targets must be a tensor of integer token ids, got {given}")
    if targets.dtype == torch.bool:
        raise ShapeError("targets must be a tensor of integer token ids, got torch.bool")
    if targets.shape != lead.shape[:-1]:
        hint = ""
        if lead.dim() == 3 and targets.dim() == 2 and (lead.shape[0], lead.shape[2]) == tuple(targets.shape):
            hint = f"; if the {name} are [B, V, T], pass {name}.transpose(1, 2)"
        raise ShapeError(
            f"{name} {shape_of(lead)} need targets of the same shape without the last axis, "
            f"got targets {shape_of(targets)}{hint}"
        )
    if targets.device != lead.device:
        raise ShapeError(f"{name} are on {lead.device} but targets on {targets.device}: move one of them")
    if devices.runs_behind(targets.device) or targets.numel() == 0:
        return
    outside = ((targets < 0) | (targets >= vocab_size)) & (targets != ignore_index)
    if bool(outside.any()):
        raise ShapeError(
            f"targets must be ids in [0, {vocab_size}) or ignore_index {ignore_index}, got {int(targets[outside][0])}"
        )


def check_logits(logits: Tensor) -> None:
    """Raise ShapeError unless these are floating-point scores with the vocabulary as their last axis."""
    if not isinstance(logits, Tensor) or not logits.is_floating_point():
        given = logits.dtype if isinstance(logits, Tensor) else type(logits).__name__
        raise ShapeError(f"logits must be a floating-point tensor, got {given}")
    if logits.dim() == 0 or logits.shape[-1] == 0:
        raise ShapeError(f"logits must be [..., V] with V at least 1, got {shape_of(logits)}")


def check_output_layer(hidden: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Raise ShapeError unless hidden [..., H], weight [V, H] and bias [V] fit one another."""
    for name, tensor in (("hidden", hidden), ("weight", weight), ("bias", bias)):
        if tensor is None and name == "bias":
            continue
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            given = tensor.dtype if isinstance(tensor, Tensor) else type(tensor).__name__
            raise ShapeError(f"{name} must be a floating-point tensor, got {given}")
        if tensor.device != hidden.device:
            raise ShapeError(f"hidden is on {hidden.device} but {name} on {tensor.device}: move one of them")
    if weight.dim() != 2 or 0 in weight.shape:
        raise ShapeError(f"weight must be [V, H] with V and H at least 1, got {shape_of(weight)}")
    if hidden.dim() == 0 or hidden.shape[-1] != weight.shape[1]:
        raise ShapeError(
            f"hidden {shape_of(hidden)} must end in the {weight.shape[1]} columns of weight {shape_of(weight)}"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ShapeError(f"bias must be [{weight.shape[0]}] like weight's rows, got {shape_of(bias)}")


def check_table(table: Tensor | None, vocab_size: int, device: torch.device) -> None:
    """Raise ShapeError unless the loss's own table has a row for each word, on ``device``."""
    if table is None:
        return
    if table.shape[0] != vocab_size:
        raise ShapeError(
            f"word_vectors have {table.shape[0]} rows but the output layer has {vocab_size} words: "
            "both must be the same vocabulary in the same order"
        )
    if table.device != device:
        raise ShapeError(f"the loss's tables are on {table.device} but its inputs on {device}: call loss.to(…)")


def as_word_vectors(word_vectors: Tensor | np.ndarray, vocab_size: int | None) -> Tensor:
    """Return word vectors as a detached float32 or float64 matrix [V, E].

    Raises:
        ShapeError: Not a floating-point matrix with at least one row and column, rows that are not
            ``vocab_size``, or numbers that are not finite.
    """
    if not isinstance(word_vectors, Tensor | np.ndarray):
        raise ShapeError(f"word_vectors must be a tensor or array [V, E], got {type(word_vectors).__name__}")
    vectors = torch.as_tensor(word_vectors).detach()
    if not vectors.is_floating_point():
        raise ShapeError(f"word_vectors must be floating-point, got {vectors.dtype}")
    if vectors.dim() != 2 or 0 in vectors.shape:
        raise ShapeError(f"word_vectors must be a matrix [V, E], got {shape_of(vectors)}")
    if vocab_size is not None and vectors.shape[0] != vocab_size:
        raise ShapeError(
            f"word_vectors have {vectors.shape[0]} rows but the vocabulary has {vocab_size} words: "
            "both must be the same vocabulary in the same order"
        )
    finite = torch.isfinite(vectors).all(-1)
    if not bool(finite.all()):
        row = int(torch.nonzero(~finite)[0])
        raise ShapeError(f"word_vectors must be finite; row {row} holds NaN or infinity")
    return vectors if vectors.dtype == torch.float64 else vectors.float()


def as_word_mask(ids: object, vocab_size: int, name: str) -> Tensor:
    """Return a set of words, given as ids or as a mask [V] of bools, as a mask [V]; ``None`` is no word.

    Raises:
        SettingsError: An id outside the vocabulary, or a mask of another length.
    """
    mask = torch.zeros(vocab_size, dtype=torch.bool)
    if ids is None:
        return mask
    given = torch.as_tensor(np.asarray(ids.cpu() if isinstance(ids, Tensor) else ids))
    if given.numel() == 0 and given.dtype != torch.bool:
        return mask
    if given.dtype == torch.bool:
        if given.shape != mask.shape:
            raise SettingsError(f"{name} as a mask must have {vocab_size} entries, got {shape_of(given)}")
        return given.clone()
    if given.is_floating_point() or given.dim() != 1:
        raise SettingsError(f"{name} must be word ids or a mask of bools, got {given.dtype} {shape_of(given)}")
    outside = (given < 0) | (given >= vocab_size)
    if bool(outside.any()):
        raise SettingsError(f"{name} must be in [0, {vocab_size}), got {int(given[outside][0])}")
    mask[given.long()] = True
    return mask


def as_word_pairs(pairs: object, vocab_size: int, name: str) -> np.ndarray | None:
    """Return pairs of word ids as an array [P, 2] of int64; ``None`` stays None.

    Raises:
        SettingsError: Anything other than pairs of ids, or an id outside the vocabulary.
    """
    if pairs is None:
        return None
    given = np.asarray(pairs.cpu() if isinstance(pairs, Tensor) else pairs)
    if given.size == 0:
        return None
    if given.dtype.kind not in "iu" or given.ndim != 2 or given.shape[1] != 2:
        raise SettingsError(f"{name} must be pairs of word ids [P, 2], got {given.dtype} {list(given.shape)}")
    outside = given[(given < 0) | (given >= vocab_size)]
    if outside.size:
        raise SettingsError(f"{name} must be in [0, {vocab_size}), got {outside[0]}")
    return given.astype(np.int64)


def check_number(name: str, value: float, *, above: float | None = None, at_least: float | None = None) -> None:
    """Raise SettingsError unless ``value`` is finite and within its bound."""
    bound = f"above {above:g}" if above is not None else f"at least {at_least:g}"
    good = math.isfinite(value) and (value > above if above is not None else value >= (at_least or 0.0))
    if not good:
        raise SettingsError(f"{name} must be a number {bound}, got {value}")
