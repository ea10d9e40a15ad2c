"""Word vectors: files, training, a vocabulary's matrix, and tables of nearest neighbours."""

from resay.vectors.alignment import AlignedVectors, align
from resay.vectors.antonyms import antonym_pairs, are_antonyms
from resay.vectors.exclusions import EXCLUSIONS, excluded_pairs
from resay.vectors.fasttext_training import train_fasttext
from resay.vectors.inflections import inflection_pairs
from resay.vectors.neighbour_cache import cached_neighbours
from resay.vectors.neighbours import nearest_neighbours
from resay.vectors.reading import READERS, read_vectors
from resay.vectors.word_vectors import WordVectors

__all__ = [
    "EXCLUSIONS",
    "READERS",
    "AlignedVectors",
    "WordVectors",
    "align",
    "antonym_pairs",
    "are_antonyms",
    "cached_neighbours",
    "excluded_pairs",
    "inflection_pairs",
    "nearest_neighbours",
    "read_vectors",
    "train_fasttext",
]
