"""Sentence similarity on the user's own text: pairs that a judge grades, and how closely a system's cosine follows."""

from resay.evaluation.similarity.build import build_pairs
from resay.evaluation.similarity.graded_pairs import GradedPairs
from resay.evaluation.similarity.scores import compare_similarity, evaluate_similarity, evaluate_sources

__all__ = ["GradedPairs", "build_pairs", "compare_similarity", "evaluate_similarity", "evaluate_sources"]
