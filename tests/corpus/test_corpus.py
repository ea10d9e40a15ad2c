"""Text files to memory-mapped ids, and the errors that a bad file gets."""

import gzip

import numpy as np
import pytest

from resay.corpus import Corpus, prepare_corpus, read_lines
from resay.corpus.split import split_corpus
from resay.errors import CorpusError
from resay.text import UNK_ID, Tokenizer

LINES = [
    "the soup was good .",
    "we loved the soup",
    "good good good good good good",
    "\u00a0 ",
    "",
    "it was zzz .",
]


@pytest.fixture
def tokenizer():
    return Tokenizer.build([*LINES[:3], "it was"], min_count=1)


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_corpus_gives_its_sentences_back(tmp_path, tokenizer):
    file = write(tmp_path / "reviews.txt", "\n".join(LINES))
    report = prepare_corpus([file], tokenizer, tmp_path / "corpus", max_length=5)
    corpus = Corpus.open(tmp_path / "corpus")
    token_ids, lengths = corpus.padded(np.arange(len(corpus)))
    read = [[tokenizer.words[i] for i in row[:n]] for row, n in zip(token_ids, lengths, strict=True)]
    assert read == [
        ["the", "soup", "was", "good", "."],
        ["we", "loved", "the", "soup"],
        ["good"] * 5,
        ["it", "was", "<unk>", "."],
    ]
    assert (report.num_sentences, report.num_tokens, report.num_cut, report.num_unknown) == (4, 18, 1, 1)
    assert corpus.report == report
    assert "1 sentences cut to 5 tokens" in report.summary()
    assert corpus.word_counts(tokenizer.vocab_size)[UNK_ID] == 1


def test_padding_is_the_pad_id(tmp_path, tokenizer):
    prepare_corpus([write(tmp_path / "a.txt", "the soup\ngood")], tokenizer, tmp_path / "c", max_length=9)
    token_ids, lengths = Corpus.open(tmp_path / "c").padded(np.array([1, 0]))
    assert lengths.tolist() == [1, 2]
    assert token_ids[0, 1] == 0


def test_gzip_and_byte_order_mark_and_windows_line_ends(tmp_path):
    packed = tmp_path / "a.txt.gz"
    packed.write_bytes(gzip.compress(b"one\ntwo\n"))
    marked = write(tmp_path / "b.txt", b"\xef\xbb\xbfthree\r\nfour\r\n")
    assert list(read_lines([packed, marked])) == ["one", "two", "three", "four"]


def test_only_kept_lines_enter(tmp_path, tokenizer):
    file = write(tmp_path / "a.txt", "the soup\ngood\n")
    report = prepare_corpus([file], tokenizer, tmp_path / "c", max_length=9, keep=lambda line: line == "good")
    assert report.num_tokens == 1


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "no sentence found"),
        (b"\n \n", "no sentence found"),
        (b"good\nso \xe9 good\n", r"bad.txt, line 2: not UTF-8 \(byte 4 of the line is 0xe9\)"),
        (b"good good good\ngood good good\n", "bad.txt: every line, from line 1 on, is longer than 2 tokens"),
    ],
)
def test_an_unusable_file_is_named(tmp_path, tokenizer, contents, message):
    file = write(tmp_path / "bad.txt", contents)
    with pytest.raises(CorpusError, match=message):
        prepare_corpus([file], tokenizer, tmp_path / "c", max_length=2)
    with pytest.raises(CorpusError, match="no prepared corpus"):
        Corpus.open(tmp_path / "c")


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(CorpusError, match=r"nowhere\.txt: no such file"):
        list(read_lines([tmp_path / "nowhere.txt"]))
    with pytest.raises(CorpusError, match=r"plain\.txt\.gz, after line 0: damaged gzip"):
        list(read_lines([write(tmp_path / "plain.txt.gz", "no gzip")]))
    packed = bytearray(gzip.compress(b"the soup was good\n" * 50))
    packed[15:25] = b"\xff" * 10
    with pytest.raises(CorpusError, match="damaged gzip"):
        list(read_lines([write(tmp_path / "torn.txt.gz", bytes(packed))]))


def test_a_shortened_token_file_is_noticed(tmp_path, tokenizer):
    prepare_corpus([write(tmp_path / "a.txt", "the soup\ngood")], tokenizer, tmp_path / "c", max_length=9)
    (tmp_path / "c" / "tokens.bin").write_bytes(b"\0\0")
    with pytest.raises(CorpusError, match="counts 3 tokens in 2 sentences, the files hold 1"):
        Corpus.open(tmp_path / "c")


def test_a_split_has_no_repetition_and_no_overlap(tmp_path):
    train = write(tmp_path / "t.txt", "a\nb\na\nc\n")
    held_out = write(tmp_path / "h.txt", "b\nd\nd\ne\nf\ng\n")
    report = split_corpus([train], [held_out], tmp_path / "out", num_dev=2, num_test=1, seed=0)
    sides = {side: (tmp_path / "out" / f"{side}.txt").read_text().split() for side in ("train", "dev", "test")}
    assert sides["train"] == ["a", "b", "c"]
    assert len(set(sides["dev"] + sides["test"])) == 3
    assert set(sides["dev"] + sides["test"]) <= set("defg")
    assert (report.num_train, report.num_repeated) == (3, 3)
    with pytest.raises(CorpusError, match=r"4 distinct lines .* 4 \+ 1 were asked"):
        split_corpus([train], [held_out], tmp_path / "out", num_dev=4, num_test=1, seed=0)
