import pytest
from hypothesis import given
from hypothesis import strategies as st

from resay.errors import SettingsError
from resay.text import MissingNumberError, Tokenizer, count_numbers, detokenize, split_words

TOKENIZER = Tokenizer.build([""])
WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "i",
                "it",
                "the",
                "owners",
                "ca",
                "do",
                "is",
                "mr",
                "p.m.",
                "food",
                "so-so",
                "a/c",
                "w/",
                "_num_",
            ),
            *("n't", "'s", "'ve", "'m", "...", "--", "5-star", "'em", "http://a.example", "www", "com"),
            *",.!?-:;()[]%$#*+/\"'@&<>ß我",
        ]
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("you ca n't trust this place !", "You can't trust this place!"),
        ("it 's fine , i 'm sure ; i 'd go .", "It's fine, I'm sure; I'd go."),
        ("they wo n't . we do ! do you ? ok", "They won't. We do! Do you? Ok"),
        ("the food ( and drinks ) was so-so ... really", "The food (and drinks) was so-so... really"),
        ('he said : " no way . " then left', 'He said: "no way." Then left'),
        ('" great place ! "', '"Great place!"'),
        ("the owners ' dog and the ' best ' food", "The owners' dog and the 'best' food"),
        ('a 12-inch " pizza', 'A 12-inch "pizza'),
        ('it was " ok " , " fine "', 'It was "ok", "fine"'),
        ("pay $ _num_ or _num_ % , # _num_", "Pay $_num_ or _num_%, #_num_"),
        ("mr. hill at 9pm -- or so", "Mr. hill at 9pm -- or so"),
        ("'tis fine", "'Tis fine"),
        ("http://a.example is it", "http://a.example is it"),
        ("ß is a letter", "ß is a letter"),
        ("hello , mr .", "Hello, mr ."),
        ("", ""),
    ],
)
def test_prose(words, expected):
    assert detokenize(words.split()) == expected


@given(WORDS)
def test_prose_splits_into_the_same_words(words):
    words = split_words(" ".join(words))
    assert split_words(detokenize(words)) == words


@given(WORDS, st.sampled_from(["In Phoenix 12.50 of 3/4, .5 at 10:30 I 1,000 2 3 4 5 6 7 8", "nothing"]))
def test_prose_with_numbers_splits_into_the_same_words(words, source):
    words = split_words(" ".join(words))
    encoding = TOKENIZER.encode(source)
    if count_numbers(words) > count_numbers(encoding.tokens):
        with pytest.raises(MissingNumberError):
            detokenize(words, encoding)
    else:
        assert split_words(detokenize(words, encoding)) == words


@given(WORDS)
def test_prose_is_the_same_for_its_own_source(words):
    prose = detokenize(split_words(" ".join(words)))
    source = TOKENIZER.encode(prose)
    assert split_words(detokenize(source.tokens, source)) == source.tokens


@pytest.mark.parametrize(
    ("words", "source", "expected"),
    [
        ("phoenix is great", "I love Phoenix.", "Phoenix is great"),
        ("i love phoenix", "Phoenix is hot. I love it", "I love phoenix"),
        ("the bbq at mcdonald 's", "McDonald's has BBQ, here", "The BBQ at McDonald's"),
        ("iphone here", "My new iPhone works", "iPhone here"),
        ("i love this place in phoenix", "I LOVE THIS PLACE IN PHOENIX!", "I LOVE THIS PLACE IN PHOENIX"),
        ("so good in phoenix", "LOVE IT SO MUCH! In Phoenix too", "So good in Phoenix"),
        ("this is the best place", "The Best Place In Town", "This is the best place"),
        ("i ca n't", "you really CAN'T do it", "I can't"),
        ("a good place , a good day", "This Good place is good", "A good place, a good day"),
        ("a place", "bring me the place", "a place"),
        ("a place", "bring me the Place", "A Place"),
    ],
)
def test_names_keep_their_capitals(words, source, expected):
    assert detokenize(words.split(), TOKENIZER.encode(source)) == expected


def test_numbers_return_in_order():
    source = TOKENIZER.encode("It's $12.50 for 3/4 at 10:30.")
    assert detokenize(split_words("at _num_ $ _num_ , _num_ ."), source) == "At 12.50 $3/4, 10:30."
    assert detokenize(["_num_", "now"], source) == "12.50 now"


def test_literal_number_word_returns_as_it_was():
    assert detokenize(["_num_", "times"], TOKENIZER.encode("paid $ _num_ there")) == "_num_ times"


def test_a_number_is_never_invented():
    with pytest.raises(MissingNumberError, match="have 2 _num_, the source only 1"):
        detokenize(["_num_", "_num_"], TOKENIZER.encode("only 1"))


@pytest.mark.parametrize("word", ["<unk>", "<pad>", "<s>", "</s>"])
def test_special_words_are_never_printed(word):
    with pytest.raises(SettingsError, match=word):
        detokenize(["a", word])
