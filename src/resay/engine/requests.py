"""The fields of both requests, their types and bounds."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from resay.engine.decoding import STRATEGIES
from resay.engine.paraphraser import MAX_BEAMS
from resay.errors import unknown_name_message

MAX_CANDIDATES = 50


def check_inputs(value: object) -> object:
    """Let a text or a list pass that is not empty; the items of a list are looked at one by one, later."""
    if isinstance(value, list) and not value:
        raise PydanticCustomError("no_inputs", "inputs is an empty list; send at least one text")
    if not isinstance(value, (str, list)):
        raise PydanticCustomError("wrong_type", "inputs must be a text or a list of texts")
    return value


def check_strategy(value: str) -> str:
    """Let the names in `STRATEGIES` pass."""
    if value not in STRATEGIES:
        message = unknown_name_message("strategy", value[:40], STRATEGIES)
        raise PydanticCustomError("not_allowed", "{message}", {"message": message})
    return value


Inputs = Annotated[str | list[Any], BeforeValidator(check_inputs)]


class RequestFields(BaseModel):
    """What both requests have in common: no unknown field, no type but the right one.

    `upper_bounds` names each field whose greatest value depends on the model, and that bound in `ModelBounds`.
    """

    upper_bounds: ClassVar[Mapping[str, str]] = {}

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    inputs: Inputs = Field(description="A text or a list of texts.")


class EncodeRequest(RequestFields):
    """Body of /predictions/encode."""

    upper_bounds = {"dimensions": "embedding_size"}

    normalize: bool = Field(default=True, description="Scale each embedding to length 1.")
    truncate: bool = Field(default=True, description="Cut texts that are too long instead of refusing them.")
    encoding_format: Literal["float", "base64"] = Field(
        default="float", description="A list of numbers, or base64 of little-endian float32."
    )
    dimensions: int | None = Field(
        default=None,
        ge=1,
        description="Return only the leading components, scaled again if normalize is true.",
    )


class ParaphraseRequest(RequestFields):
    """Body of /predictions/paraphrase."""

    upper_bounds = {"max_new_tokens": "max_new_tokens"}

    n: int = Field(default=5, ge=1, le=MAX_CANDIDATES, description="Most candidates for each text.")
    strategy: Annotated[str, AfterValidator(check_strategy)] = Field(
        default="beam", description=f"One of: {', '.join(STRATEGIES)}. With greedy, n is 1."
    )
    num_beams: int = Field(default=8, ge=1, le=MAX_BEAMS, description="Fewest beams; 2 n are used where that is more.")
    min_similarity: float = Field(
        default=0.0, ge=0, le=1, allow_inf_nan=False, description="Drop candidates less similar than this."
    )
    allow_identity: bool = Field(default=False, description="Allow the text itself as a candidate.")
    max_new_tokens: int | None = Field(
        default=None, ge=1, description="Most tokens of a candidate, the end mark included."
    )
    return_scores: bool = Field(default=True, description="Return the scores with each text.")

    @model_validator(mode="before")
    @classmethod
    def one_candidate_if_greedy(cls, fields: object) -> object:
        """Set the default of n that goes with greedy decoding."""
        if isinstance(fields, dict) and fields.get("strategy") == "greedy":
            return {"n": 1, **fields}
        return fields

    @model_validator(mode="after")
    def no_more_than_one_if_greedy(self) -> "ParaphraseRequest":
        """Refuse to promise several candidates from a search that finds one."""
        if self.strategy == "greedy" and self.n > 1:
            raise PydanticCustomError(
                "out_of_range",
                "n must be 1 with the strategy greedy, which finds one candidate; use beam for more",
                {"path": "n"},
            )
        return self
