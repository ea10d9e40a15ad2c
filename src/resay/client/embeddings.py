"""Vectors under the names that LangChain calls them by, without LangChain."""

from __future__ import annotations

import asyncio

from resay.client.async_client import AsyncClient
from resay.client.client import Client


class Embeddings:
    """Stands where LangChain takes an `Embeddings`: the same methods, with the same arguments and results.

    Args:
        client: What asks the server.
        async_client: Asks for `aembed_documents` and `aembed_query`; without it `client` does, in a thread.
        dimensions: Leading components to take of each embedding; all of them if it is `None`.
    """

    def __init__(
        self, client: Client, async_client: AsyncClient | None = None, *, dimensions: int | None = None
    ) -> None:
        self.client = client
        self.async_client = async_client
        self.dimensions = dimensions

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text; errors as for `Client.encode`."""
        vectors: list[list[float]] = self.client.encode(list(texts), dimensions=self.dimensions).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a text: queries and documents are read alike."""
        return self.embed_documents([text])[0]

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return a vector for each text; errors as for `Client.encode`."""
        if self.async_client is None:
            return await asyncio.to_thread(self.embed_documents, texts)
        encoded = await self.async_client.encode(list(texts), dimensions=self.dimensions)
        vectors: list[list[float]] = encoded.tolist()
        return vectors

    async def aembed_query(self, text: str) -> list[float]:
        """Return the vector of a text."""
        return (await self.aembed_documents([text]))[0]
