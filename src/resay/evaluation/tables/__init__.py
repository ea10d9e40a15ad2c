"""The paper's tables as runs: what they are, training and measuring them side by side, and the pages they make."""

from resay.evaluation.tables.measuring import ROWS_FILE, Measuring, measure_runs
from resay.evaluation.tables.report import write_report
from resay.evaluation.tables.side_by_side import Failure
from resay.evaluation.tables.table_file import SEEDS, TableFile, read_table_file
from resay.evaluation.tables.training import train_runs

__all__ = [
    "ROWS_FILE",
    "SEEDS",
    "Failure",
    "Measuring",
    "TableFile",
    "measure_runs",
    "read_table_file",
    "train_runs",
    "write_report",
]
