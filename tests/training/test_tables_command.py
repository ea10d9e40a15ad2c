"""training/tables.py from text files to pages, on a corpus, tasks and a table that are small and made up."""

import csv
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
WORDS = [("the", "our"), ("soup", "waiter", "room"), ("was", "seemed"), ("good", "great", "bad", "cold", "warm")]
SENTENCES = [" ".join(one) + " ." for one in itertools.product(*WORDS)]
NUM_PAIRS = {"train": 60, "dev": 20, "test": 24}
LABELS = ("contradiction", "neutral", "entailment")
TABLE = """
[base]
hidden_size = 8
batch_size = 16
epochs = {epochs}
patience = {epochs}
min_count = 1
checkpoint_steps = 5
encoder_direction = "forward"
num_reconstructions = 4
device = "cpu"

[rows]
ce = {{ loss = "ce" }}
soft-label-2 = {{ loss = "soft-label", num_neighbours = 2, exclude_neighbours = [] }}
soft-label-2-raw = {{ loss = "soft-label", num_neighbours = 2, exclude_neighbours = [], normalize = false }}

[groups.table1]
rows = ["ce", "soft-label-2"]

[groups.figure2]
rows = ["ce", "soft-label-2", "soft-label-2-raw"]
seeds = [0]

[groups.pooling]
question = "Which vector"
rows = ["ce"]
readings = ["latent", "mean", "max"]

[groups.open]
groups = ["pooling"]
"""


def pairs(part):
    """Pairs of sentences, their number and a label from 0 to 2 that the sentences tell."""
    generator = np.random.default_rng(len(part))
    for number in range(NUM_PAIRS[part]):
        first = int(generator.integers(len(SENTENCES)))
        second = (first + (0, 1, 30)[number % 3]) % len(SENTENCES)
        yield SENTENCES[first], SENTENCES[second], number, 2 - number % 3


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def senteval(tmp_path_factory):
    data = tmp_path_factory.mktemp("senteval")
    header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String"
    for part in ("train", "test"):
        lines = [f"{int(label > 0)}\t{number}\t{number}\t{a}\t{b}" for a, b, number, label in pairs(part)]
        write(data / "MRPC" / f"msr_paraphrase_{part}.txt", [header, *lines])
    for part, name in (("train", "train"), ("dev", "trial"), ("test", "test_annotated")):
        lines = [f"{number}\t{a}\t{b}\t{label + 2}\t{LABELS[label].upper()}" for a, b, number, label in pairs(part)]
        header = "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment"
        write(data / "SICK" / f"SICK_{name}.txt", [header, *lines])
        lines = [f"x\tx\tx\t{number}\t{2 * label}\t{a}\t{b}" for a, b, number, label in pairs(part)]
        write(data / "STS" / "STSBenchmark" / f"sts-{part}.csv", lines)
    for part in ("dev", "test"):
        columns = list(zip(*((a, b, LABELS[label]) for a, b, _, label in pairs(part)), strict=True))
        for name, column in zip(("s1", "s2", "labels"), columns, strict=True):
            write(data / "SNLI" / f"{name}.{part}", column)
    number = {"neutral": 1, "contradiction": 2, "entailment": 3}
    lines = [f"{number[LABELS[label]]}\t{number[LABELS[label]]}\t{a}\t{b}" for a, b, _, label in pairs("train")]
    write(data / "SNLI" / "train_subset18k.tsv", lines[10:])
    write(data / "SNLI" / "train_subset2k.tsv", lines[:10])
    return data


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    write(folder / "train.txt", SENTENCES)
    write(folder / "dev.txt", SENTENCES[::5])
    words = sorted({word for group in WORDS for word in group})
    vectors = np.random.default_rng(0).standard_normal((len(words), 4)).astype(np.float32)
    np.savez(folder / "vectors.npz", words=np.array(words), vectors=vectors)
    return folder


@pytest.fixture(scope="module")
def command(corpus, senteval):
    """The command line for a folder: its table, its runs and its results lie there."""

    def make(folder, name, *more, epochs=1):
        write(folder / "table.toml", [TABLE.format(epochs=epochs)])
        places = {"data": senteval, "train": corpus / "train.txt", "dev": corpus / "dev.txt"}
        places |= {"vectors": corpus / "vectors.npz", "table": folder / "table.toml"}
        places |= {"out": folder / "runs", "results": folder / "results"}
        flags = [text for flag, path in places.items() for text in (f"--{flag}", str(path))]
        return [sys.executable, str(ROOT / "training" / "tables.py"), name, *flags, "--jobs", "2", *map(str, more)]

    return make


