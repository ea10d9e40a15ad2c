"""What sentence vectors hold: polarity, names, dimensions, length and words, by tests that need no labelled data.

Sentences are templates and word lists that the package carries, or the user's own text. Whatever is a `System` can be
probed, so that models and baselines go through the same code.
"""

from resay.evaluation.probes.material import Paraphrase, ProbeMaterial, read_sentences
from resay.evaluation.probes.paraphrasing import paraphrase_with
from resay.evaluation.probes.table import PROBES, Probe, evaluate_probe

__all__ = [
    "PROBES",
    "Paraphrase",
    "Probe",
    "ProbeMaterial",
    "evaluate_probe",
    "paraphrase_with",
    "read_sentences",
]
