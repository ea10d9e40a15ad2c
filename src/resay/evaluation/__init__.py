"""Measures of trained models: reconstruction so far."""

from resay.evaluation.reconstruction import ReconstructionReport, evaluate_reconstruction

__all__ = ["ReconstructionReport", "evaluate_reconstruction"]
