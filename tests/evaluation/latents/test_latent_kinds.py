"""The table of what is measured agrees with the bottlenecks themselves."""

import pytest
import torch

from resay.errors import SettingsError
from resay.evaluation.latents.kinds import KINDS, kind_of
from resay.evaluation.latents.spoil import SPOILING
from resay.models import BOTTLENECKS


def test_every_latent_has_a_kind():
    assert list(KINDS) == list(BOTTLENECKS)
    with pytest.raises(
        SettingsError, match=r"latent must be one of: none, .*; got 'binry' \(did you mean 'binary'\?\)"
    ):
        kind_of("binry")


@pytest.mark.parametrize("latent", BOTTLENECKS)
def test_a_kind_says_what_its_bottleneck_does(latent):
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(5, 7, generator=generator)
    bottleneck, kind = BOTTLENECKS[latent](7, 3), KINDS[latent]
    noise = torch.rand(5, bottleneck.latent_size, generator=generator)
    readings = bottleneck.readings(features, noise)
    assert bool(kind.spoiled) == bool(kind.features) == bottleneck.reads_sentence
    assert set(kind.spoiled) | set(kind.features) <= set(readings)
    assert set(kind.spoiled) <= set(SPOILING)
    if kind.decoded:
        assert torch.equal(readings[kind.decoded], readings["latent"])
    assert bottleneck.with_kl == bool(bottleneck(features, noise).penalty.abs().sum() > 0)
