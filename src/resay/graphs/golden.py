"""Golden vectors: what a model makes of three sentences, kept in model.json to hold any runtime to."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from resay.errors import ExportError
from resay.graphs.greedy_steps import greedy_steps
from resay.graphs.session import open_cpu_session
from resay.models import Autoencoder
from resay.models.greedy import greedy_decode
from resay.text import EOS_ID, PAD_ID, Encoding, Tokenizer, detokenize

NUM_GOLDEN = 3
Embedding = Callable[[Encoding], Float[Tensor, " D"]]
# Plain sentences first; the short ones at the end fit any model.
NEUTRAL_SENTENCES = (
    "The food was delicious and the staff was friendly.",
    "Our room was clean, but the bed was too small.",
    "We waited 20 minutes for our table.",
    "A man is playing a guitar on the street.",
    "Two dogs are running through the green grass.",
    "The children are sitting at a table near the window.",
    "She bought 3 apples and a loaf of bread.",
    "The train leaves the station in the morning.",
    "It is raining, but the sun will be out soon.",
    "What time does the store open?",
    "The report was sent to the office last week.",
    "I like this book.",
    "Thank you.",
    "hello",
    "yes",
    "no",
)


@dataclass(frozen=True, slots=True)
class Golden:
    """One sentence and what the model makes of it: torch in float32 on the CPU, or its quantised step graph.

    Attributes:
        text: The sentence.
        token_ids: Its tokens, without begin or end marks.
        latent: [Z]
        embedding: [E], not normalised.
        reconstruction: Greedy decoding of the latent, in prose; numbers stay `_num_`. Where the step graph was
            quantised, this is what that graph says.
    """

    text: str
    token_ids: list[int]
    latent: list[float]
    embedding: list[float]
    reconstruction: str

    def to_record(self) -> dict[str, object]:
        """Return what model.json keeps of it."""
        return asdict(self)


def golden_encodings(tokenizer: Tokenizer, max_length: int) -> list[tuple[str, Encoding]]:
    """Return the three neutral sentences that the vocabulary knows best and that need no truncation.

    Raises:
        ExportError: If fewer than three give any token and fit.
    """
    encodings = [(text, tokenizer.encode(text)) for text in NEUTRAL_SENTENCES]
    fitting = [(text, encoding) for text, encoding in encodings if 1 <= len(encoding.token_ids) <= max_length]
    if len(fitting) < NUM_GOLDEN:
        raise ExportError(
            f"only {len(fitting)} of {len(NEUTRAL_SENTENCES)} built-in sentences have 1 to {max_length}"
            f" tokens with this tokenizer, and {NUM_GOLDEN} are needed; raise max_length and train again"
        )
    # A stable sort: among equals the earlier, longer sentence wins.
    fitting.sort(key=lambda item: item[1].num_unknown / len(item[1].token_ids))
    return fitting[:NUM_GOLDEN]


def make_golden(
    model: Autoencoder, tokenizer: Tokenizer, max_length: int, *, embedding: Embedding | None = None
) -> list[Golden]:
    """Encode and reconstruct three sentences in torch, one at a time.

    Args:
        model: The model.
        tokenizer: Its tokenizer.
        max_length: Tokens of a sentence.
        embedding: Gives a sentence's embedding, where the model itself does not.

    Raises:
        ExportError: If the built-in sentences do not fit the model.
    """
    golden = []
    for text, encoding in golden_encodings(tokenizer, max_length):
        with torch.inference_mode():
            codes = model.encode(torch.tensor([encoding.token_ids]), torch.tensor([len(encoding.token_ids)]))
            said = greedy_decode(model, codes.latent, max_length)[0].tolist()
        golden.append(
            Golden(
                text=text,
                token_ids=encoding.token_ids,
                latent=codes.latent[0].tolist(),
                embedding=(codes.embedding[0] if embedding is None else embedding(encoding)).tolist(),
                reconstruction=to_prose(said, tokenizer),
            )
        )
    return golden


def golden_of_step(
    golden: Sequence[Golden], decoder_step: bytes, tokenizer: Tokenizer, *, hidden_size: int, max_length: int
) -> list[Golden]:
    """Return the same sentences with the reconstructions of another step graph."""
    session = open_cpu_session(decoder_step)
    changed = []
    for sentence in golden:
        steps = greedy_steps(session, np.array([sentence.latent], np.float32), hidden_size)
        said = [int(step.token_ids[0]) for step in islice(steps, max_length)]
        changed.append(replace(sentence, reconstruction=to_prose(said, tokenizer)))
    return changed


def to_prose(token_ids: Sequence[int], tokenizer: Tokenizer) -> str:
    """Return words as prose, without padding and end marks."""
    return detokenize([tokenizer.words[word_id] for word_id in token_ids if word_id not in (PAD_ID, EOS_ID)])
