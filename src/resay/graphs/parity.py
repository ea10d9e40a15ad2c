"""Torch against ONNX Runtime on a grid of batch sizes and lengths: an export that differs is refused."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import torch
from jaxtyping import Int64
from torch import Tensor

from resay.errors import ExportError
from resay.graphs.decoder_parity import DecoderCheck, decoder_differences
from resay.graphs.decoder_step_graph import GRAPH_NAME as DECODER_STEP
from resay.graphs.differences import TOLERANCE, Difference
from resay.graphs.encoder_graph import EMBEDDING
from resay.graphs.encoder_graph import GRAPH_NAME as ENCODER
from resay.graphs.encoder_parity import Sentences, embedder_difference, encoder_differences, outputs
from resay.graphs.session import open_cpu_session
from resay.models import Autoencoder
from resay.models.embedder import SentenceEmbedder


@dataclass(frozen=True, kw_only=True, slots=True)
class ParityGrid:
    """The points that are compared: every batch size with every longest length, other lengths ragged below.

    Attributes:
        batches: Sentences at once, which are also the rows of the decoder.
        longest_length: Lengths run from 1 to this; an LSTM takes any, whatever the model was trained on.
        num_steps: Decoder steps taken one after another at each point.
        num_candidates: K at most points.
        every_word_lengths: At these lengths K is all words that may be said.
        lowest_log_prob: Log probabilities below this count as this. A word of probability e⁻³⁰ is never said,
            and further down float32 itself moves in steps that come near the tolerance.
        seed: Of the sentences, their lengths and the words the decoder is fed.
    """

    batches: tuple[int, ...] = (1, 2, 7, 32)
    longest_length: int = 40
    num_steps: int = 3
    num_candidates: int = 40
    every_word_lengths: tuple[int, ...] = (1, 14, 27, 40)
    lowest_log_prob: float = -30.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class ParityReport:
    """The worst point of a grid that passed.

    Attributes:
        worst: The largest difference and where it stands.
        grid: What was compared.
    """

    worst: Difference
    grid: ParityGrid

    def to_record(self) -> dict[str, object]:
        """Return what model.json keeps of it."""
        return {"max_difference": self.worst.value, "grid": asdict(self.grid) | {"tolerance": TOLERANCE}}


def check_parity(
    model: Autoencoder,
    encoder_bytes: bytes,
    decoder_step_bytes: bytes,
    grid: ParityGrid | None = None,
    *,
    embedder: SentenceEmbedder | None = None,
) -> ParityReport:
    """Compare both graphs with the model they were built from.

    Args:
        model: The model, on the CPU.
        encoder_bytes: encoder.onnx.
        decoder_step_bytes: decoder_step.onnx.
        grid: The points to compare; the whole default grid if not given.
        embedder: What the embedding in encoder.onnx was built from, if it has an embedder.

    Raises:
        ExportError: If any output differs by more than `TOLERANCE` or is not a number; names the worst point.
    """
    grid = grid or ParityGrid()
    with torch.inference_mode():
        differences = list(all_differences(model, encoder_bytes, decoder_step_bytes, grid))
        if embedder is not None:
            differences += embedder_differences(embedder, encoder_bytes, grid)
    worst = max(differences, key=lambda found: found.value)
    if worst.value > TOLERANCE:
        raise ExportError(
            f"the exported {worst}, more than the {TOLERANCE:.0e} allowed; nothing was written. Weights"
            " that are not finite, or logits in the hundreds, are the usual cause: see the training curves"
        )
    return ParityReport(worst, grid)


def all_differences(
    model: Autoencoder, encoder_bytes: bytes, decoder_step_bytes: bytes, grid: ParityGrid
) -> Iterator[Difference]:
    """Yield the difference of every output at every point of the grid."""
    encoder, decoder_step = open_cpu_session(encoder_bytes), open_cpu_session(decoder_step_bytes)
    generator = torch.Generator().manual_seed(grid.seed)
    for batch in grid.batches:
        for length in range(1, grid.longest_length + 1):
            token_ids, lengths = ragged_sentences(model.settings.vocab_size, batch, length, generator)
            sentences = Sentences(token_ids, lengths, model.noise(batch, generator))
            expected = outputs(model, sentences)
            for output, value in encoder_differences(model, encoder, sentences, expected):
                yield Difference(ENCODER, output, batch, length, value)

            every_word = length in grid.every_word_lengths
            check = DecoderCheck(
                num_steps=grid.num_steps,
                num_candidates=model.settings.vocab_size if every_word else grid.num_candidates,
                lowest_log_prob=grid.lowest_log_prob,
            )
            steps = decoder_differences(model, decoder_step, expected["latent"], check, generator)
            for output, value in steps:
                yield Difference(DECODER_STEP, output, batch, length, value)


def embedder_differences(embedder: SentenceEmbedder, encoder_bytes: bytes, grid: ParityGrid) -> Iterator[Difference]:
    """Yield the difference of the embedding at every point of the grid."""
    session = open_cpu_session(encoder_bytes)
    generator = torch.Generator().manual_seed(grid.seed)
    for batch in grid.batches:
        for length in range(1, grid.longest_length + 1):
            ids, lengths = ragged_sentences(embedder.num_ids, batch, length, generator)
            yield Difference(ENCODER, EMBEDDING, batch, length, embedder_difference(embedder, session, ids, lengths))


def ragged_sentences(
    vocab_size: int, batch: int, length: int, generator: torch.Generator
) -> tuple[Int64[Tensor, "B T"], Int64[Tensor, " B"]]:
    """Return random sentences of 1 to `length` tokens, the last of them exactly `length`.

    Words stand past a sentence's end too, not only the padding id: neither side may look at them.
    """
    token_ids = torch.randint(1, vocab_size, (batch, length), generator=generator)
    lengths = torch.randint(1, length + 1, (batch,), generator=generator)
    lengths[-1] = length
    return token_ids, lengths
