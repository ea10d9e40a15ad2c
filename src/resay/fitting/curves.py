"""What one watches while a model trains: TensorBoard curves, sample reconstructions, a line an epoch."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Any

from torch.utils.tensorboard.writer import SummaryWriter

from resay.fitting.validation import Reconstruction
from resay.text import Tokenizer

NUM_SAMPLES = 10


def readable(token_ids: list[int], tokenizer: Tokenizer) -> str:
    """Return token ids as the words they stand for, special ones included."""
    return " ".join(tokenizer.words[index] for index in token_ids)


class Curves:
    """Writes RUN/tensorboard/, RUN/history.csv and RUN/samples.txt."""

    def __init__(self, run: Path, first_step: int) -> None:
        self.run = run
        self._writer = SummaryWriter(str(run / "tensorboard"), purge_step=first_step or None)

    def __enter__(self) -> "Curves":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def training(self, step: int, loss: float, learning_rate: float) -> None:
        """Add a point to the training curves."""
        self._writer.add_scalar("train/loss", loss, step)
        self._writer.add_scalar("train/learning_rate", learning_rate, step)

    def epoch(self, history: list[dict[str, Any]], samples: list[Reconstruction], tokenizer: Tokenizer) -> None:
        """Add an epoch: its last row to the dev curves, all rows to history.csv, samples to samples.txt."""
        row = history[-1]
        for name, value in row.items():
            self._writer.add_scalar(f"dev/{name}", value, row["step"])
        with (self.run / "history.csv").open("w", newline="") as stream:
            table = csv.DictWriter(stream, fieldnames=list(row))
            table.writeheader()
            table.writerows(history)
        lines = [f"epoch {row['epoch']}"]
        for sample in samples:
            lines += [
                f"  < {readable(sample.source, tokenizer)}",
                f"  > {readable(sample.output, tokenizer)}",
            ]
        text = "\n".join(lines) + "\n"
        with (self.run / "samples.txt").open("a", encoding="utf-8") as stream:
            stream.write(text + "\n")
        self._writer.add_text("samples", text.replace("\n", "  \n"), row["step"])
        self._writer.flush()
