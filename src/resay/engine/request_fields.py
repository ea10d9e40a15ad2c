"""What the fields of all requests have in common."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_SEED = 2**63 - 1


class RequestFields(BaseModel):
    """No unknown field, and no type but the right one.

    Attributes:
        upper_bounds: Each field whose greatest value depends on the model, and the name of that bound in `ModelBounds`.
        bodies: What a body may be, for messages. Where `inputs` is a field, a body that is no object stands for it.
    """

    upper_bounds: ClassVar[Mapping[str, str]] = {}
    bodies: ClassVar[str] = 'a text, a list of texts or an object with "inputs"'

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def check_texts(value: object) -> object:
    """Let a text or a list pass that is not empty; the items of a list are looked at one by one, later."""
    if isinstance(value, list) and not value:
        raise PydanticCustomError("no_inputs", "inputs is an empty list; send at least one text")
    if not isinstance(value, (str, list)):
        raise PydanticCustomError("wrong_type", "inputs must be a text or a list of texts")
    return value


def not_allowed(path: str, message: str) -> PydanticCustomError:
    """Return the error for a field that other fields leave no meaning."""
    return PydanticCustomError("not_allowed", "{message}", {"path": path, "message": message})


Texts = Annotated[str | list[Any], BeforeValidator(check_texts)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
