"""What was tried beyond the default embedding."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from resay.evaluation.embeddings.additions import ComponentsRemoved, ExtremesJoined, SignedRoot, UnitLength
from resay.evaluation.embeddings.contrastive import Contrastive
from resay.evaluation.embeddings.ladder import FULL
from resay.evaluation.embeddings.run_readings import LATENT, LatentJoined, RunReading
from resay.evaluation.embeddings.variant import DEFAULT, TRIED, Variant

READINGS: Mapping[str, str] = MappingProxyType(
    {LATENT: "the latent alone", "mean": "mean of the encoder's states", "max": "maximum of the encoder's states"}
)
RATES: Mapping[str, float] = MappingProxyType({"10⁻³": 1e-3, "10⁻⁴": 1e-4})


def _tried() -> Iterator[tuple[str, Variant]]:
    for number, directions in ((1, "first principal direction"), (2, "first two principal directions")):
        text = f"without the {directions} of training sentences"
        yield f"removed-{number}", Variant(text, ComponentsRemoved(number), DEFAULT, TRIED)
        build = ComponentsRemoved(number, replace(FULL, whitening=0.0))
        yield f"removed-{number}-unwhitened", Variant(f"{text}, in place of whitening", build, DEFAULT, TRIED)
    longer = "it has three times the components"
    for weight in (0.3, 0.5, 1.0):
        text = f"joined with largest and smallest components, weight {weight:g}"
        yield f"extremes-{weight:g}", Variant(text, ExtremesJoined(weight), DEFAULT, TRIED, cost=longer)
    text = "scaled to length 1, as the parts of joined ones are"
    yield "unit-length", Variant(text, UnitLength(), DEFAULT, TRIED)
    yield "signed-root", Variant("signed square root of each component", SignedRoot(), DEFAULT, TRIED)
    net = "a recurrent net has to be run, and every training gives another embedding"
    for weight in (0.1, 0.3):
        text = f"joined with the latent, weight {weight:g}"
        yield f"latent-{weight:g}", Variant(text, LatentJoined(weight), DEFAULT, TRIED, needs_run=True, cost=net)
    for reading, text in READINGS.items():
        yield f"encoder-{reading}", Variant(text, RunReading(reading), DEFAULT, TRIED, needs_run=True, cost=net)
    trained = "it has to be trained on each corpus"
    for shown, rate in RATES.items():
        text = f"contrastive training on self-made pairs, learning rate {shown}"
        yield f"contrastive-{rate:g}", Variant(text, Contrastive(learning_rate=rate), DEFAULT, TRIED, cost=trained)


ATTEMPTS: Mapping[str, Variant] = MappingProxyType(dict(_tried()))
