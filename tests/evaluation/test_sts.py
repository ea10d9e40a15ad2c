"""Pairs of the STS Benchmark."""

import pytest

from resay.errors import CorpusError
from resay.evaluation.sts import SimilarityPair, read_sts


def test_columns(tmp_path):
    line = 'main-news\tMSRpar\t2012test\t0001\t2.500\ta "girl" is here .\ta boy is there .\n'
    (tmp_path / "sts.csv").write_text(line)
    assert read_sts(tmp_path / "sts.csv") == [SimilarityPair('a "girl" is here .', "a boy is there .", 2.5)]
    (tmp_path / "sts.csv").write_text(line + "a\tb\n")
    with pytest.raises(CorpusError, match=r"sts.csv, line 2: expected four columns .* a score"):
        read_sts(tmp_path / "sts.csv")
    with pytest.raises(CorpusError, match=r"cannot be read .No such file"):
        read_sts(tmp_path / "nowhere.csv")
