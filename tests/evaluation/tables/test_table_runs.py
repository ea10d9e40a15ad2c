"""A folder that holds the very run is told from one that holds another."""

import dataclasses
import json

import pytest

from resay.errors import CheckpointError, CorpusError
from resay.evaluation.tables.inputs import Inputs
from resay.evaluation.tables.runs import check_all, check_run, state
from resay.fitting.train import train_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory, given):
    """A run of the row ce, trained by hand."""
    from resay.evaluation.tables.runs import TableRun
    from resay.fitting import TrainSettings

    settings = TrainSettings(loss="ce", hidden_size=8, batch_size=16, epochs=1, min_count=1, word_vector_norm=2.0)
    run = TableRun("ce", settings, ("latent",))
    folder = tmp_path_factory.mktemp("runs") / run.name
    train_run(folder, given, settings)
    return folder, run


@pytest.fixture
def hashes(trained, given, tmp_path):
    return Inputs(given, tmp_path).hashes(trained[1])


def test_a_run_that_was_trained_by_hand_is_the_very_run(trained, hashes):
    folder, run = trained
    assert state(folder) == "finished"
    check_run(folder, run, hashes)
    check_run(folder, dataclasses.replace(run, settings=dataclasses.replace(run.settings, device="cpu")), hashes)


def other(run, **changes):
    return dataclasses.replace(run, settings=dataclasses.replace(run.settings, **changes))


def test_other_settings_are_named_all_of_them(trained, hashes):
    folder, run = trained
    wanted = other(run, epochs=2, normalize=False)
    with pytest.raises(CheckpointError) as caught:
        check_all([(folder, run, hashes), (folder, wanted, hashes)])
    assert str(folder) in str(caught.value)
    assert "epochs is 1 in the run and 2 in the table" in str(caught.value)
    assert "normalize is the loss's own default in the run and False in the table" in str(caught.value)
    assert str(caught.value).count(";") == 1


def test_another_text_is_seen_though_its_file_has_the_same_name(trained, given, tmp_path):
    folder, run = trained
    text = tmp_path / "dev.txt"
    text.write_text("the soup was warm .\n")
    hashes = Inputs(dataclasses.replace(given, dev=[text]), tmp_path).hashes(run)
    with pytest.raises(CheckpointError, match=r"--dev holds another text than the run was given. Name another --out"):
        check_run(folder, run, hashes)
    with given.train[0].open() as stream:
        (tmp_path / "train.txt").write_text(stream.read() + "the waiter was new .\n")
    hashes = Inputs(dataclasses.replace(given, train=[tmp_path / "train.txt"]), tmp_path).hashes(run)
    with pytest.raises(CheckpointError, match="--train holds another text"):
        check_run(folder, run, hashes)


@pytest.mark.parametrize("change", [{"seed": 1}, {"word_vector_norm": 3.0}, {"min_count": 25}])
def test_what_the_data_depends_on_changes_its_hashes(trained, given, hashes, tmp_path, change):
    assert Inputs(given, tmp_path).hashes(other(trained[1], **change)) != hashes


def test_base_forms_and_vectors_of_its_own_are_seen(trained, given, hashes, tmp_path):
    folder, run = trained
    without = Inputs(given, tmp_path).hashes(dataclasses.replace(run, with_lemmas=False))
    with pytest.raises(CheckpointError, match="its word vectors are not those that --vectors and --lemmas give"):
        check_run(folder, run, without)
    own = Inputs(given, tmp_path).hashes(dataclasses.replace(run, with_vectors=False))
    assert (own.train, own.vectors) == (hashes.train, None)
    with pytest.raises(CheckpointError, match="has a file of vectors, and the row vectors trained on the corpus"):
        check_run(folder, run, own)


def test_stop_words_of_its_own_are_seen(trained, hashes, tmp_path):
    folder, run = trained
    record = json.loads((folder / "run.json").read_text())
    record["files"]["stop_words"] = "words.txt"
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match=r"has stop words of its own, words.txt"):
        check_run(tmp_path, run, hashes)


def test_a_folder_is_absent_unfinished_or_finished(trained, tmp_path):
    assert state(tmp_path / "nothing") == "absent"
    record = json.loads((trained[0] / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps(record | {"status": "interrupted"}))
    assert state(tmp_path) == "unfinished"
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert state(tmp_path) == "unfinished"  # its weights are missing
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"run.json: cannot be read"):
        state(tmp_path)


def test_hashes_are_found_once(trained, given, tmp_path):
    run = trained[1]
    found = Inputs(given, tmp_path).hashes(run)
    kept = sorted((tmp_path / "inputs").iterdir())
    assert len(kept) == 2
    for path in kept:
        path.write_text(path.read_text().replace(found.vectors, "kept"))
    assert Inputs(given, tmp_path).hashes(run) == dataclasses.replace(found, vectors="kept")
    kept[0].write_text("{")
    kept[1].write_text("{")
    assert Inputs(given, tmp_path).hashes(run) == found


def test_a_missing_file_is_named(given, tmp_path):
    with pytest.raises(CorpusError, match=r"nothing.npz: no such file"):
        Inputs(dataclasses.replace(given, vectors=tmp_path / "nothing.npz"), tmp_path)
