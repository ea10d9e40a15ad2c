import json
from collections import Counter
from itertools import pairwise

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from resay.errors import ModelFolderError, SettingsError
from resay.text import NUM_ID, SPECIAL_WORDS, UNK_ID, Encoding, Tokenizer, split_words
from resay.text.splitting import replace_surrogates

LINES = [
    "you ca n't trust this place !",
    "it 's the 2nd time , and it 's $ _num_ ( not 5 )",
    "i 'm café ... so-so",
]
TOKENIZER = Tokenizer.build(LINES, min_count=1)
ANY_TEXT = (
    st.text() | st.text(st.characters(), max_size=20) | st.text(alphabet="ab n't'5.,\u0301\x00\ud800我<>_½㍿\u200b")
)


def test_tokens_and_surfaces():
    encoding = TOKENIZER.encode("You CAN\u2019T pay $12.50 — it's “Ⅻ”…")
    assert encoding.tokens == [
        "you",
        "ca",
        "n't",
        "pay",
        "$",
        "_num_",
        "--",
        "it",
        "'s",
        '"',
        "xii",
        '"',
        "...",
    ]
    assert encoding.surfaces == [
        "You",
        "CA",
        "N\u2019T",
        "pay",
        "$",
        "12.50",
        "—",
        "it",
        "'s",
        "“",
        "Ⅻ",
        "”",
        "…",
    ]
    assert encoding.num_unknown == 5
    assert len(encoding) == 13


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("x``quoted'' -- 1,000.", ["x", "``", "quoted", "''", "--", "1,000", "."]),
        ("$12.50 .5 (20%)", ["$", "12.50", ".5", "(", "20", "%", ")"]),
        ("ete\u0301 a\x00b \x00 c\x01", ["ete\u0301", "a\x00b", "c\x01"]),
        ("㍿ I\u200b12", ["㍿"] * 4 + ["I", "12"]),
        ("Wait......no ---- yes", ["Wait", "......", "no", "----", "yes"]),
        ("_num_ 7", ["_num_", "7"]),
    ],
)
def test_surfaces_are_whole(text, surfaces):
    assert TOKENIZER.encode(text).surfaces == surfaces


@given(ANY_TEXT)
def test_any_text_is_encoded(text):
    encoding = TOKENIZER.encode(text)
    assert len(encoding.token_ids) == len(encoding.tokens) == len(encoding.surfaces) == len(encoding.spans)
    whole = replace_surrogates(text)
    assert [whole[start:end] for start, end in encoding.spans] == encoding.surfaces
    for (start, end), (next_start, next_end) in pairwise(encoding.spans):
        assert end <= next_start or (start <= next_start and end <= next_end)
    assert encoding.tokens == split_words(text)
    assert all(encoding.surfaces)
    for token_id, token in zip(encoding.token_ids, encoding.tokens, strict=True):
        assert TOKENIZER.words[token_id] == token if token_id != UNK_ID else token not in TOKENIZER.words
    assert not {0, 2, 3} & set(encoding.token_ids)
    json.dumps(encoding.surfaces).encode()


@given(st.lists(ANY_TEXT, max_size=5))
def test_batch_equals_single(texts):
    assert TOKENIZER.encode_batch(texts) == [TOKENIZER.encode(text) for text in texts]
    assert list(TOKENIZER.encode_ids(texts)) == [TOKENIZER.encode(text).token_ids for text in texts]


def test_streams_longer_than_one_batch_keep_order(monkeypatch):
    monkeypatch.setattr("resay.text.tokenizer.LINES_PER_BATCH", 2)
    lines = [line for _ in range(3) for line in LINES][:7]
    assert TOKENIZER.encode_batch(iter(lines)) == [TOKENIZER.encode(line) for line in lines]


def test_stream_reads_no_further_than_it_must(monkeypatch):
    monkeypatch.setattr("resay.text.tokenizer.LINES_PER_BATCH", 2)
    endless = iter(lambda: "it 's", None)
    assert next(TOKENIZER.encode_stream(endless)).tokens == ["it", "'s"]


def test_raw_and_split_text_give_equal_ids():
    assert (
        TOKENIZER.encode("It's THE 7, I'm so-so").token_ids
        == TOKENIZER.encode("it 's the _num_ , i 'm so-so").token_ids
    )
    assert TOKENIZER.encode("7").token_ids == [NUM_ID]


def test_special_words_in_text_are_plain_text():
    encoding = TOKENIZER.encode("<unk> <pad></s>")
    assert encoding.tokens == ["<", "unk", ">", "<", "pad", ">", "<", "/", "s", ">"]
    assert encoding.token_ids == [UNK_ID] * 10
    knowing = Tokenizer.build(["<unk> </s>"], min_count=1)
    assert min(knowing.encode("<unk> </s>").token_ids) >= len(SPECIAL_WORDS)


def test_vocabulary_starts_with_the_specials():
    assert TOKENIZER.words[:5] == SPECIAL_WORDS
    assert TOKENIZER.vocab_size == len(TOKENIZER.words) == len(set(TOKENIZER.words))
    assert Tokenizer.build(LINES).words == (*SPECIAL_WORDS, "'s", "it")


def test_prune_keeps_the_frequent():
    counts = Counter({"it": 9, "'s": 3, "you": 1, "absent": 99})
    pruned = TOKENIZER.prune(counts, min_count=2)
    assert pruned.words == (*SPECIAL_WORDS, "it", "'s")
    assert TOKENIZER.prune(counts, max_size=6).words == (*SPECIAL_WORDS, "it")


@given(ANY_TEXT)
def test_saved_and_loaded_are_equal(text):
    loaded = Tokenizer.from_bytes(TOKENIZER.to_bytes())
    assert loaded.words == TOKENIZER.words
    assert loaded.encode(text) == TOKENIZER.encode(text)


def test_the_file_alone_gives_the_ids(tmp_path):
    TOKENIZER.save(tmp_path / "tokenizer.json")
    core = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    text = "You CAN\u2019T pay $12.50 — it's <unk>…"
    assert core.encode(text).ids == Tokenizer.from_file(tmp_path / "tokenizer.json").encode(text).token_ids
    assert core.encode(text).ids == TOKENIZER.encode(text).token_ids


def test_equal_corpora_give_equal_files():
    assert Tokenizer.build(LINES).to_bytes() == Tokenizer.build(reversed(LINES)).to_bytes()


def test_one_string_is_no_batch():
    with pytest.raises(SettingsError, match="encode"):
        TOKENIZER.encode_batch("it 's")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ModelFolderError, match=r"absent\.json"):
        Tokenizer.from_file(tmp_path / "absent.json")


def _changed(change):
    content = json.loads(TOKENIZER.to_bytes())
    change(content)
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"{", "not a tokenizer"),
        (b"\xff", "not a tokenizer"),
        (_changed(lambda content: content["model"]["vocab"].pop("</s>")), "gaps"),
        (_changed(lambda content: content["model"].update(vocab={"<unk>": 0, "a": 1})), "first words"),
        (_changed(lambda content: content.update(normalizer=None)), "normalizer"),
        (
            _changed(
                lambda content: content["added_tokens"].append(
                    {"id": 0, "content": "<pad>", "special": True, "single_word": False}
                    | {"lstrip": False, "rstrip": False, "normalized": False}
                )
            ),
            "added tokens",
        ),
    ],
)
def test_foreign_and_damaged_files_are_refused(data, match):
    with pytest.raises(ModelFolderError, match=match):
        Tokenizer.from_bytes(data)


def test_encoding_is_frozen():
    with pytest.raises(AttributeError):
        Encoding([], [], "", []).tokens = ["a"]
