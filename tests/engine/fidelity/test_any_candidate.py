"""Whatever the text, the protected parts and the hypotheses: what is printed holds what it must."""

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from resay.engine.candidates import numbers, sift
from resay.engine.decoding import Hypothesis
from resay.engine.fidelity import prepare_source
from resay.engine.fidelity.protection import clean
from resay.errors import RequestError
from resay.text import UNK_ID, replace_surrogates
from resay.text.addresses import is_address

PIECES = [
    *("food", "The", "was", "Zorbq", "zorbq", "Phoenix", "New", "York", "n't", "not", "a", "an", "12.50", "7", "$"),
    *("_num_", "!", ".", "?", "...", '"', "'", "(", ")", "-", "--", "]", "*", "\\", "<unk>", "</s>", "a.b@c.example"),
    *("🍕", "👍🏽", "我", "喜", "㍿", "㏂", "½", "ß", "İ", "\u0301", "\x00", "\u200b", "\ud800", "http://a.b/(c)"),
    *("www.x.com", "\n"),
]
TEXTS = st.one_of(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([" ", " ", "", "  "])), max_size=14).map(
        lambda pairs: "".join(piece + space for piece, space in pairs)
    ),
    st.text(max_size=40),
    st.text(alphabet=st.characters(), max_size=20),
)


@st.composite
def sources(draw):
    """A text and parts of it, and now and then something else, to protect."""
    text = draw(TEXTS)
    bounds = st.integers(0, len(text))
    parts = draw(st.lists(st.tuples(bounds, bounds).map(sorted), max_size=3))
    return text, [text[start:end] for start, end in parts] + draw(st.lists(st.sampled_from(PIECES), max_size=1))


@st.composite
def words_near(draw, source, vocab_size):
    """Words that are some of what the source says: others would all be dropped."""
    known = [token_id for token_id in source.sentence.token_ids if token_id != UNK_ID] or [7]
    word = st.one_of(st.sampled_from(known), st.integers(0, vocab_size - 1))
    token_ids = list(source.sentence.token_ids)
    for _ in range(draw(st.integers(0, 4))):
        position = draw(st.integers(0, len(token_ids)))
        kind = draw(st.sampled_from(["put", "drop", "exchange"]))
        token_ids[position : position + (kind != "put")] = [] if kind == "drop" else [draw(word)]
    return [draw(word) if token_id == UNK_ID else token_id for token_id in token_ids]


def drawn_hypotheses(data, source, vocab_size):
    words = words_near(source, vocab_size) | st.lists(st.integers(0, vocab_size - 1), max_size=9)
    stops = st.sampled_from(["end", "end", "end", "length", "deadline"])
    pairs = data.draw(st.lists(st.tuples(words, stops), max_size=6))
    return [Hypothesis(tuple(token_ids), -1.0, stop) for token_ids, stop in pairs]


def check(draft, source, text, protect, preparer):
    candidate, encoding = draft.text, draft.sentence.encoding
    assert candidate.strip()
    for span in {clean(span) for span in protect} - {""}:
        assert candidate.count(span) >= text.count(span)
    own = source.sentence.encoding
    assert numbers(encoding) == numbers(own)
    kept = [
        span
        for token_id, token, span in zip(own.token_ids, own.tokens, own.spans, strict=True)
        if token_id == UNK_ID or is_address(token)
    ]
    for surface, number in Counter(text[start:end] for start, end in dict.fromkeys(kept)).items():
        assert candidate.count(surface) >= number
    if not any(special in text for special in ("<unk>", "<s>", "</s>", "<pad>")):
        assert not any(special in candidate for special in ("<unk>", "<s>", "</s>", "<pad>"))
    assert 0 < len(draft.sentence.token_ids) <= preparer.max_length
    assert draft.sentence.num_unknown == encoding.num_unknown


@settings(max_examples=600, deadline=None)
@given(sources(), st.data())
def test_what_is_printed_holds_what_must_come_back(preparer, text_and_protect, data):
    text, protect = text_and_protect
    source = prepare_source(text, preparer, protect=protect)
    if isinstance(source, RequestError):
        assert source.code in {"empty_text", "too_long"}
        return
    assert 0 < len(source.sentence.token_ids) <= preparer.max_length
    drawn = drawn_hypotheses(data, source, preparer.tokenizer.vocab_size)
    sieve = sift(source, drawn, preparer, allow_identity=True)
    assert len(sieve.drafts) + sum(sieve.dropped.values()) == len(drawn)
    for draft in sieve.drafts:
        check(draft, source, replace_surrogates(text), protect, preparer)


@settings(max_examples=300, deadline=None)
@given(sources())
@example(("a 我 喜 food", ["我 喜"]))
@example(("The food was ㍿ (7).", ["㍿", "(7"]))
def test_a_source_can_always_be_said_again(preparer, text_and_protect):
    """Its own words, with one known word in the place of each unknown, are a candidate that reads as it does."""
    text, protect = text_and_protect
    source = prepare_source(text, preparer, protect=protect)
    if isinstance(source, RequestError):
        return
    if not any(token_id != UNK_ID for token_id in source.sentence.token_ids):
        return
    token_ids = tuple(7 if token_id == UNK_ID else token_id for token_id in source.sentence.token_ids)
    sieve = sift(source, [Hypothesis(token_ids, -1.0, "end")], preparer, allow_identity=True)
    if sieve.drafts:
        assert sieve.drafts[0].sentence.encoding.tokens == source.sentence.encoding.tokens


def test_enormous_texts(preparer):
    for text in ("a" * 20_000, "1" * 20_000, "." * 20_000, "🍕" * 20_000, "http://" + "(" * 20_000, "我" * 20_000):
        source = prepare_source(f"food {text} food", preparer, protect=[text, "a", ".", "(", "food"])
        if isinstance(source, RequestError):
            assert source.code == "too_long"
            continue
        hypothesis = Hypothesis(source.sentence.token_ids, -1.0, "end")
        sieve = sift(source, [hypothesis], preparer, allow_identity=True)
        for draft in sieve.drafts:
            assert text in draft.text
