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


def reverse_sentences(steps: Float[Tensor, "B T E"], lengths: Int64[Tensor, " B"]) -> Float[Tensor, "B T E"]:
    """Turn each sentence round in place, leaving its padding at the end."""
    positions = torch.arange(steps.shape[1], device=steps.device)
    mirrored = lengths.unsqueeze(1) - 1 - positions
    order = torch.where(mirrored >= 0, mirrored, positions)
    return steps.gather(1, order.unsqueeze(2).expand_as(steps))


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
        direction: str = "forward",
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
        states: Tensor = word_vectors(token_ids)
        for readers in self.readers[:-1]:
            in_order = [
                reverse_sentences(found, lengths) if direction == "reverse" else found
                for direction, found in self._read(readers, states, lengths)
            ]
            states = torch.cat(in_order, dim=2)
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, self.hidden_size)
        final = [found.gather(1, last).squeeze(1) for _, found in self._read(self.readers[-1], states, lengths)]
        return torch.cat(final, dim=1)

    def _read(
        self, readers: nn.Module, inputs: Float[Tensor, "B T D"], lengths: Int64[Tensor, " B"]
    ) -> Iterator[tuple[str, Float[Tensor, "B T H"]]]:
        """Yield each direction of a layer with its states, in the order in which it read the sentence."""
        inputs = self.dropout(inputs)
        for direction, reader in zip(DIRECTIONS[self.direction], readers.children(), strict=True):
            states, _ = reader(reverse_sentences(inputs, lengths) if direction == "reverse" else inputs)
            yield direction, states
