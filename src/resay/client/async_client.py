"""The client for tasks of one event loop."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

from jaxtyping import Float32
from numpy import ndarray

from resay.client.actions import Action, Outcome, Send
from resay.client.clock import Clock
from resay.client.decoding import decode_plan, interpolate_plan, paraphrase_plan, sample_plan
from resay.client.encoding import (
    EMBEDDING,
    OnError,
    Vectors,
    VectorsAndFailures,
    details_plan,
    encode_plan,
    fields_of,
)
from resay.client.exchange import Exchange
from resay.client.opening import open_async_sender
from resay.client.plan import Plan
from resay.client.results import EncodedText, Paraphrases, Sentence, Step
from resay.client.running import run_all_async
from resay.client.settings import (
    DEFAULT_BATCH_SIZE,
    DEFAULT_MAX_CONNECTIONS,
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT_SECONDS,
    DEFAULT_URL,
    ClientSettings,
    RouteName,
)
from resay.client.state import describe_plan, ready_plan

Result = TypeVar("Result")


class AsyncClient:
    """Asks one server, from any number of tasks of one event loop; everything else is as with `Client`.

    Args:
        base_url: As for `Client`, like all that follow.
        routes: "torchserve" or "edge".
        api_key: Sent as ``Authorization: Bearer``.
        timeout_seconds: For each batch, all tries together.
        max_retries: Tries after the first.
        batch_size: Most inputs of one request.
        max_connections: Most requests at the same time, of all tasks together.
        ssl_context: For a server whose certificate is signed by an authority of one's own.
        transport: An `httpx.AsyncBaseTransport` in the place of real connections.
        clock: What is waited by.

    Raises:
        SettingsError: An argument is not allowed.
        MissingExtraError: httpx is not installed.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        routes: RouteName = "torchserve",
        api_key: str | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        max_retries: int = DEFAULT_MAX_RETRIES,
        batch_size: int = DEFAULT_BATCH_SIZE,
        max_connections: int = DEFAULT_MAX_CONNECTIONS,
        ssl_context: ssl.SSLContext | None = None,
        transport: object = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = ClientSettings(
            base_url, routes, api_key, timeout_seconds, max_retries, batch_size, max_connections
        )
        self._clock = clock or Clock()
        self._exchange = Exchange(self._settings, self._clock)
        self._sender = open_async_sender(self._settings, transport, ssl_context)

    @overload
    async def encode(
        self,
        texts: str | Iterable[str],
        *,
        normalize: bool | None = None,
        truncate: bool = True,
        dimensions: int | None = None,
        features: str = EMBEDDING,
        seed: int | None = None,
        on_error: Literal["raise"] = "raise",
    ) -> Vectors: ...

    @overload
    async def encode(
        self,
        texts: str | Iterable[str],
        *,
        normalize: bool | None = None,
        truncate: bool = True,
        dimensions: int | None = None,
        features: str = EMBEDDING,
        seed: int | None = None,
        on_error: Literal["nan"],
    ) -> VectorsAndFailures: ...

    async def encode(
        self,
        texts: str | Iterable[str],
        *,
        normalize: bool | None = None,
        truncate: bool = True,
        dimensions: int | None = None,
        features: str = EMBEDDING,
        seed: int | None = None,
        on_error: OnError = "raise",
    ) -> Vectors | VectorsAndFailures:
        """Return a vector for each text; arguments, result and errors as for `Client.encode`."""
        fields = fields_of(normalize, truncate, dimensions, features, seed)
        return await self._run(encode_plan(self._exchange, texts, fields, on_error))

    async def encode_details(
        self,
        texts: str | Iterable[str],
        *,
        normalize: bool | None = None,
        truncate: bool = True,
        dimensions: int | None = None,
        features: str = EMBEDDING,
        seed: int | None = None,
    ) -> list[EncodedText]:
        """Return a vector for each text, and what was read of it; as `Client.encode_details`."""
        fields = fields_of(normalize, truncate, dimensions, features, seed)
        return await self._run(details_plan(self._exchange, texts, fields))

    async def paraphrase(
        self,
        texts: str | Iterable[str],
        *,
        n: int = 5,
        diversity: float | None = None,
        strategy: str | None = None,
        seed: int | None = None,
        protect: Sequence[str] = (),
        min_similarity: float | None = None,
        options: Mapping[str, object] | None = None,
    ) -> list[Paraphrases]:
        """Return paraphrases of each text; as `Client.paraphrase`."""
        fields = {
            "n": n, "diversity": diversity, "strategy": strategy, "seed": seed, "min_similarity": min_similarity,
        }  # fmt: skip
        return await self._run(paraphrase_plan(self._exchange, texts, protect, fields, options))

    async def decode(
        self,
        latents: Float32[ndarray, "*B Z"],
        *,
        num_beams: int | None = None,
        max_new_tokens: int | None = None,
    ) -> list[Sentence]:
        """Return the sentence that each latent stands for; as `Client.decode`."""
        fields = {"num_beams": num_beams, "max_new_tokens": max_new_tokens}
        return await self._run(decode_plan(self._exchange, latents, fields))

    async def interpolate(
        self,
        pairs: Iterable[tuple[str, str]],
        *,
        num_steps: int | None = None,
        seed: int | None = None,
        num_beams: int | None = None,
    ) -> list[tuple[Step, ...]]:
        """Return the sentences on the way between the two texts of each pair; as `Client.interpolate`."""
        fields = {"num_steps": num_steps, "seed": seed, "num_beams": num_beams}
        return await self._run(interpolate_plan(self._exchange, pairs, fields))

    async def sample(
        self,
        n: int = 5,
        *,
        seed: int | None = None,
        temperature: float | None = None,
        num_beams: int | None = None,
        max_new_tokens: int | None = None,
    ) -> list[Sentence]:
        """Return sentences drawn from the model's prior; as `Client.sample`."""
        fields = {
            "seed": seed, "temperature": temperature, "num_beams": num_beams, "max_new_tokens": max_new_tokens,
        }  # fmt: skip
        return await self._run(sample_plan(self._exchange, n, fields))

    async def ready(self) -> bool:
        """Return whether the server would answer; as `Client.ready`."""
        return await self._run(ready_plan(self._exchange))

    async def describe(self, endpoint: str = "encode") -> dict[str, Any]:
        """Return what an endpoint says of itself; as `Client.describe`."""
        return await self._run(describe_plan(self._exchange, endpoint))

    async def close(self) -> None:
        """Close the connections; a closed client cannot be used again."""
        await self._sender.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self._settings.base_url!r}, routes={self._settings.routes!r})"

    async def _run(self, plan: Plan[Any, Result]) -> Result:
        return plan.join(await run_all_async(plan.jobs, self._perform, self._settings.max_connections))

    async def _perform(self, action: Action) -> Outcome:
        if isinstance(action, Send):
            return await self._sender.send(action)
        await self._clock.sleep_async(action.seconds)
        return None
