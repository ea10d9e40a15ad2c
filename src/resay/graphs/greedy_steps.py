"""A step graph that says sentences, one most probable word after another."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray
from onnxruntime import InferenceSession

from resay.text import BOS_ID, EOS_ID


class SaidWords(NamedTuple):
    """The most probable word of each sentence that is still being said, and which sentences those are."""

    rows: Int64[ndarray, " R"]
    token_ids: Int64[ndarray, " R"]


def greedy_steps(
    session: InferenceSession,
    latents: Float32[ndarray, "B Z"],
    hidden_size: int,
    given: Int64[ndarray, "B S"] | None = None,
) -> Iterator[SaidWords]:
    """Yield the most probable words of one step after another, without an end of its own but the end mark.

    Args:
        session: decoder_step.onnx.
        latents: Of the sentences.
        hidden_size: H.
        given: The words to feed back (teacher forcing), S steps of them; what was said itself if not given.
    """
    rows = np.arange(len(latents))
    token_ids = np.full(len(rows), BOS_ID)
    hidden = cell = np.zeros((len(rows), hidden_size), np.float32)
    one = np.array([1], dtype=np.int64)
    step = 0
    while len(rows) and (given is None or step < given.shape[1]):
        feeds = {"token_ids": token_ids, "latent": latents[rows], "hidden": hidden, "cell": cell}
        outputs = session.run(["candidate_ids", "next_hidden", "next_cell"], feeds | {"num_candidates": one})
        # ONNX Runtime calls its 64-bit integers "long long"; the view gives them the usual name.
        said, hidden, cell = outputs[0][:, 0].view(np.int64), outputs[1], outputs[2]
        yield SaidWords(rows, said)
        token_ids = said if given is None else given[rows, step]
        going = token_ids != EOS_ID
        rows, token_ids, hidden, cell = rows[going], token_ids[going], hidden[going], cell[going]
        step += 1
