"""An exported model folder, checked against its manifest and read into memory."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from resay.engine.card import ModelCard, parse_card
from resay.errors import ModelFolderError, ResayError
from resay.text import Tokenizer
from resay.text.lexicon import Lexicon

ENCODER_FILE = "encoder.onnx"
DECODER_STEP_FILE = "decoder_step.onnx"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "model.json"
MANIFEST_FILE = "MANIFEST.sha256"
LEXICON_FILE = "lexicon.txt"
"""Of models with an embedder, which older ones have not."""
MODEL_FILES = (ENCODER_FILE, DECODER_STEP_FILE, TOKENIZER_FILE, CARD_FILE)

MANIFEST_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """An exported model in memory.

    The graphs are kept as bytes and loaded from them: what was checked is what runs, and a graph cannot
    name further files to read.
    """

    path: Path
    card: ModelCard
    tokenizer: Tokenizer
    encoder_bytes: bytes
    decoder_step_bytes: bytes
    lexicon: Lexicon | None = None

    @classmethod
    def open(cls, path: str | Path) -> "ModelFolder":
        """Read a model folder and check every file against MANIFEST.sha256.

        Files that the manifest does not name are left alone.

        Raises:
            ModelFolderError: If the folder or a file is missing, damaged, or does not fit the others.
        """
        folder = Path(path)
        if not folder.is_dir():
            raise ModelFolderError(f"{folder} is not a folder; name a folder written by `python export/to_onnx.py`")
        digests = read_manifest(folder)
        contents = {name: read_checked(folder, name, digest) for name, digest in digests.items()}
        card = parse_card(contents[CARD_FILE])
        return cls(
            path=folder,
            card=card,
            tokenizer=parse_tokenizer(contents[TOKENIZER_FILE], card),
            encoder_bytes=contents[ENCODER_FILE],
            decoder_step_bytes=contents[DECODER_STEP_FILE],
            lexicon=parse_lexicon(contents.get(LEXICON_FILE)),
        )


def read_manifest(folder: Path) -> dict[str, str]:
    """Return the SHA-256 that MANIFEST.sha256 states for each file; every model file stands in it.

    Raises:
        ModelFolderError: If the manifest is missing or malformed, or names no such file.
    """
    try:
        text = (folder / MANIFEST_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ModelFolderError(
            f"{folder} has no {MANIFEST_FILE}: it is no exported model, or an incomplete copy; "
            "delete the folder, then export or copy it again"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFolderError(
            f"{folder / MANIFEST_FILE} cannot be read ({type(error).__name__}); export the model again"
        ) from error
    digests: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        match = MANIFEST_LINE.fullmatch(line)
        if match is None or Path(match[2]).name != match[2]:
            raise ModelFolderError(
                f"{folder / MANIFEST_FILE} line {number} is not of the form 'SHA256  FILE'; export the model again"
            )
        digests[match[2]] = match[1].lower()
    for name in MODEL_FILES:
        if name not in digests:
            raise ModelFolderError(
                f"{folder / MANIFEST_FILE} does not list {name}; it must list: {', '.join(MODEL_FILES)}"
            )
    return digests


def read_checked(folder: Path, name: str, digest: str) -> bytes:
    """Return a file's bytes.

    Raises:
        ModelFolderError: If it is missing, or its SHA-256 is not the stated one.
    """
    try:
        data = (folder / name).read_bytes()
    except FileNotFoundError:
        raise ModelFolderError(
            f"{folder} lacks {name}, which its manifest lists; delete the folder, then export or copy it again"
        ) from None
    except OSError as error:
        raise ModelFolderError(f"{folder / name} cannot be read: {error.strerror}") from error
    actual = hashlib.sha256(data).hexdigest()
    if actual != digest:
        raise ModelFolderError(
            f"{folder / name} is damaged: its SHA-256 begins with {actual[:12]}, and {MANIFEST_FILE} says"
            f" {digest[:12]}; delete the folder, then export or copy it again"
        )
    return data


def parse_lexicon(data: bytes | None) -> Lexicon | None:
    """Return the lexicon, if the model has one.

    Raises:
        ModelFolderError: If it cannot be read.
    """
    if data is None:
        return None
    try:
        return Lexicon.from_bytes(data)
    except ResayError as error:
        raise ModelFolderError(f"{LEXICON_FILE} cannot be read: {error}") from error


def parse_tokenizer(data: bytes, card: ModelCard) -> Tokenizer:
    """Return the tokenizer.

    Raises:
        ModelFolderError: If it cannot be read, or has another number of words than the model.
    """
    try:
        tokenizer = Tokenizer.from_bytes(data)
    except ResayError as error:
        raise ModelFolderError(f"{TOKENIZER_FILE} cannot be read: {error}") from error
    if tokenizer.vocab_size != card.dimensions.vocab_size:
        raise ModelFolderError(
            f"{TOKENIZER_FILE} has {tokenizer.vocab_size} words and the model {card.dimensions.vocab_size}:"
            " they are from different exports; export the model again"
        )
    return tokenizer
