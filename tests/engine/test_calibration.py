"""The dial, measured on a model."""

from dataclasses import replace

import orjson
import pytest

from resay.engine import ParaphraseItem, ParaphraseOptions
from resay.engine.calibration import WILDNESS_GRID, calibrate
from resay.engine.card import Calibration
from resay.engine.scores import cosine
from resay.engine.strategies import STRATEGIES

SENTENCES = ["The soup was great!", "the hotel is small and clean.", "our room was very good.", "!", ""] * 2


@pytest.fixture(scope="module")
def calibration(paraphraser):
    return calibrate(paraphraser, SENTENCES)


def test_every_strategy_has_a_curve(calibration):
    assert set(calibration.strategies) == set(STRATEGIES)
    for curve in calibration.strategies.values():
        assert curve.wildness == WILDNESS_GRID
        assert len(curve.novelty) == len(curve.similarity) == len(WILDNESS_GRID)
        assert all(0 <= value <= 1 for value in (*curve.novelty, *curve.similarity))


def test_a_curve_is_the_mean_of_the_candidates(paraphraser, calibration):
    measured = replace(paraphraser, calibration=calibration.model_copy(update={"strategies": {}}))
    options = ParaphraseOptions(strategy="beam", diversity=WILDNESS_GRID[2], seed=0, allow_identity=True)
    results = measured.paraphrase([ParaphraseItem(text, options) for text in SENTENCES])
    novelty = [item.novelty for result in results if hasattr(result, "candidates") for item in result.candidates]
    assert calibration.strategies["beam"].novelty[2] == pytest.approx(sum(novelty) / len(novelty), abs=1e-5)


def test_what_unrelated_sentences_have_in_common(paraphraser, calibration):
    first, second = paraphraser.encoder.encode(["The soup was great!", "the hotel is small and clean."])
    assert -1 <= cosine(first.latent, second.latent) <= 1
    assert 0 <= calibration.unrelated_latents < 1
    assert 0 <= calibration.unrelated_similarity < 1


def test_a_former_calibration_changes_nothing(paraphraser, calibration):
    assert calibrate(replace(paraphraser, calibration=calibration), SENTENCES) == calibration


def test_it_survives_the_card(calibration):
    assert Calibration.model_validate_json(orjson.dumps(calibration.model_dump())) == calibration


def test_no_sentence_at_all_gives_no_curve(paraphraser):
    empty = calibrate(paraphraser, ["", "!!!"][:1])
    assert empty.strategies == {}
    assert empty.unrelated_similarity == 0
