r"""How text becomes words: normaliser and pre-tokeniser, as pieces of the ``tokenizers`` library.

Both are saved inside ``tokenizer.json``, so every program that reads the file splits alike.

The patterns keep one promise: a word, split again by itself, is that same word. So text that is already split
stays as it is, and ``it's`` and ``it 's`` give the same words. Numbers are the delicate part: they become
``_num_`` in the normaliser, before words are cut, so ``NUMBER`` must know exactly what ``_WORD`` joins.

Every repetition is possessive, atomic or bounded: a text of megabytes without one space takes linear time.
"""

from __future__ import annotations

from functools import lru_cache

from tokenizers import Regex, normalizers, pre_tokenizers

from resay.text.special import NUM

# A character of a word. Han characters are words of their own, as no space ever separates them.
_CHARACTER = r"[\w&&[^\p{Han}]]"
_LETTER = r"[\w&&[^\p{Han}\d_]]"
_JOINED = rf"[-/*]{_CHARACTER}"
_WORD_ENDS = rf"(?!{_CHARACTER}|{_JOINED})"

_CLITIC_ENDS = rf"(?:(?=n't)|{_WORD_ENDS})"
_CLITIC = rf"'(?:s|re|ve|ll|d|m){_CLITIC_ENDS}"
_NOT = rf"n't{_CLITIC_ENDS}"
_ELISION = rf"'(?:em|n|til|cause|bout|round|tis|twas|burgh|\d0s){_WORD_ENDS}"
_ABBREVIATION = rf"(?:mr|mrs|ms|dr|st|vs|jr|sr|prof|[a-z](?:\.[a-z])+{_WORD_ENDS})\.|w/(?!{_CHARACTER})"
_ACRONYM = rf"[a-z](?:\.[a-z])+{_WORD_ENDS}"

_URL = r"(?:https?://|ftp://|www\.)\S+(?<![.,!?;:'\")\]}>])"
_EMAIL = rf"(?>[\w.+-]{{1,64}})@(?:[\w-]{{1,63}}\.){{1,8}}[\w-]{{0,62}}\w{_WORD_ENDS}(?![.,:]\d)"
TOP_LEVEL = r"(?:com|org|net|edu|gov|info|biz|io|uk|au|eu|tv)"  # none that ends sentences, as "me" does
_SITE = rf"(?:[a-z0-9-]{{1,63}}\.){{1,8}}{TOP_LEVEL}(?:/\S*(?<![.,!?;:'\")\]}}>])|{_WORD_ENDS})"

# Letters run up to a "n't"; hyphens, slashes, stars, apostrophes between letters, marks between digits join.
_RUN = rf"(?:(?!(?<={_LETTER}){_NOT}){_CHARACTER})++"
_JOIN = rf"(?:[-/*]|(?<={_LETTER})(?!{_CLITIC})'(?={_LETTER})|(?<=\d)[.,:](?=\d))"
_PLUSES = rf"(?>\++)(?!{_CHARACTER})"
_WORD = rf"{_RUN}(?:{_JOIN}{_RUN})*+(?:{_PLUSES})?"

_EMOJI = (
    r"[\x{1F1E6}-\x{1F1FF}]{2}"
    r"|\x{200D}?\p{So}(?:[\x{1F3FB}-\x{1F3FF}]|\x{200D}\p{So})*+"
)
_MARKS = r"\.{3}|-{2}|\*++"

WORD = "|".join(
    (
        _URL,
        _EMAIL,
        _SITE,
        _ABBREVIATION,
        _ACRONYM,
        _NOT,
        _CLITIC,
        _ELISION,
        _WORD,
        _EMOJI,
        _MARKS,
        r"\S",
    )
)
"""Whatever is no white space is matched, so no character is lost."""

NUMBER = (
    rf"(?<!{_CHARACTER})(?<!{_CHARACTER}[-/*])(?<!\d[.,:])"
    r"(?:(?<=\A|\s|\p{Sc})\.)?\d++(?:[.,:/-]\d++)*+"
    rf"(?!{_CHARACTER}|{_JOINED}|{_PLUSES})"
)
"""A number that is a word of its own: 12, 12.50, 1,000, 3/4, 10:30, 10-15; not 1st, 5-star, 7pm, 20+."""

_DROPPED = r"[\p{Cc}&&[^\s]]|[\p{Cf}&&[^\x{200B}\x{200D}]]|\x{200D}(?!\p{So})|[\x{FE00}-\x{FE0F}]"


def build_normalizer() -> normalizers.Normalizer:
    """Return NFKC, lower case, straight quotes, one form of dots and dashes, and ``_num_`` for numbers."""
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DROPPED), ""),
            normalizers.Replace(Regex(r"\x{200B}"), " "),
            normalizers.Replace(Regex(r"\x{B4}"), "'"),  # NFKC would make it a space and a combining accent
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\x{2018}-\x{201B}\x{2032}`]"), "'"),
            normalizers.Replace(Regex(r"[\x{201C}-\x{201F}\x{AB}\x{BB}]|''"), '"'),
            normalizers.Replace(Regex(r"[\x{2010}-\x{2013}\x{2212}]"), "-"),
            normalizers.Replace(Regex(r"[\x{2014}\x{2015}]"), "--"),
            normalizers.Replace(Regex(r"-{2,}"), "--"),
            normalizers.Replace(Regex(r"\.{2,}"), "..."),
            normalizers.Replace("\u2044", "/"),
            normalizers.Replace(Regex(NUMBER), NUM),
        ]
    )


def build_pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Return the cut into words."""
    return pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)


@lru_cache(maxsize=1)
def _pieces() -> tuple[normalizers.Normalizer, pre_tokenizers.PreTokenizer]:
    return build_normalizer(), build_pre_tokenizer()


def replace_surrogates(text: str) -> str:
    """Return ``text`` with surrogate pairs joined and lone surrogates replaced by U+FFFD: valid Unicode."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def split_words(text: str) -> list[str]:
    """Return the normalised words of ``text``; needs no vocabulary."""
    normalizer, pre_tokenizer = _pieces()
    normalized = normalizer.normalize_str(replace_surrogates(text))
    return [word for word, _ in pre_tokenizer.pre_tokenize_str(normalized)]
