"""What holds for the whole autoencoder with every bottleneck of the table."""

import pytest
import torch

from resay.models import BOTTLENECKS, Autoencoder, ModelSettings
from resay.models.bottlenecks import READINGS
from resay.models.greedy import greedy_decode
from resay.text import BOS_ID

VOCAB_SIZE, HIDDEN_SIZE, LATENT_SIZE = 19, 8, 4
SENTENCES = torch.tensor([[5, 6, 7, 8], [9, 10, 0, 0], [11, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])

every_latent = pytest.mark.parametrize("latent", list(BOTTLENECKS))


@pytest.fixture
def model(latent):
    torch.manual_seed(1)
    settings = ModelSettings(
        vocab_size=VOCAB_SIZE,
        word_vector_size=6,
        hidden_size=HIDDEN_SIZE,
        latent=latent,
        latent_size=LATENT_SIZE,
        encoder_cell="gru",
        encoder_direction="both",
        train_word_vectors=True,
    )
    return Autoencoder(settings, torch.randn(VOCAB_SIZE, 6)).eval()


def previous(token_ids):
    return torch.cat([torch.full((len(token_ids), 1), BOS_ID), token_ids], dim=1)


def forced(model, token_ids, lengths, seed=0):
    """Return decoder states and penalties; the seed decides the latents."""
    torch.manual_seed(seed)
    return model(token_ids, lengths, previous(token_ids))


def cost(model, token_ids=SENTENCES, lengths=LENGTHS):
    states, penalty = forced(model, token_ids, lengths)
    return torch.logsumexp(model.decoder.output(states), dim=2).sum() + penalty.sum()


@every_latent
def test_shapes_and_names(model):
    size = model.bottleneck.latent_size
    states, penalty = forced(model, SENTENCES, LENGTHS)
    assert states.shape == (3, 5, HIDDEN_SIZE)
    assert penalty.shape == (3,)
    readings = model.readings(SENTENCES, LENGTHS)
    assert "latent" in readings
    assert set(readings) <= set(READINGS)
    assert {value.shape for value in readings.values()} == {(3, size)}
    codes = model.encode(SENTENCES, LENGTHS)
    assert torch.equal(codes.latent, readings["latent"])
    assert greedy_decode(model, codes.latent, 6).shape[0] == 3


@every_latent
def test_padding_changes_nothing(model):
    wide = torch.nn.functional.pad(SENTENCES, (0, 3))
    states, penalty = forced(model, SENTENCES, LENGTHS)
    wide_states, wide_penalty = forced(model, wide, LENGTHS)
    torch.testing.assert_close(wide_penalty, penalty)
    torch.testing.assert_close(wide_states[:, :5], states)
    noise = torch.rand(3, model.bottleneck.latent_size)
    wide_readings = model.readings(wide, LENGTHS, noise)
    for name, value in model.readings(SENTENCES, LENGTHS, noise).items():
        torch.testing.assert_close(wide_readings[name], value)


@every_latent
def test_a_batch_of_one_is_a_row_of_a_larger_one(model):
    noise = torch.rand(3, model.bottleneck.latent_size)
    together = model.readings(SENTENCES, LENGTHS, noise)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model.readings(SENTENCES[row : row + 1, :length], LENGTHS[row : row + 1], noise[row : row + 1])
        for name, value in alone.items():
            torch.testing.assert_close(value[0], together[name][row])
    assert cost(model, SENTENCES[:1], LENGTHS[:1]).isfinite()


@every_latent
def test_noise_moves_the_states_of_training_and_no_latent_of_inference(model):
    drawn = model.bottleneck.noise != "none"
    assert torch.equal(forced(model, SENTENCES, LENGTHS)[0], forced(model, SENTENCES, LENGTHS, seed=1)[0]) != drawn
    assert torch.equal(model.encode(SENTENCES, LENGTHS).latent, model.encode(SENTENCES, LENGTHS).latent)


@every_latent
def test_encoding_draws_nothing(model):
    before = torch.get_rng_state()
    model.encode(SENTENCES, LENGTHS)
    assert torch.equal(torch.get_rng_state(), before)


@every_latent
def test_gradients_reach_every_trainable_parameter(model, latent):
    cost(model.train()).backward()
    trainable = {name: value for name, value in model.named_parameters() if value.requires_grad}
    unmoved = [name for name, value in trainable.items() if value.grad is None or not value.grad.abs().sum() > 0]
    # A latent that is zero tells no weight anything; the biases beside them still learn.
    assert unmoved == (["decoder.latent_to_cell.weight", "decoder.latent_to_input.weight"] if latent == "lm" else [])
    assert any(name.startswith("encoder.") for name in trainable) == (latent != "lm")


@every_latent
def test_bfloat16_autocast_trains(model):
    states, penalty = forced(model, SENTENCES, LENGTHS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half_states, half_penalty = forced(model.train(), SENTENCES, LENGTHS)
        total = cost(model)
    total.backward()
    if penalty.any():
        assert half_penalty.dtype == torch.float32, "a sum over components needs single precision"
    torch.testing.assert_close(half_penalty.float(), penalty, atol=0.02, rtol=0.02)
    torch.testing.assert_close(half_states.float(), states, atol=0.05, rtol=0)
    gradients = [value.grad for value in model.parameters() if value.grad is not None]
    assert gradients
    assert all(gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("latent", ["binary", "binary-vae"])
def test_bits_stay_bits_under_autocast(model):
    seen = []
    model.bottleneck.register_forward_hook(lambda module, inputs, output: seen.append(output.value))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        forced(model, SENTENCES.repeat(50, 1), LENGTHS.repeat(50))
    assert set(seen[0].unique().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("latent", ["lm"])
def test_the_language_model_ignores_the_sentence(model):
    said = previous(SENTENCES)
    states, _ = model(SENTENCES, LENGTHS, said)
    other, _ = model(SENTENCES.flip(0), LENGTHS.flip(0), said)
    assert torch.equal(states, other)
    assert not torch.allclose(model(SENTENCES, LENGTHS, said + 1)[0], states), "what was said does count"
    cost(model).backward()
    assert all(value.grad is None for value in model.encoder.parameters())
    assert not any(value.requires_grad for value in model.encoder.parameters())


@pytest.mark.parametrize("latent", [name for name in BOTTLENECKS if name != "lm"])
def test_every_other_latent_reads_the_sentence(model):
    many, lengths = SENTENCES.repeat(20, 1), LENGTHS.repeat(20)  # enough draws for bits to differ
    said = previous(many)
    torch.manual_seed(0)
    states, _ = model(many, lengths, said)
    torch.manual_seed(0)
    other, _ = model(many.flip(0), lengths.flip(0), said)
    assert not torch.allclose(states, other)


@pytest.mark.parametrize(
    ("latent", "mean", "variance", "lowest"), [("vae", 0, 1, -9), ("binary", 0.5, 1 / 12, 0), ("none", 0, 0, 0)]
)
def test_noise_is_what_the_bottleneck_asks_for(model, mean, variance, lowest):
    torch.manual_seed(0)
    noise = model.noise(40_000)
    assert noise.shape == (40_000, model.bottleneck.latent_size)
    assert float(noise.mean()) == pytest.approx(mean, abs=0.01)
    assert float(noise.var()) == pytest.approx(variance, abs=0.02)
    assert float(noise.min()) >= lowest


@pytest.mark.parametrize("latent", ["vae", "binary"])
def test_a_generator_of_ones_own_decides_the_noise(model):
    before = torch.get_rng_state()
    first, again = (model.noise(3, torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, again)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, model.noise(3, torch.Generator().manual_seed(8)))
