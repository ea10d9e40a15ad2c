"""The decoder's step in torch, and how far the exported step is from it over several chained steps."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from numpy.typing import NDArray
from onnxruntime import InferenceSession
from torch import Tensor

from resay.graphs.decoder_step_graph import NEVER_SAID
from resay.graphs.differences import largest_difference, largest_probability_difference
from resay.models import Autoencoder
from resay.text import BOS_ID, EOS_ID

RESTART_SHARE = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class DecoderCheck:
    """How the decoder's step is compared: fields as in `ParityGrid`."""

    num_steps: int
    num_candidates: int
    lowest_log_prob: float


def decoder_differences(
    model: Autoencoder,
    session: InferenceSession,
    latent: Float[Tensor, "R Z"],
    check: DecoderCheck,
    generator: torch.Generator,
) -> Iterator[tuple[str, float]]:
    """Yield (output, largest difference) for each output of each step.

    Both sides are fed the same words and carry their own states along. Every row starts; later steps mix rows
    that go on with rows that start anew, whose old state both sides have to ignore.
    """
    num_candidates = min(check.num_candidates, model.settings.vocab_size - len(NEVER_SAID))
    hidden = torch.zeros(len(latent), model.decoder.lstm.hidden_size)
    cell = torch.zeros_like(hidden)
    hidden_found, cell_found = hidden.numpy(), cell.numpy()
    for step in range(check.num_steps):
        token_ids = torch.randint(EOS_ID, model.settings.vocab_size, (len(latent),), generator=generator)
        starts = torch.rand(len(latent), generator=generator) < RESTART_SHARE
        token_ids[starts | (step == 0)] = BOS_ID
        scores, hidden, cell = reference_step(model, token_ids, latent, hidden, cell)
        feeds = {
            "token_ids": token_ids.numpy(),
            "latent": latent.numpy(),
            "hidden": hidden_found,
            "cell": cell_found,
            "num_candidates": np.array([num_candidates], dtype=np.int64),
        }
        names = ["candidate_ids", "log_probs", "next_hidden", "next_cell"]
        ids_found, log_probs_found, hidden_found, cell_found = session.run(names, feeds)
        yield "next_hidden", largest_difference(hidden, hidden_found)
        yield "next_cell", largest_difference(cell, cell_found)
        lowest = check.lowest_log_prob
        expected, found = scores.clamp(min=lowest), log_probs_found.clip(min=lowest)
        yield "log_probs", candidates_difference(expected, ids_found, found, num_candidates)


def reference_step(
    model: Autoencoder,
    token_ids: Int64[Tensor, " R"],
    latent: Float[Tensor, "R Z"],
    hidden: Float[Tensor, "R H"],
    cell: Float[Tensor, "R H"],
) -> tuple[Float[Tensor, "R V"], Float[Tensor, "R H"], Float[Tensor, "R H"]]:
    """Return the log probability of every word (−∞ if never said) and the next state (hidden, cell)."""
    starts: Bool[Tensor, "R 1"] = (token_ids == BOS_ID).unsqueeze(1)
    start_hidden, start_cell = model.decoder.start(latent)
    hidden, cell = torch.where(starts, start_hidden, hidden), torch.where(starts, start_cell, cell)
    states, hidden, cell = model.decoder.step(model.word_vectors(token_ids), latent, hidden, cell)
    logits = model.decoder.output(states)
    logits[:, list(NEVER_SAID)] = float("-inf")
    return logits.log_softmax(dim=-1), hidden, cell


def candidates_difference(
    scores: Float[Tensor, "R V"],
    candidate_ids: NDArray[np.int64],
    log_probs: NDArray[np.float32],
    num_candidates: int,
) -> float:
    """Return how far the candidates are from being the best words with the right log probabilities.

    Two words may be as likely as each other, so ids are not compared: the log probability of each candidate
    must be that of the word it names, and the list of them that of the best `num_candidates` words. Both are
    compared as log probabilities, and as probabilities.
    """
    if candidate_ids.shape != (len(scores), num_candidates) or np.isin(candidate_ids, NEVER_SAID).any():
        return math.inf
    of_named_words = scores.gather(1, torch.from_numpy(candidate_ids))
    best = scores.topk(num_candidates).values
    measures = (largest_difference, largest_probability_difference)
    return max(measure(expected, log_probs) for expected in (of_named_words, best) for measure in measures)
