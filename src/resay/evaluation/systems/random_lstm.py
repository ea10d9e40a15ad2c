"""The control: an LSTM that was never trained (Wieting and Kiela 2019, https://arxiv.org/abs/1901.10444).

A task on which it equals a trained encoder says nothing of the training.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float32, Int64
from numpy import ndarray
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from resay.evaluation.systems.batches import embed_rows
from resay.evaluation.systems.digests import digest_of
from resay.evaluation.systems.sources import Sources
from resay.evaluation.systems.word_table import WordTable

VERSION = "random lstm 1"
"""Counts up when the same files and seed give other vectors."""
NUM_UNITS = 256
"""Of each direction; the paper's autoencoder has as many, Wieting and Kiela up to 2048."""
TEXTS_AT_ONCE = 4096


class RandomLstm:
    """A bidirectional LSTM over word vectors, weights uniform in ±1/√H, component-wise maximum of its states.

    Args:
        table: Word vectors.
        seed: Of the weights; torch's own generator is as it was afterwards.
        num_units: H, of each direction.
    """

    def __init__(self, table: WordTable, seed: int, num_units: int = NUM_UNITS) -> None:
        self._table = table
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            # Torch's own first weights are those of the paper.
            self._lstm = nn.LSTM(table.size, num_units, batch_first=True, bidirectional=True).eval()
        self._sha256 = digest_of([VERSION, table.sha256, str(seed), str(num_units), torch.__version__])

    @property
    def name(self) -> str:
        """Return the baseline's name."""
        return "random-lstm"

    @property
    def sha256(self) -> str:
        """Return a hash over word vectors, seed and size."""
        return self._sha256

    @torch.no_grad()
    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B Z"]:
        """Return a vector for each text; one without a word gets the zero vector."""
        found = self._table.look_up(texts)
        # The first row stands for padding.
        matrix = torch.cat([torch.zeros(1, self._table.size), torch.from_numpy(found.matrix)])

        def read(ids: Int64[ndarray, "B T"], lengths: Int64[ndarray, " B"]) -> Float32[ndarray, "B Z"]:
            steps = nn.functional.embedding(torch.from_numpy(ids), matrix)
            packed = pack_padded_sequence(steps, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False)
            states, _ = pad_packed_sequence(self._lstm(packed)[0], batch_first=True, padding_value=-torch.inf)
            vectors: ndarray = states.amax(1).numpy()
            return vectors

        rows = [[place + 1 for place in row] for row in found.rows]
        return embed_rows(rows, 2 * self._lstm.hidden_size, read)


def random_lstm(sources: Sources) -> RandomLstm:
    """Return the control over a baseline's word vectors."""
    return RandomLstm(WordTable.of(sources, "random-lstm"), sources.seed)
