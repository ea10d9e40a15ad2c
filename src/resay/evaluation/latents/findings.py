"""The paper's findings, each decided by our figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from resay.evaluation.latents.spoil import DEAD_SHARE
from resay.evaluation.latents.summary import Rows, by_run, decoded_rows, growth_of
from resay.evaluation.latents.table import as_number

OFF_THE_ENDS = 0.05
"""A bit that is 1 in fewer, or 0 in fewer, of the sentences than this share counts as constant."""
NO_INFORMATION = 1.0
"""Nats of divergence a sentence below which a latent counts as collapsed; 50 bits may hold 34.7."""
FAR_ABOVE = 2.0
"""A perplexity that is at least so many times another is far above it."""
ORDER = ("logits", "probabilities", "bits")
"""Features, the best first, as the paper has them."""

Tables = Mapping[str, Rows]


@dataclass(frozen=True, slots=True)
class Case:
    """A finding on one run, or one pair of them.

    Attributes:
        subject: Which.
        holds: Whether the finding does.
        numbers: What decides it.
    """

    subject: str
    holds: bool
    numbers: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding and the cases that there are figures for.

    Attributes:
        letter: Its letter.
        claim: What the paper says.
        cases: Ours.
        complete: Whether there is a case of every kind that the claim is about.
    """

    letter: str
    claim: str
    cases: tuple[Case, ...]
    complete: bool = True

    @property
    def verdict(self) -> str:
        """Return whether it holds: in every case, or else it does not."""
        if not (self.cases and self.complete):
            return "not measured"
        return "holds" if all(case.holds for case in self.cases) else "does not hold"


def _is(row: Mapping[str, str], latent: str, *, word_dropout: bool | None = None) -> bool:
    dropped = as_number(row, "word_dropout") > 0
    return row["latent"] == latent and word_dropout in (None, dropped)


def _rounding(tables: Tables) -> Finding:
    rows = tables["perplexity"]
    cases = []
    for binary in (row for row in rows if _is(row, "binary")):
        for gumbel in (row for row in rows if _is(row, "gumbel")):
            if (as_number(binary, "word_dropout") > 0) == (as_number(gumbel, "word_dropout") > 0):
                ours, theirs = (as_number(row, "perplexity_rounded") for row in (binary, gumbel))
                corpus = [f"{as_number(row, 'corpus_perplexity_rounded'):.1f}" for row in (binary, gumbel)]
                numbers = f"{ours:.1f} against {theirs:.1f} (corpus perplexity {' against '.join(corpus)})"
                cases.append(Case(f"{binary['run']} against {gumbel['run']}", ours < theirs, numbers))
    return Finding("a", "perplexity with rounded bits: binary below Gumbel", tuple(cases))


def _dead_dimensions(tables: Tables) -> Finding:
    cases, latents = [], set()
    for run, rows in by_run(tables["spoil"]).items():
        latent = rows[0]["latent"]
        if latent in ("binary", "vae"):
            growth = growth_of(decoded_rows(rows))
            latents.add(latent)
            numbers = (
                f"{growth.num_dead} of {len(growth.order)} dimensions below {DEAD_SHARE:.0%}; smallest growth "
                f"{growth.shares[-1]:.2%}, median {growth.middle:.2%}"
            )
            cases.append(Case(run, (growth.num_dead == 0) == (latent == "binary"), numbers))
    claim = "binary has no dead bit, the Gaussian VAE has dead dimensions"
    return Finding("b", claim, tuple(cases), complete=latents == {"binary", "vae"})


def _bit_means(tables: Tables) -> Finding:
    cases = []
    for run, rows in by_run(tables["means"]).items():
        means = [as_number(row, "mean") for row in rows if row["reading"] == "bits" and row["latent"] == "binary"]
        if means:
            inside = min(means) >= OFF_THE_ENDS and max(means) <= 1 - OFF_THE_ENDS
            cases.append(Case(run, inside, f"smallest {min(means):.3f}, largest {max(means):.3f}"))
    claim = f"means of binary's bits stay off 0 and 1 (between {OFF_THE_ENDS} and {1 - OFF_THE_ENDS})"
    return Finding("c", claim, tuple(cases))


def _collapse(tables: Tables) -> Finding:
    cases = []
    for row in tables["perplexity"]:
        if _is(row, "binary-vae", word_dropout=False):
            kl, rounded, drawn = (as_number(row, name) for name in ("kl", "perplexity_rounded", "perplexity_sampled"))
            collapsed = kl < NO_INFORMATION and rounded >= FAR_ABOVE * drawn
            numbers = f"KL {kl:.2f} nats, perplexity {rounded:.4g} rounded, {drawn:.4g} drawn"
            cases.append(Case(row["run"], collapsed, numbers))
    claim = (
        f"binary with KL and without word dropout collapses (KL below {NO_INFORMATION:g} nat, perplexity with rounded "
        f"bits at least {FAR_ABOVE:g} times that with drawn ones)"
    )
    return Finding("d", claim, tuple(cases))


def _descends(values: Sequence[float]) -> bool:
    return all(first > second for first, second in pairwise(values))


def _features(tables: Tables) -> Finding:
    cases = []
    inputs = dict.fromkeys(row["input"] for row in tables["classify"])
    for given in inputs:
        for run, rows in by_run([row for row in tables["classify"] if row["input"] == given]).items():
            found = {row["features"]: row for row in rows if _is(row, "binary")}
            if set(ORDER) <= set(found):
                nll, accuracy = ([as_number(found[name], measure) for name in ORDER] for measure in ("nll", "accuracy"))
                holds = _descends([-value for value in nll]) and _descends(accuracy)
                shown = (" / ".join(f"{value:.3f}" for value in values) for values in (nll, accuracy))
                numbers = "NLL {}, accuracy {}".format(*shown)
                cases.append(Case(f"{run}, {given}", holds, numbers))
    claim = f"features of binary for a classifier, in NLL and in accuracy: {' better than '.join(ORDER)}"
    return Finding("e", claim, tuple(cases))


_DECIDED_BY: tuple[Callable[[Tables], Finding], ...] = (_rounding, _dead_dimensions, _bit_means, _collapse, _features)


def decide(tables: Tables) -> list[Finding]:
    """Return all findings, decided by the rows of the tables, by task."""
    return [finding(tables) for finding in _DECIDED_BY]
