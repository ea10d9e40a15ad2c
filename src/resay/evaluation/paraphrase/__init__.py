"""Paraphrases measured: how much of the meaning they keep, how much they differ, and against what else.

measure(judge, sentences, candidates)     every measure of every input; formulas in `measures`
BASELINES[name]                           what has to be beaten
compare(curve, other_curve)               whose frontier of similarity over novelty is higher
"""

from resay.evaluation.paraphrase.baselines import BASELINES, DIALLED, Material
from resay.evaluation.paraphrase.comparison import Comparison, compare_all
from resay.evaluation.paraphrase.correlation import correlations
from resay.evaluation.paraphrase.curves import Advantage, Curve, compare
from resay.evaluation.paraphrase.judge import Judge, MiniLmJudge
from resay.evaluation.paraphrase.measures import MEASURES, measure_set
from resay.evaluation.paraphrase.measuring import measure, summarize
from resay.evaluation.paraphrase.plot import draw_frontier
from resay.evaluation.paraphrase.producing import Produced, own_cosines, produce
from resay.evaluation.paraphrase.synonyms import SynonymReplacement

__all__ = [
    "BASELINES",
    "DIALLED",
    "MEASURES",
    "Advantage",
    "Comparison",
    "Curve",
    "Judge",
    "Material",
    "MiniLmJudge",
    "Produced",
    "SynonymReplacement",
    "compare",
    "compare_all",
    "correlations",
    "draw_frontier",
    "measure",
    "measure_set",
    "own_cosines",
    "produce",
    "summarize",
]
