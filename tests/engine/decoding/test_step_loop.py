import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine.decoding import (
    SEARCHES,
    DecoderState,
    DecodingRequest,
    DecodingSettings,
    StepOutput,
    decode,
)
from resay.engine.decoding.step_loop import turns
from resay.text import BOS_ID, EOS_ID, NUM_ID, PAD_ID, UNK_ID


def mixed_requests(step, num_requests=20):
    settings = [
        DecodingSettings(name, number, num_groups=2, diversity_penalty=1.0, no_repeat_ngram=2, source_copy_penalty=0.5)
        for name in SEARCHES
        for number in (1, 4)
    ]
    return [
        DecodingRequest(
            step.latent(seed),
            settings[seed % len(settings)],
            3 + seed % 5,
            seed=seed,
            penalized_ids=tuple(range(5, 5 + seed % 4)),
            num_numbers=seed % 3 // 2,
        )
        for seed in range(num_requests)
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
    return DecodingRequest(np.array([num_steps], dtype=np.float32), DecodingSettings("greedy", min_new_tokens=0), 10)


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
    # All hypotheses of a source begin in one row.
    assert together[0] == len(requests)


def test_no_request_depends_on_the_others(tiny_step):
    requests = mixed_requests(tiny_step)
    alone = [decode(tiny_step, [request])[0] for request in requests]
    assert decode(tiny_step, requests) == alone
    order = np.random.default_rng(1).permutation(len(requests))
    shuffled = decode(tiny_step, [requests[index] for index in order])
    assert [shuffled[place] for place in np.argsort(order)] == alone
    assert decode(tiny_step, requests, max_rows=5) == alone


@pytest.mark.parametrize("search", SEARCHES)
def test_a_deadline_ends_a_row_and_no_other(tiny_step, search):
    settings = DecodingSettings(search, 3)
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


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("num_hypotheses", [1, 3, 7])
@pytest.mark.parametrize("max_new_tokens", [1, 4, 30])
def test_every_search_keeps_its_promises(tiny_step, search, num_hypotheses, max_new_tokens):
    settings = DecodingSettings(search, num_hypotheses, num_groups=2, diversity_penalty=1.0)
    requests = [DecodingRequest(tiny_step.latent(seed), settings, max_new_tokens, seed=seed) for seed in range(8)]
    for found in decode(tiny_step, requests):
        assert 1 <= len(found) <= num_hypotheses
        assert len({item.token_ids for item in found}) == len(found)
        assert [item.stop for item in found] == sorted((item.stop for item in found), key=["end", "length"].index)
        for item in found:
            assert len(item.token_ids) + (item.stop == "end") <= max_new_tokens
            assert item.stop == "end" or len(item.token_ids) == max_new_tokens
            assert not {PAD_ID, UNK_ID, BOS_ID, EOS_ID, NUM_ID} & set(item.token_ids)
            assert -1e3 < item.log_prob <= 0
    assert max(tiny_step.num_rows) <= len(requests) * num_hypotheses


@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_request_finds_the_same_in_any_company(make_step, data):
    step = make_step()
    requests = mixed_requests(step, 30)
    one = requests[data.draw(st.integers(0, 29))]
    others = data.draw(st.lists(st.sampled_from(requests), max_size=6))
    place = data.draw(st.integers(0, len(others)))
    found = decode(step, [*others[:place], one, *others[place:]])[place]
    assert found == decode(step, [one])[0]


def test_nothing_in_nothing_out(tiny_step):
    assert decode(tiny_step, []) == []
    assert tiny_step.num_rows == []


def test_turns_hold_at_most_so_many_rows(tiny_step):
    requests = [DecodingRequest(tiny_step.latent(0), DecodingSettings("beam", 4), 9) for _ in range(5)]
    assert turns(requests, 9) == [[0, 1], [2, 3], [4]]
    assert turns(requests, 2) == [[0], [1], [2], [3], [4]]
