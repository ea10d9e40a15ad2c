"""The searches on a real step graph, where each row shares its matrix products with others."""

import numpy as np
import pytest

from resay.engine.decoding import SEARCHES, DecoderStep, DecodingRequest, DecodingSettings, decode
from resay.text import NUM_ID

SETTINGS = [
    DecodingSettings(name, number, num_groups=2, diversity_penalty=1.0) for name in SEARCHES for number in (1, 6)
]


@pytest.fixture(scope="module")
def step(folder):
    return DecoderStep.open(folder)


def requests_of(folder):
    generator = np.random.default_rng(4)
    latents = generator.normal(size=(24, folder.card.dimensions.latent_size)).astype(np.float32)
    return [
        DecodingRequest(latent, SETTINGS[index % len(SETTINGS)], 10, seed=index, num_numbers=index // 8 % 2)
        for index, latent in enumerate(latents)
    ]


def test_hypotheses_do_not_depend_on_what_is_decoded_beside_them(step, folder):
    requests = requests_of(folder)
    together = decode(step, requests)
    for one, found in zip(requests, together, strict=True):
        alone = decode(step, [one])[0]
        assert [item.token_ids for item in alone] == [item.token_ids for item in found]
        np.testing.assert_allclose(
            [item.log_prob for item in alone], [item.log_prob for item in found], rtol=1e-5, atol=1e-5
        )


def test_numbers_are_as_many_as_asked_for(step, folder):
    requests = requests_of(folder)
    for one, found in zip(requests, decode(step, requests), strict=True):
        whole = [item.token_ids for item in found if item.stop == "end"]
        assert all(words.count(NUM_ID) == one.num_numbers for words in whole)
        assert all(words.count(NUM_ID) <= one.num_numbers for words in (item.token_ids for item in found))
