"""From a run folder to a model folder: build, check, compare with torch, then write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from resay.errors import ExportError
from resay.fitting.checkpoint import LoadedRun, load_run
from resay.graphs import folder as model_folder
from resay.graphs.card import card_bytes
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.golden import make_golden
from resay.graphs.parity import ParityReport, check_parity


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        folder: The model folder.
        sizes: Bytes of each file but the manifest.
        parity: The comparison with torch.
        seconds: Wall-clock time of the whole export.
    """

    folder: Path
    sizes: dict[str, int]
    parity: ParityReport
    seconds: float


def export_run(run_folder: Path, out: Path) -> ExportReport:
    """Export the trained model of a run as a self-contained model folder named `out`.

    Args:
        run_folder: A run folder with a trained model.
        out: The folder to write; an earlier export there is replaced, anything else is left alone.

    Raises:
        CheckpointError: If the run folder cannot be loaded.
        ExportError: If the graphs differ from the model, or `out` cannot be written.
    """
    started = time.perf_counter()
    out = out.absolute()
    model_folder.require_replaceable(out)  # before minutes of work, and again when it is written
    loaded = load_run(run_folder)
    loaded.model.cpu().eval()
    with one_torch_thread():
        files, parity = exported_files(out.name, loaded)
    model_folder.write_folder(out, files)
    sizes = {name: len(contents) for name, contents in files.items()}
    return ExportReport(out, sizes, parity, time.perf_counter() - started)


def exported_files(name: str, loaded: LoadedRun) -> tuple[dict[str, bytes], ParityReport]:
    """Return the contents of every file but the manifest, and the comparison that the graphs passed.

    Raises:
        ExportError: If the tokenizer is not the model's, or the graphs differ from the model.
    """
    num_words, num_rows = loaded.tokenizer.vocab_size, loaded.model.settings.vocab_size
    if num_words != num_rows:
        raise ExportError(
            f"the run's tokenizer has {num_words} words and its model {num_rows}: they are of different runs;"
            " put the run's own tokenizer.json back, or train again"
        )
    encoder, decoder_step = build_encoder(loaded.model), build_decoder_step(loaded.model)
    parity = check_parity(loaded.model, encoder, decoder_step)
    golden = make_golden(loaded.model, loaded.tokenizer, loaded.max_length)
    card = card_bytes(
        name,
        loaded.model,
        max_length=loaded.max_length,
        record=loaded.record,
        parity=parity,
        golden=golden,
    )
    files = {
        model_folder.ENCODER_FILE: encoder,
        model_folder.DECODER_STEP_FILE: decoder_step,
        model_folder.TOKENIZER_FILE: loaded.tokenizer.to_bytes(),
        model_folder.CARD_FILE: card,
    }
    return files, parity


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Let torch compute with one thread: several spin, which costs more than it gains on a busy machine."""
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(num_threads)