def run(command, status=0):
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def rows(folder):
    with (folder / "results" / "tables.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def figures(folder):
    names = ("system", "reading", "task", "metric", "value", "note", "seed", "loss", "num_neighbours")
    return [{name: row[name] for name in names} for row in rows(folder)]


EVERYTHING = ("--groups", "table1", "figure2", "open", "--seeds", "0")


@pytest.fixture(scope="module")
def whole(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    output, _ = run(command(folder, "all", *EVERYTHING))
    return folder, output


def test_one_command_trains_measures_and_writes(whole):
    folder, output = whole
    names = {"ce-seed0", "soft-label-2-seed0", "soft-label-2-raw-seed0"}
    assert {path.parent.name for path in (folder / "runs").glob("*/run.json")} == names
    assert {path.name for path in (folder / "results").iterdir()} == {
        *("tables.csv", "table1.md", "figure2.md", "figure2.png", "open.md")
    }
    assert output.count(": started") == 2 * len(names)
    measured = rows(folder)
    assert {row["system"] for row in measured} == {*names, "majority-class"}
    readings = {name: {row["reading"] for row in measured if row["system"] == name} for name in names}
    assert readings["ce-seed0"] == {"latent", "embedding", "mean", "max"}
    assert readings["soft-label-2-seed0"] == {"latent", "embedding"}
    metrics = {(row["task"], row["metric"]) for row in measured}
    assert {("mrpc", "f1"), ("snli", "accuracy"), ("sick-e", "accuracy"), ("sts-b", "cosine_pearson")} <= metrics
    assert {row["note"] for row in measured if row["task"] == "snli"} == {"20k train pairs"}
    one = next(row for row in measured if row["system"] == "soft-label-2-seed0")
    assert (one["loss"], one["num_neighbours"], one["seed"]) == ("soft-label", "2", "0")
    assert len(one["model_sha256"]) == 64
    assert not list((folder / "runs" / "vectors").glob("*"))
    for page in ("table1.md", "figure2.md", "open.md"):
        assert "`ce`" in (folder / "results" / page).read_text() or page == "figure2.md"
    assert "**" in (folder / "results" / "table1.md").read_text()


def test_given_again_it_trains_and_measures_nothing(whole, command):
    folder, _ = whole
    runs = sorted((folder / "runs").glob("*/run.json"))
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in runs]
    table = (folder / "results" / "tables.csv").read_text()
    output, _ = run(command(folder, "all", *EVERYTHING))
    assert "started" not in output
    assert output.count("trained already") == output.count("measured already") == len(runs)
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in runs] == before
    assert (folder / "results" / "tables.csv").read_text() == table


def test_only_what_changed_is_measured_again(whole, command, tmp_path):
    folder, _ = whole
    table = folder / "results" / "tables.csv"
    honest = figures(folder)
    with table.open(newline="") as stream:
        changed = list(csv.DictReader(stream))
    for row in changed:
        if row["system"] == "soft-label-2-seed0":
            row["value"] = "99"
        if (row["system"], row["reading"]) == ("ce-seed0", "mean"):
            row |= {"value": "99", "model_sha256": "of another model"}
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(changed[0]))
        writer.writeheader()
        writer.writerows(changed)
    output, _ = run(command(folder, "measure", *EVERYTHING))
    assert "ce-seed0: started" in output
    assert output.count("started") == 1
    kept = [row for row in figures(folder) if row["value"] == "99"]
    assert {row["system"] for row in kept} == {"soft-label-2-seed0"}
    output, _ = run(command(folder, "measure", "--again", "--groups", "table1", "--seeds", "0"))
    assert output.count("started") == 2
    assert figures(folder) == honest


def test_two_runs_with_one_seed_are_identical(whole, command, tmp_path):
    folder, _ = whole
    run(command(tmp_path, "all", "--groups", "table1", "--seeds", "0"))
    names = {row["system"] for row in figures(tmp_path)}
    there = {(row["system"], row["reading"]) for row in figures(tmp_path)}
    assert len(names) == 3
    assert figures(tmp_path) == [row for row in figures(folder) if (row["system"], row["reading"]) in there]


