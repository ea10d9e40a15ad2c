import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resay.engine.fidelity import missing_spans
from resay.engine.fidelity.protection import clean, find_protected
from resay.text import Tokenizer, replace_surrogates

TOKENIZER = Tokenizer.build([""])
ANY_TEXT = st.text() | st.text(st.characters(), max_size=20) | st.text(alphabet="ab .\x00\u200b\u0301㍿\ud800'")


@st.composite
def texts_and_parts(draw):
    text = draw(ANY_TEXT)
    bounds = st.integers(0, len(text))
    parts = draw(st.lists(st.tuples(bounds, bounds).map(sorted), max_size=4))
    return text, [text[start:end] for start, end in parts]


@pytest.mark.parametrize(
    ("text", "protect", "missing"),
    [
        ("My iPhone", ["iPhone", "iphone", "My iP"], ["iphone"]),
        ("a.b (c)", [".", ".*", "(c)", "["], [".*", "["]),
        ("x \ud800", ["\ud801", "\ud83d\ude00"], ["\ud83d\ude00"]),
        ("\ud83d\ude00", ["😀", "\ud83d"], ["\ud83d"]),
        ("a b", [" a ", "\tb\n", ""], []),
    ],
)
def test_missing_spans(text, protect, missing):
    assert missing_spans(text, protect) == missing


def test_a_long_text_of_one_character_takes_few_searches():
    text = "a" * 20_000
    assert len(list(find_protected(text, [(0, 20_000)], ["a"]))) == 1


def test_an_occurrence_outside_of_words_goes_with_the_word_before_it():
    encoding = TOKENIZER.encode("\x00 a\x00 \x00 \x00 b")
    assert list(find_protected("\x00 a\x00 \x00 \x00 b", encoding.spans, ["\x00"])) == [
        (0, 0, (0, 1)),
        (0, 0, (5, 8)),
    ]


@given(texts_and_parts())
@example(("aXa aXaXa", ["aXa"]))
def test_every_occurrence_is_within_what_is_kept(text_and_parts):
    text, protect = text_and_parts
    text = replace_surrogates(text)
    spans = TOKENIZER.encode(text).spans
    if not spans:
        return
    kept = []
    for first, last, (start, end) in find_protected(text, spans, protect):
        assert 0 <= first <= last < len(spans)
        kept.append((min(start, spans[first][0]), max(end, spans[last][1])))
    for span in map(clean, protect):
        position = text.find(span) if span else -1
        while position >= 0:
            assert any(start <= position and position + len(span) <= end for start, end in kept)
            position = text.find(span, position + 1)
