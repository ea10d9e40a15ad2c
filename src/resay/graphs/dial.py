"""The dial `diversity`, measured on a run's own dev corpus when its model is exported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resay.engine.calibration import calibrate
from resay.engine.model_folder import ModelFolder
from resay.engine.paraphraser import Paraphraser
from resay.graphs.export import Addition
from resay.graphs.run_corpora import sample_corpus
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
        if not folder.card.latent_space.reads_sentence:  # it has no paraphrases
            return {}
        sentences = dev_sentences(corpora, folder.tokenizer.words, num_sentences)
        return {"calibration": calibrate(Paraphraser.open(folder), sentences).model_dump()}

    return measure


def dev_sentences(corpora: Path, words: Sequence[str], num_sentences: int) -> list[str]:
    """Return at most so many sentences of the dev corpus as text, evenly spread over it, but for unknown words.

    Raises:
        ExportError: If the corpus is missing or damaged.
    """
    batch = sample_corpus(corpora, "dev", num_sentences)
    sentences = [row[:length].tolist() for row, length in zip(batch.token_ids, batch.lengths, strict=True)]
    known = [sentence for sentence in sentences if UNK_ID not in sentence]
    return [detokenize([words[token_id] for token_id in sentence]) for sentence in known]
