"""From text files to everything that a model is built from, kept in the run folder.

    RUN/tokenizer.json  RUN/corpus/train/  RUN/corpus/dev/  RUN/vectors.npz  RUN/lexicon.txt  RUN/embedder.safetensors

A resumed run reads these files instead of making them again: fastText's threads update shared memory without locks,
so that vectors trained twice differ slightly.
"""

import gzip
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resay.corpus import Corpus, prepare_corpus, read_lines
from resay.errors import CheckpointError, CorpusError, VectorsError
from resay.fitting.checkpoint import TOKENIZER_FILE
from resay.fitting.embedding import EmbeddingSettings, fit_embedding, save_embedder
from resay.fitting.settings import TrainSettings
from resay.models import ModelSettings
from resay.text import SPECIAL_WORDS, Tokenizer, count_words, read_counts
from resay.text.english import english_counts
from resay.text.stop_words import STOP_WORDS
from resay.vectors import align, excluded_pairs, read_vectors, train_fasttext
from resay.vectors.eight_bits import from_codes, to_codes

HELD_OUT_ONE_IN = 50
VECTORS_FILE = "vectors.npz"
FULL_BITS = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingFiles:
    """The files that a run starts from; a resumed run reads none of them again.

    Attributes:
        train: Text files, one sentence a line.
        dev: Likewise, for validation; empty: one line in fifty of `train` is held out.
        vectors: Word vectors to use; None: fastText is trained on the corpus.
        lemmas: JSON file, plain or .gz, of word to base form, for words that `vectors` lacks; None: not used.
        stop_words: Text file with one word a line that gets no soft label; None: English function words.
        word_counts: File of `word<TAB>count` lines, counted in large and general texts of the language, that sentence
            embeddings weigh words by; None: the 10,000 most frequent words of English.
    """

    train: Sequence[Path]
    dev: Sequence[Path] = ()
    vectors: Path | None = None
    lemmas: Path | None = None
    stop_words: Path | None = None
    word_counts: Path | None = None

    def as_record(self) -> dict[str, Any]:
        """Return the files' names as JSON takes them; without folders, so that moved files are the same files."""
        one = {"vectors": self.vectors, "lemmas": self.lemmas, "stop_words": self.stop_words}
        if self.word_counts is not None:  # runs made before there was such a file do not name it
            one["word_counts"] = self.word_counts
        return {
            "train": [path.name for path in self.train],
            "dev": [path.name for path in self.dev],
            **{name: path.name if path else None for name, path in one.items()},
        }


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a model is built from.

    Attributes:
        tokenizer: Of V words.
        train: The corpus to train on.
        dev: The corpus to validate on.
        word_vectors: [V, E], float32.
        has_vector: [V], False where the row is a random direction or another word's.
        stop_ids: Ids of the words that get no soft label, special ones among them.
        excluded_pairs: [P, 2], ids of words that are not each other's neighbours.
        model_settings: Sizes and choices of the model.
    """

    tokenizer: Tokenizer
    train: Corpus
    dev: Corpus
    word_vectors: NDArray[np.float32]
    has_vector: NDArray[np.bool_]
    stop_ids: NDArray[np.int64]
    model_settings: ModelSettings
    excluded_pairs: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))


def is_held_out(line: str) -> bool:
    """Whether a line belongs to the dev set, by its hash: equal sentences never stand on both sides."""
    digest = hashlib.blake2b(line.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % HELD_OUT_ONE_IN == 0


def _training_lines(files: TrainingFiles) -> Iterator[str]:
    for line in read_lines(files.train):
        if files.dev or not is_held_out(line):
            yield line


def read_lemmas(path: Path | None) -> Mapping[str, str] | None:
    """Return a JSON file's mapping of word to base form, plain or .gz; None without a file.

    Raises:
        VectorsError: If it cannot be read, or is no such mapping.
    """
    if path is None:
        return None
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lemmas = json.loads(data)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise VectorsError(f"{path}: cannot be read as a JSON object of word to base form ({error})") from None
    if not isinstance(lemmas, dict):
        raise VectorsError(f"{path}: must be a JSON object of word to base form; got a {type(lemmas).__name__}")
    return lemmas


def _word_vectors(
    files: TrainingFiles, tokenizer: Tokenizer, counts: Mapping[str, int], run: Path, settings: TrainSettings
) -> dict[str, Any]:
    lemmas = read_lemmas(files.lemmas)
    background = read_counts(files.word_counts) if files.word_counts else english_counts()
    if files.vectors is not None:
        source = files.vectors.name
        only: set[str] | None = _wanted_words(tokenizer.words, lemmas)
        if settings.lexicon_size:
            # Only a list that the user gave says that no other word matters.
            only = _wanted_words((*tokenizer.words, *counts, *background), lemmas) if files.word_counts else None
        vectors = read_vectors(files.vectors, only=only)
    else:
        source = "fastText, skip-gram with subwords, trained on the corpus"
        tokenised = run / "fasttext.txt"
        with tokenised.open("w", encoding="utf-8") as stream:
            for encoding in tokenizer.encode_stream(_training_lines(files)):
                stream.write(" ".join(encoding.tokens) + "\n")
        vectors = train_fasttext(
            tokenised,
            word_vector_size=settings.word_vector_size,
            num_epochs=settings.fasttext_epochs,
            subsampling=settings.fasttext_subsampling,
            min_count=settings.min_count,
            seed=settings.seed,
        )
        tokenised.unlink()
    if settings.lexicon_size:
        sizes = EmbeddingSettings(settings.lexicon_size, settings.whitening)
        save_embedder(run, *fit_embedding(vectors, sizes, counts=counts, background=background, lemmas=lemmas))
    aligned = align(vectors, tokenizer.words, seed=settings.seed, lemmas=lemmas)
    excluded = excluded_pairs(tokenizer.words, settings.exclusions(), lemmas)
    matrix = scaled(aligned.matrix, settings.word_vector_norm)
    if settings.word_vector_bits < FULL_BITS:
        matrix = rounded(matrix)
    np.savez(
        run / VECTORS_FILE,
        words=np.array(tokenizer.words),
        vectors=matrix,
        has_vector=aligned.has_vector,
        stop_ids=np.flatnonzero(np.isin(tokenizer.words, SPECIAL_WORDS + stop_words(files.stop_words))),
        excluded_pairs=excluded,
    )
    return {
        "source": source,
        "size": int(matrix.shape[1]),
        "sha256": hashlib.sha256(matrix.tobytes()).hexdigest(),
        "summary": aligned.summary(),
        "exclusions": list(settings.exclusions()),
        "num_excluded_pairs": len(excluded),
    }


def scaled(matrix: NDArray[np.float32], norm: float) -> NDArray[np.float32]:
    """Return word vectors [V, E] times one number that makes their mean length `norm`; as they are for 0."""
    mean = float(np.linalg.norm(matrix, axis=1).mean())
    return matrix * np.float32(norm / mean) if norm and mean else matrix


def rounded(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return word vectors [V, E] as 8 bits a component can say them: whole multiples of each word's own step."""
    return from_codes(*to_codes(matrix))


