import time

import numpy as np
import pytest

from resay.engine.decoding import (
    STRATEGIES,
    DecoderState,
    DecodingRequest,
    DecodingSettings,
    StepOutput,
    decode,
)
from resay.engine.decoding.step_loop import turns
from resay.text import EOS_ID


def mixed_requests(step, num_requests=12):
    settings = [DecodingSettings(name, num_beams) for name in STRATEGIES for num_beams in (1, 4)]
    return [
        DecodingRequest(step.latent(seed), settings[seed % len(settings)], 3 + seed % 5) for seed in range(num_requests)
    ]


class CountdownStep:
    """Ends each row after as many steps as its latent says, and says which rows it was given."""

    vocab_size = 9
    hidden_size = 1

    def __init__(self):
        self.rows = []

    def run(self, token_ids, latents, state, num_candidates):
        self.rows.append(latents[:, 0].astype(int).tolist())
        left = np.where(token_ids[:, None] == 2, latents, state.hidden) - 1
        ending, word = np.array([EOS_ID, 5, 6]), np.array([5, 6, EOS_ID])
        candidate_ids = np.where(left <= 0, ending, word)[:, :num_candidates]
        log_probs = np.tile(np.array([-0.1, -3, -4], dtype=np.float32), (len(left), 1))[:, :num_candidates]
        return StepOutput(candidate_ids, log_probs, DecoderState(left.astype(np.float32), state.cell))


def countdown(num_steps):
    return DecodingRequest(np.array([num_steps], dtype=np.float32), DecodingSettings("greedy"), 10)


def test_finished_rows_are_dropped():
    step = CountdownStep()
    found = decode(step, [countdown(3), countdown(1), countdown(2)])
    # Ascending by the most tokens, which are equal here: the order is the given one.
    assert step.rows == [[3, 1, 2], [3, 2], [3]]
    assert [len(item[0].token_ids) for item in found] == [2, 0, 1]


def test_all_requests_share_each_call(tiny_step):
    requests = mixed_requests(tiny_step)
    decode(tiny_step, requests)
    together = tiny_step.num_rows.copy()
    tiny_step.num_rows.clear()
    for request in requests:
        decode(tiny_step, [request])
    assert sum(together) == sum(tiny_step.num_rows)
    assert len(together) == max(request.max_new_tokens for request in requests)
    assert together[0] == len(requests)


def test_no_request_depends_on_the_others(tiny_step):
    requests = mixed_requests(tiny_step)
    alone = [decode(tiny_step, [request])[0] for request in requests]
    assert decode(tiny_step, requests) == alone
    order = np.random.default_rng(1).permutation(len(requests))
    shuffled = decode(tiny_step, [requests[index] for index in order])
    assert [shuffled[place] for place in np.argsort(order)] == alone
    assert decode(tiny_step, requests, max_rows=5) == alone


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_deadline_ends_a_row_and_no_other(tiny_step, strategy):
    settings = DecodingSettings(strategy, 3)
    latent = next(
        request.latent
        for request in (DecodingRequest(tiny_step.latent(seed), settings, 9) for seed in range(50))
        if len(decode(tiny_step, [request])[0][0].token_ids) > 2
    )
    late = DecodingRequest(latent, settings, 9, deadline=time.monotonic() - 1)
    free = DecodingRequest(latent, settings, 9)
    early = DecodingRequest(latent, settings, 9, deadline=time.monotonic() + 1000)
    stopped, whole, also_whole = decode(tiny_step, [late, free, early])
    assert {item.stop for item in stopped} <= {"deadline", "end"}
    assert "deadline" in {item.stop for item in stopped}
    assert all(len(item.token_ids) <= 1 for item in stopped)
    assert whole == also_whole == decode(tiny_step, [free])[0]
    assert "deadline" not in {item.stop for item in whole}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_keeps_its_promises(tiny_step, strategy):
    requests = [DecodingRequest(tiny_step.latent(seed), DecodingSettings(strategy, 3), 4) for seed in range(5)]
    for found in decode(tiny_step, requests):
        assert 1 <= len(found) <= 3
        for item in found:
            assert len(item.token_ids) + (item.stop == "end") <= 4
            assert item.log_prob <= 0


def test_nothing_in_nothing_out(tiny_step):
    assert decode(tiny_step, []) == []
    assert tiny_step.num_rows == []


def test_turns_hold_at_most_so_many_rows(tiny_step):
    requests = [DecodingRequest(tiny_step.latent(0), DecodingSettings("beam", 4), 9) for _ in range(5)]
    assert turns(requests, 9) == [[0, 1], [2, 3], [4]]
    assert turns(requests, 2) == [[0], [1], [2], [3], [4]]
