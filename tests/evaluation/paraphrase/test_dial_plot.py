"""The plot of the dial."""

import pytest

from resay.engine.card import Calibration, DialCurve, Dimensions, ModelCard, ModelLimits
from resay.errors import ModelFolderError
from resay.evaluation.paraphrase.dial_plot import draw_dial


def card(calibration):
    sizes = Dimensions(vocab_size=9, word_vector_size=2, hidden_size=2, latent_size=2, embedding_size=2)
    return ModelCard(format=1, name="tiny", dimensions=sizes, limits=ModelLimits(max_length=9), calibration=calibration)


def test_a_calibration_is_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    curve = DialCurve(wildness=(0.0, 0.5, 1.0), novelty=(0.1, 0.4, 0.5), similarity=(0.9, 0.6, 0.3))
    measured = Calibration(
        num_sentences=5, kept_share=0.75, unrelated_similarity=0.2, unrelated_latents=0.1, strategies={"beam": curve}
    )
    draw_dial(card(measured), tmp_path / "plots" / "dial.png")
    assert (tmp_path / "plots" / "dial.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_without_a_calibration_is_named(tmp_path):
    with pytest.raises(ModelFolderError, match=r"tiny has no calibration to draw; export it again"):
        draw_dial(card(None), tmp_path / "dial.png")
