import pytest

from resay.text import Style, Tokenizer, find_style, write_prose
from resay.text.addresses import is_address

TOKENIZER = Tokenizer.build([""])


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("The soup was good", "sentence"),
        ("the soup was good", "lower"),
        ("the soup in Rome", "sentence"),
        ('"the soup ..."', "lower"),
        ("see http://A.B/C and Me@Mail.Example", "lower"),
        ("12 soups were good", "sentence"),
        ("7pm is good", "sentence"),
        ("12 soups i had were good", "lower"),
        ("_num_ soups were good", "lower"),
        ("HTTP://A.B is good", "sentence"),
        ("THE SOUP WAS GOOD!", "upper"),
        ("THE SOUP AT http://a.b WAS 5 _num_", "upper"),
        ("OK!", "sentence"),
        ("I A +", "sentence"),
        ("THE SOUP was good", "sentence"),
        ("我 喜", "sentence"),
        ("我 soup", "sentence"),
        ("!", "sentence"),
        ("", "sentence"),
    ],
)
def test_case(text, case):
    assert find_style(TOKENIZER.encode(text)).case == case


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("good.", "."),
        ("good!?", "?"),
        ("good ....", "..."),
        ('("good.")', "."),
        ("good! 🍕🍕", "!"),
        ("good 🍕", ""),
        ("good", ""),
        ("good,", ""),
        ("good. -", ""),
        ("at 5 p.m.", ""),
        ("!", "!"),
        ("", ""),
    ],
)
def test_final_mark(text, mark):
    assert find_style(TOKENIZER.encode(text)).final_mark == mark


@pytest.mark.parametrize(
    ("words", "case", "text"),
    [
        ("i ca n't . it 's", "sentence", "I can't. It's"),
        ("i ca n't . it 's", "lower", "i can't. it's"),
        ("i ca n't . it 's", "upper", "I CAN'T. IT'S"),
        ("ß _num_ a.b@c.example", "upper", "ß _num_ a.b@c.example"),
    ],
)
def test_prose_in_each_case(words, case, text):
    assert write_prose(words.split(), Style(case)) == text


def test_what_is_fixed_is_written_as_it_is():
    words = ["new", "york", ",", "new", "york", "is", "nice", "."]
    fixed = ["nEW  york", "", None, None, None, None, "NICE", None]
    assert write_prose(words, Style(names={"york": "York"}), fixed) == "nEW  york, new York is NICE."
    assert write_prose(words, Style("upper"), fixed) == "nEW  york, NEW YORK IS NICE."


@pytest.mark.parametrize(
    "word", ["http://a", "www.a", "ftp://x/y", "a.b@c.example", "a@b.c", "mail.example.com", "x.tv/y"]
)
def test_addresses(word):
    assert TOKENIZER.encode(word).tokens == [word]
    assert is_address(word)


@pytest.mark.parametrize("word", ["food", "a.m.", "...", "_num_", "@", "a@b", ".com", "www", "and/or", "u.s.a"])
def test_no_addresses(word):
    assert not is_address(word)
