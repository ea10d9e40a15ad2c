"""From a run folder to a model folder: build, check, compare with torch, quantise, then write."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from resay.errors import ExportError
from resay.fitting.checkpoint import LoadedRun, load_run
from resay.graphs import folder as model_folder
from resay.graphs.card import card_bytes, model_card
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.golden import golden_of_step, make_golden
from resay.graphs.latent_space import latent_space
from resay.graphs.parity import ParityReport, check_parity
from resay.graphs.quantization import Quantization, quantize_step, require_known_kind

CORPORA = "corpus"
"""Where a run folder keeps its prepared corpora."""

Addition = Callable[[model_folder.ModelFolder], Mapping[str, Any]]
"""Makes further entries of model.json from the finished model: the very graphs, tokenizer and card that are written."""


@dataclass(frozen=True, slots=True)
class ExportChecks:
    """What an export passed.

    Attributes:
        parity: The comparison of the float32 graphs with torch.
        quantization: What quantising the step graph cost; None where it was not asked for.
    """

    parity: ParityReport
    quantization: Quantization | None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        folder: The model folder.
        sizes: Bytes of each file but the manifest.
        checks: What it passed.
        seconds: Wall-clock time of the whole export.
    """

    folder: Path
    sizes: dict[str, int]
    checks: ExportChecks
    seconds: float


def export_run(
    run_folder: Path, out: Path, *, quantize: str | None = None, addition: Addition | None = None
) -> ExportReport:
    """Export the trained model of a run as a self-contained model folder named `out`.

    Args:
        run_folder: A run folder with a trained model.
        out: The folder to write; an earlier export there is replaced, anything else is left alone.
        quantize: Key of `resay.graphs.quantization.QUANTIZATIONS`; float32 if not given.
        addition: Measures the finished model for model.json.

    Raises:
        SettingsError: If `quantize` stands in no table.
        CheckpointError: If the run folder cannot be loaded.
        ExportError: If the graphs differ from the model, quantising costs too much, or `out` cannot be written.
    """
    started = time.perf_counter()
    out = out.absolute()
    if quantize is not None:
        require_known_kind(quantize)
    model_folder.require_replaceable(out)  # before minutes of work, and again when it is written
    loaded = load_run(run_folder)
    loaded.model.cpu().eval()
    with one_torch_thread():
        files, checks = exported_files(
            out.name, loaded, corpora=run_folder / CORPORA, quantize=quantize, addition=addition
        )
    model_folder.write_folder(out, files)
    sizes = {name: len(contents) for name, contents in files.items()}
    return ExportReport(out, sizes, checks, time.perf_counter() - started)


def exported_files(
    name: str,
    loaded: LoadedRun,
    *,
    corpora: Path | None = None,
    quantize: str | None = None,
    addition: Addition | None = None,
) -> tuple[dict[str, bytes], ExportChecks]:
    """Return the contents of every file but the manifest, and what the graphs passed.

    Args:
        name: Of the model.
        loaded: The model, on the CPU, with its tokenizer and record.
        corpora: The run's `corpus` folder; quantising reads it, and the prior of a latent that has none of its own.
        quantize: As in `export_run`.
        addition: As in `export_run`; called once, with everything final but the entries that it adds.

    Raises:
        ExportError: If the tokenizer is not the model's, the graphs differ from the model, or quantising them costs
            too much.
    """
    require_own_tokenizer(loaded)
    model, tokenizer, max_length = loaded.model, loaded.tokenizer, loaded.max_length
    embedder = loaded.embedder
    encoder, decoder_step = build_encoder(model, embedder), build_decoder_step(model)
    checks = ExportChecks(check_parity(model, encoder, decoder_step, embedder=embedder), None)
    golden = make_golden(model, tokenizer, max_length, embedding=loaded.embedding_of if embedder else None)
    if quantize is not None:
        if corpora is None:
            raise ExportError(
                f"--quantize {quantize} needs the run's corpora to measure what it costs; none were given"
            )
        decoder_step, quantization = quantize_step(model, build_encoder(model), decoder_step, corpora, quantize)
        checks = ExportChecks(checks.parity, quantization)
        golden = golden_of_step(
            golden, decoder_step, tokenizer, hidden_size=model.settings.hidden_size, max_length=max_length
        )
    card = model_card(
        name,
        model,
        max_length=max_length,
        latent_space=latent_space(model, corpora),
        record=loaded.record,
        parity=checks.parity,
        quantization=checks.quantization,
        golden=golden,
        embedding_size=embedder.size if embedder else model.settings.word_vector_size,
    )
    files = {
        model_folder.ENCODER_FILE: encoder,
        model_folder.DECODER_STEP_FILE: decoder_step,
        model_folder.TOKENIZER_FILE: tokenizer.to_bytes(),
        model_folder.CARD_FILE: card_bytes(card),
    }
    if loaded.lexicon is not None:
        files[model_folder.LEXICON_FILE] = loaded.lexicon.to_bytes()
    if addition is not None:
        card |= addition(model_folder.in_memory(name, files))
        files[model_folder.CARD_FILE] = card_bytes(card)
    return files, checks


def require_own_tokenizer(loaded: LoadedRun) -> None:
    """Check that tokenizer and model have the same words.

    Raises:
        ExportError: If their numbers differ.
    """
    num_words, num_rows = loaded.tokenizer.vocab_size, loaded.model.settings.vocab_size
    if num_words != num_rows:
        raise ExportError(
            f"the run's tokenizer has {num_words} words and its model {num_rows}: they are of different runs;"
            " put the run's own tokenizer.json back, or train again"
        )


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Let torch compute with one thread: several spin, which costs more than it gains on a busy machine."""
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(num_threads)
