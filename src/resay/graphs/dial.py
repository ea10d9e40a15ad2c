"""The dial `diversity`, measured on a run's own dev corpus when its model is exported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from resay.corpus import Corpus
from resay.engine.calibration import calibrate
from resay.engine.model_folder import ModelFolder
from resay.engine.paraphraser import Paraphraser
from resay.errors import CorpusError, ExportError
from resay.graphs.export import Addition
from resay.text import UNK_ID, detokenize

NUM_SENTENCES = 64
"""Enough for means over five candidates each that move by about 0.01 from one choice of sentences to another."""


def dial_measurer(corpora: Path, num_sentences: int = NUM_SENTENCES) -> Addition:
    """Return what measures a model's dial for model.json.

    Args:
        corpora: RUN/corpus, with the folder `dev`.
        num_sentences: Dev sentences to paraphrase, with every strategy at every wildness.
    """

    def measure(folder: ModelFolder) -> Mapping[str, Any]:
        sentences = dev_sentences(corpora / "dev", folder.tokenizer.words, num_sentences)
        return {"calibration": calibrate(Paraphraser.open(folder), sentences).model_dump()}

    return measure


def dev_sentences(corpus_folder: Path, words: Sequence[str], num_sentences: int) -> list[str]:
    """Return at most so many sentences of a corpus as text, evenly spread over it; none with an unknown word.

    Raises:
        ExportError: If the corpus is missing or damaged.
    """
    try:
        corpus = Corpus.open(corpus_folder)
    except CorpusError as error:
        raise ExportError(
            f"the dial `diversity` is measured on the run's dev corpus: {error}; put the folder back as training left"
            " it, train again, or export with --calibration-sentences 0"
        ) from None
    places = np.unique(np.linspace(0, len(corpus) - 1, 2 * num_sentences).astype(np.int64))
    token_ids, lengths = corpus.padded(places)
    sentences = [row[:length].tolist() for row, length in zip(token_ids, lengths, strict=True)]
    known = [sentence for sentence in sentences if UNK_ID not in sentence]
    return [detokenize([words[token_id] for token_id in sentence]) for sentence in known[:num_sentences]]
