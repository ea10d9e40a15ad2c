"""A smaller and faster step graph in the place of the float32 one, if it says sentences again as well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from resay.errors import ExportError, SettingsError, unknown_name_message
from resay.graphs.decoder_step_graph import GRAPH_NAME, build_decoder_step
from resay.graphs.int8_layers import Int8Layers
from resay.graphs.run_corpora import decoder_states, sample_corpus
from resay.graphs.session import open_cpu_session
from resay.graphs.step_accuracy import StepAccuracy, measure_step
from resay.models import Autoencoder

NUM_TRAIN_SENTENCES = 500
NUM_DEV_SENTENCES = 1000
"""Greedy reconstructions of fewer scatter too much for half a point to mean something; of so many, by 0.2 points."""
LARGEST_DROP = 0.005
"""Of either accuracy: half a percentage point."""


@dataclass(frozen=True, slots=True)
class Quantization:
    """What replaced the float32 step graph, and what that cost.

    Attributes:
        kind: Key of `QUANTIZATIONS`.
        num_sentences: Dev sentences that both graphs were measured on.
        float32: What the float32 graph says right.
        quantized: What the other one does.
    """

    kind: str
    num_sentences: int
    float32: StepAccuracy
    quantized: StepAccuracy

    @property
    def token_drop(self) -> float:
        """Return the loss of accuracy under teacher forcing; below 0 for a gain."""
        return (self.float32.num_forced - self.quantized.num_forced) / self.float32.num_targets

    @property
    def reconstruction_drop(self) -> float:
        """Return the loss of accuracy in greedy reconstructions; below 0 for a gain."""
        return (self.float32.num_free - self.quantized.num_free) / self.float32.num_targets

    def __str__(self) -> str:
        expected, found, kind = self.float32, self.quantized, self.kind
        return (
            f"on {self.num_sentences} dev sentences float32 says {expected.reconstruction_accuracy:.2%} of the words"
            f" right in greedy reconstructions and {kind} {found.reconstruction_accuracy:.2%}, and"
            f" {expected.token_accuracy:.2%} and {found.token_accuracy:.2%} with the words before given"
        )

    def to_record(self) -> dict[str, Any]:
        """Return what model.json keeps of it."""
        return {
            "kind": self.kind,
            "graph": GRAPH_NAME,
            "quantized": ["word_vectors", "gates", "logits"],
            "corpus": "dev",
            "sentences": self.num_sentences,
            "tokens": self.float32.num_targets,
            "token_accuracy": {
                "float32": self.float32.token_accuracy,
                self.kind: self.quantized.token_accuracy,
            },
            "reconstruction_accuracy": {
                "float32": self.float32.reconstruction_accuracy,
                self.kind: self.quantized.reconstruction_accuracy,
            },
            "largest_drop": LARGEST_DROP,
        }


def build_int8_step(model: Autoencoder, corpora: Path) -> bytes:
    """Return decoder_step.onnx in int8, rounded for states on the run's own training sentences.

    Raises:
        ExportError: If the run's training corpus is missing or damaged.
    """
    sentences = sample_corpus(corpora, "train", NUM_TRAIN_SENTENCES)
    return build_decoder_step(model, Int8Layers(decoder_states(model, sentences)))


QUANTIZATIONS: Mapping[str, Callable[[Autoencoder, Path], bytes]] = {"int8": build_int8_step}
"""Model and RUN/corpus to decoder_step.onnx."""


def require_known_kind(kind: str) -> None:
    """Check the name of a quantisation.

    Raises:
        SettingsError: If it stands in no table.
    """
    if kind not in QUANTIZATIONS:
        raise SettingsError(unknown_name_message("--quantize", kind, QUANTIZATIONS))


def quantize_step(
    model: Autoencoder, encoder: bytes, decoder_step: bytes, corpora: Path, kind: str
) -> tuple[bytes, Quantization]:
    """Return the quantised step graph with its measures.

    Args:
        model: The model, on the CPU.
        encoder: encoder.onnx, which makes the latents of the dev sentences.
        decoder_step: decoder_step.onnx in float32, already compared with the model.
        corpora: RUN/corpus, with the folders `train` and `dev`.
        kind: Key of `QUANTIZATIONS`.

    Raises:
        SettingsError: If the kind stands in no table.
        ExportError: If a corpus is missing, or more reconstruction is lost than `LARGEST_DROP`.
    """
    require_known_kind(kind)
    quantized = QUANTIZATIONS[kind](model, corpora)
    batch = sample_corpus(corpora, "dev", NUM_DEV_SENTENCES)
    feeds = {"token_ids": batch.token_ids, "lengths": batch.lengths}
    if model.bottleneck.noise != "none":
        feeds["noise"] = np.zeros((len(batch.lengths), model.bottleneck.latent_size), np.float32)  # changes no latent
    latents = open_cpu_session(encoder).run(["latent"], feeds)[0]
    hidden_size = model.decoder.lstm.hidden_size
    expected, found = (
        measure_step(open_cpu_session(graph), latents, batch.targets, hidden_size)
        for graph in (decoder_step, quantized)
    )
    quantization = Quantization(kind, len(latents), expected, found)
    require_small_drop(quantization)
    return quantized, quantization


def require_small_drop(quantization: Quantization) -> None:
    """Check that neither accuracy falls by more than `LARGEST_DROP`; gains of any size pass.

    Raises:
        ExportError: If one does; gives both numbers of both.
    """
    largest = max(quantization.token_drop, quantization.reconstruction_drop)
    if largest <= LARGEST_DROP:
        return
    raise ExportError(
        f"{quantization}: a drop of {100 * largest:.3g} percentage points, more than the"
        f" {100 * LARGEST_DROP:.3g} allowed; nothing was written. Export without --quantize, or train for longer:"
        " a model that is hardly sure of any word loses most"
    )
