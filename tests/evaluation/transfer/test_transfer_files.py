"""Files as SentEval lays them out, with sentences made up here."""

import numpy as np
import pytest

from resay.errors import CorpusError
from resay.evaluation.transfer import TRANSFER_TASKS, snli_is_subset


def write(folder, name, text, encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


SICK_HEADER = "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
SICK_LINES = (
    "1\tA cat sits\tA cat is sitting\t4.5\tENTAILMENT\n2\tA dog\tNo dog\t3\tCONTRADICTION\n3\ta\tb\t1\tNEUTRAL\n"
)
MRPC_LINES = '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\ta " b .\ta b\n0\t9\t10\tc\td\n'
STS_LINES = 'main\tx\t2012\t0001\t2.500\ta "girl" is here .\ta boy is there .\nmain\tx\t2012\t0002\t0\tone\ttwo\n'


@pytest.fixture
def data(tmp_path):
    for part in ("train", "test"):
        write(tmp_path, f"MRPC/msr_paraphrase_{part}.txt", MRPC_LINES)
    for name in ("SICK_train.txt", "SICK_trial.txt"):
        write(tmp_path, f"SICK/{name}", SICK_HEADER + SICK_LINES)
    write(tmp_path, "SICK/SICK_test_annotated.txt", (SICK_HEADER + SICK_LINES).replace("\n", "\r\n"))
    for part in ("train", "dev", "test"):
        write(tmp_path, f"STS/STSBenchmark/sts-{part}.csv", STS_LINES)
        write(tmp_path, f"SST/binary/sentiment-{part}", "a fine film \t1\na bore\t0\n")
        write(tmp_path, f"SST/fine/sentiment-{part}", "4 a fine film\n0 a bore\n2 a film , then\n")
    for part in ("dev", "test"):
        write(tmp_path, f"SNLI/s1.{part}", "A cat .\nA dog .\nA cow .\n")
        write(tmp_path, f"SNLI/s2.{part}", "An animal .\nNo dog .\nA brown cow .\n")
        write(tmp_path, f"SNLI/labels.{part}", "entailment\ncontradiction\nneutral\n")
    write(tmp_path, "SNLI/train_subset18k.tsv", "3\t3\tA cat.\tAn animal.\n2\t2\tA dog.\tNo dog.\n")
    write(tmp_path, "SNLI/train_subset2k.tsv", "1\t1\tA cow.\tA brown cow.\n")
    write(tmp_path, "MR/rt-polarity.neg", "a bore \nlong\n")
    write(tmp_path, "MR/rt-polarity.pos", "a fine film\n")
    write(tmp_path, "CR/custrev.neg", "it broke\n\nit broke again\n")
    write(tmp_path, "CR/custrev.pos", "it works\n")
    write(tmp_path, "SUBJ/subj.subjective", "i like it\n")
    write(tmp_path, "SUBJ/subj.objective", "two men meet\nthey talk\n")
    write(tmp_path, "MPQA/mpqa.neg", "fail\n")
    write(tmp_path, "MPQA/mpqa.pos", "agree\n")
    write(tmp_path, "TREC/train_5500.label", "LOC:city Where is Málaga ?\nNUM:dist How far : 3 ?\n", "latin-1")
    write(tmp_path, "TREC/TREC_10.label", "HUM:ind Who ?\n")
    return tmp_path


def read(data, task):
    return {
        part: [(*texts, target) for *texts, target in zip(*examples.columns, examples.targets.tolist(), strict=True)]
        for part, examples in TRANSFER_TASKS[task].read(data).items()
    }


def test_pairs(data):
    pairs = [('a " b .', "a b", 1), ("c", "d", 0)]
    assert read(data, "mrpc") == {"train": pairs, "test": pairs}
    pairs = [("A cat sits", "A cat is sitting", 2), ("A dog", "No dog", 0), ("a", "b", 1)]
    assert read(data, "sick-e") == dict.fromkeys(("train", "dev", "test"), pairs)
    pairs = [("A cat sits", "A cat is sitting", 4.5), ("A dog", "No dog", 3.0), ("a", "b", 1.0)]
    assert read(data, "sick-r") == dict.fromkeys(("train", "dev", "test"), pairs)
    pairs = [('a "girl" is here .', "a boy is there .", 2.5), ("one", "two", 0.0)]
    assert read(data, "sts-b") == dict.fromkeys(("train", "dev", "test"), pairs)


def test_snli_takes_the_published_training_part_where_it_is(data):
    held_out = [("A cat .", "An animal .", 2), ("A dog .", "No dog .", 0), ("A cow .", "A brown cow .", 1)]
    subset = [("A cat.", "An animal.", 2), ("A dog.", "No dog.", 0), ("A cow.", "A brown cow.", 1)]
    assert snli_is_subset(data)
    assert read(data, "snli") == {"train": subset, "dev": held_out, "test": held_out}
    for name, line in (("s1", "A hen .\n"), ("s2", "A bird .\n"), ("labels", "entailment\n")):
        write(data, f"SNLI/{name}.train", line)
    assert not snli_is_subset(data)
    assert read(data, "snli")["train"] == [("A hen .", "A bird .", 2)]


def test_sentences(data):
    assert read(data, "mr") == {"train": [("a bore ", 0), ("long", 0), ("a fine film", 1)]}
    # An empty line is an example, in SentEval as here.
    assert read(data, "cr") == {"train": [("it broke", 0), ("", 0), ("it broke again", 0), ("it works", 1)]}
    assert read(data, "subj") == {"train": [("i like it", 0), ("two men meet", 1), ("they talk", 1)]}
    assert read(data, "mpqa") == {"train": [("fail", 0), ("agree", 1)]}
    questions = {"train": [("Where is Málaga ?", 4), ("How far : 3 ?", 5)], "test": [("Who ?", 3)]}
    assert read(data, "trec") == questions
    found = [("a fine film", 1), ("a bore", 0)]
    assert read(data, "sst2") == dict.fromkeys(("train", "dev", "test"), found)
    found = [("a fine film", 4), ("a bore", 0), ("a film , then", 2)]
    assert read(data, "sst5") == dict.fromkeys(("train", "dev", "test"), found)


def test_targets_are_labels_or_scores(data):
    for name, task in TRANSFER_TASKS.items():
        kind = np.int64 if task.has_classes else np.float64
        assert {part.targets.dtype for part in task.read(data).values()} == {np.dtype(kind)}, name


@pytest.mark.parametrize(
    ("task", "file", "text", "message"),
    [
        ("mrpc", "MRPC/msr_paraphrase_test.txt", "header\n1\t2\t3\ta\n", r"line 2: expected a label \(0 or 1\)"),
        ("mrpc", "MRPC/msr_paraphrase_test.txt", "header\n2\t2\t3\ta\tb\n", "line 2: .* found '2\\\\t2"),
        ("mrpc", "MRPC/msr_paraphrase_test.txt", "header\n", "nothing but its header"),
        ("sick-r", "SICK/SICK_trial.txt", "h\n1\ta\tb\t6\tNEUTRAL\n", "line 2: .* a score from 1 to 5"),
        ("sick-e", "SICK/SICK_trial.txt", "h\n1\ta\tb\t4\tMAYBE\n", "line 2: .* CONTRADICTION"),
        ("sts-b", "STS/STSBenchmark/sts-dev.csv", "a\tb\tc\td\tx\te\tf\n", "line 1: .* a score from 0 to 5"),
        ("sts-b", "STS/STSBenchmark/sts-dev.csv", "a\tb\tc\td\tnan\te\tf\n", "line 1: .* a score from 0 to 5"),
        ("snli", "SNLI/labels.dev", "entailment\n-\nneutral\n", "line 2: expected one of contradiction, .* found '-'"),
        ("snli", "SNLI/s2.dev", "one\ntwo\n", "must have as many lines; they have 3, 2, 3"),
        ("snli", "SNLI/train_subset2k.tsv", "1\t2\ta\tb\n", "line 1: expected a label .1 neutral, 2 contradiction"),
        ("trec", "TREC/TREC_10.label", "WHO:x Who ?\n", "line 1: .* one of ABBR, DESC"),
        ("sst2", "SST/binary/sentiment-dev", "a film\n", "line 1: expected a sentence, a tab and 0 or 1"),
        ("sst5", "SST/fine/sentiment-dev", "5 a film\n", "line 1: expected a label"),
        ("mr", "MR/rt-polarity.pos", "\n", "is empty"),
        ("sst2", "SST/binary/sentiment-test", "caf\xe9\t1\n", "line 1: not utf-8"),
    ],
)
def test_what_is_wrong_is_named(data, task, file, text, message):
    path = write(data, file, text, "latin-1")
    with pytest.raises(CorpusError, match=message) as caught:
        TRANSFER_TASKS[task].read(data)
    assert path.name in str(caught.value) or "labels.dev" in str(caught.value)


@pytest.mark.parametrize("task", TRANSFER_TASKS)
def test_a_missing_folder_is_named(tmp_path, task):
    with pytest.raises(
        CorpusError, match=r"cannot be read \(No such file.*; expected lines of .*SentEval's, which holds"
    ):
        TRANSFER_TASKS[task].read(tmp_path)
