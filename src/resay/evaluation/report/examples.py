"""What a model makes of sentences that no corpus holds: paraphrases of an exported one, reconstructions of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import orjson

from resay.engine import ParaphraseService, RawRequest
from resay.evaluation.reconstruction import reconstruct_sentences
from resay.evaluation.report.about import is_exported
from resay.fitting import load_run

NUM_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and what came of it.

    Attributes:
        source: The sentence.
        outputs: Texts, each with a remark such as its similarity.
    """

    source: str
    outputs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples and what they are of."""

    title: str
    note: str
    examples: Sequence[Example]


def make_examples(path: Path, sentences: Sequence[str]) -> Examples:
    """Return what the model of a folder makes of sentences.

    Args:
        path: A run folder or an exported model.
        sentences: The sentences.

    Raises:
        SettingsError: If the folder is neither.
        ResayError: If the model cannot be loaded.
    """
    if not is_exported(path):
        pairs = reconstruct_sentences(load_run(path), sentences)
        note = "Each sentence as the model read it, and its greedy, free-running reconstruction."
        return Examples("Reconstructions", note, [Example(source, [(output, "")]) for source, output in pairs])
    request = {"inputs": list(sentences), "n": NUM_CANDIDATES}
    (reply,) = ParaphraseService.open(path).respond([RawRequest(request)])
    answer = orjson.loads(reply.body)
    if "data" not in answer:  # a plain language model, say
        return Examples("Paraphrases", answer["error"]["message"], [])
    return Examples(
        "Paraphrases",
        f"{NUM_CANDIDATES} candidates each, as /predictions/paraphrase answers with its defaults; the number is the"
        " model's own estimate of similarity.",
        [_example(source, item) for source, item in zip(sentences, answer["data"], strict=True)],
    )


def _example(source: str, item: dict[str, object]) -> Example:
    candidates = item.get("candidates")
    if not isinstance(candidates, list):
        error = item.get("error")
        return Example(source, [("", str(error["message"] if isinstance(error, dict) else error))])
    return Example(source, [(one["text"], f"{one['similarity']:.2f}") for one in candidates])


def render_examples(examples: Sequence[Example]) -> str:
    """Return examples as HTML."""
    blocks = []
    for example in examples:
        items = "".join(
            f"<li>{escape(text)}{f'<small>{escape(remark)}</small>' if remark else ''}</li>"
            for text, remark in example.outputs
        )
        found = f"<ol>{items}</ol>" if items else '<p class="note">none</p>'
        blocks.append(f"<div><p>{escape(example.source)}</p>{found}</div>")
    return "\n".join(['<div class="examples">', *blocks, "</div>"]) if blocks else ""
