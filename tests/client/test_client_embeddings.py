"""What LangChain calls, without LangChain."""

import asyncio
import inspect

import httpx
import pytest

from resay.client import AsyncClient, Client, Embeddings, ItemsFailedError

# langchain_core.embeddings.Embeddings, as published.
LANGCHAIN = {
    "embed_documents": (False, ["texts"], "list[str]", "list[list[float]]"),
    "embed_query": (False, ["text"], "str", "list[float]"),
    "aembed_documents": (True, ["texts"], "list[str]", "list[list[float]]"),
    "aembed_query": (True, ["text"], "str", "list[float]"),
}


@pytest.mark.parametrize("method", LANGCHAIN)
def test_a_method_is_what_langchain_calls(blocking, method):
    is_async, names, argument, result = LANGCHAIN[method]
    bound = getattr(Embeddings(blocking), method)
    signature = inspect.signature(bound)
    assert inspect.iscoroutinefunction(inspect.unwrap(getattr(Embeddings, method))) is is_async
    assert list(signature.parameters) == names
    assert signature.parameters[names[0]].annotation == argument
    assert signature.return_annotation == result


def test_documents_and_queries_become_lists_of_floats(blocking, fake):
    embeddings = Embeddings(blocking)
    texts = ["one", "two words", "three", "four"]
    found = embeddings.embed_documents(texts)
    assert found == [fake.vector_of(text).tolist() for text in texts]
    assert {type(number) for vector in found for number in vector} == {float}
    assert embeddings.embed_query("one") == found[0]
    assert embeddings.embed_documents([]) == []


def test_dimensions_are_asked_for(blocking, fake):
    Embeddings(blocking, dimensions=2).embed_query("one")
    assert fake.bodies[0]["dimensions"] == 2


def test_without_an_async_client_a_thread_asks(blocking, fake):
    embeddings = Embeddings(blocking)

    async def both():
        return await asyncio.gather(embeddings.aembed_documents(["one"]), embeddings.aembed_query("two"))

    assert asyncio.run(both()) == [[fake.vector_of("one").tolist()], fake.vector_of("two").tolist()]


def test_with_an_async_client_that_one_asks(fake):
    def unasked(request):
        raise AssertionError("the blocking client was asked")

    async def both():
        async with AsyncClient(transport=httpx.MockTransport(fake)) as async_client:
            with Client(transport=httpx.MockTransport(unasked)) as client:
                embeddings = Embeddings(client, async_client)
                return await asyncio.gather(embeddings.aembed_documents(["one"]), embeddings.aembed_query("two"))

    assert asyncio.run(both()) == [[fake.vector_of("one").tolist()], fake.vector_of("two").tolist()]


def test_a_document_without_a_vector_is_named(blocking, fake):
    fake.bad = {"": "empty_text"}
    with pytest.raises(ItemsFailedError, match=r"inputs\[1\] empty_text"):
        Embeddings(blocking).embed_documents(["one", ""])
