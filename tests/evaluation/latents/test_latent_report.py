"""The page: our figures beside the paper's."""

import pytest

from resay.errors import CorpusError
from resay.evaluation.latents import write_report
from resay.evaluation.latents.classify import REFERENCE

EMPTY = {"perplexity": [], "spoil": [], "means": [], "covariance": [], "classify": []}


def line_of(page, start):
    (found,) = (line for line in page.splitlines() if line.startswith(f"| `{start}`"))
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_perplexities_beside_the_papers(row):
    drawn = {"perplexity_sampled": 200000.0, "nll_sampled": 45.678, "corpus_perplexity_sampled": 41.25}
    other = {"perplexity_mean": 25.04, "perplexity_rounded": 28, "corpus_perplexity_mean": 20, "kl": 20.5}
    only = {"perplexity_latent": 1120.7, "nll_latent": 77, "corpus_perplexity_latent": 99}
    rows = [row("ours", with_kl=False, **drawn, **other), row("plain", "lm", with_kl=False, **only)]
    rows.append(row("gauss", "vae", word_dropout=0.5, with_kl=True, kl=11.0))
    page = write_report(EMPTY | {"perplexity": rows}, "Reviews")
    assert page.startswith("# Latent spaces: Reviews\n")
    cells = ["25.0 [26.3]", "28.0 [30.9]", "2.0e+05 [36.3]", "45.7 [89.8]", "20.5 (not charged)", "20.0 / - / 41.2"]
    assert line_of(page, "ours")[1:] == ["binary", *cells]
    assert line_of(page, "plain")[1:] == ["lm", "", "", "1,120.7 [120.7]", "77.0 [106.8]", "", "- / - / 99.0"]
    assert line_of(page, "gauss")[1:4] == ["vae (WD)", "[44.6]", ""]
    assert line_of(page, "gauss")[6] == "11.0 [13.2]"
    assert "1,234 sentences (epochs: 2)" in page
    assert "Measured on test.txt (8 sentences)." in page
    assert "Spoiled" not in page


def test_dimensions(row):
    shares = [0.5, 0.005, 0.1]
    spoil = [
        row("ours", reading="bits", dimension=place, growth_share=share, growth=1, unspoiled_perplexity=9)
        for place, share in enumerate(shares)
    ]
    means = [row("ours", reading="bits", dimension=place, mean=place / 4, deviation=0.5) for place in range(3)]
    covariance = [
        row("ours", reading="bits", dimension=0, with_0=1.0, with_1=-0.5),
        row("ours", reading="bits", dimension=1, with_0=-0.5, with_1=4.0),
    ]
    page = write_report(EMPTY | {"spoil": spoil}, "Reviews")
    assert line_of(page, "ours")[1:] == ["bits", "1 of 3", "0.50%", "10.00%", "50.00%"]
    page = write_report(EMPTY | {"means": means}, "Reviews")
    assert line_of(page, "ours")[1:] == ["bits", "0.000", "0.500", "0.500", "0.500"]
    page = write_report(EMPTY | {"covariance": covariance}, "Reviews")
    assert line_of(page, "ours")[1:] == ["bits", "0.250", "0.250", "0"]


def test_classification_and_findings(row):
    sizes = {"num_labels": 2, "num_train": 9000, "num_dev": 1000}
    chance = row(REFERENCE, "", features="chance", nll=0.69, accuracy=0.5, **sizes) | {"train_sentences": ""}
    figures = {"logits": (0.3, 0.9), "probabilities": (0.4, 0.8), "bits": (0.35, 0.7)}
    rows = [chance]
    for name, (nll, accuracy) in figures.items():
        deviations = {"nll_deviation": 0.01, "accuracy_deviation": 0.02}
        rows.append(row("ours", features=name, nll=nll, accuracy=accuracy, **deviations, **sizes))
    page = write_report(EMPTY | {"classify": rows}, "Reviews")
    assert "| - | chance | 0.690 | 0.500 |" in page
    assert "| `ours` | bits | 0.350 ± 0.010 [1.86] | 0.700 ± 0.020 [0.372] |" in page
    assert "2 labels, 9000 training and 1000 dev texts" in page
    (finding,) = (line for line in page.splitlines() if line.startswith("| (e) "))
    assert "**does not hold**" in finding
    assert "`ours, test.txt` (not so): NLL 0.300 / 0.400 / 0.350, accuracy 0.900 / 0.800 / 0.700" in finding
    assert page.count("**not measured**") == 4


def test_no_row_at_all():
    with pytest.raises(CorpusError, match="nothing to report: no table of latents has a row; measure a run first"):
        write_report(EMPTY, "Reviews")
