"""Paraphrasing with latents other than the encoder's own state."""

from dataclasses import replace

import numpy as np
import pytest

from resay.engine import ModelFolder, ParaphraseItem, ParaphraseOptions, Paraphraser
from resay.engine.strategies import STRATEGIES, Knobs

TEXTS = ["The soup was great!", "the hotel is small and clean.", "Our room cost 80 dollars."]


@pytest.fixture(scope="module")
def paraphraser_of(latent_path):
    opened = {}

    def find(latent):
        if latent not in opened:
            opened[latent] = Paraphraser.open(ModelFolder.open(latent_path(latent)))
        return opened[latent]

    return find


class Watched:
    """A decoder that remembers the latents it was given."""

    def __init__(self, step):
        self.step, self.latents = step, []
        self.vocab_size, self.hidden_size = step.vocab_size, step.hidden_size

    def run(self, token_ids, latents, state, num_candidates):
        self.latents.append(latents)
        return self.step.run(token_ids, latents, state, num_candidates)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("latent", ["binary", "vae"])
def test_every_strategy_speaks_from_latents_of_the_models_kind(latent, strategy, paraphraser_of):
    paraphraser = paraphraser_of(latent)
    watched = Watched(paraphraser.step)
    n = 1 if strategy == "greedy" else 3
    options = ParaphraseOptions(num_candidates=n, strategy=strategy, diversity=1.0, allow_identity=True)
    results = replace(paraphraser, step=watched).paraphrase([ParaphraseItem(text, options) for text in TEXTS])
    assert all(result.candidates for result in results[:2])
    latents = np.concatenate(watched.latents)
    assert set(np.unique(latents)) <= {0, 1} if latent == "binary" else len(np.unique(latents)) > 2
    own = {text: code.latent.tobytes() for text, code in zip(TEXTS, paraphraser.encoder.encode(TEXTS), strict=True)}
    assert set(own.values()) <= {row.tobytes() for row in latents}, "the text's own latent is among them"
    if strategy in ("latent", "mixed"):
        assert len({row.tobytes() for row in latents}) > len(TEXTS)
    else:
        assert len({row.tobytes() for row in latents}) == len(set(own.values()))


def test_the_model_decides_what_noise_is(paraphraser_of):
    code = np.zeros(40, np.float32)
    code[::2] = 1
    for strategy in ("latent", "mixed"):
        for binary in (True, False):
            knobs = Knobs(latent_noise=1.0, num_groups=8, num_hypotheses=16, binary_latents=binary)
            starts = STRATEGIES[strategy].starts(code, knobs, 3)
            others = [start.latent for start in starts if not np.array_equal(start.latent, code)]
            assert others
            assert all((set(np.unique(latent)) <= {0, 1}) == binary for latent in others)
    assert paraphraser_of("binary").binary
    assert not paraphraser_of("vae").binary
