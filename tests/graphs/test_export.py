import hashlib
import json

import numpy as np
import pytest
import torch

from resay.errors import CheckpointError, ExportError, MissingExtraError
from resay.fitting.checkpoint import load_run, save_model
from resay.fitting.record import read_record, write_record
from resay.graphs import export as export_module
from resay.graphs import extras
from resay.graphs.export import export_run
from resay.graphs.session import open_cpu_session
from resay.text import BOS_ID, EOS_ID, Tokenizer, detokenize


def contents_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_folder_contents(run_folder, tmp_path):
    out = tmp_path / "models" / "first"
    report = export_run(run_folder, out)
    files = contents_of(out)
    assert set(files) == {
        "encoder.onnx",
        "decoder_step.onnx",
        "tokenizer.json",
        "model.json",
        "MANIFEST.sha256",
    }
    listed = dict(line.split("  ")[::-1] for line in files.pop("MANIFEST.sha256").decode().splitlines())
    assert listed == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert report.sizes == {name: len(data) for name, data in files.items()}
    assert Tokenizer.from_bytes(files["tokenizer.json"]).words == load_run(run_folder).tokenizer.words


def test_card(run_folder, tmp_path):
    report = export_run(run_folder, tmp_path / "first")
    card = json.loads((tmp_path / "first" / "model.json").read_text())
    vocab_size = load_run(run_folder).tokenizer.vocab_size
    golden = card.pop("golden")
    parity = card.pop("parity")
    assert card == {
        "format": 1,
        "name": "first",
        "dimensions": {
            "vocab_size": vocab_size,
            "word_vector_size": 5,
            "hidden_size": 7,
            "latent_size": 7,
            "embedding_size": 5,
        },
        "limits": {"max_length": 12},
        "loss": "soft-label",
        "latent": "none",
        "latent_space": {
            "noise": "none",
            "readings": ["latent"],
            "reads_sentence": True,
            "binary": False,
            "prior": None,
        },
        "special_ids": {"pad": 0, "unk": 1, "bos": 2, "eos": 3, "num": 4},
        "provenance": {
            "seed": 3,
            "git_commit": "0" * 40,
            "versions": {"torch": "2.13.0"},
            "corpus_sha256": "c" * 64,
            "vectors": {"source": "random"},
            "created": "2026-01-01T00:00:00+00:00",
            "loss_options": {"num_neighbours": 5},
        },
        "metrics": {"dev_loss": 1.5},
        "quantization": None,
    }
    assert set(parity) == {"max_difference", "grid"}
    assert parity["max_difference"] == report.checks.parity.worst.value
    assert [sorted(sentence) for sentence in golden] == [
        ["embedding", "latent", "reconstruction", "text", "token_ids"]
    ] * 3


def test_golden_sentences_are_known_and_the_graphs_agree(run_folder, tmp_path):
    out = tmp_path / "first"
    export_run(run_folder, out)
    tokenizer = load_run(run_folder).tokenizer
    encoder, decoder_step = (
        open_cpu_session((out / name).read_bytes()) for name in ("encoder.onnx", "decoder_step.onnx")
    )
    golden = json.loads((out / "model.json").read_text())["golden"]
    assert {sentence["text"] for sentence in golden} == {"I like this book.", "Thank you.", "hello"}
    for sentence in golden:
        assert tokenizer.encode(sentence["text"]).token_ids == sentence["token_ids"]
        feeds = {
            "token_ids": np.array([sentence["token_ids"]]),
            "lengths": np.array([len(sentence["token_ids"])]),
        }
        latent, embedding = encoder.run(["latent", "embedding"], feeds)
        np.testing.assert_allclose(latent[0], sentence["latent"], atol=1e-5)
        np.testing.assert_allclose(embedding[0], sentence["embedding"], atol=1e-5)
        said = greedy_words(decoder_step, latent, max_steps=12)
        assert detokenize([tokenizer.words[word_id] for word_id in said]) == sentence["reconstruction"]


def greedy_words(decoder_step, latent, max_steps):
    token, hidden, cell = np.array([BOS_ID]), np.zeros((1, 7), np.float32), np.zeros((1, 7), np.float32)
    said = []
    while len(said) < max_steps:
        feeds = {"token_ids": token, "latent": latent, "hidden": hidden, "cell": cell}
        ids, _, hidden, cell = decoder_step.run(
            ["candidate_ids", "log_probs", "next_hidden", "next_cell"],
            feeds | {"num_candidates": np.array([1])},
        )
        token = ids[:, 0]
        if token[0] == EOS_ID:
            break
        said.append(int(token[0]))
    return said


def test_two_exports_are_equal_byte_for_byte(run_folder, tmp_path):
    export_run(run_folder, tmp_path / "a" / "same")
    export_run(run_folder, tmp_path / "b" / "same")
    assert contents_of(tmp_path / "a" / "same") == contents_of(tmp_path / "b" / "same")


