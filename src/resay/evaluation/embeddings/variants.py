"""Every embedding that is measured, by name, and what it is made from."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from jaxtyping import Float32
from numpy import ndarray

from resay.errors import SettingsError, unknown_name_message
from resay.evaluation.embeddings.id_table import Embed
from resay.evaluation.embeddings.ingredients import Ingredients
from resay.evaluation.embeddings.ladder import ALTERNATIVES, STEPS
from resay.evaluation.embeddings.tried import ATTEMPTS
from resay.evaluation.embeddings.variant import Variant
from resay.evaluation.systems.digests import digest_of

VARIANTS: Mapping[str, Variant] = MappingProxyType({**STEPS, **ALTERNATIVES, **ATTEMPTS})
"""Steps in order, each base before what is held against it."""


def choose_variants(names: Sequence[str], ingredients: Ingredients) -> list[str]:
    """Return the variants to measure: those named, or all that there are files for.

    Raises:
        SettingsError: If there is no such variant, or one that is named needs a run and none was given.
    """
    for name in names:
        if name not in VARIANTS:
            raise SettingsError(unknown_name_message("variant", name, VARIANTS))
        if VARIANTS[name].needs_run and not ingredients.has_run:
            raise SettingsError(f"variant {name} reads a trained encoder: name a run folder with --run")
    return list(names) or [name for name, one in VARIANTS.items() if ingredients.has_run or not one.needs_run]


class VariantSystem:
    """A variant as a source of sentence vectors; it is made when the first text is embedded.

    Args:
        name: A key of `VARIANTS`.
        ingredients: What it is made from.
    """

    def __init__(self, name: str, ingredients: Ingredients) -> None:
        self._name = name
        self._ingredients = ingredients

    @property
    def variant(self) -> Variant:
        """Return what it is."""
        return VARIANTS[self._name]

    @property
    def name(self) -> str:
        """Return the variant's name."""
        return self._name

    @cached_property
    def sha256(self) -> str:
        """Return a hash over the files that it is made from, and how."""
        run = self._ingredients.run_sha256 if self.variant.needs_run else ""
        return digest_of([self._ingredients.sha256, run, repr(self.variant.build)])

    @cached_property
    def _embed(self) -> Embed:
        return self.variant.build(self._ingredients)

    def make(self) -> None:
        """Make it now, if it is not made yet."""
        _ = self._embed

    def embed(self, texts: Sequence[str]) -> Float32[ndarray, "B D"]:
        """Return a vector for each text, in their order."""
        return self._embed(texts)
