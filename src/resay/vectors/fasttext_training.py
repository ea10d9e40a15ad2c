"""Training fastText vectors on a text file of one's own."""

from os import PathLike
from pathlib import Path

from resay.errors import SettingsError, VectorsError
from resay.vectors.atomic_file import atomic_file
from resay.vectors.binary_format import import_fasttext, vectors_of_model
from resay.vectors.word_vectors import WordVectors

# fastText 0.9.3 fills its input matrix in blocks of one tenth, one block a thread, and the eleventh takes the
# remainder: with fewer than 11 threads the other blocks stay uninitialised memory (most rows zero or noise).
# More threads than cores only take turns.
NUM_THREADS = 12


def train_fasttext(
    text_file: str | PathLike[str],
    *,
    word_vector_size: int = 100,
    num_epochs: int = 5,
    min_count: int = 2,
    min_subword: int = 3,
    max_subword: int = 6,
    num_buckets: int = 200_000,
    window: int = 5,
    learning_rate: float = 0.05,
    subsampling: float = 1e-3,
    seed: int = 0,
    model_file: str | PathLike[str] | None = None,
) -> WordVectors:
    """Train skip-gram vectors with subwords (Bojanowski et al. 2017) on tokenised text.

    Two runs with the same seed differ slightly: the threads update shared weights without locks. For results
    that can be repeated save the vectors (``save_npz``, or ``model_file`` to keep the subwords) and go on
    from that file.

    Args:
        text_file: UTF-8, a sentence a line, tokens parted by spaces, normalised as the tokenizer does.
        word_vector_size: E.
        num_epochs: Passes over the file; small corpora (under 1M tokens) gain from 10 and more.
        min_count: A word seen less often gets no vector of its own.
        min_subword: Shortest character n-gram.
        max_subword: Longest character n-gram; 0 for no subwords.
        num_buckets: Rows of the hashed n-gram table, ``4 · E · num_buckets`` bytes (80 MB by default).
            fastText's own 2M would take 800 MB, far more rows than a small corpus has n-grams.
        window: Words of context on either side, at most.
        learning_rate: At the start; falls linearly to 0.
        subsampling: Words above this share of the corpus are dropped at random (fastText's ``t``). fastText's own
            1e-4 suits billions of tokens; of a corpus of a few thousand words it drops almost everything.
        seed: Of the initial weights and the sampling.
        model_file: Where to keep the whole model, a name in ``.bin``; ``read_vectors`` reads it.

    Raises:
        VectorsError: No such file, no word seen ``min_count`` times, or training diverged.
        SettingsError: A setting out of its range.
        MissingExtraError: The package ``fasttext`` is not installed.
    """
    settings = {
        "dim": word_vector_size,
        "epoch": num_epochs,
        "minCount": min_count,
        "minn": min_subword,
        "maxn": max_subword,
        "bucket": num_buckets,
        "ws": window,
        "lr": learning_rate,
        "t": subsampling,
        "seed": seed,
        "thread": NUM_THREADS,
        "verbose": 0,  # nothing on stdout and stderr
    }
    _check_at_least_one(
        word_vector_size=word_vector_size,
        num_epochs=num_epochs,
        min_count=min_count,
        num_buckets=num_buckets,
        window=window,
    )
    for name, value in (("learning_rate", learning_rate), ("subsampling", subsampling)):
        if value <= 0:
            raise SettingsError(f"{name} must be above 0, got {value}")
    if max_subword != 0 and not 1 <= min_subword <= max_subword:
        raise SettingsError(
            "subwords must have 1 <= min_subword <= max_subword, or max_subword=0 for none; "
            f"got {min_subword} and {max_subword}"
        )
    path = Path(text_file)
    if not path.is_file():
        raise VectorsError(f"{path}: no such file; name a text file of space-separated tokens")
    if model_file is not None and Path(model_file).suffix != ".bin":
        raise VectorsError(f"{model_file}: a fastText model is saved under a name that ends in .bin")
    model = _train(path, settings)
    if model_file is not None:
        with atomic_file(Path(model_file)) as temporary:
            model.save_model(str(temporary))
    return vectors_of_model(model)


def _train(path: Path, settings: dict[str, int | float]):  # type: ignore[no-untyped-def]  # noqa: ANN202
    package = import_fasttext().FastText
    # fasttext.train_unsupervised() does the same steps, but its list of accepted arguments lacks `seed`.
    arguments = package._build_args({**package.unsupervised_default, "input": str(path), **settings}, set())
    model = package._FastText(args=arguments)
    try:
        package.fasttext.train(model.f, arguments)
    except (ValueError, RuntimeError) as error:
        raise VectorsError(
            f"{path}: fastText cannot train on it ({error}); it needs words seen "
            f"{settings['minCount']} times or more (min_count) "
            f"and a moderate learning_rate, here {settings['lr']}"
        ) from error
    return model


def _check_at_least_one(**settings: int) -> None:
    for name, value in settings.items():
        if value < 1:
            raise SettingsError(f"{name} must be 1 or more, got {value}")
