"""Requests of random shapes: 1 to 64 texts of 1 to 60 words, every option, and some that are bad."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from traffic.content import Reply
from traffic.texts import read_texts

from drills.asks import ACCEPT, ENCODE, PARAPHRASE, READERS, Ask, Form
from resay.engine.card import ModelCard
from resay.engine.strategies import STRATEGIES

MOST_WORDS = 60
MOST_TEXTS = {ENCODE: 64, PARAPHRASE: 4}
MOST_CANDIDATES = 20
SHARE_PARAPHRASE = 0.05
SHARE_BAD = 0.05
BAD_BODIES = (b"", b"{", b"[]", b'{"inputs": 5}', b'{"inputs": "the food", "colour": 1}', b'{"inputs": "\xff"}')
OWN_FAULTS = {"too_long"}
"""Of a random text: paraphrase cuts none."""

Draw = Callable[[random.Random], object]

_OPTIONS: Mapping[str, Draw] = {
    "num_beams": lambda draw: draw.randint(1, 32),
    "num_beam_groups": lambda draw: draw.randint(1, 8),
    "diversity_penalty": lambda draw: draw.uniform(0, 3),
    "temperature": lambda draw: draw.uniform(0.3, 2),
    "top_k": lambda draw: draw.randint(1, 200),
    "top_p": lambda draw: draw.uniform(0.3, 1),
    "latent_noise": lambda draw: draw.uniform(0, 1),
    "source_copy_penalty": lambda draw: draw.uniform(0, 3),
    "similar_word_bonus": lambda draw: draw.uniform(0, 8),
}
"""What a strategy may read in place of its dial, and how a value of it is drawn."""


@dataclass(frozen=True, slots=True)
class RandomAsks:
    """An endless iterator of requests, the same ones for a seed; `Ask.is_right` is false of any 200 to a bad one.

    Attributes:
        card: Of the model: its sizes and what can be read off its latents.
        words: To make texts of.
        draw: Where all chance comes from.
    """

    card: ModelCard
    words: Sequence[str]
    draw: random.Random

    @classmethod
    def of(cls, card: ModelCard, seed: int = 0) -> RandomAsks:
        """Return requests made of the words of the load tests' own texts."""
        return cls(card, sorted({word for text in read_texts() for word in text.split()}), random.Random(seed))

    def __iter__(self) -> Iterator[Ask]:
        return self

    def __next__(self) -> Ask:
        path = PARAPHRASE if self.draw.random() < SHARE_PARAPHRASE else ENCODE
        if self.draw.random() < SHARE_BAD:
            return Ask(path, self.draw.choice(BAD_BODIES), lambda reply: False)
        texts = [self._text() for _ in range(self.draw.randint(1, MOST_TEXTS[path]))]
        return self._paraphrase(texts) if path == PARAPHRASE else self._encode(texts)

    def _text(self) -> str:
        return " ".join(self.draw.choices(self.words, k=self.draw.randint(1, MOST_WORDS)))

    def _encode(self, texts: Sequence[str]) -> Ask:
        form: Form = self.draw.choice(["float", "base64", "raw"])
        features = self.draw.choice(
            ["embedding", *(name for name in self.card.latent_space.readings if name != "bits")]
        )
        fields: dict[str, Any] = {"features": features, "normalize": self._coin(), "seed": self.draw.randrange(1000)}
        if form == "base64":
            fields["encoding_format"] = form
        if features == "embedding" and self._coin():
            fields["dimensions"] = self.draw.randint(1, self.card.dimensions.embedding_size)

        def is_right(reply: Reply) -> bool:
            try:
                return len(READERS[form](reply)) == len(texts)
            except (ValueError, KeyError, TypeError):
                return False

        return Ask(ENCODE, orjson.dumps({"inputs": texts, **fields}), is_right, {"Accept": ACCEPT[form]})

    def _paraphrase(self, texts: Sequence[str]) -> Ask:
        strategy = self.draw.choice(list(STRATEGIES))
        fields: dict[str, Any] = {
            "strategy": strategy,
            "n": 1 if strategy == "greedy" else self.draw.randint(1, MOST_CANDIDATES),
            "diversity": self.draw.random(),
            "seed": self.draw.randrange(1000),
            "min_similarity": self.draw.choice([0.0, 0.5]),
            "allow_identity": self._coin(),
            "return_scores": self._coin(),
            "protect": self.draw.sample(texts[0].split(), k=1) if self._coin() else [],
        }
        fields |= {name: _OPTIONS[name](self.draw) for name in STRATEGIES[strategy].options if self.draw.random() < 0.3}
        if self._coin():
            fields["max_new_tokens"] = self.draw.randint(1, self.card.limits.max_length)

        def is_right(reply: Reply) -> bool:
            try:
                items = orjson.loads(reply.body)["data"]
                codes = {item["error"]["code"] for item in items if "error" in item}
                return len(items) == len(texts) and codes <= OWN_FAULTS
            except (ValueError, KeyError, TypeError):
                return False

        return Ask(PARAPHRASE, orjson.dumps({"inputs": texts, **fields}), is_right)

    def _coin(self) -> bool:
        return self.draw.random() < 0.5
