import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resay.engine.decoding import SEARCHES, DecodingRequest, DecodingSettings
from resay.engine.decoding.search import Picks, Prefixes, Search, rank_within
from resay.text import EOS_ID


def test_rank_within():
    assert rank_within(np.array([2, 2, 5, 7, 7, 7])).tolist() == [0, 1, 0, 0, 1, 2]
    assert rank_within(np.array([], dtype=np.int64)).tolist() == []


@st.composite
def situations(draw):
    """A number of sources and lanes, some of whose prefixes are left, and candidates, some forbidden."""
    num_sources, num_hypotheses = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    left = draw(st.lists(st.booleans(), min_size=num_sources * 5, max_size=num_sources * 5))
    width = draw(st.integers(1, 6))
    seed = draw(st.integers(0, 99))
    return num_sources, num_hypotheses, np.array(left), width, seed


@pytest.mark.parametrize("name", SEARCHES)
@settings(deadline=None)
@given(situation=situations())
def test_picks_are_possible_and_in_order(name, situation):
    num_sources, num_hypotheses, left, width, seed = situation
    settings = DecodingSettings(name, num_hypotheses, num_groups=2)
    requests = [DecodingRequest(np.zeros(2, dtype=np.float32), settings, 9) for _ in range(num_sources)]
    search = SEARCHES[name](settings, requests)
    assert isinstance(search, Search)
    num_lanes = len(search.quotas)
    chosen = np.flatnonzero(np.resize(left, num_sources * num_lanes))
    if not len(chosen):
        return
    generator = np.random.default_rng(seed)
    prefixes = Prefixes(
        chosen // num_lanes,
        chosen % num_lanes,
        np.arange(len(chosen)),
        np.full((len(chosen), 2), 5),
        np.zeros(len(chosen)),
        -generator.exponential(size=len(chosen)),
    )
    ids = np.stack([generator.permutation(np.arange(EOS_ID, EOS_ID + width)) for _ in chosen])
    scores = -np.sort(generator.exponential(size=ids.shape), axis=1)
    scores[generator.random(ids.shape) < 0.4] = -np.inf
    picks = search.choose(prefixes, ids, scores)
    assert isinstance(picks, Picks)
    assert np.isfinite(scores[picks.parents, picks.columns]).all()
    assert np.isfinite(picks.scores).all()
    lane_of = prefixes.sources * num_lanes + prefixes.lanes
    assert (np.diff(lane_of[picks.parents]) >= 0).all()
    pairs = list(zip(picks.parents.tolist(), picks.columns.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    going = ids[picks.parents, picks.columns] != EOS_ID
    numbers = np.bincount(lane_of[picks.parents[going]], minlength=num_sources * num_lanes)
    assert (numbers <= np.tile(search.quotas, num_sources)).all()
