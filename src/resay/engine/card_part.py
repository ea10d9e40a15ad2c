"""What all parts of model.json have in common."""

from pydantic import BaseModel, ConfigDict


class CardPart(BaseModel):
    """A part of the card; unknown keys are skipped, so that a newer export can add to it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
