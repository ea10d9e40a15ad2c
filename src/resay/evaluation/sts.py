"""STS Benchmark, unsupervised: does the cosine of two sentence vectors follow people's judgement of likeness?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray

from resay.evaluation.transfer.pair_files import read_sts_file
from resay.fitting import LoadedRun
from resay.text import PAD_ID, UNK_ID


@dataclass(frozen=True, slots=True)
class SimilarityPair:
    """Two sentences and how alike people found them, from 0 to 5."""

    first: str
    second: str
    score: float


def read_sts(path: Path) -> list[SimilarityPair]:
    """Read a file of the STS Benchmark (sts-dev.csv, sts-test.csv: tab-separated, score and sentences last).

    Raises:
        CorpusError: If the file is missing or a line has not these columns.
    """
    examples = read_sts_file(path)
    return [
        SimilarityPair(first, second, score)
        for first, second, score in zip(*examples.columns, examples.targets.tolist(), strict=True)
    ]


def _cosines(first: Float[np.ndarray, "B D"], second: Float[np.ndarray, "B D"]) -> NDArray[np.float64]:
    products = (first * second).sum(1, dtype=np.float64)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.asarray(products / np.maximum(lengths, 1e-12))


@torch.no_grad()
def _vectors(loaded: LoadedRun, sentences: list[str]) -> dict[str, NDArray[np.float32]]:
    """Return latents and embeddings [B, D] of sentences, in their order; no word at all counts as one unknown."""
    latents, embeddings = [], []
    for start in range(0, len(sentences), 64):
        encodings = loaded.tokenizer.encode_batch(sentences[start : start + 64])
        rows = [torch.tensor(encoding.token_ids or [UNK_ID]) for encoding in encodings]
        token_ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD_ID)
        codes = loaded.model.encode(token_ids, torch.tensor([len(row) for row in rows]))
        latents.append(codes.latent.numpy())
        embeddings.append(codes.embedding.numpy())
    return {"latent": np.concatenate(latents), "embedding": np.concatenate(embeddings)}


def evaluate_sts(loaded: LoadedRun, pairs: list[SimilarityPair]) -> dict[str, float]:
    """Return the Pearson correlation of cosine and score, for the latent and for the embedding."""
    scores = np.array([pair.score for pair in pairs])
    firsts = _vectors(loaded, [pair.first for pair in pairs])
    seconds = _vectors(loaded, [pair.second for pair in pairs])
    return {name: float(np.corrcoef(_cosines(firsts[name], seconds[name]), scores)[0, 1]) for name in firsts}
