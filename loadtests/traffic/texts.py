"""The texts that are sent."""

from __future__ import annotations

from pathlib import Path

from resay.errors import SettingsError

BUILT_IN = Path(__file__).with_name("texts.txt")


def read_texts(path: Path | None = None) -> list[str]:
    """Return the texts of a file with one on each line; of the built-in one, 40 made-up reviews of 3 to 36 words.

    Raises:
        SettingsError: The file cannot be read, or holds no text.
    """
    path = path or BUILT_IN
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--texts {path} cannot be read: {error}; name a file of UTF-8 text") from error
    texts = [line for line in lines if line.strip()]
    if not texts:
        raise SettingsError(f"--texts {path} holds no text; put one text on each line")
    return texts
