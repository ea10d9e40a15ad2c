"""What clients ask of a server before they ask it anything: which models it has, and what those take."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from resay.engine.card import ModelCard
from resay.engine.dialects.foreign import INPUTS
from resay.engine.dialects.tensors import OUTPUTS, SCORES
from resay.engine.replies import RawReply

SERVER = {"name": "resay", "extensions": ["binary_tensor_data"]}


def metadata_reply(tail: str, endpoint: str, card: ModelCard) -> RawReply | None:
    """Return the reply to a question about server or model; none, if the path's tail is no such question.

    Args:
        tail: What follows endpoint and version in the path.
        endpoint: Who is asked; the model's name in KServe's protocols.
        card: Of the model, whose name it has in OpenAI's.
    """
    for path, answer in ANSWERS.items():
        if tail == path.format(endpoint=endpoint, model=card.name):
            told = answer(endpoint, card)
            return None if told is None else RawReply(200, orjson.dumps(told))
    return None


def ready_tails(endpoint: str) -> tuple[str, ...]:
    """Return the paths that ask whether an endpoint can answer: ours, and those of KServe's two protocols."""
    return ("readyz", f"v1/models/{endpoint}", "v2/health/ready", f"v2/models/{endpoint}/ready")


def openai_models(endpoint: str, card: ModelCard) -> dict[str, Any]:
    """Return OpenAI's list of models."""
    return {"object": "list", "data": [openai_model(endpoint, card)]}


def openai_model(endpoint: str, card: ModelCard) -> dict[str, Any]:
    """Return what OpenAI says of a model; when it was made is 0 if nobody knows."""
    return {"id": card.name, "object": "model", "created": created(card), "owned_by": "resay"}


def created(card: ModelCard) -> int:
    """Return when a model was exported, in Unix seconds."""
    try:
        return int(datetime.fromisoformat(str(card.provenance.get("created"))).timestamp())
    except ValueError:
        return 0


def server_metadata(endpoint: str, card: ModelCard) -> dict[str, Any]:
    """Return what the Open Inference Protocol says of a server."""
    return SERVER


def server_lives(endpoint: str, card: ModelCard) -> dict[str, Any]:
    """Return that somebody answers."""
    return {"live": True}


def model_metadata(endpoint: str, card: ModelCard) -> dict[str, Any] | None:
    """Return what the Open Inference Protocol says of a model, if it speaks it; -1 stands for any size."""
    if endpoint not in OUTPUTS:
        return None
    sizes = {"embedding": [-1, card.dimensions.embedding_size], **{name: [-1, -1] for name in ("candidates", *SCORES)}}
    return {
        "name": endpoint,
        "platform": "resay",
        INPUTS: [{"name": "text", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": name, "datatype": datatype, "shape": sizes.get(name, [-1])}
            for name, datatype in OUTPUTS[endpoint].items()
        ],
    }


ANSWERS: Mapping[str, Callable[[str, ModelCard], dict[str, Any] | None]] = {
    "v1/models": openai_models,
    "v1/models/{model}": openai_model,
    "v2": server_metadata,
    "v2/health/live": server_lives,
    "v2/models/{endpoint}": model_metadata,
}
"""The tails that are answered, and by what."""
