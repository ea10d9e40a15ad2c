"""A number for each word of each text, looked up for many candidates at once."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray


class WordValues:
    """Values of words, source by source; 0 for a word without one.

    One column stands for each word that has a value in any text, and a last one for all others, since S × V
    numbers would be many. Sources that share their mapping, the searches of one text, share its row.

    Args:
        of_sources: For each source, the values of its words.
    """

    def __init__(self, of_sources: Sequence[Mapping[int, float]]) -> None:
        texts = {id(values): values for values in of_sources}
        rows = {identity: row for row, identity in enumerate(texts)}
        self.row_of_source = np.array([rows[id(values)] for values in of_sources], dtype=np.int64)
        known = np.unique(np.array([word for values in texts.values() for word in values], dtype=np.int64))
        self.column_of_word = np.full(int(known.max(initial=0)) + 2, len(known), dtype=np.int64)
        self.column_of_word[known] = np.arange(len(known))
        self.table = np.zeros((len(texts), len(known) + 1), dtype=np.float64)
        for row, values in enumerate(texts.values()):
            columns = self.column_of_word[np.fromiter(values, dtype=np.int64, count=len(values))]
            self.table[row, columns] = np.fromiter(values.values(), dtype=np.float64, count=len(values))

    def of(self, sources: Int64[ndarray, " P"], words: Int64[ndarray, "P K"]) -> Float64[ndarray, "P K"]:
        """Return the value of each word with the source of its line."""
        columns = self.column_of_word[np.minimum(words, len(self.column_of_word) - 1)]
        values: Float64[ndarray, "P K"] = self.table[self.row_of_source[sources][:, np.newaxis], columns]
        return values
