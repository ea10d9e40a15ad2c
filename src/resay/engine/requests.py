"""The fields of the requests that send texts, their types and bounds."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from resay.engine.latents.packing import LatentFormat
from resay.engine.options import DEFAULT_DIVERSITY, DEFAULT_STRATEGY, KNOB_OF_OPTION, MAX_BEAMS
from resay.engine.request_fields import RequestFields, Seed, Texts, not_allowed
from resay.engine.strategies import STRATEGIES
from resay.errors import unknown_name_message

MAX_CANDIDATES = 50
MAX_PROTECTED = 32
MAX_PROTECTED_CHARACTERS = 200
EMBEDDING = "embedding"


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


class EncodeRequest(RequestFields):
    """Body of /predictions/encode."""

    upper_bounds: ClassVar[Mapping[str, str]] = {"dimensions": "embedding_size"}

    inputs: Texts = Field(description="A text or a list of texts.")
    features: str = Field(
        default=EMBEDDING,
        description="What to read off each text: embedding, or a reading of the latent that the model has.",
    )
    normalize: bool = Field(
        default=True, description="Scale each vector to length 1; false, if not given, for all but embeddings."
    )
    truncate: bool = Field(default=True, description="Cut texts that are too long instead of refusing them.")
    encoding_format: LatentFormat = Field(
        default="float",
        description="A list of numbers, base64 of little-endian float32, or base64 of packed bits, which implies the"
        " features bits.",
    )
    dimensions: int | None = Field(
        default=None,
        ge=1,
        description="Return only the leading components of embeddings, scaled again if normalize is true.",
    )
    seed: Seed = Field(default=0, description="Decides what the features sample are.")

    @model_validator(mode="before")
    @classmethod
    def defaults_that_follow_from_others(cls, fields: object) -> object:
        """Set the defaults of features and normalize."""
        if not isinstance(fields, dict):
            return fields
        features = "bits" if fields.get("encoding_format") == "bits" else EMBEDDING
        filled = {"features": features, **fields}
        return {"normalize": filled["features"] == EMBEDDING, **filled}

    @model_validator(mode="after")
    def only_what_has_a_meaning(self) -> "EncodeRequest":
        """Refuse what the features or their form leave nothing to do for."""
        if self.encoding_format == "bits":
            if self.features != "bits":
                raise not_allowed(
                    "features",
                    "features must be bits with encoding_format bits; leave it out",
                )
            if self.normalize:
                raise not_allowed("normalize", "normalize cannot be true with encoding_format bits; leave it out")
        if self.dimensions is not None and self.features != EMBEDDING:
            raise not_allowed("dimensions", "dimensions is read with the features embedding alone; leave it out")
        return self


class ParaphraseRequest(RequestFields):
    """Body of /predictions/paraphrase."""

    upper_bounds: ClassVar[Mapping[str, str]] = {"max_new_tokens": "max_new_tokens"}

    inputs: Texts = Field(description="A text or a list of texts.")
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
    seed: Seed = Field(default=0, description="Another seed draws other candidates.")
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
