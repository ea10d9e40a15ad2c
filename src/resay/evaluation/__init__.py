"""Measures of trained models: reconstruction and sentence similarity; `paraphrase` holds those of paraphrases."""

from resay.evaluation.reconstruction import ReconstructionReport, evaluate_reconstruction
from resay.evaluation.sts import evaluate_sts, read_sts

__all__ = ["ReconstructionReport", "evaluate_reconstruction", "evaluate_sts", "read_sts"]
