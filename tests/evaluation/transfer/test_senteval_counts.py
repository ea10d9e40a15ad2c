"""The published files, where the research data lies beside the checkout (or in RESAY_DATA)."""

import os
from pathlib import Path

import numpy as np
import pytest

from resay.evaluation.transfer import TRANSFER_TASKS, majority, snli_is_subset

DATA = Path(os.environ.get("RESAY_DATA", Path(__file__).resolve().parents[4] / "shared" / "data")) / "senteval"
pytestmark = [pytest.mark.real_data, pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}")]

COUNTS = {
    "mrpc": {"train": 4076, "test": 1725},
    "sick-e": {"train": 4500, "dev": 500, "test": 4927},
    "sick-r": {"train": 4500, "dev": 500, "test": 4927},
    "sts-b": {"train": 5749, "dev": 1500, "test": 1379},
    "snli": {"train": 20_000, "dev": 9842, "test": 9824},
    "mr": {"train": 5331 + 5331},
    "cr": {"train": 2407 + 1368},
    "subj": {"train": 5000 + 5000},
    "mpqa": {"train": 3312 + 7294},
    "trec": {"train": 5452, "test": 500},
    "sst2": {"train": 67_349, "dev": 872, "test": 1821},
    "sst5": {"train": 8544, "dev": 1101, "test": 2210},
}


@pytest.mark.parametrize("task", TRANSFER_TASKS)
def test_counts_are_the_published_ones(task):
    expected = COUNTS[task]
    if task == "snli" and not snli_is_subset(DATA):
        expected = expected | {"train": 549_367}
    assert {name: len(part) for name, part in TRANSFER_TASKS[task].read(DATA).items()} == expected


def test_positive_examples_of_two_files():
    for task, count in (("mr", 5331), ("cr", 2407), ("subj", 5000), ("mpqa", 3312)):
        assert int(TRANSFER_TASKS[task].read(DATA)["train"].targets.sum()) == count


def test_snli_labels_mean_what_they_mean_in_the_published_parts():
    # Negations are several times as frequent in contradictions; a label that stood for another would show here.
    parts = TRANSFER_TASKS["snli"].read(DATA)
    for name in ("train", "test"):
        negated = np.array([" no " in f" {one.lower()} " or "n't" in one for one in parts[name].columns[1]])
        rates = [float(negated[parts[name].targets == label].mean()) for label in range(3)]
        assert rates[0] > 1.5 * max(rates[1:]), (name, rates)
        longer = [len(one.split()) for one in parts[name].columns[1]]
        lengths = [
            float(np.mean([n for n, t in zip(longer, parts[name].targets, strict=True) if t == k])) for k in (1, 2)
        ]
        assert lengths[0] > lengths[1] + 0.5, (name, lengths)  # what is neutral adds something; entailments leave out


def test_the_majority_class_of_mrpc_is_the_published_one():
    assert majority("mrpc", DATA) == pytest.approx({"accuracy": 66.49, "f1": 79.87}, abs=0.01)
