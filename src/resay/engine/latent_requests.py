"""The fields of the requests about the latent space: decode, interpolate and sample."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from resay.engine.latents.packing import LatentFormat
from resay.engine.request_fields import RequestFields, Seed, not_allowed

DEFAULT_BEAMS = 4
MAX_SENTENCE_BEAMS = 16
"""For one sentence more beams find no better one."""
MAX_POINTS = 128
"""Of a way between two sentences: each is decoded."""
MAX_TOKENS_TEXT = "Most tokens of a sentence, the end mark included."
BEAMS_TEXT = "Beams of the search for each sentence; 1 takes the most probable word each time."

NumBeams = Annotated[int, Field(ge=1, le=MAX_SENTENCE_BEAMS)]


def check_latents(value: object) -> object:
    """Let a latent or a list of them pass; what each holds is looked at later."""
    if isinstance(value, list) and not value:
        raise PydanticCustomError("no_inputs", "inputs is an empty list; send at least one latent")
    if not isinstance(value, (str, list)):
        raise PydanticCustomError("wrong_type", "inputs must be a latent or a list of latents")
    return value


def check_pairs(value: object) -> object:
    """Let a pair or a list of pairs pass; what each holds is looked at later."""
    if isinstance(value, list) and not value:
        raise PydanticCustomError("no_inputs", "inputs is an empty list; send two texts, or a list of such pairs")
    if not isinstance(value, list):
        raise PydanticCustomError("wrong_type", "inputs must be a list of two texts, or a list of such pairs")
    return value


class DecodeRequest(RequestFields):
    """Body of /predictions/decode."""

    upper_bounds: ClassVar[Mapping[str, str]] = {"max_new_tokens": "max_new_tokens"}
    bodies = 'a latent, a list of latents or an object with "inputs"'

    inputs: Annotated[str | list[Any], BeforeValidator(check_latents)] = Field(
        description="A latent or a list of latents, as encode gives them."
    )
    encoding_format: LatentFormat = Field(
        default="float", description="Lists of numbers, base64 of little-endian float32, or base64 of packed bits."
    )
    num_beams: NumBeams = Field(default=DEFAULT_BEAMS, description=BEAMS_TEXT)
    max_new_tokens: int | None = Field(default=None, ge=1, description=MAX_TOKENS_TEXT)


class InterpolateRequest(RequestFields):
    """Body of /predictions/interpolate."""

    bodies = 'a list of two texts, a list of such pairs or an object with "inputs"'

    inputs: Annotated[list[Any], BeforeValidator(check_pairs)] = Field(
        description="Two texts, or a list of such pairs."
    )
    num_steps: int | None = Field(
        default=None,
        ge=2,
        le=MAX_POINTS,
        description="Points of the way, both ends included; by default 9 of a straight line, or every flip of a bit.",
    )
    seed: Seed = Field(default=0, description="Decides in which order bits are flipped.")
    num_beams: NumBeams = Field(default=DEFAULT_BEAMS, description=BEAMS_TEXT)


class SampleRequest(RequestFields):
    """Body of /predictions/sample."""

    upper_bounds: ClassVar[Mapping[str, str]] = {"max_new_tokens": "max_new_tokens"}
    bodies = 'an object with fields such as "n", or empty'

    n: int = Field(default=5, ge=1, description="Sentences.")
    seed: Seed = Field(default=0, description="Another seed draws other sentences.")
    temperature: float | None = Field(
        default=None,
        ge=0.01,
        le=10,
        allow_inf_nan=False,
        description="Draw word by word at this temperature, in the place of a beam search; a plain language model"
        " always does, at 1 if not told.",
    )
    num_beams: NumBeams | None = Field(default=None, description=f"{BEAMS_TEXT} Default {DEFAULT_BEAMS}.")
    max_new_tokens: int | None = Field(default=None, ge=1, description=MAX_TOKENS_TEXT)

    @model_validator(mode="after")
    def no_beams_at_a_temperature(self) -> "SampleRequest":
        """Refuse a setting that would change nothing."""
        if self.temperature is not None and self.num_beams is not None:
            raise not_allowed("num_beams", "num_beams is not read with a temperature; leave one of them out")
        return self
