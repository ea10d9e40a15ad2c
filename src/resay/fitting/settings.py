"""Every setting of a training run: defaults, then a TOML file, then flags."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from resay.corpus import BatchSize
from resay.errors import SettingsError, unknown_name_message
from resay.fitting.schedules import SCHEDULES
from resay.losses import LOSSES, LossOptions
from resay.losses.similarity import Negatives
from resay.models import BOTTLENECKS, ModelSettings
from resay.models.settings import ENCODER_CELLS, ENCODER_DIRECTIONS
from resay.vectors import EXCLUSIONS

CHOICES = {
    "loss": tuple(LOSSES),
    "latent": tuple(BOTTLENECKS),
    "schedule": tuple(SCHEDULES),
    "encoder_direction": ENCODER_DIRECTIONS,
    "encoder_cell": ENCODER_CELLS,
    "negatives": (None, "keep", "clamp", "affine"),
    "word_vector_bits": (8, 32),
    "device": ("auto", "cpu", "cuda"),
    "mixed_precision": ("auto", "no", "bf16"),
}
POSITIVE = (
    "num_neighbours",
    "hidden_size",
    "latent_size",
    "encoder_layers",
    "max_length",
    "min_count",
    "word_vector_size",
    "fasttext_epochs",
    "fasttext_subsampling",
    "batch_size",
    "epochs",
    "learning_rate",
    "clip_norm",
    "kl_annealing",
    "patience",
    "checkpoint_steps",
    "num_reconstructions",
)
AT_LEAST_ZERO = (
    "seed",
    "max_vocab_size",
    "word_vector_norm",
    "lexicon_size",
    "ce_mix",
    "kl_weight",
    "kl_start",
    "encoder_hidden_size",
    "batch_tokens",
)
SHARES = ("unknown_rate", "word_dropout", "dropout")

FILTERED_LOSS = "soft-label"
"""The loss with a table of neighbours; the weighted ones compare a word with all others."""
DEFAULT_EXCLUSIONS: tuple[str, ...] = ("antonyms",)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainSettings:
    """Settings of a training run; a TOML file uses the same names.

    Attributes:
        loss: Name of the reconstruction loss, a key of `resay.losses.LOSSES`.
        num_neighbours: N of the soft-label loss.
        normalize: Whether a word's soft labels (or similarities) are divided by their sum. This and the next three
            take the loss's own default, `resay.losses.LossOptions`, when left out.
        temperature: Softmax temperature of the similarities.
        eps: Added to probabilities before the logarithm.
        negatives: What becomes of negative similarities.
        exclude_neighbours: Kinds of words that are never a word's neighbours in the soft-label loss, keys of
            `resay.vectors.EXCLUSIONS`; None takes `DEFAULT_EXCLUSIONS`. The other losses have no such table.
        ce_mix: Weight of the cross-entropy added to weighted-sim.
        latent: Name of the bottleneck. This and the next eight are those of `resay.models.ModelSettings`.
        latent_size: Components of the latent; "none" and "lm" leave no choice.
        hidden_size: Units of encoder and decoder.
        encoder_cell: Kind of the encoder's recurrent layers.
        encoder_layers: How many of them.
        encoder_hidden_size: Units of each of their directions; 0 takes `hidden_size`.
        encoder_direction: Which way the encoder reads.
        train_word_vectors: Whether the word vectors change.
        dropout: Share of inputs and states that training zeroes.
        kl_weight: What the latent's penalty counts in the end, next to the reconstruction.
        kl_start: What it counts at the first step, `kl_weight` at most; from there it grows in a straight line.
        kl_annealing: Share of the training steps over which it does.
        unknown_rate: Share of the words that are hidden from the encoder as unknown ones.
        word_dropout: Share of the words that are hidden from the decoder after it has said them.
        max_length: Tokens that a sentence is cut to.
        min_count: Occurrences that a word needs to enter the vocabulary.
        max_vocab_size: Most words in the vocabulary; 0 sets no limit.
        word_vector_norm: Mean length that all word vectors are scaled to; 0 leaves them as they are. Vectors of
            length 1, as some files have them, make a recurrent net's inputs so small that it learns slowly.
        word_vector_bits: 8 rounds each component to a whole multiple of its word's step, which the exported encoder
            keeps in a quarter of the space; 32 leaves them as they are.
        lexicon_size: Word vectors that sentence embeddings know, those of the most frequent words, beyond the
            vocabulary too; 0 makes no embedder, and embeddings are averages of the vocabulary's vectors.
        whitening: How far the variances of embeddings are evened out, from 0, not at all, to 0.5, wholly.
        word_vector_size: Components of fastText vectors trained on the corpus.
        fasttext_epochs: Passes of that training.
        fasttext_subsampling: Share of the corpus above which it drops words at random; small corpora need more.
        batch_size: Sentences a step.
        batch_tokens: Tokens a step at most, end marks and padding counted; 0 sets no limit but `batch_size`.
        epochs: Passes over the corpus, at most.
        learning_rate: Adam's, at its highest.
        schedule: How the learning rate moves from there to the last step.
        clip_norm: Longest gradient.
        patience: Epochs without a better dev loss before training stops early.
        checkpoint_steps: Steps between checkpoints; there is one after every epoch too.
        num_reconstructions: Dev sentences that are reconstructed free-running after every epoch.
        seed: Decides initial weights, order of sentences and random word vectors.
        device: "auto" takes a GPU where there is one.
        mixed_precision: "auto" takes bf16 on a GPU that has it.

    Raises:
        SettingsError: If a value is outside what is allowed.
    """

    loss: str = "soft-label"
    num_neighbours: int = 5
    normalize: bool | None = None
    temperature: float | None = None
    eps: float | None = None
    negatives: Negatives | None = None
    exclude_neighbours: tuple[str, ...] | None = None
    ce_mix: float = 0.0
    latent: str = "none"
    latent_size: int = 50
    hidden_size: int = 256
    encoder_cell: str = "lstm"
    encoder_layers: int = 1
    encoder_hidden_size: int = 0
    encoder_direction: str = "reverse"
    train_word_vectors: bool = False
    dropout: float = 0.0
    kl_weight: float = 1.0
    kl_start: float = 0.01
    kl_annealing: float = 0.1
    unknown_rate: float = 0.0
    word_dropout: float = 0.0
    max_length: int = 40
    min_count: int = 2
    max_vocab_size: int = 50_000
    word_vector_norm: float = 0.0
    word_vector_bits: int = 8
    lexicon_size: int = 28_000
    whitening: float = 0.35
    word_vector_size: int = 100
    fasttext_epochs: int = 10
    fasttext_subsampling: float = 1e-3
    batch_size: int = 128
    batch_tokens: int = 0
    epochs: int = 15
    learning_rate: float = 1e-3
    schedule: str = "linear"
    clip_norm: float = 5.0
    patience: int = 3
    checkpoint_steps: int = 1000
    num_reconstructions: int = 1000
    seed: int = 0
    device: str = "auto"
    mixed_precision: str = "auto"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                names = [str(choice) for choice in allowed if choice is not None]
                raise SettingsError(unknown_name_message(name, str(getattr(self, name)), names))
        for name in POSITIVE:
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} must be greater than 0; got {getattr(self, name)}")
        if not 0 <= self.whitening <= 0.5:
            raise SettingsError(f"whitening must be 0 to 0.5; got {self.whitening}")
        if self.kl_annealing > 1:
            raise SettingsError(f"kl_annealing must be greater than 0 and at most 1; got {self.kl_annealing}")
        for name in AT_LEAST_ZERO:
            if not 0 <= getattr(self, name) < float("inf"):
                raise SettingsError(f"{name} must be 0 or more; got {getattr(self, name)}")
        for name in SHARES:
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(f"{name} must be 0 or more and less than 1; got {getattr(self, name)}")
        for kind in self.exclude_neighbours or ():
            if kind not in EXCLUSIONS:
                raise SettingsError(unknown_name_message("exclude_neighbours", kind, EXCLUSIONS))
        if self.exclude_neighbours and self.loss != FILTERED_LOSS:
            raise SettingsError(
                f"exclude_neighbours filters the table of neighbours that only the loss {FILTERED_LOSS} has; "
                f"got {', '.join(self.exclude_neighbours)} with the loss {self.loss}: leave it out, or take "
                f"loss {FILTERED_LOSS}"
            )

    def exclusions(self) -> tuple[str, ...]:
        """Return the kinds of words that are never neighbours, in order."""
        if self.loss != FILTERED_LOSS:
            return ()
        kinds = DEFAULT_EXCLUSIONS if self.exclude_neighbours is None else self.exclude_neighbours
        return tuple(sorted(set(kinds)))

    def batch_limits(self) -> BatchSize:
        """Return how much a batch holds."""
        return BatchSize(self.batch_size, self.batch_tokens)

    def model_choices(self) -> dict[str, Any]:
        """Return the part that the model is built from, without the sizes that only a corpus knows."""
        names = {field.name for field in fields(ModelSettings)} & set(SETTING_NAMES) - {"word_vector_size"}
        return {name: getattr(self, name) for name in sorted(names)}

    def loss_options(self) -> LossOptions:
        """Return the part that the loss is built from, without the words that only a corpus knows."""
        return LossOptions(
            num_neighbours=self.num_neighbours,
            normalize=self.normalize,
            temperature=self.temperature,
            eps=self.eps,
            negatives=self.negatives,
            ce_mix=self.ce_mix,
        )

    def as_dict(self) -> dict[str, object]:
        """Return the settings as JSON and TOML take them."""
        kinds = self.exclude_neighbours
        return {**asdict(self), "exclude_neighbours": None if kinds is None else sorted(set(kinds))}


SETTING_NAMES = tuple(field.name for field in fields(TrainSettings))
KINDS: dict[str, type] = {name: type(value) for name, value in TrainSettings().as_dict().items()}
KINDS |= {"normalize": bool, "temperature": float, "eps": float, "negatives": str, "exclude_neighbours": list}
"""The type of each setting; those whose default is left to the loss are spelt out."""


def _checked(name: str, value: Any) -> Any:  # noqa: ANN401  a TOML value may be anything
    """Return the value if it fits the setting's type; whole numbers are taken where fractions are."""
    if name not in SETTING_NAMES:
        raise SettingsError(unknown_name_message("setting", name, SETTING_NAMES))
    kind = KINDS[name]
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise SettingsError(f"setting {name} must be {kind.__name__}; got {value!r}")
    if isinstance(value, list):
        if not all(isinstance(item, str) for item in value):
            raise SettingsError(f"setting {name} must be a list of names; got {value!r}")
        return tuple(value)
    return value


def load_settings(config: Path | None, overrides: Mapping[str, Any]) -> TrainSettings:
    """Return the settings of a TOML file with some of them overridden; without a file, of the defaults.

    Raises:
        SettingsError: If the file is missing or is no TOML, or a name or value is not allowed.
    """
    values: dict[str, Any] = {}
    if config is not None:
        try:
            values = tomllib.loads(config.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{config}: cannot be read as TOML settings: {error}") from None
    merged = {**values, **overrides}
    return TrainSettings(**{name: _checked(name, value) for name, value in merged.items()})
