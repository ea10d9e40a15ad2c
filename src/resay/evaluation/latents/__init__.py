"""Latent spaces measured, after Baynazarov & Piontkovskaya (2019): which latent says what, and which dimensions do.

Experiment(...).measure(run, tasks)        perplexity (Table 1), spoiled dimensions, means, covariance (Figures 2-4)
Experiment(...).classify(runs, parts)      what a classifier finds in a latent (Table 3)
write_report(read_tables(folder), title)   our figures beside the paper's, and which of its findings hold
"""

from resay.evaluation.latents.classify import LabelledParts
from resay.evaluation.latents.experiment import MEASURES, Experiment
from resay.evaluation.latents.findings import Finding, decide
from resay.evaluation.latents.kinds import KINDS
from resay.evaluation.latents.labelled_text import LabelledTexts, read_labelled, split_labelled
from resay.evaluation.latents.report import write_report
from resay.evaluation.latents.runs import FinishedRun, open_runs
from resay.evaluation.latents.summary import TABLES, read_tables

__all__ = [
    "KINDS",
    "MEASURES",
    "TABLES",
    "Experiment",
    "Finding",
    "FinishedRun",
    "LabelledParts",
    "LabelledTexts",
    "decide",
    "open_runs",
    "read_labelled",
    "read_tables",
    "split_labelled",
    "write_report",
]
