"""What goes back of decoded latents."""

from collections.abc import Sequence
from typing import Any, TypedDict

from resay.engine.interpolator import Steps
from resay.engine.latent_decoder import DecodedSentence
from resay.engine.replies import ErrorItem, error_item
from resay.errors import RequestError


class SentenceItem(TypedDict):
    """What was said of one latent."""

    index: int
    text: str
    log_prob: float


class StepItem(TypedDict):
    """A sentence on the way between two, and where it first comes up."""

    text: str
    position: float
    log_prob: float


class StepsItem(TypedDict):
    """The sentences between those of one pair."""

    index: int
    steps: list[StepItem]


def sentences_reply(model: str, results: Sequence[DecodedSentence | RequestError]) -> dict[str, Any]:
    """Return the reply of /predictions/decode and /predictions/sample."""
    data: list[SentenceItem | ErrorItem] = [
        error_item(index, result)
        if isinstance(result, RequestError)
        else {"index": index, "text": result.text, "log_prob": round(result.log_prob, 6)}
        for index, result in enumerate(results)
    ]
    return {"model": model, "data": data}


def steps_reply(model: str, results: Sequence[Steps | RequestError]) -> dict[str, Any]:
    """Return the reply of /predictions/interpolate."""
    data: list[StepsItem | ErrorItem] = []
    for index, result in enumerate(results):
        if isinstance(result, RequestError):
            data.append(error_item(index, result))
        else:
            steps: list[StepItem] = [
                {
                    "text": step.sentence.text,
                    "position": round(step.position, 6),
                    "log_prob": round(step.sentence.log_prob, 6),
                }
                for step in result
            ]
            data.append({"index": index, "steps": steps})
    return {"model": model, "data": data}