def stop_words(path: Path | None) -> tuple[str, ...]:
    """Return the words of a file, one a line; English function words without a file."""
    return tuple(read_lines([path]) if path else STOP_WORDS)


def _wanted_words(vocabulary: Iterable[str], lemmas: Mapping[str, str] | None) -> set[str]:
    words = set(vocabulary)
    return words | {lemmas[word] for word in words if word in lemmas} if lemmas else words


def prepare(files: TrainingFiles, run: Path, settings: TrainSettings) -> dict[str, Any]:
    """Write tokenizer, corpora and word vectors into a run folder; return what was found, for `run.json`.

    Raises:
        CorpusError: If a text file cannot be used, or nothing is left for one side of the split.
        VectorsError: If the vectors cannot be read.
    """
    max_size = settings.max_vocab_size or None
    counts = count_words(_training_lines(files))
    tokenizer = Tokenizer.from_counts(counts, min_count=settings.min_count, max_size=max_size)
    tokenizer.save(run / TOKENIZER_FILE)
    corpora: dict[str, Any] = {}
    sides = {"train": (files.train, False), "dev": (files.dev or files.train, True)}
    for side, (paths, held_out) in sides.items():
        keep = None if files.dev else (is_held_out if held_out else lambda line: not is_held_out(line))
        try:
            report = prepare_corpus(paths, tokenizer, run / "corpus" / side, settings.max_length, keep=keep)
        except CorpusError as error:
            hint = " (one line in fifty is held out as dev set; give one with --dev)" if keep else ""
            raise CorpusError(f"{error}{hint}") from None
        corpora[side] = report.as_dict()
    vectors = _word_vectors(files, tokenizer, counts, run, settings)
    model = {
        "vocab_size": tokenizer.vocab_size,
        "word_vector_size": vectors["size"],
        **settings.model_choices(),
    }
    return {"corpus": corpora, "vectors": vectors, "model": model}


def open_prepared(run: Path, record: Mapping[str, Any]) -> Prepared:
    """Open what `prepare` wrote.

    Raises:
        CheckpointError: If one of the files is damaged or missing.
        CorpusError: If a corpus is.
    """
    try:
        with np.load(run / VECTORS_FILE, allow_pickle=False) as arrays:
            matrix, has_vector, stop_ids = arrays["vectors"], arrays["has_vector"], arrays["stop_ids"]
            # Runs made before there was such a filter lack it.
            excluded = arrays["excluded_pairs"] if "excluded_pairs" in arrays else np.empty((0, 2), dtype=np.int64)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{run / VECTORS_FILE}: damaged ({error}); train into another --out") from None
    return Prepared(
        tokenizer=Tokenizer.from_file(run / TOKENIZER_FILE),
        train=Corpus.open(run / "corpus" / "train"),
        dev=Corpus.open(run / "corpus" / "dev"),
        word_vectors=matrix,
        has_vector=has_vector,
        stop_ids=stop_ids,
        model_settings=ModelSettings(**record["model"]),
        excluded_pairs=excluded,
    )
