"""How well a trained model says unseen sentences again."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from resay.corpus import Corpus, prepare_corpus
from resay.fitting import LoadedRun
from resay.fitting.objective import ReconstructionObjective
from resay.fitting.validation import DevMetrics, validate
from resay.losses import CrossEntropyLoss
from resay.models.greedy import greedy_decode
from resay.text import PAD_ID


@dataclass(frozen=True, slots=True)
class ReconstructionReport:
    """Measures on a text file, and what became of single sentences.

    Attributes:
        metrics: Over the whole file; `loss` is plain cross-entropy, whatever the model was trained with, so that
            models compare.
        pairs: Each example sentence as the model read it, and its greedy free-running reconstruction.
    """

    metrics: DevMetrics
    pairs: list[tuple[str, str]]


def reconstruct_sentences(loaded: LoadedRun, sentences: Sequence[str]) -> list[tuple[str, str]]:
    """Return (sentence as read, greedy reconstruction) as space-separated words, one sentence at a time."""
    pairs = []
    words = loaded.tokenizer.words
    for encoding in loaded.tokenizer.encode_batch(sentences):
        token_ids = torch.tensor([encoding.token_ids[: loaded.max_length]])
        latent = loaded.model.encode(token_ids, torch.tensor([token_ids.shape[1]])).latent
        said = greedy_decode(loaded.model, latent, loaded.max_length + 1)[0]
        output = " ".join(words[index] for index in said.tolist() if index != PAD_ID)
        pairs.append((" ".join(words[index] for index in token_ids[0].tolist()), output))
    return pairs


@torch.no_grad()
def evaluate_reconstruction(
    loaded: LoadedRun, files: Sequence[Path], examples: Sequence[str], *, num_reconstructions: int
) -> ReconstructionReport:
    """Measure a model on text files, one sentence a line.

    Args:
        loaded: The trained model.
        files: Text to measure on, plain or .gz.
        examples: Sentences whose reconstructions the report shows.
        num_reconstructions: Sentences of the files, evenly spread, that are reconstructed free-running.

    Raises:
        CorpusError: If a file cannot be used.
    """
    objective = ReconstructionObjective(loaded.model, CrossEntropyLoss()).eval()
    with tempfile.TemporaryDirectory() as folder:
        prepare_corpus(files, loaded.tokenizer, Path(folder), loaded.max_length)
        metrics = validate(objective, Corpus.open(Path(folder)), num_reconstructions, torch.device("cpu"))
    return ReconstructionReport(metrics, reconstruct_sentences(loaded, examples))
