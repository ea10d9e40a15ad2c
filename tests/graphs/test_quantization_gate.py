import json
import re
import shutil
from functools import partial

import numpy as np
import pytest
import torch

from resay.corpus import Corpus
from resay.engine.model_folder import ModelFolder
from resay.errors import ExportError, SettingsError
from resay.fitting.checkpoint import load_run
from resay.fitting.objective import ReconstructionObjective
from resay.fitting.validation import reconstruct, validate
from resay.graphs import export as export_module
from resay.graphs import quantization as quantization_module
from resay.graphs import rounding
from resay.graphs.decoder_step_graph import build_decoder_step
from resay.graphs.encoder_graph import build_encoder
from resay.graphs.export import export_run, exported_files
from resay.graphs.golden import golden_of_step, make_golden
from resay.graphs.parity import ParityGrid, check_parity
from resay.graphs.quantization import QUANTIZATIONS, Quantization, quantize_step, require_small_drop
from resay.graphs.run_corpora import decoder_states, sample_corpus
from resay.graphs.session import open_cpu_session
from resay.graphs.step_accuracy import StepAccuracy, measure_step
from resay.losses import CrossEntropyLoss
from resay.text import EOS_ID

SMALL_GRID = ParityGrid(batches=(1, 3), longest_length=3, every_word_lengths=(2,))


