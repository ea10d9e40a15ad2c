"""What decides the shape of a model."""

from dataclasses import dataclass

from resay.errors import SettingsError, unknown_name_message
from resay.models.bottlenecks import BOTTLENECKS

ENCODER_DIRECTIONS = ("forward", "reverse")


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """Sizes and choices of an autoencoder; two models with equal settings take the same weights.

    Attributes:
        vocab_size: Words, special ones included.
        word_vector_size: Components of a word vector.
        hidden_size: Units of the encoder's and of the decoder's LSTM.
        latent: Name of the bottleneck, a key of `BOTTLENECKS`.
        encoder_direction: Which way the encoder reads; "reverse" ends on the first word, the one that the
            decoder has to say first.
        train_word_vectors: Whether training changes the word vectors.

    Raises:
        SettingsError: If a size is below 1 or a name is unknown.
    """

    vocab_size: int
    word_vector_size: int
    hidden_size: int = 256
    latent: str = "none"
    encoder_direction: str = "reverse"
    train_word_vectors: bool = False

    def __post_init__(self) -> None:
        for name in ("vocab_size", "word_vector_size", "hidden_size"):
            size = getattr(self, name)
            if size < 1:
                raise SettingsError(f"{name} must be 1 or more; got {size}")
        if self.latent not in BOTTLENECKS:
            raise SettingsError(unknown_name_message("latent", self.latent, BOTTLENECKS))
        if self.encoder_direction not in ENCODER_DIRECTIONS:
            message = unknown_name_message("encoder_direction", self.encoder_direction, ENCODER_DIRECTIONS)
            raise SettingsError(message)
