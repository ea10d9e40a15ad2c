"""Measures of trained models and of whatever else makes sentence vectors, a package a subject; docs/evaluation.md."""

from resay.evaluation.reconstruction import ReconstructionReport, evaluate_reconstruction

__all__ = ["ReconstructionReport", "evaluate_reconstruction"]
