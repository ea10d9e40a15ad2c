"""A text made ready for the encoder, or the reason why it cannot be."""

from dataclasses import dataclass

from resay.errors import RequestError
from resay.text import UNK_ID, Encoding, Tokenizer


@dataclass(frozen=True, slots=True)
class PreparedSentence:
    """A tokenised text within the model's length.

    Attributes:
        encoding: All of the text's tokens, also those that were cut off.
        token_ids: What the encoder reads: the first tokens, at most `max_length`.
        num_unknown: How many of `token_ids` are outside the vocabulary.
    """

    encoding: Encoding
    token_ids: tuple[int, ...]
    num_unknown: int

    @property
    def truncated(self) -> bool:
        """Return whether tokens were cut off."""
        return len(self.token_ids) < len(self.encoding.token_ids)


@dataclass(frozen=True, slots=True)
class SentencePreparer:
    """Tokenises texts and holds them against the model's limit.

    Attributes:
        tokenizer: The model's own tokenizer.
        max_length: Most tokens that the model reads.
    """

    tokenizer: Tokenizer
    max_length: int

    def prepare(self, text: str, *, truncate: bool) -> PreparedSentence | RequestError:
        """Tokenise one text.

        Returns:
            The sentence; or, not raised, so that its batch mates go on, a `RequestError` of status 422 with
            the code ``empty_text`` (nothing but white space and control characters) or ``too_long`` (more
            than `max_length` tokens and not to be truncated).
        """
        encoding = self.tokenizer.encode(text)
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
                f"the text has {num_tokens} tokens, and this model reads at most {self.max_length};"
                " shorten it or split it into sentences",
            )
        token_ids = tuple(encoding.token_ids[: self.max_length])
        return PreparedSentence(encoding, token_ids, token_ids.count(UNK_ID))
