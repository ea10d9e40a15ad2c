"""What baselines are made from."""

from dataclasses import dataclass
from pathlib import Path

from resay.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Files of baselines; what one does not need may be missing.

    Attributes:
        vectors: Word vectors, as `resay.vectors.read_vectors` reads them.
        lemmas: JSON file of word to base form, plain or .gz, for words that `vectors` lacks.
        text: Text whose word counts weigh words and whose sentences a principal component is found in, one a line.
        seed: Of what is drawn: a random net's weights, a word's random direction.
    """

    vectors: Path | None = None
    lemmas: Path | None = None
    text: Path | None = None
    seed: int = 0

    def needed_vectors(self, name: str) -> Path:
        """Return the file of word vectors.

        Raises:
            SettingsError: If there is none.
        """
        if self.vectors is None:
            raise SettingsError(f"the baseline {name!r} needs word vectors; name a file of them")
        return self.vectors

    def needed_text(self, name: str) -> Path:
        """Return the file of text.

        Raises:
            SettingsError: If there is none.
        """
        if self.text is None:
            raise SettingsError(f"the baseline {name!r} counts words in a text; name a file of one, a sentence a line")
        return self.text
