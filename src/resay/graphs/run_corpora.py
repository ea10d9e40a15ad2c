"""Sentences of a run's own corpora, for rounding a graph, for judging it and for measuring the dial."""

from pathlib import Path

import torch
from jaxtyping import Float32
from numpy import ndarray

from resay.corpus import Batch, Corpus, make_batch, spread_evenly
from resay.errors import CorpusError, ExportError
from resay.models import Autoencoder


def sample_corpus(corpora: Path, name: str, num_sentences: int) -> Batch:
    """Return at most so many sentences, evenly spread over RUN/corpus/`name`.

    Args:
        corpora: RUN/corpus.
        name: "train" or "dev".
        num_sentences: How many.

    Raises:
        ExportError: If there is no such corpus, or it is damaged.
    """
    try:
        corpus = Corpus.open(corpora / name)
    except CorpusError as error:
        raise ExportError(
            f"quantising and measuring the dial need sentences of the run's {name} corpus: {error}; put the folder back"
            " as training left it, train again, or export without --quantize and with --calibration-sentences 0"
        ) from None
    return make_batch(corpus, spread_evenly(len(corpus), num_sentences))


def decoder_states(model: Autoencoder, batch: Batch) -> Float32[ndarray, "samples H"]:
    """Return the decoder's hidden state before each word and end mark of sentences, under teacher forcing.

    It speaks from the latents that it gets at inference, which are the same every time.
    """
    token_ids, lengths, previous_ids = map(torch.from_numpy, (batch.token_ids, batch.lengths, batch.previous_ids))
    with torch.inference_mode():
        states = model.decoder(model.word_vectors(previous_ids), model.encode(token_ids, lengths).latent)
    found: Float32[ndarray, "samples H"] = states.float().numpy()[batch.targets >= 0]
    return found
