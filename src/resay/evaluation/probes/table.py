"""Probes by their names."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.probes.dimensions import probe_dimensions
from resay.evaluation.probes.entities import probe_entities
from resay.evaluation.probes.length import probe_length
from resay.evaluation.probes.material import ProbeMaterial
from resay.evaluation.probes.polarity import probe_polarity
from resay.evaluation.probes.word_content import probe_word_content
from resay.evaluation.systems.system import System

Probe = Callable[[System, ProbeMaterial], Mapping[str, float]]

PROBES: Mapping[str, Probe] = MappingProxyType(
    {
        "polarity": probe_polarity,
        "entities": probe_entities,
        "dimensions": probe_dimensions,
        "length": probe_length,
        "word-content": probe_word_content,
    }
)


def evaluate_probe(name: str, system: System, material: ProbeMaterial) -> Mapping[str, float]:
    """Return the measures of a probe by their names: shares in percent, cosines and correlations as fractions.

    The same system, material and seed give the same values.

    Raises:
        SettingsError: If there is no such probe.
        CorpusError: If it needs more of a text than the material has.
        MissingExtraError: If scikit-learn is not installed.
    """
    if name not in PROBES:
        raise SettingsError(unknown_name_message("probe", name, PROBES))
    return PROBES[name](system, material)