def test_a_run_trained_by_hand_is_taken_and_another_one_named(command, corpus, tmp_path):
    write(
        tmp_path / "hand.toml", [TABLE.format(epochs=1).split("[rows]")[0].replace("[base]", 'loss = "ce"\nseed = 0')]
    )
    by_hand = [sys.executable, str(ROOT / "training" / "train.py"), "--config", str(tmp_path / "hand.toml")]
    for side in ("train", "dev"):
        by_hand += [f"--{side}", str(corpus / f"{side}.txt")]
    run([*by_hand, "--vectors", str(corpus / "vectors.npz"), "--out", str(tmp_path / "runs" / "ce-seed0")])
    output, _ = run(command(tmp_path, "train", "--seeds", "0"))
    assert "ce-seed0: trained already" in output
    assert "soft-label-2-seed0: done" in output
    _, error = run(command(tmp_path, "train", "--seeds", "0", "1", epochs=2), status=1)
    for name in ("ce-seed0", "soft-label-2-seed0"):
        assert f"{name} holds another run than the table wants: epochs is 1 in the run and 2 in the table;" in error
    assert not (tmp_path / "runs" / "ce-seed1").exists()
    _, error = run(command(tmp_path, "measure", "--seeds", "0", epochs=2), status=1)
    assert "epochs is 1 in the run and 2 in the table" in error


def wait_until(condition, process):
    deadline = time.monotonic() + 200
    while not condition():
        assert process.poll() is None, "the command ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.01)


LONG = ("train", "--groups", "pooling", "--seeds", "0")
"""One run, which sixty epochs make long enough to be stopped on its way."""


@pytest.fixture(scope="module")
def never_stopped(command, tmp_path_factory):
    folder = tmp_path_factory.mktemp("never-stopped")
    run(command(folder, *LONG, epochs=60))
    return (folder / "runs" / "ce-seed0" / "model.safetensors").read_bytes()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_stopped_goes_on_and_ends_as_if_it_never_had(command, never_stopped, tmp_path, how):
    folder = tmp_path / "runs" / "ce-seed0"
    with subprocess.Popen(command(tmp_path, *LONG, epochs=60), stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: list((folder / "checkpoints").glob("step-*")), process)
        if how == signal.SIGKILL:
            kill_all_at(tmp_path)
        process.send_signal(how)
        assert process.wait(timeout=200) == (130 if how == signal.SIGTERM else -how)
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == ("interrupted" if how == signal.SIGTERM else "running")
    output, _ = run(command(tmp_path, *LONG, epochs=60))
    assert "ce-seed0: done" in output
    assert json.loads((folder / "run.json").read_text())["created"] == record["created"]
    assert (folder / "model.safetensors").read_bytes() == never_stopped


def kill_all_at(folder):
    """Kill the trainings into a folder, as a machine that goes down does."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (path / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if any("train.py" in one for one in arguments) and any(str(folder) in one for one in arguments):
            os.kill(int(path.name), signal.SIGKILL)


def test_a_failing_run_is_named_and_the_others_go_on(command, tmp_path):
    (tmp_path / "runs" / "ce-seed0").mkdir(parents=True)
    (tmp_path / "runs" / "ce-seed0" / "tokenizer.json").mkdir()  # nothing can be written there
    output, error = run(command(tmp_path, "all", "--seeds", "0"), status=1)
    assert "ce-seed0: failed with exit status 1 (log: " in output
    assert "train.py: " in output
    assert "soft-label-2-seed0: done" in output
    assert "ce-seed0: not trained yet, so not measured" in output
    assert "tables.py: failed: ce-seed0; the same command tries them again" in error
    page = (tmp_path / "results" / "table1.md").read_text()
    assert "| `ce` | not measured [79.0] |" in page
    assert "* `soft-label-2` is ahead of `ce` by more than the spread on 0 of 3 tasks; 3 not decided" in page


def test_a_report_needs_rows_alone(tmp_path):
    script = [sys.executable, str(ROOT / "training" / "tables.py")]
    output, _ = run([*script, "report", "--groups", "table1", "--results", str(tmp_path)])
    assert output == f"{tmp_path / 'table1.md'}\n"
    assert "not measured" in (tmp_path / "table1.md").read_text()
    done = subprocess.run([*script, "all", "--data", "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "all needs --train, --dev, --vectors" in done.stderr
    _, error = run([*script, "report", "--groups", "table", "--results", str(tmp_path)], status=1)
    assert "group must be one of: table1, figure2," in error
