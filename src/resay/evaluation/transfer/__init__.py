"""SentEval's protocol: how good sentence vectors are as features, on twelve tasks.

    from resay.evaluation.transfer import evaluate_task
    evaluate_task("mrpc", system.embed, Path("senteval"), seed=0)    # {"accuracy": ..., "f1": ...}

numpy alone: no GPU, no scikit-learn.
"""

from resay.evaluation.transfer.classifiers import CLASSIFIERS, DEFAULT_CLASSIFIER
from resay.evaluation.transfer.examples import Examples
from resay.evaluation.transfer.pair_files import snli_is_subset
from resay.evaluation.transfer.tasks import TRANSFER_TASKS, TransferTask, evaluate_task, majority

__all__ = [
    "CLASSIFIERS",
    "DEFAULT_CLASSIFIER",
    "TRANSFER_TASKS",
    "Examples",
    "TransferTask",
    "evaluate_task",
    "majority",
    "snli_is_subset",
]
