"""What a folder says of its model, and what its model says."""

import json
import shutil

import pytest

from resay.errors import SettingsError
from resay.evaluation.report.about import describe_loss, read_about, short_commit
from resay.evaluation.report.examples import Example, make_examples, render_examples


def test_a_run_says_how_it_came_about(run_folder):
    about = read_about(run_folder)
    assert (about.name, about.loss, about.num_neighbours, about.seed) == ("soft-seed1", "soft-label", "3", "1")
    assert not about.exported
    assert [row["dev_loss"] for row in about.history] == ["4.5", "4.1"]
    facts = dict(about.facts)
    assert facts["Loss"] == "soft-label, num neighbours 3, ce mix 0.1"
    assert facts["Training text"] == "train.txt: 7 sentences, 35 tokens, sha256 ffffffffffff"
    assert facts["Training"] == "3 epochs, the best was 2, batch size 64"
    assert facts["Trained for"] == "1,234 s on cpu"
    assert facts["Command"] == "python training/train.py --loss soft-label --out 'my runs/soft'"
    assert facts["Word vectors"] == "vectors.npz: 12 words"
    assert facts["Left out of neighbours"] == "antonyms"
    assert facts["Commit"] == "0123456+changes"
    assert "hidden size 6" in facts["Sizes"]
    assert all(about.facts[place][1] for place in range(len(about.facts)))


def test_a_run_that_says_little_is_read_too(run_folder, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps({"settings": {}, "model": {}}))
    about = read_about(tmp_path)
    assert (about.loss, about.seed, list(about.history)) == ("", "", [])


def test_an_exported_model_says_what_it_is(model_folder):
    about = read_about(model_folder)
    assert (about.name, about.loss, about.num_neighbours, about.seed) == ("soft", "soft-label", "3", "1")
    assert about.exported
    facts = dict(about.facts)
    assert facts["Sizes"] == "word vectors 8, decoder 6, latent 6, embedding 8"
    assert facts["Longest sentence"] == "12 tokens"
    assert "Commit" not in facts


def test_any_other_folder_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"is no run folder of training/train.py, which holds run.json, and no"):
        read_about(tmp_path)


def test_options_that_are_not_set_are_not_told():
    options = {"num_neighbours": 5, "ce_mix": 0.0, "normalize": True, "eps": None, "excluded_pairs": []}
    assert describe_loss("soft-label", options) == "soft-label, num neighbours 5, normalize yes"
    assert describe_loss("soft-label", options | {"normalize": False}) == "soft-label, num neighbours 5, normalize no"
    assert describe_loss("weighted-ce", options) == "weighted-ce, normalize yes"
    assert (short_commit("0123456789"), short_commit("")) == ("0123456", "")


def test_a_run_reconstructs(run_folder):
    found = make_examples(run_folder, ["The soup was good."])
    assert found.title == "Reconstructions"
    assert [example.source for example in found.examples] == ["the soup was good ."]
    assert len(found.examples[0].outputs) == 1


def test_an_exported_model_paraphrases_as_it_is_served(model_folder):
    found = make_examples(model_folder, ["The soup was good.", "  "])
    assert found.title == "Paraphrases"
    sentence, empty = found.examples
    assert sentence.source == "The soup was good."
    assert len(sentence.outputs) <= 3
    assert all(0 <= float(remark) <= 1 for _, remark in sentence.outputs)
    ((text, message),) = empty.outputs
    assert text == ""
    assert "text" in message


def test_a_plain_language_model_says_why_it_has_none(model_folder, tmp_path):
    write_folder = pytest.importorskip("resay.graphs.folder").write_folder
    folder = tmp_path / "lm"
    shutil.copytree(model_folder, folder)
    card = json.loads((folder / "model.json").read_text())
    card |= {"latent": "lm", "latent_space": {"reads_sentence": False}}
    (folder / "model.json").write_text(json.dumps(card))
    names = ("encoder.onnx", "decoder_step.onnx", "tokenizer.json", "model.json")
    write_folder(tmp_path / "again", {name: (folder / name).read_bytes() for name in names})
    found = make_examples(tmp_path / "again", ["The soup was good."])
    assert found.examples == []
    assert "plain language model" in found.note


def test_examples_are_escaped():
    text = render_examples([Example("a < b", [("c & d", "0.5")]), Example("none", [])])
    assert "<p>a &lt; b</p><ol><li>c &amp; d<small>0.5</small></li></ol>" in text
    assert '<p>none</p><p class="note">none</p>' in text
    assert render_examples([]) == ""
