import pytest

from resay.engine.fidelity import prepare_source
from resay.engine.fidelity.slots import word_kind
from resay.errors import RequestError


def slots_of(preparer, text, *protect):
    return [(slot.kind, slot.surface) for slot in prepare_source(text, preparer, protect=protect).slots]


def words_read(preparer, text, *protect):
    token_ids = prepare_source(text, preparer, protect=protect).sentence.token_ids
    return " ".join(preparer.tokenizer.words[token_id] for token_id in token_ids)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("the food was great", []),
        ("Great food at 12.50 or 3/4 %.", [("number", "12.50"), ("number", "3/4")]),
        ("I like Phoenix, New York City!", [("name", "Phoenix"), ("name", "New York City")]),
        ("Phoenix was great", []),
        ("dinner at Zorbq Flimp was great", [("name", "Zorbq Flimp")]),
        ("Zorbq Flimp was great", [("name", "Zorbq Flimp")]),
        ("zorbq flimp was great", [("unknown", "zorbq"), ("unknown", "flimp")]),
        ("I like New Zorbq", [("name", "New Zorbq")]),
        ("write to Me.Too@Mail.example", [("unknown", "write"), ("address", "Me.Too@Mail.example")]),
        ("at www.example.com and HTTPS://a.b/C", [("address", "www.example.com"), ("address", "HTTPS://a.b/C")]),
        ("the food was GREAT, SO nice in the US", []),
        ("the best BBQ in NYC", [("name", "BBQ"), ("name", "NYC")]),
        ("THE ZORBQ WAS GREAT", [("unknown", "ZORBQ")]),
        ("great 🍕 🍕🍕 food", [("unknown", "🍕 🍕🍕")]),
        ("the 我喜欢 food", [("unknown", "我喜欢")]),
        ("the ㏠ food", [("number", "㏠")]),
        ("the <unk> food", [("unknown", "<"), ("unknown", "unk"), ("unknown", ">")]),
    ],
)
def test_what_must_come_back(preparer, text, slots):
    assert slots_of(preparer, text) == slots


@pytest.mark.parametrize(
    ("text", "protect", "slots"),
    [
        ("my iPhone was great", ["iPhone"], ["iPhone"]),
        ("my phone was great", ["hon"], ["phone"]),
        ("my phone was great", ["Phone"], []),
        ("not  worth it, not  worth it", ["not  worth"], ["not  worth", "not  worth"]),
        ("the best dinner", ["the best", "best dinner"], ["the best dinner"]),
        ("food for 5 $", ["for 5"], ["for 5"]),
        ("food (great)", ["d (g"], ["food (great"]),
        ("food food", ["food", "food food"], ["food food"]),
        ("a food", ["", "  ", "food "], ["food"]),
        ("food\x00 was", ["\x00"], ["food\x00"]),
        ("㍿ food", ["㍿"], ["㍿"]),
    ],
)
def test_protected(preparer, text, protect, slots):
    assert [surface for kind, surface in slots_of(preparer, text, *protect) if kind == "protected"] == slots


@pytest.mark.parametrize(
    ("text", "protect", "read"),
    [
        ("The Zorbq was great", [], "the <unk> was great"),
        ("The Zorbq Flimp was great", [], "the <unk> was great"),
        ("the zorbq flimp was great", [], "the <unk> <unk> was great"),
        ("in New York City", [], "in new york city"),
        ("in New Zorbq City it was great", [], "in <unk> it was great"),
        ("12 or $5.50", [], "_num_ or $ _num_"),
        ("12 or $5.50", ["$5.50"], "_num_ or $ _num_"),
        ("12 or zorbq 5.50", ["zorbq 5.50"], "_num_ or <unk>"),
        ("the food 🍕 was great 🍕", [], "the food was great"),
        ("🍕", [], "<unk>"),
        ("not worth it", ["not worth"], "not worth it"),
    ],
)
def test_what_the_encoder_reads(preparer, text, protect, read):
    assert words_read(preparer, text, *protect) == read


def test_unknown_words_are_counted_as_they_stand_in_the_text(preparer):
    sentence = prepare_source("the Zorbq Flimp was great 🍕", preparer).sentence
    assert (sentence.num_unknown, len(sentence.token_ids), sentence.truncated) == (3, 4, False)
    assert len(sentence.encoding) == 6


def test_content_ids_are_free_content_words(preparer):
    source = prepare_source("The food at New York City was great!", preparer)
    assert {preparer.tokenizer.words[token_id] for token_id in source.content_ids} == {"food", "great"}


@pytest.mark.parametrize(("text", "code"), [("", "empty_text"), ("\x00 \n", "empty_text"), ("food " * 25, "too_long")])
def test_what_cannot_be_said_again(preparer, text, code):
    error = prepare_source(text, preparer, protect=["\x00", "food"])
    assert isinstance(error, RequestError)
    assert error.code == code


def test_after_the_deadline_nothing_is_read(preparer):
    assert prepare_source("food", preparer, deadline=0.0).status == 504


@pytest.mark.parametrize("word", ["7pm", "1st", "h2o"])
def test_a_known_word_with_a_digit_must_come_back(word):
    assert word_kind(word, 50, word, {}) == "address"
    assert word_kind("food", 50, "food", {}) is None
