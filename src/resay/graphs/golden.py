"""Golden vectors: what torch makes of three sentences, kept in model.json to hold any runtime to."""

from dataclasses import asdict, dataclass

import torch

from resay.errors import ExportError
from resay.models import Autoencoder
from resay.models.greedy import greedy_decode
from resay.text import EOS_ID, PAD_ID, Encoding, Tokenizer, detokenize

NUM_GOLDEN = 3
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
    """One sentence and what torch, in float32 on the CPU, makes of it.

    Attributes:
        text: The sentence.
        token_ids: Its tokens, without begin or end marks.
        latent: [Z]
        embedding: [E], not normalised.
        reconstruction: Greedy decoding of the latent, in prose; numbers stay `_num_`.
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


def make_golden(model: Autoencoder, tokenizer: Tokenizer, max_length: int) -> list[Golden]:
    """Encode and reconstruct three sentences in torch, one at a time.

    Raises:
        ExportError: If the built-in sentences do not fit the model.
    """
    golden = []
    for text, encoding in golden_encodings(tokenizer, max_length):
        with torch.inference_mode():
            codes = model.encode(torch.tensor([encoding.token_ids]), torch.tensor([len(encoding.token_ids)]))
            said = greedy_decode(model, codes.latent, max_length)[0].tolist()
        words = [tokenizer.words[word_id] for word_id in said if word_id not in (PAD_ID, EOS_ID)]
        golden.append(
            Golden(
                text=text,
                token_ids=encoding.token_ids,
                latent=codes.latent[0].tolist(),
                embedding=codes.embedding[0].tolist(),
                reconstruction=detokenize(words),
            )
        )
    return golden
