"""Sentence to feature: a single-layer LSTM whose last state stands for the whole sentence."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn


def reverse_sentences(token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]) -> Int64[Tensor, "B T"]:
    """Turn each sentence round in place, leaving its padding at the end."""
    steps = torch.arange(token_ids.shape[1], device=token_ids.device)
    mirrored = lengths.unsqueeze(1) - 1 - steps
    return token_ids.gather(1, torch.where(mirrored >= 0, mirrored, steps))


class Encoder(nn.Module):
    """An LSTM over word vectors, read out at each sentence's own last step.

    The state after the last real token depends on nothing that follows, so padding cannot change a feature and no
    packing is needed (packed sequences do not export to ONNX).
    """

    def __init__(self, word_vector_size: int, hidden_size: int, direction: str) -> None:
        super().__init__()
        self.direction = direction
        self.lstm = nn.LSTM(word_vector_size, hidden_size, batch_first=True)

    def forward(
        self, word_vectors: nn.Embedding, token_ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]
    ) -> Float[Tensor, "B H"]:
        """Return the LSTM's state after the last token of each sentence, in reading direction.

        Args:
            word_vectors: The table [V, E] that token ids are looked up in.
            token_ids: Sentences without begin or end marks, padded at the end.
            lengths: Real tokens of each sentence, 1 to T.
        """
        ordered = reverse_sentences(token_ids, lengths) if self.direction == "reverse" else token_ids
        states, _ = self.lstm(word_vectors(ordered))
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, states.shape[2])
        features: Tensor = states.gather(1, last).squeeze(1)
        return features
