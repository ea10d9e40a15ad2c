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

from resay.engine.options import DEFAULT_DIVERSITY, DEFAULT_STRATEGY, KNOB_OF_OPTION, MAX_BEAMS
from resay.engine.strategies import STRATEGIES
from resay.errors import unknown_name_message

MAX_CANDIDATES = 50
MAX_PROTECTED = 32
MAX_PROTECTED_CHARACTERS = 200
MAX_SEED = 2**63 - 1


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


def check_span(value: str) -> str:
    """Let a span pass that can be looked for in a text."""
    if not value.strip():
        raise PydanticCustomError("out_of_range", "a span to protect must hold more than white space")
    if len(value) > MAX_PROTECTED_CHARACTERS:
        message = "a span to protect must have at most {most} characters; got {number}"
        raise PydanticCustomError("out_of_range", message, {"most": MAX_PROTECTED_CHARACTERS, "number": len(value)})
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
        default=DEFAULT_STRATEGY, description=f"One of: {', '.join(STRATEGIES)}. With greedy, n is 1."
    )
    diversity: float = Field(
        default=DEFAULT_DIVERSITY,
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="0 stays closest to the text, 1 is the wildest setting that still keeps the meaning.",
    )
    seed: int = Field(default=0, ge=0, le=MAX_SEED, description="Another seed draws other candidates.")
    min_similarity: float = Field(
        default=0.0, ge=0, le=1, allow_inf_nan=False, description="Drop candidates less similar than this."
    )
    allow_identity: bool = Field(default=False, description="Allow the text itself as a candidate.")
    protect: list[Annotated[str, AfterValidator(check_span)]] = Field(
        default=[], max_length=MAX_PROTECTED, description="Spans of the texts that must come back exactly."
    )
    max_new_tokens: int | None = Field(
        default=None, ge=1, description="Most tokens of a candidate, the end mark included."
    )
    return_scores: bool = Field(default=True, description="Return the scores with each text.")
    num_beams: int | None = Field(
        default=None,
        ge=1,
        le=MAX_BEAMS,
        description="Hypotheses of which the best n are returned; default 4 n, 20 to 64.",
    )
    num_beam_groups: int | None = Field(
        default=None, ge=1, le=MAX_BEAMS, description="Groups of beams, or latents; overrides diversity."
    )
    diversity_penalty: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="Between groups of beams; overrides diversity."
    )
    temperature: float | None = Field(
        default=None, ge=0.01, le=10, allow_inf_nan=False, description="Of sampling; overrides diversity."
    )
    top_k: int | None = Field(default=None, ge=1, le=1000, description="Words sampled from; overrides diversity.")
    top_p: float | None = Field(
        default=None, gt=0, le=1, allow_inf_nan=False, description="Probability sampled from; overrides diversity."
    )
    latent_noise: float | None = Field(
        default=None, ge=0, le=10, allow_inf_nan=False, description="Around the text's latent; overrides diversity."
    )
    source_copy_penalty: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="On the text's own words; overrides diversity."
    )
    similar_word_bonus: float | None = Field(
        default=None, ge=0, le=100, allow_inf_nan=False, description="For words like the text's own."
    )

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

    @model_validator(mode="after")
    def only_what_the_strategy_reads(self) -> "ParaphraseRequest":
        """Refuse a setting that would change nothing."""
        for name in KNOB_OF_OPTION:
            if getattr(self, name) is not None and name not in STRATEGIES[self.strategy].options:
                readers = ", ".join(key for key, strategy in STRATEGIES.items() if name in strategy.options)
                raise PydanticCustomError(
                    "not_allowed",
                    "{name} is not read by the strategy {strategy}; it is by: {readers}",
                    {"path": name, "name": name, "strategy": self.strategy, "readers": readers},
                )
        return self
