"""Word vectors: files, training, a vocabulary's matrix, and tables of nearest neighbours."""

from resay.vectors.alignment import AlignedVectors, align
from resay.vectors.fasttext_training import train_fasttext
from resay.vectors.neighbour_cache import cached_neighbours
from resay.vectors.neighbours import nearest_neighbours
from resay.vectors.reading import READERS, read_vectors
from resay.vectors.word_vectors import WordVectors

__all__ = [
    "READERS",
    "AlignedVectors",
    "WordVectors",
    "align",
    "cached_neighbours",
    "nearest_neighbours",
    "read_vectors",
    "train_fasttext",
]
