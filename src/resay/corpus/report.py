"""What preparing a corpus found."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusReport:
    """Counts of a prepared corpus.

    Attributes:
        files: The files read, as given.
        sha256: Hash of all token ids and sentence ends, hence of text and tokenizer together.
        num_sentences: Sentences kept.
        num_tokens: Their tokens, after cutting; begin and end marks not counted.
        num_unknown: Tokens outside the vocabulary.
        num_cut: Sentences that were longer than `max_length` tokens and were cut there.
        num_empty: Lines in which no token was found.
        max_length: Tokens that a sentence is cut to.
    """

    files: list[str]
    sha256: str
    num_sentences: int
    num_tokens: int
    num_unknown: int
    num_cut: int
    num_empty: int
    max_length: int

    def as_dict(self) -> dict[str, object]:
        """Return the fields as JSON takes them."""
        return asdict(self)

    def summary(self) -> str:
        """Return one line for people."""
        unknown = self.num_unknown / max(1, self.num_tokens)
        return (
            f"{self.num_sentences:,} sentences, {self.num_tokens:,} tokens, {unknown:.1%} unknown; "
            f"{self.num_cut:,} sentences cut to {self.max_length} tokens, {self.num_empty:,} lines without a word"
        )
