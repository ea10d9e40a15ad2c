"""Latent to sentence: a single-layer LSTM language model conditioned on the latent at every step."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class Decoder(nn.Module):
    """An LSTM that says one word after another.

    The latent z sets the first state, c₀ = W_c z + b_c and h₀ = tanh c₀, and joins every input,
    x_t = v(y_{t−1}) + W_x z + b_x: what it says need not survive fifteen steps of forgetting. Logits are W h_t + b.
    While training, dropout falls on v(y_{t−1}) and on h_t.
    """

    def __init__(
        self, *, word_vector_size: int, hidden_size: int, latent_size: int, vocab_size: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(word_vector_size, hidden_size, batch_first=True)
        self.latent_to_cell = nn.Linear(latent_size, hidden_size)
        self.latent_to_input = nn.Linear(latent_size, word_vector_size)
        self.output = nn.Linear(hidden_size, vocab_size)

    def start(self, latent: Float[Tensor, "R Z"]) -> tuple[Float[Tensor, "R H"], Float[Tensor, "R H"]]:
        """Return the state (hidden, cell) before the first word."""
        cell = self.latent_to_cell(latent)
        return torch.tanh(cell), cell

    def forward(self, previous_vectors: Float[Tensor, "R T E"], latent: Float[Tensor, "R Z"]) -> Float[Tensor, "R T H"]:
        """Return the hidden state that each next word is predicted from, the previous words being given."""
        hidden, cell = self.start(latent)
        inputs = self.dropout(previous_vectors) + self.latent_to_input(latent).unsqueeze(1)
        states: Tensor = self.lstm(inputs, (hidden.unsqueeze(0), cell.unsqueeze(0)))[0]
        dropped: Tensor = self.dropout(states)
        return dropped

    def step(
        self,
        previous_vectors: Float[Tensor, "R E"],
        latent: Float[Tensor, "R Z"],
        hidden: Float[Tensor, "R H"],
        cell: Float[Tensor, "R H"],
    ) -> tuple[Float[Tensor, "R H"], Float[Tensor, "R H"], Float[Tensor, "R H"]]:
        """Take one step; return what the next word is predicted from, and the new state (hidden, cell)."""
        inputs = (previous_vectors + self.latent_to_input(latent)).unsqueeze(1)
        states, (hidden, cell) = self.lstm(inputs, (hidden.unsqueeze(0), cell.unsqueeze(0)))
        return states.squeeze(1), hidden.squeeze(0), cell.squeeze(0)
