"""Token ids as words that may be printed, and as a sentence of their own."""

from collections.abc import Sequence

from resay.engine.fidelity.articles import correct_articles
from resay.engine.fidelity.line import Line
from resay.text import NUM, Tokenizer, detokenize
from resay.text.special import UNPRINTABLE_WORDS


def printable_words(token_ids: Sequence[int], tokenizer: Tokenizer) -> list[str]:
    """Return the words, without those that no decoder says, save one that was exported by other means."""
    vocabulary = tokenizer.words
    words = [vocabulary[token_id] for token_id in token_ids]
    if UNPRINTABLE_WORDS.isdisjoint(words):
        return words
    return [word for word in words if word not in UNPRINTABLE_WORDS]


def write_sentence(token_ids: Sequence[int], tokenizer: Tokenizer) -> str:
    """Return token ids as a sentence that says nothing again: in sentence case, and without numbers.

    A number would have to be invented. `_num_` is left out; the decoder does not say it, if it is told that there
    is no number to say (`DecodingRequest.num_numbers`).
    """
    line = Line([word for word in printable_words(token_ids, tokenizer) if word != NUM])
    correct_articles(line, [])
    return detokenize(line.words)
