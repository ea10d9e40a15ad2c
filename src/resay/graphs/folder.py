"""The exported folder: written beside its place, then moved there, so that it is complete or absent."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from resay.engine.model_folder import (
    CARD_FILE,
    DECODER_STEP_FILE,
    ENCODER_FILE,
    LEXICON_FILE,
    MANIFEST_FILE,
    MODEL_FILES,
    TOKENIZER_FILE,
    ModelFolder,
    parse_lexicon,
    parse_tokenizer,
)
from resay.errors import ExportError
from resay.graphs.card import parse_card

__all__ = [
    "CARD_FILE",
    "DECODER_STEP_FILE",
    "ENCODER_FILE",
    "LEXICON_FILE",
    "TOKENIZER_FILE",
    "ModelFolder",
    "in_memory",
    "manifest_bytes",
    "require_replaceable",
    "write_folder",
]

EXPORTED_FILES = (*MODEL_FILES, LEXICON_FILE, MANIFEST_FILE)


def require_replaceable(folder: Path) -> None:
    """Check that an export may be written: nothing is there, or an earlier export and nothing else.

    Raises:
        ExportError: If something else is there; it is left as it is.
    """
    if folder.name in ("", ".."):
        raise ExportError(f"the exported folder needs a name, which becomes the model's; got {str(folder)!r}")
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise ExportError(f"{folder} is not a folder; name one that does not exist yet")
    names = {path.name for path in folder.iterdir()}
    foreign = sorted(names.difference(EXPORTED_FILES))
    if foreign or (names and CARD_FILE not in names):
        raise ExportError(
            f"{folder} holds something other than an earlier export ({', '.join(foreign or sorted(names))});"
            " it is left as it is: name another folder, or empty this one"
        )


def in_memory(name: str, files: Mapping[str, bytes]) -> ModelFolder:
    """Return files that are still to be written as the engine will read them.

    Raises:
        ModelFolderError: If the tokenizer and the card do not fit each other.
    """
    card = parse_card(files[CARD_FILE])
    return ModelFolder(
        path=Path(name),
        card=card,
        tokenizer=parse_tokenizer(files[TOKENIZER_FILE], card),
        encoder_bytes=files[ENCODER_FILE],
        decoder_step_bytes=files[DECODER_STEP_FILE],
        lexicon=parse_lexicon(files.get(LEXICON_FILE)),
    )


def manifest_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the checksums of files in the format of `sha256sum`, ordered by name."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode("ascii")


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files and their MANIFEST.sha256 as one folder, replacing an earlier export.

    Raises:
        ExportError: If something other than an earlier export is there, or the disk refuses.
    """
    require_replaceable(folder)
    # Plain mkdir and not tempfile's: that one is closed to the other users a server may run as.
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    replaced = folder.with_name(f".{folder.name}.{os.getpid()}.replaced")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        for name, contents in files.items():
            (partial / name).write_bytes(contents)
        (partial / MANIFEST_FILE).write_bytes(manifest_bytes(files))
        if folder.exists():
            folder.rename(replaced)
        partial.rename(folder)
    except OSError as error:
        raise ExportError(f"{folder}: cannot be written ({error}); nothing was changed there") from error
    finally:
        if replaced.exists() and not folder.exists():
            replaced.rename(folder)
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
