"""The paper's findings, decided by made-up figures, both ways."""

import pytest

from resay.evaluation.latents.findings import decide
from resay.evaluation.latents.paper import published_figures, published_row


@pytest.fixture
def decided():
    """Decide one finding by the rows of one table."""

    def make(letter, **tables):
        empty = {"perplexity": [], "spoil": [], "means": [], "covariance": [], "classify": []}
        (found,) = (finding for finding in decide(empty | tables) if finding.letter == letter)
        return found

    return make


def test_without_figures_nothing_is_decided(decided):
    assert {decided(letter).verdict for letter in "abcde"} == {"not measured"}
    nothing = {"perplexity": [], "spoil": [], "means": [], "classify": []}
    assert [finding.letter for finding in decide(nothing)] == list("abcde")


@pytest.mark.parametrize(("gumbel", "verdict"), [(32.6, "holds"), (30.0, "does not hold"), (30.9, "does not hold")])
def test_rounded_bits(decided, row, gumbel, verdict):
    rows = [
        row("ours", perplexity_rounded=30.9, corpus_perplexity_rounded=20.04),
        row("soft", "gumbel", perplexity_rounded=gumbel, corpus_perplexity_rounded=25),
        row("soft-vae", "gumbel-vae", perplexity_rounded=1),  # neither is this one compared
        row("ours-wd", word_dropout=0.5, perplexity_rounded=99),  # nor this, for want of a partner
    ]
    found = decided("a", perplexity=rows)
    assert found.verdict == verdict
    (case,) = found.cases
    assert case.subject == "ours against soft"
    assert case.numbers == f"30.9 against {gumbel} (corpus perplexity 20.0 against 25.0)"


def growths(row, run, latent, reading, shares):
    return [
        row(
            run,
            latent,
            reading=reading,
            dimension=place,
            growth_share=share,
            growth=share * 40,
            unspoiled_perplexity=40,
        )
        for place, share in enumerate(shares)
    ]


@pytest.mark.parametrize(
    ("binary", "vae", "verdict"),
    [
        ([0.05, 0.011, 0.2], [0.9, 0.0099, -0.001], "holds"),
        ([0.05, 0.0099, 0.2], [0.9, 0.0, -0.001], "does not hold"),
        ([0.05, 0.011, 0.2], [0.9, 0.02, 0.03], "does not hold"),
    ],
)
def test_dead_dimensions(decided, row, binary, vae, verdict):
    rows = growths(row, "ours", "binary", "bits", binary) + growths(row, "gauss", "vae", "mean", vae)
    rows += growths(row, "other", "bottleneck", "latent", [0.0, 0.0, 0.0])
    found = decided("b", spoil=rows)
    assert found.verdict == verdict
    assert [case.subject for case in found.cases] == ["ours", "gauss"]
    assert f"{sum(share < 0.01 for share in vae)} of 3 dimensions below 1%" in found.cases[1].numbers
    assert decided("b", spoil=rows[:3]).verdict == "not measured"  # there must be both


@pytest.mark.parametrize(
    ("means", "verdict"),
    [([0.06, 0.94], "holds"), ([0.04, 0.5], "does not hold"), ([0.5, 0.96], "does not hold")],
)
def test_means_of_bits(decided, row, means, verdict):
    rows = [row("ours", reading="bits", dimension=place, mean=mean) for place, mean in enumerate(means)]
    rows += [row("soft", "gumbel", reading="bits", dimension=0, mean=0.0)]
    rows += [row("gauss", "vae", reading="mean", dimension=0, mean=0.0)]
    assert decided("c", means=rows).verdict == verdict


@pytest.mark.parametrize(
    ("kl", "rounded", "verdict"),
    [(0.1, 1.5e5, "holds"), (0.1, 120.0, "does not hold"), (5.0, 1.5e5, "does not hold"), (0.1, 209.0, "holds")],
)
def test_collapse(decided, row, kl, rounded, verdict):
    cells = {"kl": kl, "perplexity_rounded": rounded, "perplexity_sampled": 104.5}
    rows = [
        row("charged", "binary-vae", **cells),
        row("charged-wd", "binary-vae", word_dropout=0.5, kl=3.5, perplexity_rounded=94, perplexity_sampled=115.4),
    ]
    found = decided("d", perplexity=rows)
    assert found.verdict == verdict
    assert [case.subject for case in found.cases] == ["charged"]


@pytest.mark.parametrize(
    ("nll", "accuracy", "verdict"),
    [
        ((1.65, 1.75, 1.86), (0.439, 0.405, 0.372), "holds"),
        ((1.75, 1.65, 1.86), (0.439, 0.405, 0.372), "does not hold"),
        ((1.65, 1.75, 1.86), (0.405, 0.439, 0.372), "does not hold"),
        ((1.65, 1.75, 1.75), (0.439, 0.405, 0.372), "does not hold"),
    ],
)
def test_order_of_features(decided, row, nll, accuracy, verdict):
    names = ("logits", "probabilities", "bits")
    rows = [
        row("ours", features=name, nll=one, accuracy=other)
        for name, one, other in zip(names, nll, accuracy, strict=True)
    ]
    rows += [row("soft", "gumbel", features=name, nll=1, accuracy=0.5) for name in names]
    found = decided("e", classify=rows)
    assert found.verdict == verdict
    assert [case.subject for case in found.cases] == ["ours, test.txt"]
    assert decided("e", classify=rows[1:]).verdict == "not measured"  # logits are missing


def test_the_paper_confirms_itself(decided, row):
    """Its own tables, put in the place of ours."""
    perplexity = []
    for one in published_figures()["language_modelling"]:
        cells = {"kl": one.get("kl", ""), "perplexity_sampled": one["sampled"]}
        cells |= {"perplexity_rounded": one.get("rounded", ""), "corpus_perplexity_rounded": 0.0}
        perplexity.append(row(one["name"], one["latent"], word_dropout=0.5 * one["word_dropout"], **cells))
    classify = [
        row("binary", one["latent"], features=one["features"], nll=one["nll"], accuracy=one["accuracy"])
        for one in published_figures()["classification"]
        if one["latent"] == "binary" and not one["word_dropout"]
    ]
    tables = {"perplexity": perplexity, "classify": classify}
    assert {letter: decided(letter, **tables).verdict for letter in "ade"} == dict.fromkeys("ade", "holds")


def test_rows_of_the_paper_are_found(row):
    assert len(published_figures()["language_modelling"]) == len(published_figures()["classification"]) == 10
    assert published_row("language_modelling", row("x", word_dropout=0.5))["mean"] == 32.5
    assert published_row("language_modelling", row("x", "gumbel", word_dropout=0.5)) == {}
    assert published_row("classification", row("x", features="bits"))["accuracy"] == 0.372
    assert published_row("classification", row("x", "vae", features="mean")) == {}
