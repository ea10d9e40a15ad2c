"""What holds for every bottleneck of the table, taken alone."""

import pytest
import torch

from resay.models.bottlenecks import BOTTLENECKS, READINGS, Bottleneck

NUM_SENTENCES, FEATURE_SIZE, LATENT_SIZE = 5, 6, 4
CONTINUOUS = {"latent", "mean", "sample"}
COINS = {"latent", "mean", "sample", "bits", "probabilities", "logits"}
READ = {
    "none": {"latent"},
    "bottleneck": {"latent"},
    "vae": CONTINUOUS,
    "gumbel": COINS,
    "gumbel-vae": COINS,
    "binary": COINS,
    "binary-vae": COINS,
    "lm": {"latent"},
}
NOISE = {"vae": "normal", "gumbel": "uniform", "gumbel-vae": "uniform", "binary": "uniform", "binary-vae": "uniform"}
LATENT_IS = {"vae": "mean", "gumbel": "probabilities", "gumbel-vae": "probabilities", "binary": "bits"}
LATENT_IS |= {"binary-vae": "bits"}

every_bottleneck = pytest.mark.parametrize("name", list(BOTTLENECKS))


@pytest.fixture
def bottleneck(name):
    torch.manual_seed(0)
    return BOTTLENECKS[name](FEATURE_SIZE, LATENT_SIZE)


def features_and_noise(bottleneck, num_sentences=NUM_SENTENCES):
    return torch.randn(num_sentences, FEATURE_SIZE), torch.rand(num_sentences, bottleneck.latent_size)


@every_bottleneck
def test_it_keeps_the_contract(name, bottleneck):
    assert isinstance(bottleneck, Bottleneck)
    assert bottleneck.noise == NOISE.get(name, "none")
    assert bottleneck.reads_sentence == (name != "lm")
    assert bottleneck.binary == name.startswith("binary")
    assert bottleneck.with_kl == name.endswith("vae")
    assert bottleneck.latent_size == {"none": FEATURE_SIZE, "lm": 1}.get(name, LATENT_SIZE)


@every_bottleneck
@pytest.mark.parametrize("num_sentences", [1, NUM_SENTENCES])
def test_shapes(bottleneck, num_sentences):
    latent = bottleneck(*features_and_noise(bottleneck, num_sentences))
    if bottleneck.binary:
        assert set(latent.value.unique().tolist()) <= {0.0, 1.0}
    assert latent.value.shape == (num_sentences, bottleneck.latent_size)
    assert latent.penalty.shape == (num_sentences,)
    assert latent.value.isfinite().all()
    assert latent.penalty.isfinite().all()


@every_bottleneck
def test_readings_go_by_their_names(name, bottleneck):
    readings = bottleneck.readings(*features_and_noise(bottleneck))
    assert set(readings) == READ[name] <= set(READINGS)
    assert {value.shape for value in readings.values()} == {(NUM_SENTENCES, bottleneck.latent_size)}
    assert torch.equal(readings["latent"], readings[LATENT_IS.get(name, "latent")])


@every_bottleneck
def test_noise_decides_the_sample_and_nothing_else(bottleneck):
    features, noise = features_and_noise(bottleneck)
    first, second = (bottleneck.readings(features, drawn) for drawn in (noise, 1 - noise))
    differing = [name for name in first if not torch.equal(first[name], second[name])]
    assert differing == (["sample"] if bottleneck.noise != "none" else [])


@every_bottleneck
def test_the_sample_is_what_training_draws(name, bottleneck):
    features, noise = features_and_noise(bottleneck)
    readings = bottleneck.readings(features, noise)
    assert torch.equal(bottleneck(features, noise).value, readings["sample" if "sample" in READ[name] else "latent"])


@every_bottleneck
def test_a_sentence_does_not_depend_on_its_batch_mates(bottleneck):
    features, noise = features_and_noise(bottleneck)
    together = bottleneck.readings(features, noise)
    for row in range(NUM_SENTENCES):
        alone = bottleneck.readings(features[row : row + 1], noise[row : row + 1])
        for name, value in alone.items():
            torch.testing.assert_close(value[0], together[name][row])


@pytest.mark.parametrize("name", [name for name, read in READ.items() if read == COINS])
def test_coins_agree_with_one_another(bottleneck):
    readings = bottleneck.readings(*features_and_noise(bottleneck))
    torch.testing.assert_close(readings["logits"].sigmoid(), readings["probabilities"])
    assert torch.equal(readings["mean"], readings["probabilities"])
    assert torch.equal(readings["bits"], (readings["probabilities"] > 0.5).float())


@pytest.mark.parametrize("name", ["binary", "binary-vae"])
def test_rounding_and_drawing_agree_about_the_border(bottleneck):
    """step(0) = 0 in both."""
    with torch.no_grad():
        bottleneck.to_logits.weight.zero_()
        bottleneck.to_logits.bias.zero_()
    readings = bottleneck.readings(torch.randn(1, FEATURE_SIZE), torch.full((1, LATENT_SIZE), 0.5))
    assert readings["bits"].tolist() == readings["sample"].tolist() == [[0.0] * LATENT_SIZE]


def test_the_language_model_says_nothing_of_the_sentence():
    bottleneck = BOTTLENECKS["lm"](FEATURE_SIZE, LATENT_SIZE)
    features = torch.randn(3, FEATURE_SIZE, requires_grad=True)
    latent = bottleneck(features, torch.zeros(3, 1))
    assert latent.value.tolist() == [[0.0]] * 3
    assert not latent.value.requires_grad
    assert list(bottleneck.parameters()) == []
