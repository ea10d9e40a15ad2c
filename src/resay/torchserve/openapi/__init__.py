"""The contract of the HTTP API: an OpenAPI document made from the engine's own types."""

from resay.torchserve.openapi.document import openapi_document, render

__all__ = ["openapi_document", "render"]
