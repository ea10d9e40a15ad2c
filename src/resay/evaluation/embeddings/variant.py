"""What an embedding under test is: how it is made, what it is held against, and where the page shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from resay.evaluation.embeddings.id_table import Embed
from resay.evaluation.embeddings.ingredients import Ingredients

Build = Callable[[Ingredients], Embed]
LADDER, CHOICES, TRIED = "ladder", "choices", "tried"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Variant:
    """An embedding that is measured.

    Attributes:
        text: What it is, for the page; of a step, what it adds to the one before.
        build: Makes it; a dataclass, whose fields say all of what it is.
        base: The variant that it is held against; None for the first step.
        section: Where on the page it stands.
        group: Title of its table there.
        needs_run: Whether it reads a trained encoder.
        cost: What speaks against it even where it helps.
    """

    text: str
    build: Build
    base: str | None
    section: str
    group: str = ""
    needs_run: bool = False
    cost: str = ""
