import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resay.text import NUM, split_words
from resay.text.splitting import replace_surrogates

# The characters and endings that the patterns speak of, thrown together at random.
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *"abcnst059.,:;-/*'\"+%$#@_&()<> ",
            "n't",
            "'s",
            "'d",
            "'em",
            "'90s",
            "_num_",
            "...",
            "--",
            "mr.",
            "w/",
            "http://",
            "www.",
            "a@b.c",
            "x.com",
            "我",
            "\u0301",
            "👍🏽",
            "\u200d",
            "\u2014",
            "\u2019",
            "½",
            "\x00",
            "p.m.",
        ]
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You can't trust this place!", "you ca n't trust this place !"),
        ("it 's what they do n't say , _num_ times", "it 's what they do n't say , _num_ times"),
        ("It\u2019s “good”, isn\u2018t it?", "it 's \" good \" , is n't it ?"),
        ("`` so-so , '' he said", '" so-so , " he said'),
        ("I'd've, you'll, we're, I'm, he'd", "i 'd 've , you 'll , we 're , i 'm , he 'd"),
        ("I cannot; CAN'T; won't", "i cannot ; ca n't ; wo n't"),
        ("well... no…  ok.. hm.....", "well ... no ... ok ... hm ..."),
        ("wait -- what—now \u2013 then", "wait -- what -- now - then"),
        ("hole-in-the-wall, and/or a/c, w/o w/ fries", "hole-in-the-wall , and/or a/c , w/o w/ fries"),
        ("a sh*t **show**", "a sh*t ** show **"),
        ("o'clock y'all 'em rock 'n' roll", "o'clock y'all 'em rock 'n ' roll"),
        ("the owners' dog 'here'", "the owners ' dog ' here '"),
        ("good.The food,really", "good . the food , really"),
        ("great.Me too at x.co.uk", "great . me too at x.co.uk"),
        (
            "Mr. Hill, Dr. Orr at 9 p.m. sharp, i.e. now.",
            "mr. hill , dr. orr at _num_ p.m. sharp , i.e. now .",
        ),
        ("12 12.50 1,000 3/4 10:30 20% .5 10-15", "_num_ _num_ _num_ _num_ _num_ _num_ % _num_ _num_"),
        ("$5.99, £.50 #1 (2)", "$ _num_ , £ _num_ # _num_ ( _num_ )"),
        ("in 1995.", "in _num_ ."),
        ("1st 5-star 7pm 6:30pm 20+ a+ c++ 2x", "1st 5-star 7pm 6:30pm 20+ a+ c++ 2x"),
        ("6'2 the 90's '90s", "_num_ ' _num_ the _num_ 's '90s"),
        ("see http://a.example/b?c=d, or www.a.example.", "see http://a.example/b?c=d , or www.a.example ."),
        ("mail me@a-b.example! or shop.com", "mail me@a-b.example ! or shop.com"),
        ("<unk> </s> \uff1cpad\uff1e <s>", "< unk > < / s > < pad > < s >"),
        ("Café cafe\u0301 ﬁne \uff21\uff22", "café café fine ab"),
        ("a\x00b so\u00adft\ufeff x\u200by\u3000z\x01", "ab soft x y z"),
        ("我喜欢3月", "我 喜 欢 _num_ 月"),
        ("👨\u200d👩\u200d👧👍🏽❤️🇺🇸😀😀", "👨\u200d👩\u200d👧 👍🏽 ❤ 🇺🇸 😀 😀"),
        ("٣ ½", "_num_ _num_"),
        (" \t\n ", ""),
        ("", ""),
    ],
)
def test_examples(text, expected):
    assert split_words(text) == expected.split()
    assert split_words(expected) == expected.split()


@given(FRAGMENTS)
@example("5'10-6")
@example("an'tn't a'sn't")
@example("http://\u2014\u2014")
@example("foo.com-5")
@example("i'd've'd'd'd")
@example("5n't-5's-5'5+5++")
def test_split_text_stays_as_it_is(text):
    words = split_words(text)
    assert split_words(" ".join(words)) == words


@given(FRAGMENTS)
def test_every_word_stands_by_itself(text):
    for word in split_words(text):
        assert split_words(word) == [word]


@given(st.text())
def test_any_unicode_stays_as_it_is_once_split(text):
    words = split_words(text)
    assert split_words(" ".join(words)) == words


@given(FRAGMENTS)
@example(".\u03010 \u2764\ufe0f5")
def test_no_number_is_left(text):
    assert not any(word.isdecimal() for word in split_words(text))
    assert not {"<pad>", "<unk>", "<s>", "</s>"} & set(split_words(text))


@given(FRAGMENTS)
def test_nothing_but_white_space_and_controls_is_lost(text):
    rest = text.translate({ord(char): None for char in " \x00\u200d"})
    assert bool(split_words(text)) == bool(rest)


@given(st.text(alphabet=st.characters(categories=["Cs", "Lu", "So"])))
def test_surrogates_become_valid_unicode(text):
    replaced = replace_surrogates(text)
    replaced.encode()
    assert replaced == json.loads(json.dumps(text)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_surrogate_pairs_are_joined_and_lone_ones_replaced():
    assert replace_surrogates("\ud83d\ude00 \ud800") == "😀 \ufffd"


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a.",
        "1.",
        "1,",
        "a@",
        "-5",
        "a's",
        "n't",
        "..",
        "'",
        "+",
        "5+",
        "www.",
        "我",
        "1.5pm,",
        "e\u0301",
    ],
)
def test_half_a_megabyte_without_a_space(unit):
    # Quadratic patterns would need hours here, and the suite's time limit is minutes.
    assert split_words(unit * (500_000 // len(unit)))


def test_num_is_one_word():
    assert split_words(f"{NUM}. ({NUM}) {NUM.upper()} x{NUM}") == [NUM, ".", "(", NUM, ")", NUM, f"x{NUM}"]
