"""An autoencoder as the code of 2018 ran it: a decoder that takes one step at a time through an LSTM cell."""

import torch
from torch import Tensor, nn


class PublishedAutoencoder(nn.Module):
    """LSTM encoder, whose last state starts an LSTM-cell decoder; frozen word vectors [V, E]."""

    def __init__(self, word_vectors: Tensor, hidden_size: int) -> None:
        super().__init__()
        vocab_size, word_vector_size = word_vectors.shape
        self.word_vectors = nn.Embedding.from_pretrained(word_vectors)
        self.encoder = nn.LSTM(word_vector_size, hidden_size, batch_first=True)
        self.decoder = nn.LSTMCell(word_vector_size, hidden_size)
        self.output = nn.Linear(hidden_size, vocab_size)

    def forward(self, token_ids: Tensor, lengths: Tensor, previous_ids: Tensor) -> Tensor:
        """Return the logits [B, S, V] of every step, teacher-forced, padding included."""
        states, _ = self.encoder(self.word_vectors(token_ids))
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, states.shape[2])
        hidden = states.gather(1, last).squeeze(1)
        cell = torch.zeros_like(hidden)
        logits = []
        for previous in self.word_vectors(previous_ids).unbind(1):
            hidden, cell = self.decoder(previous, (hidden, cell))
            logits.append(self.output(hidden))
        return torch.stack(logits, dim=1)
