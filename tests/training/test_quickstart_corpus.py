"""The quick start's corpus: what training on it relies on."""

import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from resay.text import Tokenizer
from resay.text.stop_words import STOP_WORDS
from resay.vectors import train_fasttext

SCRIPT = Path(__file__).parents[2] / "training" / "make_corpus.py"
GRAMMAR = tomllib.loads((SCRIPT.parent / "quickstart" / "grammar.toml").read_text(encoding="utf-8"))
CLASS_OF = {word: name for name, words in GRAMMAR["synonyms"].items() for word in words}


@pytest.fixture(scope="module")
def make_corpus():
    spec = spec_from_file_location("make_corpus", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def corpus(make_corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    train, dev = folder / "train.txt", folder / "dev.txt"
    assert make_corpus.main(["--out", str(train), "--dev", str(dev)]) == 0
    return train, train.read_text(encoding="utf-8").splitlines(), dev.read_text(encoding="utf-8").splitlines()


def words_of(line):
    return re.findall(r"[a-z']+|\d+", line.lower())


def test_sentences_are_many_distinct_and_prose(corpus):
    _, train, dev = corpus
    assert len(train) >= 20_000
    assert len(dev) >= 500
    assert len({line.lower().rstrip(".!") for line in train + dev}) == len(train) + len(dev)
    for line in train:
        assert re.fullmatch(r"[A-Z][A-Za-z0-9', ]+[.!]", line), line
        assert 4 <= len(words_of(line)) <= 14, line
        assert not re.search(r"  | ,|\ba [aeiou]|\ban [^aeiou]", line.lower()), line


def test_sentences_are_varied(corpus):
    _, train, _ = corpus
    assert 700 <= len({word for line in train for word in words_of(line)}) <= 1200
    for pattern in (r"\band\b", r"\bbut\b", r"\bbecause\b", r"n't|\bnot\b|\bnever\b", r"\bI\b", r"\d", "!$"):
        assert sum(bool(re.search(pattern, line)) for line in train) > len(train) / 100, pattern


def test_every_synonym_is_frequent_enough_to_learn(corpus):
    counts = Counter(word for line in corpus[1] for word in words_of(line))
    rare = {word: counts[word] for word in CLASS_OF if counts[word] < 15}
    assert not rare


def test_same_seed_gives_same_bytes_in_any_process(tmp_path):
    outputs = []
    for hash_seed in ("1", "2"):
        out = tmp_path / f"{hash_seed}.txt"
        command = [sys.executable, str(SCRIPT), "--out", str(out), "--num-sentences", "300", "--seed", "7"]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, check=True, capture_output=True, text=True
        )
        assert "300 sentences" in done.stdout
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]


def test_other_seed_gives_other_sentences(make_corpus):
    rules = make_corpus.load_rules()
    assert next(make_corpus.sentences(rules, 1)) != next(make_corpus.sentences(rules, 2))


def test_small_grammar_ends_instead_of_going_round(make_corpus, monkeypatch):
    monkeypatch.setattr(make_corpus, "MAX_BARREN_DRAWS", 200)
    rules = {
        "good": ["the {dish} was very good"],
        "bad": ["it was not good"],
        "mixed": ["{good}"],
        "dish": ["egg", "tea"],
    }
    found = {line.rstrip(".!") for line in make_corpus.sentences(rules, 1)}
    assert found == {"The egg was very good", "The tea was very good", "It was not good"}


def test_article_fits_the_word_that_was_drawn(make_corpus):
    class AlwaysLast:
        @staticmethod
        def random():
            return 0.99

    assert make_corpus.finish("a  inn had an big bed", AlwaysLast()) == "An inn had a big bed."


def test_no_word_is_in_two_classes_or_spelt_out_in_a_clause():
    twice = [
        word
        for word, count in Counter(word for words in GRAMMAR["synonyms"].values() for word in words).items()
        if count > 1
    ]
    assert not twice
    for clauses in GRAMMAR["clauses"].values():
        for clause in clauses:
            spelt_out = set(words_of(re.sub(r"\{\w+\??\}", " ", clause))) & set(CLASS_OF)
            assert not spelt_out, f"{clause!r}: write {{{', '.join(CLASS_OF[word] for word in spelt_out)}}} instead"


def test_every_slot_has_choices_and_every_rule_is_used(make_corpus):
    rules = make_corpus.load_rules()
    used = {name for choices in rules.values() for text in choices for name, _ in make_corpus.SLOT.findall(text)}
    assert used <= set(rules)
    assert set(rules) - used == {"good", "bad", "mixed"}


def test_nearest_words_are_synonyms(corpus, tmp_path):
    """For at least 85 % of the synonyms both nearest content words are of their own class."""
    train = corpus[1]
    tokenizer = Tokenizer.build(train)
    tokenised = tmp_path / "tokens.txt"
    tokenised.write_text("\n".join(" ".join(item.tokens) for item in tokenizer.encode_batch(train)), encoding="utf-8")
    vectors = train_fasttext(tokenised, word_vector_size=100, num_epochs=10, num_buckets=100_000, seed=1)
    rows = [
        row for row, word in enumerate(vectors.words) if word in CLASS_OF or (word.isalpha() and word not in STOP_WORDS)
    ]
    words = [vectors.words[row] for row in rows]
    directions = vectors.matrix[rows] / np.linalg.norm(vectors.matrix[rows], axis=1, keepdims=True)
    similarities = directions @ directions.T
    np.fill_diagonal(similarities, -2)
    judged = {
        word: {CLASS_OF.get(words[other]) for other in np.argsort(-similarities[row])[:2]} == {CLASS_OF[word]}
        for row, word in enumerate(words)
        if word in CLASS_OF and len(GRAMMAR["synonyms"][CLASS_OF[word]]) >= 3
    }
    assert len(judged) > 600
    wrong = [word for word, right in judged.items() if not right]
    assert len(wrong) <= 0.15 * len(judged), wrong
