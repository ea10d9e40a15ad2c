"""Measures of trained models: reconstruction, sentence similarity; `resay.evaluation.paraphrase` measures paraphrases."""

from resay.evaluation.reconstruction import ReconstructionReport, evaluate_reconstruction
from resay.evaluation.sts import evaluate_sts, read_sts

__all__ = ["ReconstructionReport", "evaluate_reconstruction", "evaluate_sts", "read_sts"]