@pytest.fixture(scope="module", autouse=True)
def short_comparison():
    """The comparison with torch has tests of its own; here it would only take time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_module, "check_parity", partial(check_parity, grid=SMALL_GRID))
        yield


@pytest.fixture(scope="module")
def exported(trained_run, tmp_path_factory):
    out = tmp_path_factory.mktemp("models") / "small"
    return out, export_run(trained_run, out, quantize="int8")


def numbers_in(message):
    return [float(number) for number in re.findall(r"(\d+\.\d+)%", message)]


def test_the_record(exported):
    out, report = exported
    record = json.loads((out / "model.json").read_text())["quantization"]
    quantization = report.checks.quantization
    assert record == {
        "kind": "int8",
        "graph": "decoder_step",
        "quantized": ["word_vectors", "gates", "logits"],
        "corpus": "dev",
        "sentences": 120,
        "tokens": quantization.float32.num_targets,
        "token_accuracy": {
            "float32": quantization.float32.token_accuracy,
            "int8": quantization.quantized.token_accuracy,
        },
        "reconstruction_accuracy": {
            "float32": quantization.float32.reconstruction_accuracy,
            "int8": quantization.quantized.reconstruction_accuracy,
        },
        "largest_drop": 0.005,
    }
    assert record["token_accuracy"]["float32"] > 0.9, "the fixture is to be a model that has learnt something"


def test_the_engine_reads_it_and_the_graph_is_the_smaller_one(exported, trained_run):
    folder = ModelFolder.open(exported[0])
    float32, _ = exported_files("small", load_run(trained_run))
    assert folder.encoder_bytes == float32["encoder.onnx"]
    assert folder.decoder_step_bytes != float32["decoder_step.onnx"]
    assert b"MatMulIntegerToFloat" in folder.decoder_step_bytes


def test_two_exports_are_equal_byte_for_byte(exported, trained_run, tmp_path):
    out = tmp_path / "small"
    export_run(trained_run, out, quantize="int8")
    for path in exported[0].iterdir():
        assert (out / path.name).read_bytes() == path.read_bytes(), path.name


def test_golden_reconstructions_are_the_quantised_graphs(trained_run, exported, monkeypatch):
    """A coarser graph says something else, and then that is what stands in model.json."""
    loaded = load_run(trained_run)
    expected = make_golden(loaded.model, loaded.tokenizer, 12)
    assert [sentence.reconstruction for sentence in ModelFolder.open(exported[0]).card.golden] == [
        sentence.reconstruction for sentence in expected
    ]
    monkeypatch.setattr(rounding, "TOP_LEVEL", 1)
    coarse = QUANTIZATIONS["int8"](loaded.model, trained_run / "corpus")
    monkeypatch.setattr(quantization_module, "LARGEST_DROP", 1.0)
    files, _ = exported_files("small", loaded, corpora=trained_run / "corpus", quantize="int8")
    assert files["decoder_step.onnx"] == coarse
    found = golden_of_step(expected, coarse, loaded.tokenizer, hidden_size=32, max_length=12)
    assert found != expected
    assert [sentence["reconstruction"] for sentence in json.loads(files["model.json"])["golden"]] == [
        sentence.reconstruction for sentence in found
    ]


def test_golden_of_the_float32_graph_is_torchs(trained_run):
    loaded = load_run(trained_run)
    expected = make_golden(loaded.model, loaded.tokenizer, 12)
    graph = build_decoder_step(loaded.model)
    assert golden_of_step(expected, graph, loaded.tokenizer, hidden_size=32, max_length=12) == expected


def test_measures_are_those_of_training(trained_run):
    model = load_run(trained_run).model
    batch = sample_corpus(trained_run / "corpus", "dev", 1000)
    with torch.no_grad():
        model.decoder.output.bias[5:9] += 6  # so that there is something to be wrong
        latents = model.encode(torch.from_numpy(batch.token_ids), torch.from_numpy(batch.lengths)).latent.numpy()
    found = measure_step(open_cpu_session(build_decoder_step(model)), latents, batch.targets, 32)
    objective = ReconstructionObjective(model, CrossEntropyLoss())
    corpus = Corpus.open(trained_run / "corpus" / "dev")
    metrics = validate(objective, corpus, 10, torch.device("cpu"))
    assert 0.3 < found.token_accuracy < 1
    assert found.token_accuracy == pytest.approx(metrics.token_accuracy, abs=1e-9)
    num_right = num_targets = 0
    for pair in reconstruct(objective, corpus, 1000, torch.device("cpu")):
        source, output = [*pair.source, EOS_ID], [*pair.output, EOS_ID]
        num_right += sum(a == b for a, b in zip(source, output, strict=False))
        num_targets += len(source)
    assert (found.num_free, found.num_targets) == (num_right, num_targets)


def test_measures_do_not_depend_on_the_rows_of_a_call(trained_run, monkeypatch):
    model = load_run(trained_run).model
    batch = sample_corpus(trained_run / "corpus", "dev", 30)
    feeds = {"token_ids": batch.token_ids, "lengths": batch.lengths}
    latents = open_cpu_session(build_encoder(model)).run(["latent"], feeds)[0]
    session = open_cpu_session(build_decoder_step(model))
    expected = measure_step(session, latents, batch.targets, 32)
    monkeypatch.setattr("resay.graphs.step_accuracy.MAX_ROWS", 7)
    assert measure_step(session, latents, batch.targets, 32) == expected


def test_states_are_those_before_each_word_and_end_mark(trained_run):
    model = load_run(trained_run).model
    batch = sample_corpus(trained_run / "corpus", "train", 10)
    states = decoder_states(model, batch)
    assert states.shape == (batch.num_targets, 32)
    predictions = (torch.from_numpy(states) @ model.decoder.output.weight.T + model.decoder.output.bias).argmax(dim=1)
    assert (predictions.numpy() == batch.targets[batch.targets >= 0]).mean() > 0.8


def test_a_harmful_quantisation_is_refused(trained_run, tmp_path, monkeypatch):
    out = tmp_path / "small"
    export_run(trained_run, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(rounding, "TOP_LEVEL", 1)  # levels −1, 0 and 1
    with pytest.raises(ExportError, match=r"on 120 dev sentences .* Export without --quantize, or train") as refused:
        export_run(trained_run, out, quantize="int8")
    free, quantized_free, forced, quantized_forced = numbers_in(str(refused.value))
    assert min(free, forced) > 90
    assert max(free - quantized_free, forced - quantized_forced) > 5
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_extreme_weights_are_refused(trained_run):
    """One huge word vector a word, far beyond its other entries, takes all levels for itself."""
    model = load_run(trained_run).model
    with torch.no_grad():
        model.word_vectors.weight[:, 0] = 1e5
        model.decoder.lstm.weight_ih_l0[:, 0] = 0.0
        model.encoder.readers[0][0].weight_ih_l0[:, 0] = 0.0
    encoder, decoder_step = build_encoder(model), build_decoder_step(model)
    with pytest.raises(ExportError, match=r"percentage points, more than the 0\.5 allowed; nothing was written"):
        quantize_step(model, encoder, decoder_step, trained_run / "corpus", "int8")


@pytest.mark.parametrize("latent", ["vae", "gumbel", "binary", "lm"])
def test_latents_that_are_drawn_are_quantised_the_same_way_every_time(trained_run, tiny_model, latent, monkeypatch):
    monkeypatch.setattr("resay.graphs.quantization.LARGEST_DROP", 1.0)  # untrained: right by chance alone
    words = load_run(trained_run).model.settings.vocab_size
    model = tiny_model(vocab_size=words, latent=latent, latent_size=6)
    encoder, decoder_step = build_encoder(model), build_decoder_step(model)
    first, second = (quantize_step(model, encoder, decoder_step, trained_run / "corpus", "int8")[0] for _ in range(2))
    assert first == second != decoder_step


@pytest.mark.parametrize(
    ("forced", "free", "passes"),
    [
        (995, 800, True),
        (994, 800, False),
        (1000, 795, True),
        (1000, 794, False),
        (1000, 1000, True),
        (990, 1000, False),
    ],
)
def test_half_a_point_of_either_measure(forced, free, passes):
    quantization = Quantization("int8", 90, StepAccuracy(1000, 800, 1000), StepAccuracy(forced, free, 1000))
    if passes:
        require_small_drop(quantization)
    else:
        with pytest.raises(ExportError, match=f"80.00% .* int8 {free / 10:.2f}%, and 100.00% and {forced / 10:.2f}%"):
            require_small_drop(quantization)


def test_an_unknown_kind_names_the_known_ones(tmp_path):
    with pytest.raises(SettingsError, match=r"--quantize must be one of: int8; got 'int4'"):
        export_run(tmp_path / "no-such-run", tmp_path / "out", quantize="int4")


@pytest.mark.parametrize("name", ["train", "dev"])
def test_a_missing_corpus_is_named(trained_run, tmp_path, name):
    run = tmp_path / "run"
    shutil.copytree(trained_run, run)
    shutil.rmtree(run / "corpus" / name)
    with pytest.raises(ExportError, match=f"the run's {name} corpus: .*{name}.* or export without --quantize"):
        export_run(run, tmp_path / "out", quantize="int8")
    assert not (tmp_path / "out").exists()
    export_run(run, tmp_path / "out")


def test_quantising_without_a_run_folder_is_refused(trained_run):
    with pytest.raises(ExportError, match="needs the run's corpora"):
        exported_files("small", load_run(trained_run), quantize="int8")


def test_sentences_are_spread_over_the_corpus(trained_run):
    corpus = Corpus.open(trained_run / "corpus" / "dev")
    every = sample_corpus(trained_run / "corpus", "dev", 5000)
    assert len(every.lengths) == len(corpus)
    few = sample_corpus(trained_run / "corpus", "dev", 3)
    expected, _ = corpus.padded(np.array([0, (len(corpus) - 1) // 2, len(corpus) - 1]))
    np.testing.assert_array_equal(few.token_ids, expected)


def test_the_script_quantises(trained_run, tmp_path, run_script):
    finished = run_script(trained_run, "--out", tmp_path / "small", "--quantize", "int8", "--calibration-sentences", 0)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "on 120 dev sentences float32 says" in finished.stdout
    assert ModelFolder.open(tmp_path / "small").card.name == "small"


def test_the_script_names_the_known_kinds(trained_run, tmp_path, run_script):
    finished = run_script(trained_run, "--out", tmp_path / "small", "--quantize", "int9")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == "error: --quantize must be one of: int8; got 'int9' (did you mean 'int8'?)\n"
