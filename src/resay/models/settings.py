"""What decides the shape of a model."""

from dataclasses import dataclass

from resay.errors import SettingsError, unknown_name_message
from resay.models.bottlenecks import BOTTLENECKS
from resay.models.encoder import CELLS, DIRECTIONS

ENCODER_DIRECTIONS = tuple(DIRECTIONS)
ENCODER_CELLS = tuple(CELLS)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """Sizes and choices of an autoencoder; two models with equal settings take the same weights.

    Attributes:
        vocab_size: Words, special ones included.
        word_vector_size: Components of a word vector.
        hidden_size: Units of the encoder's and of the decoder's recurrent layers.
        latent: Name of the bottleneck, a key of `BOTTLENECKS`.
        latent_size: Components of the latent; "none" has as many as the encoder's last states, "lm" one.
        encoder_cell: "lstm" or "gru".
        encoder_layers: Recurrent layers of the encoder.
        encoder_hidden_size: Units of each direction of each of them; 0 takes `hidden_size`.
        encoder_direction: Which way the encoder reads; "reverse" ends on the first word, the one that the
            decoder has to say first, and "both" joins the last states of two readers.
        train_word_vectors: Whether training changes the word vectors.
        dropout: Share of the inputs of every recurrent layer, and of the decoder's states, that training zeroes.

    Raises:
        SettingsError: If a size is below 1, a name is unknown or a share is not in [0, 1).
    """

    vocab_size: int
    word_vector_size: int
    hidden_size: int = 256
    latent: str = "none"
    latent_size: int = 50
    encoder_cell: str = "lstm"
    encoder_layers: int = 1
    encoder_hidden_size: int = 0
    encoder_direction: str = "reverse"
    train_word_vectors: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        for name in ("vocab_size", "word_vector_size", "hidden_size", "latent_size", "encoder_layers"):
            size = getattr(self, name)
            if size < 1:
                raise SettingsError(f"{name} must be 1 or more; got {size}")
        if self.encoder_hidden_size < 0:
            raise SettingsError(f"encoder_hidden_size must be 0 or more; got {self.encoder_hidden_size}")
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"dropout must be 0 or more and less than 1; got {self.dropout}")
        tables = {"latent": BOTTLENECKS, "encoder_direction": DIRECTIONS, "encoder_cell": CELLS}
        for name, table in tables.items():
            if getattr(self, name) not in table:
                raise SettingsError(unknown_name_message(name, getattr(self, name), table))
