"""Sentence to feature: recurrent layers whose last states stand for the whole sentence."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

CELLS: Mapping[str, type[nn.LSTM] | type[nn.GRU]] = MappingProxyType({"lstm": nn.LSTM, "gru": nn.GRU})
DIRECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"forward": ("forward",), "reverse": ("reverse",), "both": ("forward", "reverse")}
)


def reversed_order(num_steps: int, lengths: Int64[Tensor, " B"]) -> Int64[Tensor, "B T"]:
    """Return which step comes at each place when sentences are turned round, their padding left at the end."""
    positions = torch.arange(num_steps, device=lengths.device)
    mirrored = lengths.unsqueeze(1) - 1 - positions
    return torch.where(mirrored >= 0, mirrored, positions)


class Encoder(nn.Module):
    """Recurrent layers over word vectors, read out at each sentence's own last step.

    The state after the last real token depends on nothing that follows, so padding cannot change a feature and no
    packing is needed (packed sequences do not export to ONNX). A direction of a layer is a recurrent net of its own,
    `readers[layer][number of the direction]`; the one that reads in reverse gets the sentence turned round.

    Args:
        word_vector_size: E.
        hidden_size: H, units of each direction of each layer.
        direction: "forward", "reverse", or "both", whose last states are joined, forward first.
        cell: "lstm" or "gru".
        num_layers: Layers, each reading the states of the one before.
        dropout: Share of every layer's inputs that training zeroes.
    """

    def __init__(
        self,
        word_vector_size: int,
        hidden_size: int,
        direction: str,
        *,
        cell: str = "lstm",
        num_layers: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.direction = direction
        self.hidden_size = hidden_size
        self.feature_size = hidden_size * len(DIRECTIONS[direction])
        self.dropout = nn.Dropout(dropout)
        sizes = (word_vector_size,) + (self.feature_size,) * (num_layers - 1)
        self.readers = nn.ModuleList(
            nn.ModuleList(CELLS[cell](size, hidden_size, batch_first=True) for _ in DIRECTIONS[direction])
            for size in sizes
        )

    def forward(
        self, word_vectors: nn.Embedding, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]
    ) -> Float[Tensor, "B F"]:
        """Return the last layer's states after the last token of each sentence, in reading direction.

        Args:
            word_vectors: The table [V, E] that token ids are looked up in.
            token_ids: Sentences without begin or end marks, padded at the end.
            lengths: Real tokens of each sentence, 1 to T.
        """
        order = reversed_order(token_ids.shape[1], lengths)
        # Ids are turned round, not their vectors: hundreds of times less to move.
        inputs = {
            direction: word_vectors(token_ids.gather(1, order) if direction == "reverse" else token_ids)
            for direction in DIRECTIONS[self.direction]
        }
        found = list(self._read(self.readers[0], inputs))
        for readers in self.readers[1:]:
            states = torch.cat([turned(one, order, direction) for direction, one in found], dim=2)
            found = list(self._read(readers, {direction: turned(states, order, direction) for direction in inputs}))
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, self.hidden_size)
        return torch.cat([states.gather(1, last).squeeze(1) for _, states in found], dim=1)

    def _read(
        self, readers: nn.Module, inputs: Mapping[str, Float[Tensor, "B T D"]]
    ) -> Iterator[tuple[str, Float[Tensor, "B T H"]]]:
        """Yield each direction of a layer with its states, both in the order in which it reads."""
        for (direction, steps), reader in zip(inputs.items(), readers.children(), strict=True):
            yield direction, reader(self.dropout(steps))[0]


def turned(steps: Float[Tensor, "B T D"], order: Int64[Tensor, "B T"], direction: str) -> Float[Tensor, "B T D"]:
    """Return steps of sentences turned round if a direction reads in reverse; twice gives them back."""
    return steps.gather(1, order.unsqueeze(2).expand_as(steps)) if direction == "reverse" else steps
