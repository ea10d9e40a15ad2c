"""Training: settings, preparation, the loop, validation, checkpoints and the run folder.

The loop is imported from `resay.fitting.train`, so that loading a run needs no training package.
"""

from resay.fitting.checkpoint import LoadedRun, load_run
from resay.fitting.settings import TrainSettings, load_settings

__all__ = ["LoadedRun", "TrainSettings", "load_run", "load_settings"]
