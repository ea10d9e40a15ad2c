"""One measurement after another, each written down before the next begins."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resay.corpus.lines import read_lines
from resay.engine import SentenceEncoder
from resay.errors import CorpusError
from resay.evaluation.paraphrase.correlation import PAIR
from resay.evaluation.paraphrase.flips import AreAntonyms
from resay.evaluation.paraphrase.judge import Judge
from resay.evaluation.paraphrase.measuring import measure, save_arrays, summarize
from resay.evaluation.paraphrase.producing import Produced, own_cosines
from resay.evaluation.paraphrase.results import find_row, read_rows, write_row
from resay.evaluation.paraphrase.systems import arrays_path

SHORT = 12
"""Digits of a sha256 in the table."""
SAMPLE_SEED = 0
"""Fixed, so that measurements with different seeds are of the same sentences."""


@dataclass(frozen=True)
class System:
    """What is measured: a model or a baseline.

    Attributes:
        model: Name of the model or baseline.
        sha256: Of the model's manifest, or of what the baseline is made from.
        loss: What the model was trained with; empty for baselines.
        options: Of the loss, those that are set.
        latent: The model's bottleneck.
        encoder: The model's own, whose scores are held against the judge's; None for baselines.
    """

    model: str
    sha256: str
    loss: str = ""
    options: str = ""
    latent: str = ""
    encoder: SentenceEncoder | None = None


@dataclass(frozen=True)
class Experiment:
    """What all measurements of a table share.

    Attributes:
        sentences: The inputs.
        judge: Judges similarity.
        are_antonyms: Whether two words are antonyms.
        num_candidates: Candidates that are asked for.
        seed: Of whatever is random.
        table: The CSV file.
        scratch: Folder for the single values, which hold no text.
        commit: Of the code that measures.
    """

    sentences: Sequence[str]
    judge: Judge
    are_antonyms: AreAntonyms
    num_candidates: int
    seed: int
    table: Path
    scratch: Path
    commit: str = ""

    def run(
        self, system: System, strategy: str, dial: float | None, make: Callable[[], Produced], *, again: bool = False
    ) -> dict[str, object] | None:
        """Measure one setting and write its row, unless it stands in the table already.

        Args:
            system: What is measured.
            strategy: How candidates are made.
            dial: Setting of the dial; None where there is none.
            make: Makes the candidates.
            again: Measure also what stands in the table.

        Returns:
            The row, or None if it was there.

        Raises:
            CorpusError: If the file is another table.
            MissingExtraError: If a package is not installed.
        """
        row = self._head(system, strategy, dial)
        if not again and find_row(read_rows(self.table), row) is not None:
            return None
        start = time.process_time()
        produced = make()
        made = time.process_time()
        values, judged = measure(
            self.judge,
            self.sentences,
            produced.candidates,
            num_wanted=self.num_candidates,
            are_antonyms=self.are_antonyms,
        )
        judging = time.process_time()
        row |= summarize(values) | {"num_refused": produced.num_refused}
        row |= {"produce_seconds": round(made - start, 1), "judge_seconds": round(judging - made, 1)}
        row |= {"commit": self.commit}
        save_arrays(arrays_path(self.scratch, row), values | self._pairs(system, produced, judged))
        write_row(self.table, row)
        return row

    def _head(self, system: System, strategy: str, dial: float | None) -> dict[str, object]:
        text = "\n".join(self.sentences).encode()
        return {
            "model": system.model,
            "loss": system.loss,
            "options": system.options,
            "latent": system.latent,
            "strategy": strategy,
            "dial": "" if dial is None else f"{dial:g}",
            "num_sentences": len(self.sentences),
            "n": self.num_candidates,
            "seed": self.seed,
            "model_sha256": system.sha256[:SHORT],
            "sentences_sha256": hashlib.sha256(text).hexdigest()[:SHORT],
            "judge": self.judge.name,
        }

    def _pairs(self, system: System, produced: Produced, judged: np.ndarray) -> dict[str, np.ndarray]:
        if system.encoder is None:
            return {}
        owners = np.repeat(np.arange(len(self.sentences)), [len(one) for one in produced.candidates])
        own = np.array([value for one in produced.own_similarities for value in one], dtype=np.float64)
        pairs = own_cosines(system.encoder, self.sentences, produced.candidates)
        pairs |= {"own": own, "judge": judged, "input": owners}
        return {PAIR + name: array for name, array in pairs.items()}


def sample_sentences(file: Path, num_sentences: int) -> list[str]:
    """Return distinct lines of a text file, drawn once and for all, in their order.

    Raises:
        CorpusError: If the file cannot be read, or has fewer.
    """
    lines = list(dict.fromkeys(read_lines([file])))
    if len(lines) < num_sentences:
        raise CorpusError(f"{file} has {len(lines)} distinct sentences, fewer than {num_sentences}; ask for fewer")
    generator = np.random.default_rng(SAMPLE_SEED)
    places = np.sort(generator.choice(len(lines), size=num_sentences, replace=False))
    return [lines[place] for place in places.tolist()]
