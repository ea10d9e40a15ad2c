"""Which dialect a request speaks."""

from resay.engine.body import RawRequest
from resay.engine.dialects import grpc_inference, openai_embeddings
from resay.engine.dialects.dialect import Dialect
from resay.engine.dialects.grpc_inference import GrpcInference
from resay.engine.dialects.kserve_v1 import KServeV1
from resay.engine.dialects.native import NATIVE
from resay.engine.dialects.open_inference import OpenInference
from resay.engine.dialects.openai_embeddings import OpenAIEmbeddings
from resay.engine.dialects.raw_vectors import RAW_VECTORS, accepts_octets
from resay.engine.dialects.tensors import TENSORS

NO_INPUTS = frozenset({"sample"})
"""Endpoints that are sent nothing to predict from."""


def dialect_for(request: RawRequest, body: object, endpoint: str, model: str) -> Dialect:
    """Return the dialect of a request: some have a path of their own, others are known by their bodies.

    KServe's paths are not handed over by TorchServe.

    Args:
        request: As it came.
        body: Its JSON value; ``None`` if there is none, so that the error can be written.
        endpoint: Who is asked.
        model: The name of the model that is served.
    """
    if request.tail == grpc_inference.TAIL:
        return GrpcInference(endpoint)
    if request.tail == openai_embeddings.TAIL and endpoint == "encode":
        return OpenAIEmbeddings(model)
    if endpoint in TENSORS and (OpenInference.speaks(body) or request.tail == f"v2/models/{endpoint}/infer"):
        return OpenInference(endpoint)
    if KServeV1.speaks(body) and endpoint not in NO_INPUTS:
        return KServeV1(endpoint)
    if endpoint == "encode" and accepts_octets(request.accept):
        return RAW_VECTORS
    return NATIVE
