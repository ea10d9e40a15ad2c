"""A decoder small enough to know everything it can say."""

from collections.abc import Callable

import numpy as np
import pytest

from resay.engine.decoding import DecoderState, DecodingSettings, StepOutput
from resay.text import BOS_ID, PAD_ID, UNK_ID


class TinyStep:
    """A recurrent network in float64 numpy whose every distribution depends on the whole prefix and the latent."""

    def __init__(self, vocab_size: int = 9, hidden_size: int = 5, latent_size: int = 3, seed: int = 0) -> None:
        generator = np.random.default_rng(seed)
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.latent_size = latent_size
        self.table = generator.normal(size=(vocab_size, hidden_size))
        self.recurrence = generator.normal(size=(hidden_size, hidden_size))
        self.from_latent = generator.normal(size=(latent_size, hidden_size))
        self.output = 2 * generator.normal(size=(hidden_size, vocab_size))
        self.num_rows: list[int] = []

    def log_probs(self, hidden: np.ndarray) -> np.ndarray:
        logits = product(hidden, self.output)
        logits[..., [PAD_ID, UNK_ID, BOS_ID]] = -1e9
        shifted = logits - logits.max(axis=-1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))

    def next_hidden(self, token_ids: np.ndarray, latents: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        starts = (token_ids == BOS_ID)[:, None]
        before = np.where(starts, 0.0, hidden)
        return np.tanh(product(before, self.recurrence) + self.table[token_ids] + product(latents, self.from_latent))

    def run(self, token_ids: np.ndarray, latents: np.ndarray, state: DecoderState, num_candidates: int) -> StepOutput:
        assert 1 <= num_candidates <= self.vocab_size
        assert len(token_ids) == len(latents) == len(state.hidden) == len(state.cell)
        self.num_rows.append(len(token_ids))
        hidden = self.next_hidden(token_ids, latents, state.hidden)
        log_probs = self.log_probs(hidden)
        order = np.argsort(-log_probs, axis=1, kind="stable")[:, :num_candidates]
        return StepOutput(
            order.astype(np.int64),
            np.take_along_axis(log_probs, order, axis=1).astype(np.float32),
            DecoderState(hidden.astype(np.float32), state.cell),
        )

    def latent(self, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).normal(size=self.latent_size).astype(np.float32)

    def token_log_probs(self, latent: np.ndarray, token_ids: list[int]) -> list[float]:
        """The log-probability of each token after those before it, one sentence at a time."""
        hidden, found, previous = np.zeros((1, self.hidden_size)), [], BOS_ID
        for token_id in token_ids:
            hidden = self.next_hidden(np.array([previous]), latent[None], hidden)
            found.append(float(self.log_probs(hidden)[0, token_id]))
            previous = token_id
        return found


def product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """rows @ matrix, each row to the last bit the same whatever rows are beside it."""
    return (rows[:, :, None] * matrix).sum(axis=1)


class TableStep:
    """Says the same about the next word whatever came before: the given probabilities."""

    hidden_size = 1

    def __init__(self, probabilities: dict[int, float], vocab_size: int = 12) -> None:
        self.vocab_size = vocab_size
        self.log_probs = np.full(vocab_size, -1e9)
        for token_id, probability in probabilities.items():
            self.log_probs[token_id] = np.log(probability)

    def run(self, token_ids: np.ndarray, latents: np.ndarray, state: DecoderState, num_candidates: int) -> StepOutput:
        order = np.argsort(-self.log_probs, kind="stable")[:num_candidates]
        rows = len(token_ids)
        log_probs = np.tile(self.log_probs[order].astype(np.float32), (rows, 1))
        return StepOutput(np.tile(order.astype(np.int64), (rows, 1)), log_probs, state)

    def latent(self, seed: int) -> np.ndarray:
        return np.zeros(1, dtype=np.float32)


@pytest.fixture
def tiny_step() -> TinyStep:
    return TinyStep()


@pytest.fixture(scope="session")
def make_step() -> type[TinyStep]:
    return TinyStep


@pytest.fixture
def table_step() -> type[TableStep]:
    return TableStep


@pytest.fixture
def by_the_book() -> Callable[..., DecodingSettings]:
    """Settings without the rules that can be switched off."""

    def settings(search: str, num_hypotheses: int, **others: float) -> DecodingSettings:
        return DecodingSettings(search, num_hypotheses, no_repeat_ngram=0, min_new_tokens=0, **others)

    return settings
