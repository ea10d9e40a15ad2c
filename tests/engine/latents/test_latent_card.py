"""What model.json says of the latent space."""

import orjson
import pytest

from resay.engine.card import LatentSpace, parse_card
from resay.errors import ModelFolderError

CARD = {
    "format": 1,
    "name": "m",
    "dimensions": {
        "vocab_size": 9,
        "word_vector_size": 4,
        "hidden_size": 6,
        "latent_size": 3,
        "embedding_size": 4,
    },
    "limits": {"max_length": 12},
}
SPACE = {
    "noise": "uniform",
    "readings": ["latent", "mean", "sample", "bits", "probabilities", "logits"],
    "reads_sentence": True,
    "binary": True,
    "prior": {"kind": "bernoulli", "probabilities": [0, 0.25, 1]},
}
GAUSSIAN = {"kind": "gaussian", "mean": [0.5, 0, -1], "factor": [[1, 2, 3]]}


def parse(**changed):
    return parse_card(orjson.dumps(CARD | {"latent_space": SPACE | changed})).latent_space


def test_a_card_of_before_has_one_reading_and_no_prior():
    space = parse_card(orjson.dumps(CARD)).latent_space
    assert space == LatentSpace()
    assert (space.noise, space.readings, space.reads_sentence, space.binary) == ("none", ("latent",), True, False)
    assert space.prior is None


def test_what_is_said_is_read():
    space = parse()
    assert (space.noise, space.binary, space.prior.kind) == ("uniform", True, "bernoulli")
    assert space.prior.probabilities == (0, 0.25, 1)
    assert parse(prior=GAUSSIAN).prior.factor == ((1, 2, 3),)
    assert parse(prior={"kind": "normal", "of a later version": 1}).prior.kind == "normal"
    assert parse(prior=None).prior is None


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"noise": "gamma"}, "latent_space.noise"),
        ({"readings": ["latent", "colour"]}, "latent_space.readings.1"),
        ({"readings": ["mean"]}, "readings must have latent among them; got mean"),
        ({"noise": "none"}, "noise must be normal or uniform; got none"),
        ({"binary": "yes please"}, "latent_space.binary"),
        ({"prior": {"kind": "uniform"}}, "latent_space.prior"),
        ({"prior": {"kind": "bernoulli", "probabilities": [0.5] * 2}}, "probabilities has 2 numbers, and"),
        ({"prior": {"kind": "bernoulli", "probabilities": [0.5, 0.5, 1.1]}}, "probabilities.2"),
        ({"prior": {"kind": "bernoulli", "probabilities": [0.5, 0.5, -0.1]}}, "probabilities.2"),
        ({"prior": GAUSSIAN | {"mean": [0.0] * 4}}, "mean has 4 numbers"),
        ({"prior": GAUSSIAN | {"factor": [[1, 2, 3], [1, 2]]}}, "factor[1] has 2 numbers"),
        ({"prior": GAUSSIAN | {"factor": []}}, "factor"),
    ],
)
def test_what_cannot_be_is_refused(changed, part):
    with pytest.raises(ModelFolderError) as caught:
        parse(**changed)
    assert part in str(caught.value)
    assert "export the model again" in str(caught.value)


def test_numbers_must_be_finite():
    data = orjson.dumps(CARD | {"latent_space": SPACE | {"prior": GAUSSIAN}}).replace(b"-1", b"NaN")
    with pytest.raises(ModelFolderError, match="mean"):
        parse_card(data)
