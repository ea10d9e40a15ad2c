"""Baseline: word-by-word replacement by near words, the table of the soft-label loss without any model.

This is what text augmentation does with word vectors (Wang and Yang 2015).
"""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from resay.errors import CheckpointError, SettingsError
from resay.evaluation.paraphrase.wording import normal_form
from resay.fitting.checkpoint import TOKENIZER_FILE
from resay.fitting.preparation import VECTORS_FILE
from resay.text import Encoding, Tokenizer, detokenize
from resay.vectors import nearest_neighbours

ATTEMPTS_A_CANDIDATE = 20


@dataclass(frozen=True)
class SynonymReplacement:
    """Replaces content words by their near words.

    Attributes:
        tokenizer: Splits texts.
        near_words: For each content word what may replace it.
        sha256: Of what the table was made from.
    """

    tokenizer: Tokenizer
    near_words: Mapping[str, tuple[str, ...]]
    sha256: str

    @classmethod
    def from_run(cls, run: Path, num_neighbours: int) -> "SynonymReplacement":
        """Build the table as a soft-label loss does from the same run's word vectors, with the run's exclusions.

        Args:
            run: A run folder of `training/train.py`.
            num_neighbours: N, the word itself included.

        Raises:
            CheckpointError: If the run has no word vectors.
            SettingsError: If N is out of range.
        """
        path = run / VECTORS_FILE
        try:
            with np.load(path, allow_pickle=False) as arrays:
                matrix, has_vector, stop_ids = arrays["vectors"], arrays["has_vector"], arrays["stop_ids"]
                excluded = arrays.get("excluded_pairs")  # older runs lack it
            digest = hashlib.sha256(path.read_bytes())
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise CheckpointError(f"{path} cannot be read ({error}); name a run folder of training/train.py") from None
        digest.update(str(num_neighbours).encode())
        tokenizer = Tokenizer.from_file(run / TOKENIZER_FILE)
        words = tokenizer.words
        ids, similarities = nearest_neighbours(matrix, num_neighbours, candidates=has_vector, excluded=excluded)
        content = has_vector.copy()
        content[stop_ids] = False
        near_words = {
            words[row]: tuple(words[near] for near in ids[row, similarities[row] > 0].tolist() if near != row)
            for row in np.flatnonzero(content).tolist()
        }
        return cls(tokenizer, {word: near for word, near in near_words.items() if near}, digest.hexdigest())

    def candidates(self, source: str, num_candidates: int, *, rate: float, seed: int) -> list[str]:
        """Return distinct texts, fewer where the source has not words enough.

        Of the content words as many are replaced as fall under the rate by chance, one at least: the places and
        the near words are drawn with equal chances.

        Args:
            source: A text.
            num_candidates: Most texts.
            rate: Chance of a content word to be replaced, 0 to 1.
            seed: Together with the text it decides the draws.
        """
        encoding = self.tokenizer.encode(source)
        places = [index for index, word in enumerate(encoding.tokens) if word in self.near_words]
        generator = np.random.default_rng([seed, *hashlib.sha256(source.encode()).digest()[:8]])
        found: dict[tuple[str, ...], str] = {normal_form(source): source}
        for _ in range(ATTEMPTS_A_CANDIDATE * num_candidates if places else 0):
            num_replaced = max(1, int(generator.binomial(len(places), rate)))
            replaced = generator.choice(places, size=num_replaced, replace=False).tolist()
            text = self._replace(encoding, replaced, generator)
            if text is not None:
                found.setdefault(normal_form(text), text)
            if len(found) > num_candidates:
                break
        return list(found.values())[1:]

    def _replace(self, encoding: Encoding, places: Sequence[int], generator: np.random.Generator) -> str | None:
        words = list(encoding.tokens)
        for place in places:
            near = self.near_words[words[place]]
            words[place] = near[int(generator.integers(len(near)))]
        try:
            return detokenize(words, encoding)
        except SettingsError:  # a special word that stands in the source itself
            return None
