"""How a service runs and how much it takes."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resay.engine.session import Device
from resay.errors import SettingsError, unknown_name_message

MAX_DECODED_TOKENS = 500_000
"""Far more than any sensible request needs: 64 texts with n = 5 are 52,480, of a model that reads 40 tokens."""


class ServiceSettings(BaseModel):
    """Settings of a service.

    Attributes:
        device: Where the graphs run.
        num_threads: Threads of one graph call.
        max_body_bytes: Largest body.
        max_items: Most texts of one request; the service's own default if not given.
        max_characters: Longest text; beyond that it is not even tokenised.
        max_decoded_tokens: Most tokens that the decoder may have to say for one request; `decoding_cost` counts them.
        time_limit_seconds: How long after the arrival of a batch of requests no further work is begun and
            what is there is returned; no limit if not given.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    device: Device = "cpu"
    num_threads: int = Field(default=1, ge=1)
    max_body_bytes: int = Field(default=1024 * 1024, ge=1)
    max_items: int | None = Field(default=None, ge=1)
    max_characters: int = Field(default=20_000, ge=1)
    max_decoded_tokens: int = Field(default=MAX_DECODED_TOKENS, ge=1)
    time_limit_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)


def read_settings(given: Mapping[str, object]) -> ServiceSettings:
    """Check settings that were read from a file.

    Raises:
        SettingsError: If a name is unknown or a value not allowed.
    """
    try:
        return ServiceSettings.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(unknown_name_message("setting", name, ServiceSettings.model_fields)) from None
        raise SettingsError(f"setting {name}: {first['msg']}; got {first['input']!r}") from None
