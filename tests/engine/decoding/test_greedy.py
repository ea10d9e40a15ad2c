import numpy as np
import pytest

from resay.engine.decoding import DecodingRequest, decode
from resay.text import BOS_ID, EOS_ID, NUM_ID


def argmax_chain(step, latent, max_new_tokens):
    hidden, token_id, chain, log_probs = np.zeros((1, step.hidden_size)), BOS_ID, [], []
    for _ in range(max_new_tokens):
        hidden = step.next_hidden(np.array([token_id]), latent[None], hidden)
        allowed = step.log_probs(hidden)[0]
        allowed[NUM_ID] = -np.inf  # the source has none
        token_id = int(allowed.argmax())
        log_probs.append(float(step.log_probs(hidden)[0, token_id]))
        if token_id == EOS_ID:
            return tuple(chain), np.mean(log_probs), "end"
        chain.append(token_id)
    return tuple(chain), np.mean(log_probs), "length"


@pytest.mark.parametrize("max_new_tokens", [1, 2, 12])
def test_equals_the_argmax_chain(tiny_step, by_the_book, max_new_tokens):
    latents = [tiny_step.latent(seed) for seed in range(20)]
    requests = [DecodingRequest(latent, by_the_book("greedy", 1), max_new_tokens) for latent in latents]
    stops = set()
    for latent, found in zip(latents, decode(tiny_step, requests), strict=True):
        (hypothesis,) = found
        token_ids, log_prob, stop = argmax_chain(tiny_step, latent, max_new_tokens)
        assert (hypothesis.token_ids, hypothesis.stop) == (token_ids, stop)
        assert hypothesis.log_prob == pytest.approx(log_prob, abs=1e-5)
        stops.add(stop)
    assert stops == ({"end", "length"} if max_new_tokens > 1 else stops)


@pytest.mark.parametrize("search", ["beam", "diverse-beam", "sample"])
def test_other_searches_with_one_hypothesis_find_the_same(tiny_step, by_the_book, search):
    for seed in range(20):
        latent = tiny_step.latent(seed)
        settings = [by_the_book(name, 1, temperature=0.0) for name in ("greedy", search)]
        greedy, other = decode(tiny_step, [DecodingRequest(latent, each, 10) for each in settings])
        assert greedy[0].token_ids == other[0].token_ids
