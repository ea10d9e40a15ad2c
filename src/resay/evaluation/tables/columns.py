"""The columns of the tables: tasks, their metrics, and what stands above them."""

from dataclasses import dataclass

MAJORITY = "majority-class"
"""The system that always gives the label that is most frequent in the training part."""


@dataclass(frozen=True, slots=True)
class Column:
    """A figure that is measured of every run.

    Attributes:
        task: Name of the task, as in `resay.evaluation.transfer`.
        metric: One of its metrics.
        title: What stands above the column.
        decimals: Of its figures.
    """

    task: str
    metric: str
    title: str
    decimals: int = 1

    @property
    def key(self) -> str:
        """Return the name that it has in `paper.toml`."""
        return f"{self.task}-{self.metric}"


MRPC_F1 = Column("mrpc", "f1", "MRPC F1")
MRPC = Column("mrpc", "accuracy", "MRPC accuracy")
SNLI = Column("snli", "accuracy", "SNLI accuracy")
SICK_E = Column("sick-e", "accuracy", "SICK-E accuracy")
PAPER_COLUMNS = (MRPC_F1, MRPC, SNLI, SICK_E)
"""Those of the paper's Table 1, in its order."""
ACCURACIES = (MRPC, SNLI, SICK_E)
"""Those of its Figure 2: one a task."""
SIMILARITIES = (
    Column("sts-b", "cosine_pearson", "STS-B cosine, Pearson", 3),
    Column("sts-b", "pearson", "STS-B regression, Pearson", 3),
)
"""Not in the paper."""
COLUMNS = (*PAPER_COLUMNS, *SIMILARITIES)
TASKS = tuple(dict.fromkeys(column.task for column in COLUMNS))
