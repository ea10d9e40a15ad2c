"""A text made ready for the encoder, or the reason why it cannot be."""

import math
from dataclasses import dataclass

from resay.engine.deadline import deadline_error, is_over
from resay.errors import RequestError
from resay.text import UNK_ID, Encoding, Tokenizer
from resay.text.words import has_letter_or_digit

CHARACTERS_A_TOKEN = 32
"""Far more than the tokens of any language have on average, the space between them counted."""


@dataclass(frozen=True, slots=True)
class PreparedSentence:
    """A tokenised text within the model's length.

    Attributes:
        encoding: The text's tokens: all of them, or, where some were cut off, more than the encoder reads.
        token_ids: What the encoder reads, at most `max_length`: the first tokens, where `resay.engine.fidelity`
            has not put one in the place of several.
        num_unknown: Words outside the vocabulary in the part of the text that the encoder reads.
        truncated: Whether tokens were cut off.
    """

    encoding: Encoding
    token_ids: tuple[int, ...]
    num_unknown: int
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class SentencePreparer:
    """Tokenises texts and holds them against the model's limit.

    Attributes:
        tokenizer: The model's own tokenizer.
        max_length: Most tokens that the model reads.
    """

    tokenizer: Tokenizer
    max_length: int

    def prepare(self, text: str, *, truncate: bool, deadline: float = math.inf) -> PreparedSentence | RequestError:
        """Tokenise one text.

        Returns:
            The sentence; or, not raised, so that its batch mates go on, a `RequestError` of status 422 with
            the code ``empty_text`` (nothing but white space and control characters) or ``too_long`` (more
            than `max_length` tokens and not to be truncated), or of status 504 if the deadline is past.
        """
        if is_over(deadline):
            return deadline_error()
        encoding = self._encode(text)
        num_tokens = len(encoding.token_ids)
        if num_tokens == 0:
            return RequestError(
                422,
                "empty_text",
                f"the text has no word in it ({len(text)} characters, all white space or control characters);"
                " send at least one word",
            )
        if num_tokens > self.max_length and not truncate:
            return RequestError(
                422,
                "too_long",
                f"the text has {self._count(text, num_tokens)} tokens, and this model reads at most {self.max_length};"
                " shorten it or split it into sentences",
            )
        token_ids = tuple(encoding.token_ids[: self.max_length])
        return PreparedSentence(encoding, token_ids, token_ids.count(UNK_ID), num_tokens > self.max_length)

    @property
    def num_characters_read(self) -> int:
        """Return the length up to which a text is always tokenised as a whole."""
        return self.max_length * CHARACTERS_A_TOKEN

    def _encode(self, text: str) -> Encoding:
        """Return all tokens of a text, or, sooner, more of its first tokens than the model reads."""
        if len(text) > self.num_characters_read:
            # What follows white space changes no token before it.
            end = max(text.rfind(space, 0, self.num_characters_read) for space in " \n")
            beginning = self.tokenizer.encode(text[: max(end, 0)])
            if len(beginning.token_ids) > self.max_length:
                return beginning
        return self.tokenizer.encode(text)

    def _count(self, text: str, num_tokens: int) -> str:
        """Return the number of tokens, for a message."""
        return f"at least {num_tokens}" if len(text) > self.num_characters_read else str(num_tokens)


def no_known_words(sentence: PreparedSentence) -> RequestError | None:
    """Return the error for a text all of whose words are outside the vocabulary, punctuation aside."""
    pairs = zip(sentence.encoding.token_ids, sentence.encoding.tokens, strict=True)
    if not sentence.num_unknown or any(token_id != UNK_ID and has_letter_or_digit(token) for token_id, token in pairs):
        return None
    return RequestError(
        422,
        "no_known_words",
        f"the model knows no word of this text: {sentence.num_unknown} words are outside its"
        " vocabulary; it reads the language and subject that it was trained on",
    )
