"""Reading the tasks about one sentence: MR, CR, SUBJ, MPQA, TREC and SST, as SentEval lays them out."""

from pathlib import Path

from resay.evaluation.transfer.examples import Examples, Parse, Row, read_lines, read_rows
from resay.evaluation.transfer.pair_files import Parts

QUESTION_LABELS = {"ABBR": 0, "DESC": 1, "ENTY": 2, "HUM": 3, "LOC": 4, "NUM": 5}


def read_mr(data: Path) -> Parts:
    """Read movie reviews (Pang and Lee 2005); label 1 is praise.

    Raises:
        CorpusError: If a file is missing.
    """
    return _read_two_files(data / "MR", "rt-polarity.neg", "rt-polarity.pos")


def read_cr(data: Path) -> Parts:
    """Read customer reviews (Hu and Liu 2004); label 1 is praise.

    Raises:
        CorpusError: If a file is missing.
    """
    return _read_two_files(data / "CR", "custrev.neg", "custrev.pos")


def read_subj(data: Path) -> Parts:
    """Read subjectivity (Pang and Lee 2004); label 1 is a plot's summary, 0 a review, as in SentEval.

    Raises:
        CorpusError: If a file is missing.
    """
    return _read_two_files(data / "SUBJ", "subj.subjective", "subj.objective")


def read_mpqa(data: Path) -> Parts:
    """Read phrases of opinion (Wiebe et al. 2005); label 1 is praise.

    Raises:
        CorpusError: If a file is missing.
    """
    return _read_two_files(data / "MPQA", "mpqa.neg", "mpqa.pos")


def _read_two_files(folder: Path, *names: str) -> Parts:
    # SentEval keeps the few empty lines, and so do we: the counts of examples are the published ones.
    rows: list[Row] = [
        ((line,), label)
        for label, name in enumerate(names)
        for line in read_lines(folder / name, "one sentence each", "latin-1")
    ]
    return {"train": Examples.of(rows)}


def read_trec(data: Path) -> Parts:
    """Read questions (Li and Roth 2002) with the six coarse classes of their answers.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """

    def parse(line: str) -> Row:
        classes, question = line.split(" ", 1)
        return (question.strip(),), QUESTION_LABELS[classes.split(":", 1)[0]]

    expected = f"CLASS:subclass, a space and a question, CLASS one of {', '.join(QUESTION_LABELS)}"
    files = {"train": "train_5500.label", "test": "TREC_10.label"}
    return {
        part: Examples.of(read_rows(data / "TREC" / name, parse, expected, encoding="latin-1"))
        for part, name in files.items()
    }


def read_sst_binary(data: Path) -> Parts:
    """Read the Stanford Sentiment Treebank (Socher et al. 2013), phrases in training; label 1 is praise.

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """

    def parse(line: str) -> Row:
        sentence, label = line.split("\t")
        return (sentence.strip(),), {"0": 0, "1": 1}[label.strip()]

    expected = "a sentence, a tab and 0 or 1"
    return {part: _read_sst(data, "binary", part, parse, expected) for part in ("train", "dev", "test")}


def read_sst_fine(data: Path) -> Parts:
    """Read the Stanford Sentiment Treebank, whole sentences, with labels from 0 (worst) to 4 (best).

    Raises:
        CorpusError: If a file is missing or a line malformed.
    """

    def parse(line: str) -> Row:
        label, sentence = line.split(" ", 1)
        return (sentence.strip(),), ("0", "1", "2", "3", "4").index(label)

    expected = "a label (0 to 4), a space and a sentence"
    return {part: _read_sst(data, "fine", part, parse, expected) for part in ("train", "dev", "test")}


def _read_sst(data: Path, folder: str, part: str, parse: Parse, expected: str) -> Examples:
    return Examples.of(read_rows(data / "SST" / folder / f"sentiment-{part}", parse, expected))
