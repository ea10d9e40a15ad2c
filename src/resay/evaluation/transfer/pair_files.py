"""Reading the tasks about two sentences: MRPC, SICK, SNLI and the STS Benchmark, as SentEval lays them out."""

from collections.abc import Callable, Mapping
from pathlib import Path

from resay.errors import CorpusError
from resay.evaluation.transfer.examples import Examples, Row, read_lines, read_rows

Parts = Mapping[str, Examples]
"""The parts of a task by name: train and test, and dev where it has one."""

ENTAILMENT_LABELS = {"contradiction": 0, "neutral": 1, "entailment": 2}
SUBSET_LABELS = {"1": "neutral", "2": "contradiction", "3": "entailment"}
SUBSET_FILES = ("train_subset18k.tsv", "train_subset2k.tsv")


def read_mrpc(data: Path) -> Parts:
    """Read the Microsoft Research Paraphrase Corpus (Dolan et al. 2004); label 1 is a paraphrase.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """

    def parse(line: str) -> Row:
        label, _, _, first, second = line.split("\t")
        return (first, second), {"0": 0, "1": 1}[label]

    expected = "a label (0 or 1), two numbers and two sentences, split by tabs"
    files = {"train": "msr_paraphrase_train.txt", "test": "msr_paraphrase_test.txt"}
    return {
        part: Examples.of(read_rows(data / "MRPC" / name, parse, expected, has_header=True))
        for part, name in files.items()
    }


def read_sick_relatedness(data: Path) -> Parts:
    """Read SICK (Marelli et al. 2014) with its scores, 1 to 5.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """
    return _read_sick(data, lambda columns: _score(columns[3], 1, 5))


def read_sick_entailment(data: Path) -> Parts:
    """Read SICK with its labels, numbered as in `ENTAILMENT_LABELS`.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """
    return _read_sick(data, lambda columns: ENTAILMENT_LABELS[columns[4].strip().lower()])


def _read_sick(data: Path, target: Callable[[list[str]], float | int]) -> Parts:
    def parse(line: str) -> Row:
        columns = line.split("\t")
        return (columns[1], columns[2]), target(columns)

    expected = "a number, two sentences, a score from 1 to 5 and CONTRADICTION, NEUTRAL or ENTAILMENT, split by tabs"
    files = {"train": "SICK_train.txt", "dev": "SICK_trial.txt", "test": "SICK_test_annotated.txt"}
    return {
        part: Examples.of(read_rows(data / "SICK" / name, parse, expected, has_header=True))
        for part, name in files.items()
    }


def read_sts_benchmark(data: Path) -> Parts:
    """Read the STS Benchmark (Cer et al. 2017) with its scores, 0 to 5.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """
    folder = data / "STS" / "STSBenchmark"
    return {part: read_sts_file(folder / f"sts-{part}.csv") for part in ("train", "dev", "test")}


def read_sts_file(path: Path) -> Examples:
    """Read one part of the STS Benchmark, such as sts-test.csv.

    Raises:
        CorpusError: If it is missing or a line malformed.
    """

    def parse(line: str) -> Row:
        columns = line.split("\t")
        return (columns[5], columns[6]), _score(columns[4], 0, 5)

    expected = "four columns that say where it comes from, a score from 0 to 5 and two sentences, split by tabs"
    return Examples.of(read_rows(path, parse, expected))


def read_snli(data: Path) -> Parts:
    """Read SNLI (Bowman et al. 2015): its published training part where that is there, else the 20,000 pairs of it.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """
    folder = data / "SNLI"
    train = _snli_subset(folder) if snli_is_subset(data) else _snli_part(folder, "train")
    return {"train": train, "dev": _snli_part(folder, "dev"), "test": _snli_part(folder, "test")}


def snli_is_subset(data: Path) -> bool:
    """Return whether `read_snli` reads 20,000 training pairs rather than the 549,367 published ones."""
    return not (data / "SNLI" / "s1.train").is_file()


def _snli_part(folder: Path, part: str) -> Examples:
    columns = [
        read_lines(folder / f"{name}.{part}", f"one {what} each", "latin-1" if name != "labels" else "utf-8")
        for name, what in (("s1", "premise"), ("s2", "hypothesis"), ("labels", "label"))
    ]
    num_lines = [len(column) for column in columns]
    if len(set(num_lines)) != 1:
        raise CorpusError(
            f"{folder}: s1.{part}, s2.{part} and labels.{part} must have as many lines; they have "
            + ", ".join(map(str, num_lines))
        )
    rows: list[Row] = []
    for number, (premise, hypothesis, label) in enumerate(zip(*columns, strict=True), start=1):
        if label not in ENTAILMENT_LABELS:
            names = ", ".join(ENTAILMENT_LABELS)
            raise CorpusError(f"{folder / f'labels.{part}'}, line {number}: expected one of {names}; found {label!r}")
        rows.append(((premise, hypothesis), ENTAILMENT_LABELS[label]))
    return Examples.of(rows)


def _snli_subset(folder: Path) -> Examples:
    def parse(line: str) -> Row:
        label, again, premise, hypothesis = line.split("\t")
        if label != again:
            raise ValueError(label)
        return (premise, hypothesis), ENTAILMENT_LABELS[SUBSET_LABELS[label]]

    expected = "a label (1 neutral, 2 contradiction, 3 entailment) twice and two sentences, split by tabs"
    return Examples.of([row for name in SUBSET_FILES for row in read_rows(folder / name, parse, expected)])


def _score(text: str, lowest: int, highest: int) -> float:
    score = float(text)
    if not lowest <= score <= highest:
        raise ValueError(text)
    return score
