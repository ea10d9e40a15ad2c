"""What a trained encoder says of a sentence, alone and joined to the default embedding."""

from dataclasses import dataclass

from resay.evaluation.embeddings.additions import joined
from resay.evaluation.embeddings.id_table import Embed
from resay.evaluation.embeddings.ingredients import Ingredients

LATENT = "latent"


@dataclass(frozen=True, slots=True)
class RunReading:
    """A reading of the run: "latent", or "mean" or "max" of its encoder's states."""

    reading: str

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        # A run is loaded by what measures whole runs; variants without one need none of it.
        from resay.evaluation.tables.measuring import open_reading

        return open_reading(ingredients.run, self.reading).embed


@dataclass(frozen=True, slots=True)
class LatentJoined:
    """The default joined with the run's latent."""

    weight: float

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        return joined(ingredients.default.embed, RunReading(LATENT)(ingredients), self.weight)
