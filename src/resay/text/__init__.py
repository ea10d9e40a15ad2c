"""Text to words and word ids, and words back to prose."""

from resay.text.detokenizer import MissingNumberError, count_numbers, detokenize, write_prose
from resay.text.encoding import Encoding
from resay.text.special import BOS, BOS_ID, EOS, EOS_ID, NUM, NUM_ID, PAD, PAD_ID, SPECIAL_WORDS, UNK, UNK_ID
from resay.text.splitting import replace_surrogates, split_words
from resay.text.style import Style, find_style
from resay.text.tokenizer import Tokenizer
from resay.text.vocabulary import choose_words, count_words, read_counts, write_counts

__all__ = [
    "BOS",
    "BOS_ID",
    "EOS",
    "EOS_ID",
    "NUM",
    "NUM_ID",
    "PAD",
    "PAD_ID",
    "SPECIAL_WORDS",
    "UNK",
    "UNK_ID",
    "Encoding",
    "MissingNumberError",
    "Style",
    "Tokenizer",
    "choose_words",
    "count_numbers",
    "count_words",
    "detokenize",
    "find_style",
    "read_counts",
    "replace_surrogates",
    "split_words",
    "write_counts",
    "write_prose",
]
