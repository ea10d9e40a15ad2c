"""One page of Markdown on the latents of a corpus: our figures beside the paper's, and which of its findings hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from resay.errors import CorpusError
from resay.evaluation.latents.classify import REFERENCE
from resay.evaluation.latents.findings import Tables, decide
from resay.evaluation.latents.paper import published_row
from resay.evaluation.latents.spoil import DEAD_SHARE
from resay.evaluation.latents.summary import Rows, by_run, growths, run_correlations
from resay.evaluation.latents.table import as_number

PAPER = "Baynazarov & Piontkovskaya (2019)"


def figure(value: float, decimals: int = 1) -> str:
    """Return a number for a cell, with a power of ten where it is very large; "" for NaN."""
    if isnan(value):
        return ""
    return f"{value:.1e}" if abs(value) >= 1e5 else f"{value:,.{decimals}f}"


def beside(ours: float, published: Mapping[str, Any], name: str, decimals: int = 1) -> str:
    """Return our figure and, in brackets, the paper's, where it has one."""
    theirs = f" [{figure(float(published[name]), decimals)}]" if name in published else ""
    return figure(ours, decimals) + theirs


def markdown_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, numbers and names alike to the left."""
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _perplexity_cells(row: Mapping[str, str]) -> list[str]:
    published = published_row("language_modelling", row)
    drawn = "latent" if isnan(as_number(row, "perplexity_sampled")) else "sampled"
    kl = as_number(row, "kl")
    charged = row["with_kl"] == "True"
    divergence = beside(kl, published, "kl") if charged else f"{figure(kl)} (not charged)" if not isnan(kl) else ""
    corpus = [f"corpus_perplexity_{name}" for name in ("mean", "rounded", drawn)]
    return [
        f"`{row['run']}`",
        row["latent"] + (" (WD)" if as_number(row, "word_dropout") > 0 else ""),
        beside(as_number(row, "perplexity_mean"), published, "mean"),
        beside(as_number(row, "perplexity_rounded"), published, "rounded"),
        beside(as_number(row, f"perplexity_{drawn}"), published, "sampled"),
        beside(as_number(row, f"nll_{drawn}"), published, "nll"),
        divergence,
        " / ".join(figure(as_number(row, name)) or "-" for name in corpus),
    ]


def _language_modelling(rows: Rows) -> Iterator[str]:
    yield "## Language modelling (Table 1)"
    yield ""
    yield "Perplexity of a sentence, exp(nats / tokens), end mark counted, averaged over sentences, as the published"
    yield "implementation does; in brackets the paper's. The last column has exp(all nats / all tokens) for the same"
    yield "latents. NLL: nats a sentence with drawn latents, without the KL. Models without random latents have one"
    yield 'perplexity only, which stands under "drawn" as in the paper.'
    yield ""
    titles = ("run", "latent", "mean", "rounded", "drawn", "NLL", "KL", "corpus: mean / rounded / drawn")
    yield from markdown_table(titles, map(_perplexity_cells, rows))


def _spoiled(rows: Rows) -> Iterator[str]:
    yield "## Spoiled dimensions (Figure 2)"
    yield ""
    yield "Growth of the perplexity when one dimension is spoiled in all sentences (bits and probabilities turned into"
    yield f"1 - p, others negated), as a share of the unspoiled one; dead: growth below {DEAD_SHARE:.0%}."
    yield ""
    cells = [
        (
            f"`{run}`",
            reading,
            f"{growth.num_dead} of {len(growth.order)}",
            *(f"{share:.2%}" for share in (growth.shares[-1], growth.middle, growth.shares[0])),
        )
        for (run, reading), growth in growths(rows).items()
    ]
    yield from markdown_table(("run", "spoiled", "dead", "smallest", "median", "largest"), cells)


def _means(rows: Rows) -> Iterator[str]:
    yield "## Means of dimensions (Figure 3)"
    yield ""
    cells = []
    for run, of_run in by_run(rows).items():
        for reading in dict.fromkeys(row["reading"] for row in of_run):
            here = [row for row in of_run if row["reading"] == reading]
            means = [as_number(row, "mean") for row in here]
            deviations = [as_number(row, "deviation") for row in here]
            ends = (f"{value:.3f}" for value in (min(means), max(means), min(deviations), max(deviations)))
            cells.append((f"`{run}`", reading, *ends))
    titles = ("run", "reading", "smallest mean", "largest mean", "smallest deviation", "largest deviation")
    yield from markdown_table(titles, cells)


def _covariances(rows: Rows) -> Iterator[str]:
    yield "## Correlations of dimensions (Figure 4)"
    yield ""
    readings = {run: of_run[0]["reading"] for run, of_run in by_run(rows).items()}
    cells = [
        (f"`{run}`", readings[run], figure(found.largest, 3), figure(found.mean, 3), str(found.num_constant))
        for run, found in run_correlations(rows).items()
    ]
    titles = ("run", "reading", "largest absolute correlation", "mean absolute correlation", "constant dimensions")
    yield from markdown_table(titles, cells)


def _classification(rows: Rows) -> Iterator[str]:
    yield "## Classification (Table 3)"
    yield ""
    yield "Two hidden layers of 100 units; mean ± standard deviation over seeds. NLL is the lowest of the learning"
    yield "curve on the dev part and accuracy that of the same epoch, so that both flatter a little; in brackets the"
    yield "paper's, of ten topics: the order of features compares, the figures do not."
    yield ""
    for given in dict.fromkeys(row["input"] for row in rows):
        here = [row for row in rows if row["input"] == given]
        first = here[0]
        sizes = f"{first['num_labels']} labels, {first['num_train']} training and {first['num_dev']} dev texts"
        num_cut = max(as_number(row, "num_cut") for row in here if row["run"] != REFERENCE)
        cut = (
            f" Of {num_cut:.0f} of them, longer than sentences in training, the beginning was read."
            if num_cut > 0
            else ""
        )
        yield f"**{given}**: {sizes}.{cut}"
        yield ""
        cells = []
        for row in here:
            published = published_row("classification", row) if row["run"] != REFERENCE else {}
            measures = []
            for name in ("nll", "accuracy"):
                deviation = as_number(row, f"{name}_deviation")
                ours = figure(as_number(row, name), 3) + ("" if isnan(deviation) else f" ± {deviation:.3f}")
                measures.append(ours + (f" [{published[name]}]" if published else ""))
            cells.append((f"`{row['run']}`" if row["run"] != REFERENCE else "-", row["features"], *measures))
        yield from markdown_table(("run", "features", "NLL", "accuracy"), cells)


def _findings(tables: Tables) -> Iterator[str]:
    yield "## The paper's findings"
    yield ""
    cells = []
    for finding in decide(tables):
        marks = {True: "", False: " (not so)"}
        shown = "; ".join(f"`{case.subject}`{marks[case.holds]}: {case.numbers}" for case in finding.cases)
        cells.append((f"({finding.letter})", finding.claim, f"**{finding.verdict}**", shown))
    yield from markdown_table(("", "finding", "here", "numbers"), cells)


_SECTIONS = {
    "perplexity": _language_modelling,
    "spoil": _spoiled,
    "means": _means,
    "covariance": _covariances,
    "classify": _classification,
}


def write_report(tables: Tables, title: str) -> str:
    """Return the page; sections without rows are left out.

    Args:
        tables: Rows by task, as `resay.evaluation.latents.summary.read_tables` gives them.
        title: What the corpus is called.

    Raises:
        CorpusError: If no table has a row.
    """
    if not any(tables.values()):
        raise CorpusError("there is nothing to report: no table of latents has a row; measure a run first")
    lines = [f"# Latent spaces: {title}", "", *_provenance(tables), *_findings(tables)]
    for task, section in _SECTIONS.items():
        if tables[task]:
            lines += section(tables[task])
    return "\n".join(lines).rstrip() + "\n"


def _provenance(tables: Tables) -> Iterator[str]:
    rows = [row for task in _SECTIONS for row in tables[task] if row["run"] != REFERENCE]
    sizes = sorted({(int(row["train_sentences"]), int(row["epochs"])) for row in rows})
    trained = " or ".join(f"{sentences:,} sentences (epochs: {epochs})" for sentences, epochs in sizes)
    yield f"Models trained on {trained}; {PAPER}"
    yield "trained on 9.2 million sentences for one epoch, so that absolute figures differ and only findings compare."
    measured = sorted({(row["input"], row["num_sentences"]) for row in tables["perplexity"]})
    if measured:
        yield f"Measured on {', '.join(f'{name} ({int(number):,} sentences)' for name, number in measured)}."
    yield ""