def test_the_engine_opens_it(run_folder, tmp_path):
    from resay.engine.model_folder import ModelFolder

    export_run(run_folder, tmp_path / "first")
    assert ModelFolder.open(tmp_path / "first").card.dimensions.hidden_size == 7


def test_a_sparse_record_is_enough(run_folder, tmp_path):
    record = read_record(run_folder)
    write_record(run_folder, {"model": record["model"], "settings": record["settings"]})
    export_run(run_folder, tmp_path / "sparse")
    card = json.loads((tmp_path / "sparse" / "model.json").read_text())
    assert set(card["provenance"].values()) == {None}
    assert (card["loss"], card["metrics"]) == ("", {})


def test_an_addition_measures_the_finished_model(run_folder, tmp_path):
    seen = []

    def addition(folder):
        seen.append(folder)
        return {"calibration": None, "mine": {"words": folder.card.dimensions.vocab_size}}

    out = tmp_path / "first"
    export_run(run_folder, out, addition=addition)
    files = contents_of(out)
    (folder,) = seen
    assert (folder.encoder_bytes, folder.decoder_step_bytes) == (files["encoder.onnx"], files["decoder_step.onnx"])
    assert folder.tokenizer.words == load_run(run_folder).tokenizer.words
    assert (folder.card.name, len(folder.card.golden)) == ("first", 3)
    assert json.loads(files["model.json"])["mine"] == {"words": folder.tokenizer.vocab_size}
    listed = dict(line.split("  ")[::-1] for line in files["MANIFEST.sha256"].decode().splitlines())
    assert listed["model.json"] == hashlib.sha256(files["model.json"]).hexdigest()


def test_a_model_that_is_no_number_leaves_the_earlier_export(run_folder, tmp_path):
    out = tmp_path / "first"
    export_run(run_folder, out)
    before = contents_of(out)
    model = load_run(run_folder).model
    with torch.no_grad():
        model.encoder.readers[0][0].weight_hh_l0[0, 0] = float("nan")
    save_model(run_folder, model)
    with pytest.raises(ExportError, match="graph encoder, output latent"):
        export_run(run_folder, out)
    assert contents_of(out) == before


def test_an_export_that_differs_is_not_written(run_folder, tmp_path, monkeypatch):
    other = load_run(run_folder).model
    with torch.no_grad():
        other.encoder.readers[0][0].weight_hh_l0[0, 0] += 0.1
    build_encoder = export_module.build_encoder
    monkeypatch.setattr(export_module, "build_encoder", lambda model, embedder: build_encoder(other, embedder))
    with pytest.raises(ExportError, match="graph encoder, output latent: differs by"):
        export_run(run_folder, tmp_path / "first")
    assert not (tmp_path / "first").exists()


def test_threads_are_put_back(run_folder, tmp_path):
    before = torch.get_num_threads()
    export_run(run_folder, tmp_path / "first")
    assert torch.get_num_threads() == before


def test_a_foreign_folder_is_refused_before_the_run_is_read(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(ExportError, match=r"thesis\.txt"):
        export_run(tmp_path / "no-such-run", tmp_path / "mine")


def test_a_missing_run_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="no-such-run"):
        export_run(tmp_path / "no-such-run", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_damaged_run_is_named(run_folder, tmp_path):
    weights = run_folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-40])
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        export_run(run_folder, tmp_path / "out")


def test_a_tokenizer_of_another_run_is_refused(run_folder, tmp_path):
    Tokenizer.build(["some other words"], min_count=1).save(run_folder / "tokenizer.json")
    with pytest.raises(ExportError, match="tokenizer has 8 words"):
        export_run(run_folder, tmp_path / "out")


def test_a_missing_extra_gives_the_command(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in ("onnx", "onnxruntime") else name)
    with pytest.raises(MissingExtraError, match=r"needs onnx and onnxruntime.*pip install 'resay\[export,cpu\]'"):
        extras.require_export_extras()


def test_the_script_exports(run_folder, tmp_path, run_script):
    finished = run_script(run_folder, "--out", tmp_path / "models" / "first", "--calibration-sentences", 0)
    assert (finished.returncode, finished.stderr) == (0, "")
    for expected in ("encoder.onnx", "decoder_step.onnx", "torch and ONNX differ by", "wrote "):
        assert expected in finished.stdout
    assert (tmp_path / "models" / "first" / "model.json").is_file()


def test_the_script_says_what_is_wrong_in_one_line(tmp_path, run_script):
    finished = run_script(tmp_path / "nothing", "--out", tmp_path / "out")
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr.startswith("error: ")
    assert "nothing" in finished.stderr
    assert "Traceback" not in finished.stderr
