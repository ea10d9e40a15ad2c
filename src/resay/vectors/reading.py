"""One door to every word vector format."""

from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import Protocol

from resay.errors import VectorsError
from resay.vectors.binary_format import read_binary
from resay.vectors.npz_format import read_npz
from resay.vectors.text_format import read_text
from resay.vectors.word_vectors import WordVectors


class Reader(Protocol):
    """Reads one format."""

    def __call__(self, path: Path, *, only: Collection[str] | None) -> WordVectors:
        """Return the words of ``only``, or all."""
        ...


READERS: Mapping[str, Reader] = {
    ".bin": read_binary,
    ".npz": read_npz,
    ".txt": read_text,
    ".txt.gz": read_text,
    ".vec": read_text,
    ".vec.gz": read_text,
}


def read_vectors(path: str | PathLike[str], *, only: Collection[str] | None = None) -> WordVectors:
    """Read word vectors from a file.

    The extension chooses the reader. Within the text formats the content decides: gzip by its first bytes,
    the header line by being two whole numbers, so that a ``.vec`` without a header and a ``.txt`` with one
    are read as well.

    ======================  ===========================================================================
    ``.bin``                a fastText model; has subword vectors where it was trained with them
    ``.vec``, ``.vec.gz``   fastText or word2vec text, as a rule with a header line
    ``.txt``, ``.txt.gz``   GloVe text, as a rule without
    ``.npz``                arrays ``words`` and ``vectors`` (fp16 or fp32), as ``save_npz`` writes them
    ======================  ===========================================================================

    Args:
        path: The file.
        only: Keep these words alone. A vocabulary given here reads a text file larger than the memory; a
            lemma fallback then needs its lemmas in it as well.

    Returns:
        The vectors in the file's own scale. A word that stands in the file twice keeps its first vector, and
        is counted in ``num_duplicates``. With ``only`` there may be no rows at all.

    Raises:
        VectorsError: Unknown extension, no such file, or a content other than expected, with its line.
        MissingExtraError: A ``.bin`` without the package ``fasttext``.
    """
    path = Path(path)
    name = path.name.lower()
    extension = next((extension for extension in READERS if name.endswith(extension)), None)
    if extension is None:
        raise VectorsError(f"{path}: word vector files end in one of: {', '.join(READERS)}")
    if not path.is_file():
        raise VectorsError(f"{path}: no such file; name a file of word vectors ({', '.join(READERS)})")
    return READERS[extension](path, only=only)
