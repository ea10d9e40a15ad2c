"""The client that blocks."""

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
from resay.client.opening import open_sender
from resay.client.plan import Plan
from resay.client.results import EncodedText, Paraphrases, Sentence, Step
from resay.client.running import run_all
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


class Client:
    """Asks one server, from any number of threads.

    Inputs are cut into batches that go out at the same time, and answers come back in the order of the inputs. Every
    method raises `RequestRefused`, `DeadlineError`, `UnreachableError` or `ReplyError` (`resay.client.errors`), and
    `SettingsError` for arguments that are not allowed.

    Args:
        base_url: Where the server is, without the path of an endpoint.
        routes: "torchserve" for TorchServe itself (``/predictions/encode``), "edge" for the proxy in front of it
            (``/encode``).
        api_key: Sent as ``Authorization: Bearer``, to the edge or to a TorchServe with tokens.
        timeout_seconds: For each batch, its retries and the waits between them included. The server is told what is
            left, and skips work that nobody waits for any more.
        max_retries: Tries after the first, with exponential back-off and jitter, where the server is overloaded (429,
            503) or cannot be reached; ``Retry-After`` is waited for.
        batch_size: Most inputs of one request. What a server finds too large nevertheless (413) is sent in halves.
        max_connections: Most requests at the same time, of all threads together.
        ssl_context: For a server whose certificate is signed by an authority of one's own.
        transport: An `httpx.BaseTransport` in the place of real connections: a Unix socket, or a test's own.
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
        self._sender = open_sender(self._settings, self._clock, transport, ssl_context)

    @overload
    def encode(
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
    def encode(
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

    def encode(
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
        """Return a vector for each text.

        Args:
            texts: One text, a list of them, or anything that gives texts one by one.
            normalize: Scale each vector to length 1. Left to the server, it does so with embeddings and not with
                other features.
            truncate: Cut texts that are too long; else they fail.
            dimensions: Return only so many leading components of each embedding.
            features: "embedding", or a reading of the latent that the model has, such as "latent" for `decode`.
            seed: Decides what the features "sample" are.
            on_error: What becomes of texts that have no vector, such as empty ones: "raise", or "nan" for rows of NaN
                and a second result that says why.

        Returns:
            float32: [D] of one text, [B, D] of several in their order. Of no texts at all it is [0, `dimensions`], and
            [0, 0] where that is not given: nobody was asked how long a vector is. With `on_error` "nan" a pair: this,
            and the failures in the order of the texts.

        Raises:
            ItemsFailedError: Texts have no vector; its `results` are the vectors, those rows NaN.
        """
        fields = fields_of(normalize, truncate, dimensions, features, seed)
        return self._run(encode_plan(self._exchange, texts, fields, on_error))

    def encode_details(
        self,
        texts: str | Iterable[str],
        *,
        normalize: bool | None = None,
        truncate: bool = True,
        dimensions: int | None = None,
        features: str = EMBEDDING,
        seed: int | None = None,
    ) -> list[EncodedText]:
        """Return for each text its vector, how many tokens were read, how many were unknown, and whether it was cut.

        Arguments and errors as for `encode`; one text counts as a list of one.
        """
        fields = fields_of(normalize, truncate, dimensions, features, seed)
        return self._run(details_plan(self._exchange, texts, fields))

    def paraphrase(
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
        """Return paraphrases of each text; one text counts as a list of one.

        What is `None` is left to the server.

        Args:
            texts: As for `encode`.
            n: Most candidates for each text.
            diversity: From 0, closest to the text, to 1.
            strategy: How candidates are searched for, such as "beam".
            seed: Another one draws other candidates.
            protect: Spans of the texts that must come back exactly.
            min_similarity: Drop candidates less similar to their text than this, 0 to 1.
            options: Further fields of the request by their names, such as ``{"temperature": 0.8}``.

        Raises:
            ItemsFailedError: Texts have no paraphrases; its `results` hold those of the others.
        """
        fields = {
            "n": n, "diversity": diversity, "strategy": strategy, "seed": seed, "min_similarity": min_similarity,
        }  # fmt: skip
        return self._run(paraphrase_plan(self._exchange, texts, protect, fields, options))

    def decode(
        self,
        latents: Float32[ndarray, "*B Z"],
        *,
        num_beams: int | None = None,
        max_new_tokens: int | None = None,
    ) -> list[Sentence]:
        """Return the sentence that each latent stands for, as `encode` gives latents with the features "latent".

        Raises:
            ItemsFailedError: Latents have no sentence; its `results` hold those of the others.
        """
        fields = {"num_beams": num_beams, "max_new_tokens": max_new_tokens}
        return self._run(decode_plan(self._exchange, latents, fields))

    def interpolate(
        self,
        pairs: Iterable[tuple[str, str]],
        *,
        num_steps: int | None = None,
        seed: int | None = None,
        num_beams: int | None = None,
    ) -> list[tuple[Step, ...]]:
        """Return the sentences on the way between the two texts of each pair, both ends included.

        Raises:
            ItemsFailedError: Pairs have no way between them; its `results` hold those of the others.
        """
        fields = {"num_steps": num_steps, "seed": seed, "num_beams": num_beams}
        return self._run(interpolate_plan(self._exchange, pairs, fields))

    def sample(
        self,
        n: int = 5,
        *,
        seed: int | None = None,
        temperature: float | None = None,
        num_beams: int | None = None,
        max_new_tokens: int | None = None,
    ) -> list[Sentence]:
        """Return sentences drawn from the model's prior, in one request.

        Raises:
            ItemsFailedError: Some were not done in time; its `results` hold the others.
        """
        fields = {
            "seed": seed, "temperature": temperature, "num_beams": num_beams, "max_new_tokens": max_new_tokens,
        }  # fmt: skip
        return self._run(sample_plan(self._exchange, n, fields))

    def ready(self) -> bool:
        """Return whether the server would answer: a worker has just encoded sentences whose vectors are known.

        There is one try. A server that cannot be reached, is overloaded or does not answer in time is not ready.

        Raises:
            RequestRefused: There is something else at this address, or the key is wrong.
        """
        return self._run(ready_plan(self._exchange))

    def describe(self, endpoint: str = "encode") -> dict[str, Any]:
        """Return what an endpoint says of itself: model, dimensions, limits, and the fields of a request."""
        return self._run(describe_plan(self._exchange, endpoint))

    def close(self) -> None:
        """Close the connections, once no thread waits for an answer; a closed client cannot be used again."""
        self._sender.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._settings.base_url!r}, routes={self._settings.routes!r})"

    def _run(self, plan: Plan[Any, Result]) -> Result:
        return plan.join(run_all(plan.jobs, self._perform, self._settings.max_connections))

    def _perform(self, action: Action) -> Outcome:
        if isinstance(action, Send):
            return self._sender.send(action)
        self._clock.sleep(action.seconds)
        return None
