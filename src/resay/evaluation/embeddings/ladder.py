"""The steps from the average of a decoder's words to the default embedding, and the choices that were made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType

from resay.evaluation.embeddings.additions import FirstDimensions
from resay.evaluation.embeddings.decoder_words import DecoderWords
from resay.evaluation.embeddings.every_word import EveryWord
from resay.evaluation.embeddings.id_table import Embed
from resay.evaluation.embeddings.ingredients import Ingredients
from resay.evaluation.embeddings.variant import CHOICES, DEFAULT, LADDER, Build, Variant
from resay.fitting.preparation import FULL_BITS

ROUNDED_BITS = 8
POWERS = (0.0, 0.2, 0.5)
"""Of whitening, beside the default's."""
SMOOTHINGS: Mapping[str, float] = MappingProxyType({"3·10⁻⁴": 3e-4, "10⁻³": 1e-3, "4·10⁻³": 4e-3})
"""a, beside the default's; the ladder starts with that of Arora et al. 2017, the first."""
SIZES = (50, 100, 200)


@dataclass(frozen=True, slots=True)
class Default:
    """What `training/train.py` gives a run."""

    def __call__(self, ingredients: Ingredients) -> Embed:
        """Return the embedding."""
        return ingredients.default.embed


FULL = EveryWord(bits=ROUNDED_BITS)
"""The default, whose choices can be changed."""
_KNOWN = EveryWord(
    max_vectors=0, unknown="nothing", numbers=False, smoothing=SMOOTHINGS["3·10⁻⁴"], whitening=0.0, bits=FULL_BITS
)
_WHOLE = replace(_KNOWN, unknown="whole")
_UNKNOWN = replace(_WHOLE, unknown=FULL.unknown)
_NUMBERS = replace(_UNKNOWN, numbers=True)
_WHITENED = replace(_NUMBERS, whitening=FULL.whitening)
_SMOOTHED = replace(_WHITENED, smoothing=FULL.smoothing)
_FREQUENT = replace(_SMOOTHED, max_vectors=FULL.max_vectors)

_STEPS: tuple[tuple[str, str, Build], ...] = (
    ("decoder-words", "average of the decoder's words, all alike", DecoderWords("alike")),
    ("decoder-words-no-stop", "without stop words", DecoderWords("no stop words")),
    ("decoder-words-sif", "all again, weighed by a / (a + p): p in the training text", DecoderWords("corpus")),
    ("decoder-words-english", "p in English, whose list has neither punctuation nor `<unk>`", DecoderWords("language")),
    ("every-word-exact", "every word that has a vector, and no other", replace(_KNOWN, lemmas=False)),
    ("every-word", "inflected words without a vector: that of the base form", _KNOWN),
    ("unknown-whole", "words without a vector: one of 2,048 random ones", _WHOLE),
    ("unknown", "half of it by the word's beginning", _UNKNOWN),
    ("numbers", "numbers by their digits", _NUMBERS),
    ("whitened", f"whitening {FULL.whitening:g}", _WHITENED),
    ("smoothed", f"a = {FULL.smoothing:g} in place of {_WHITENED.smoothing:g}", _SMOOTHED),
    ("most-frequent", f"the {FULL.max_vectors:,} most frequent words' vectors alone", _FREQUENT),
    (DEFAULT, "8 bits a component: the default", Default()),
)


def _steps() -> Iterator[tuple[str, Variant]]:
    first, text, build = _STEPS[0]
    yield first, Variant(text, build, None, LADDER)
    for (base, _, _), (name, text, build) in pairwise(_STEPS):
        yield name, Variant(text, build, base, LADDER)


def _choices() -> Iterator[tuple[str, Variant]]:
    by_corpus = "p in the training text"
    weights = "Whose frequencies"
    yield "every-word-sif", Variant(by_corpus, replace(_KNOWN, by_corpus=True), "every-word", CHOICES, weights)
    yield "by-corpus", Variant(by_corpus, replace(FULL, by_corpus=True), DEFAULT, CHOICES, weights)
    for power in POWERS:
        text = f"whitening {power:g}" if power else "no whitening"
        if power:
            build = replace(_WHITENED, whitening=power)
            yield f"whitened-{power:g}", Variant(text, build, "whitened", CHOICES, "Whitening")
        yield f"whitening-{power:g}", Variant(text, replace(FULL, whitening=power), DEFAULT, CHOICES, "Whitening")
    for shown, smoothing in SMOOTHINGS.items():
        build = replace(FULL, smoothing=smoothing)
        yield f"smoothing-{smoothing:g}", Variant(f"a = {shown}", build, DEFAULT, CHOICES, "Smoothing")
    for size in SIZES:
        text = f"the first {size} components"
        yield f"dimensions-{size}", Variant(text, FirstDimensions(size), DEFAULT, CHOICES, "Components")


STEPS: Mapping[str, Variant] = MappingProxyType(dict(_steps()))
ALTERNATIVES: Mapping[str, Variant] = MappingProxyType(dict(_choices()))
