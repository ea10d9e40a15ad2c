import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine.decoding import Hypothesis
from resay.engine.decoding.ledger import Ledger
from resay.engine.decoding.search import Prefixes
from resay.text import EOS_ID


def prefixes_of(items):
    """(source, lane, words, log_prob, score), in order of source and lane."""
    sources, lanes, words, log_probs, scores = zip(*items, strict=True)
    return Prefixes(
        np.array(sources),
        np.array(lanes),
        np.arange(len(items)),
        np.array(words, dtype=np.int64).reshape(len(items), -1),
        np.array(log_probs, dtype=np.float64),
        np.array(scores, dtype=np.float64),
    )


def test_whole_sentences_come_first_then_the_better_score():
    ledger = Ledger(2, [3])
    ledger.record(prefixes_of([(0, 0, [5, EOS_ID], -2, -4), (1, 0, [6, EOS_ID], -1, -1)]), "end")
    ledger.record(prefixes_of([(0, 0, [5, 6, EOS_ID], -6, -3)]), "end")
    ledger.record(prefixes_of([(0, 0, [7, 7], -2, -0.2)]), "length")
    assert ledger.results() == [
        [Hypothesis((5, 6), -2.0, "end"), Hypothesis((5,), -1.0, "end"), Hypothesis((7, 7), -1.0, "length")],
        [Hypothesis((6,), -0.5, "end")],
    ]


def test_lanes_have_their_quotas_and_what_two_found_counts_once():
    ledger = Ledger(1, [1, 2])
    items = [(0, 0, [5], -1, -1), (0, 0, [6], -2, -2), (0, 1, [5], -1, -3), (0, 1, [7], -4, -4), (0, 1, [8], -5, -5)]
    ledger.record(prefixes_of(items), "length")
    assert [item.token_ids for item in ledger.results()[0]] == [(5,), (7,)]


def test_nothing_recorded():
    assert Ledger(2, [1]).results() == [[], []]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(5, 8), st.integers(-5, 0), st.booleans()),
        max_size=30,
    )
)
def test_equals_plain_ranking(items):
    ledger = Ledger(3, [1, 2])
    for source, lane, word, score, is_cut in items:
        words = [word] if is_cut else [word, EOS_ID]
        total = score * len(words)
        ledger.record(prefixes_of([(source, lane, words, total, total)]), "length" if is_cut else "end")
    expected = []
    for source in range(3):
        kept = []
        for lane, quota in enumerate([1, 2]):
            mine = [item for item in items if item[:2] == (source, lane)]
            kept += sorted(mine, key=lambda item: (item[4], -item[3]))[:quota]
        kept.sort(key=lambda item: (item[4], -item[3]))
        best = {item[2]: item for item in reversed(kept)}
        expected.append([((word,), best[word][4]) for word in dict.fromkeys(item[2] for item in kept)])
    found = [[(item.token_ids, item.stop != "end") for item in items] for items in ledger.results()]
    assert found == expected
