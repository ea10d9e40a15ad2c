from collections import Counter

import pytest

from resay.errors import CorpusError, SettingsError
from resay.text import SPECIAL_WORDS, choose_words, count_words, read_counts, write_counts


def test_counts_normalised_words():
    counts = count_words(iter(["It's 5.", "it 's 6 ."]))
    assert counts == {"it": 2, "'s": 2, "_num_": 2, ".": 2}


def test_order_is_by_count_then_alphabet_and_specials_lead():
    counts = {"b": 3, "a": 3, "z": 9, "rare": 1, "_num_": 99}
    assert choose_words(counts) == (*SPECIAL_WORDS, "z", "a", "b")
    assert choose_words(dict(reversed(counts.items()))) == choose_words(counts)


def test_max_size_counts_the_specials():
    assert choose_words({"a": 1, "b": 2}, min_count=1, max_size=6) == (*SPECIAL_WORDS, "b")
    assert choose_words({"a": 1}, min_count=1, max_size=5) == SPECIAL_WORDS


@pytest.mark.parametrize("settings", [{"min_count": 0}, {"max_size": 4}])
def test_settings_outside_their_range(settings):
    with pytest.raises(SettingsError, match=str(next(iter(settings.values())))):
        choose_words({}, **settings)


def test_counts_are_read_as_written(tmp_path):
    counts = Counter({"b": 2, "a": 2, "我": 5, "\x85": 1})
    write_counts(counts, tmp_path / "counts.tsv")
    assert read_counts(tmp_path / "counts.tsv") == counts
    assert (tmp_path / "counts.tsv").read_bytes().startswith("我\t5\na\t2\nb\t2\n".encode())


def test_damaged_counts_name_the_line(tmp_path):
    (tmp_path / "counts.tsv").write_text("a\t1\nb 2\n")
    with pytest.raises(CorpusError, match="line 2"):
        read_counts(tmp_path / "counts.tsv")
