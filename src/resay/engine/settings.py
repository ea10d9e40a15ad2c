"""How a service runs and how much it takes."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resay.engine.session import Device, Gpu
from resay.errors import DeviceError, SettingsError, unknown_name_message

MAX_DECODED_TOKENS = 500_000
"""Far more than any sensible request needs: 64 texts with n = 5 are 52,480, of a model that reads 40 tokens."""


class ServiceSettings(BaseModel):
    """Settings of a service.

    Attributes:
        device: Where the graphs run.
        gpu_id: On which GPU, if the device is cuda.
        num_gpus: How many there are to choose from.
        gpu_mem_limit_mb: What the arena of each graph may take there, in MiB; a service has one or two graphs.
        num_threads: Threads of one graph call.
        max_body_bytes: Largest body.
        max_items: Most texts of one request; the service's own default if not given.
        max_characters: Longest text; beyond that it is not even tokenised.
        max_decoded_tokens: Most tokens that the decoder may have to say for one request; `decoding_cost` counts them.
        time_limit_seconds: How long after the arrival of a batch of requests no further work is begun and
            what is there is returned; no limit if not given.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    device: Literal["cpu", "cuda"] = "cpu"
    gpu_id: int = Field(default=0, ge=0)
    num_gpus: int = Field(default=1, ge=1)
    gpu_mem_limit_mb: int | None = Field(default=None, ge=1)
    num_threads: int = Field(default=1, ge=1)
    max_body_bytes: int = Field(default=1024 * 1024, ge=1)
    max_items: int | None = Field(default=None, ge=1)
    max_characters: int = Field(default=20_000, ge=1)
    max_decoded_tokens: int = Field(default=MAX_DECODED_TOKENS, ge=1)
    time_limit_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @property
    def placement(self) -> Device:
        """Return the device, with what is said about the GPU."""
        return Gpu(self.gpu_id, self.gpu_mem_limit_mb) if self.device == "cuda" else "cpu"


def read_settings(given: Mapping[str, object], *, assigned_gpu: int | None = None) -> ServiceSettings:
    """Check settings that were read from a file.

    Args:
        given: Settings by name.
        assigned_gpu: The GPU that the front end chose for this worker; it goes before `gpu_id`.

    Raises:
        SettingsError: If a name is unknown or a value not allowed.
        DeviceError: If there are several GPUs to choose from and none was chosen.
    """
    settings = _validated(given)
    if settings.device != "cuda":
        return settings
    if assigned_gpu is None and settings.num_gpus > 1 and "gpu_id" not in settings.model_fields_set:
        # Without this all workers would go to the first, and the others lie idle without a word.
        raise DeviceError(
            f"the workers are to be spread over {settings.num_gpus} GPUs, and the front end found none to assign"
            " (it asks nvidia-smi): see that nvidia-smi runs here, or ask for one GPU"
        )
    return settings if assigned_gpu is None else settings.model_copy(update={"gpu_id": assigned_gpu})


def _validated(given: Mapping[str, object]) -> ServiceSettings:
    try:
        return ServiceSettings.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(unknown_name_message("setting", name, ServiceSettings.model_fields)) from None
        raise SettingsError(f"setting {name}: {first['msg']}; got {first['input']!r}") from None
