"""docs/losses.md, the README's lines on losses and the picture: code runs, defaults and claims hold."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from resay.errors import ResayError, SettingsError, ShapeError
from resay.losses import (
    CrossEntropyLoss,
    SoftLabelLoss,
    WeightedCrossEntropyLoss,
    WeightedSimilarityLoss,
    build_loss,
    chunks,
    output_layer,
    products,
)

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "losses.md").read_text(encoding="utf-8")
README = (PROJECT / "README.md").read_text(encoding="utf-8")
SECTIONS = {
    "Cross-entropy": CrossEntropyLoss,
    "Soft label": SoftLabelLoss,
    "Weighted cross-entropy": WeightedCrossEntropyLoss,
    "Weighted similarity": WeightedSimilarityLoss,
}
NO_DEFAULT = "\N{EN DASH}"


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def python_blocks(text):
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def block_with(text):
    (block,) = [block for block in python_blocks(PAGE) if text in block]
    return block


def test_the_first_example_runs():
    names = {}
    first = python_blocks(PAGE)[0]
    exec(first, names)
    dropped_in, fused = (eval(line, names) for line in first.splitlines() if re.match(r"loss(\.fused)?\(", line))
    torch.testing.assert_close(fused, dropped_in)


def test_the_readme_example_runs():
    blocks = [block for block in python_blocks(README) if "resay.losses" in block]
    assert blocks
    for block in blocks:
        logits = torch.randn(2, 3, 20, requires_grad=True)
        names = {"word_vectors": torch.randn(20, 4), "logits": logits, "targets": torch.randint(20, (2, 3))}
        exec(block, names)
        assert logits.grad.abs().sum() > 0


@pytest.fixture
def trained(capsys):
    """The names that the Hugging Face example leaves, and the losses it prints."""
    names = {}
    exec(block_with("BartConfig("), names)
    printed = [float(value) for value in re.findall(r"^step \d+: (\S+)$", capsys.readouterr().out, re.MULTILINE)]
    names["model"].eval()
    return names, printed


def test_the_hugging_face_example_is_short_and_trains(trained):
    _, printed = trained
    assert len([line for line in block_with("BartConfig(").splitlines() if line]) < 20
    assert len(printed) == 20
    assert printed[-1] < 0.95 * printed[0]


def test_both_doors_of_the_hugging_face_example_agree(trained):
    names, _ = trained
    exec(block_with("last_hidden_state"), names)
    logits = names["model"](input_ids=names["inputs"], decoder_input_ids=names["decoder_inputs"]).logits
    dropped_in = names["loss"](logits, names["labels"])
    torch.testing.assert_close(names["value"], dropped_in)
    parameters = [parameter for parameter in names["model"].parameters() if parameter.requires_grad]
    gradients = torch.autograd.grad(names["value"], parameters)
    torch.testing.assert_close(gradients, torch.autograd.grad(dropped_in, parameters), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("scaled", [True, False])
def test_the_remark_on_t5(scaled):
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(vocab_size=60, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, decoder_start_token_id=0)
    model = T5ForConditionalGeneration(config).eval()
    model.config.scale_decoder_outputs = scaled
    loss = SoftLabelLoss(model.get_input_embeddings().weight)
    inputs, labels = torch.randint(60, (2, 5)), torch.randint(60, (2, 4))
    output = model(input_ids=inputs, decoder_input_ids=labels, output_hidden_states=True)
    hidden = output.decoder_hidden_states[-1] * (config.d_model**-0.5 if scaled else 1)
    assert model.lm_head.bias is None
    torch.testing.assert_close(loss.fused(hidden, model.lm_head.weight, None, labels), loss(output.logits, labels))


TRAINER = """
import torch
from transformers import Trainer, TrainingArguments
torch.manual_seed(0)
{example}
{compute_loss}
config.update({{"dropout": 0.0}})
model = BartForConditionalGeneration(config).eval()
def collate(rows):
    labels = torch.stack([row["labels"] for row in rows])
    decoder_inputs = model.prepare_decoder_input_ids_from_labels(labels)
    return {{"input_ids": torch.stack([row["input_ids"] for row in rows]), "labels": labels,
            "decoder_input_ids": decoder_inputs}}
labels[0] = -100
rows = [{{"input_ids": one, "labels": other}} for one, other in zip(inputs, labels)]
batch = collate(rows)
logits = model(input_ids=batch["input_ids"], decoder_input_ids=batch["decoder_input_ids"]).logits
expected = SoftLabelLoss(vectors, num_neighbours=5, no_vector_ids=[0, 1, 2, 3])(logits, labels)
arguments = TrainingArguments({folder!r}, max_steps=1, per_device_train_batch_size=2, gradient_accumulation_steps=4,
    logging_steps=1, report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True, dataloader_pin_memory=False)
trainer = Trainer(model, arguments, train_dataset=rows, data_collator=collate, compute_loss_func=compute_loss)
print("mean", trainer.train().training_loss, expected.item())
"""


def test_the_trainer_example_means_over_accumulated_steps(tmp_path):
    parts = {"example": block_with("BartConfig("), "compute_loss": block_with("def compute_loss")}
    code = TRAINER.format(folder=str(tmp_path), **parts)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    trained, expected = re.search(r"^mean (\S+) (\S+)$", done.stdout, re.MULTILINE).groups()
    assert float(trained) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("title", SECTIONS)
def test_options_and_defaults_are_those_of_the_code(title):
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| ", section(title), re.MULTILINE)
    parameters = inspect.signature(SECTIONS[title]).parameters.values()
    empty = inspect.Parameter.empty
    expected = [(one.name, NO_DEFAULT if one.default is empty else f"`{one.default!r}`") for one in parameters]
    assert sorted(rows) == sorted(expected)


def test_links_lead_somewhere():
    titles = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    headings = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert target[1:] in headings if target.startswith("#") else (PROJECT / "docs" / target).is_file()


def test_chunks_are_as_large_as_the_page_says():
    assert f"On a CPU C is {chunks.CPU_CHUNK_ROWS}, " in PAGE
    assert f"fill {chunks.CPU_CHUNK_BYTES // 2**20} MiB" in PAGE
    assert f"fill {chunks.DEVICE_CHUNK_BYTES // 2**20} MiB" in PAGE


@pytest.mark.parametrize(
    ("name", "fused", "closed"), [("ce", 1, 1), ("soft-label", 1, 1), ("weighted-ce", 3, 1), ("weighted-sim", 3, 3)]
)
def test_a_step_holds_as_many_chunks_as_the_page_says(name, fused, closed, monkeypatch):
    (row,) = re.findall(rf"^\| `{name}` \| .*C·V.*$", PAGE, re.MULTILINE)
    assert row.split("|")[4].strip().startswith("C·V" if fused == 1 else f"{fused}·C·V")
    made = set()
    matrix = chunks.Scratch.matrix
    monkeypatch.setattr(output_layer, "prefers_onednn", lambda *matrices: False)
    monkeypatch.setattr(products, "prefers_onednn", lambda *matrices: False)
    monkeypatch.setattr(
        chunks.Scratch, "matrix", lambda self, name, rows: (made.add(name), matrix(self, name, rows))[1]
    )
    vectors, targets = torch.rand(20, 4), torch.randint(20, (30,))
    weight, hidden = torch.randn(20, 3, requires_grad=True), torch.randn(30, 3)
    loss = build_loss(name, vectors)
    loss.fused(hidden, weight, None, targets)
    assert len(made) == fused
    made.clear()
    loss(hidden @ weight.t(), targets)
    assert len(made) == fused
    if name == "weighted-ce":
        made.clear()
        WeightedCrossEntropyLoss(vectors, eps=0.0).fused(hidden, weight, None, targets)
        assert len(made) == closed


VECTORS = torch.tensor([[1.0, 0.1], [1.0, 0.3], [0.2, 1.0], [-1.0, 0.5]])  # the last is unlike the first two


def test_without_eps_one_negative_similarity_unbounds_weighted_cross_entropy():
    loss = WeightedCrossEntropyLoss(VECTORS)
    similarity = float(torch.cosine_similarity(VECTORS[0], VECTORS[3], dim=0))
    assert similarity < 0
    logits = torch.zeros(2, 4)
    logits[:, 3] = torch.tensor([-100.0, -1100.0])
    logits.requires_grad_()
    bounded = loss(logits, torch.tensor([0, 0]))
    near, far = (loss(row, torch.tensor([0])) for row in logits.detach().split(1))
    assert float(near) == float(far) > -11.6
    (gradient,) = torch.autograd.grad(bounded, logits)
    assert gradient[:, 3].abs().max() < 1e-30
    loss.eps = 0.0  # what the constructor refuses
    loss.reduction = "sum"
    near, far = (loss(row, torch.tensor([0])) for row in logits.detach().split(1))
    assert float(far - near) == pytest.approx(1000 * similarity, rel=1e-4)
    (gradient,) = torch.autograd.grad(loss(logits, torch.tensor([0, 0])), logits)
    assert gradient[:, 3].tolist() == pytest.approx([-similarity] * 2)


def test_the_best_answer_of_weighted_cross_entropy_is_one_over_the_row_sum():
    vectors = torch.rand(30, 5, dtype=torch.float64)
    loss = WeightedCrossEntropyLoss(vectors, eps=0.0)
    unit = torch.nn.functional.normalize(vectors)
    row = unit[7] @ unit.t()
    logits = row.log().unsqueeze(0).requires_grad_()
    (gradient,) = torch.autograd.grad(loss(logits, torch.tensor([7])), logits)
    assert gradient.abs().max() < 1e-12
    assert float(logits.detach().softmax(-1)[0, 7]) == pytest.approx(1 / float(row.sum()))


def train_logits(loss, logits, targets, num_steps, learning_rate):
    logits = logits.clone().requires_grad_()
    optimizer = torch.optim.SGD([logits], lr=learning_rate)
    for _ in range(num_steps):
        optimizer.zero_grad()
        loss(logits.expand(len(targets), -1), targets).backward()
        optimizer.step()
    return logits.detach()


def test_weighted_similarity_without_input_goes_to_the_single_most_similar_word():
    vectors, targets = torch.rand(12, 4), torch.arange(12).repeat(2)[:20]
    logits = train_logits(WeightedSimilarityLoss(vectors), torch.zeros(1, 12), targets, 500, learning_rate=200.0)
    unit = torch.nn.functional.normalize(vectors)
    hub = int((unit[targets] @ unit.t()).mean(0).argmax())
    assert float(logits.softmax(-1)[0, hub]) > 0.95


def test_only_the_share_of_cross_entropy_leaves_the_wrong_word():
    vectors, targets = torch.rand(12, 4), torch.arange(12)
    wrong = 30 * torch.nn.functional.one_hot(torch.full((12,), 5), 12).float()
    stuck = train_logits(WeightedSimilarityLoss(vectors), wrong, targets, 100, learning_rate=100.0)
    assert stuck.argmax(-1).tolist() == [5] * 12
    torch.testing.assert_close(stuck, wrong)
    freed = train_logits(WeightedSimilarityLoss(vectors, ce_mix=0.1), wrong, targets, 100, learning_rate=100.0)
    assert freed.argmax(-1).tolist() == targets.tolist()


@pytest.mark.parametrize("temperature", [None, 0.3])
def test_equal_losses_are_equal(temperature):
    vectors = torch.rand(15, 4, dtype=torch.float64)  # no negative similarity
    logits, targets = torch.randn(9, 15, dtype=torch.float64), torch.randint(15, (9,))
    ce = CrossEntropyLoss()(logits, targets)
    torch.testing.assert_close(SoftLabelLoss(vectors, 1, temperature=temperature)(logits, targets), ce)
    for normalize in (False, True):
        options = {"normalize": normalize, "temperature": temperature, "eps": 0.0}
        everywhere = SoftLabelLoss(vectors, 99, **options)(logits, targets)
        torch.testing.assert_close(WeightedCrossEntropyLoss(vectors, **options)(logits, targets), everywhere)
    plain = WeightedCrossEntropyLoss(vectors, eps=0.0, temperature=temperature)(logits, targets)
    assert float(everywhere) != pytest.approx(float(plain), rel=0.1)
    assert float(SoftLabelLoss(vectors, temperature=1e-3)(logits, targets)) == pytest.approx(float(ce), rel=0.05)


def test_a_normalised_soft_label_does_not_fall_below_its_entropy():
    loss = SoftLabelLoss(torch.rand(15, 4, dtype=torch.float64), num_neighbours=15)
    best = loss.neighbour_weights[3][loss.neighbour_ids[3].long().argsort()].log().unsqueeze(0)
    entropy = torch.special.entr(loss.neighbour_weights[3]).sum()
    assert float(loss(best, torch.tensor([3]))) == pytest.approx(float(entropy))
    assert float(loss(best + torch.randn(1, 15, dtype=torch.float64), torch.tensor([3]))) > float(entropy)


def nan_vectors():
    return torch.tensor([[1.0, float("nan")]])


def call(logits_shape=(2, 4), targets=(0, 1), device="cpu"):
    logits = torch.zeros(logits_shape, device=device)
    return SoftLabelLoss(VECTORS)(logits, torch.as_tensor(targets, device=device))


ERRORS = {
    "both must be the same vocabulary": lambda: SoftLabelLoss(VECTORS, vocab_size=5),
    "must be finite": lambda: SoftLabelLoss(nan_vectors()),
    "transpose(1, 2)": lambda: call((2, 4, 3), torch.zeros(2, 3, dtype=torch.long)),
    "targets must be ids in": lambda: call(targets=(0, 4)),
    "integer token ids": lambda: call(targets=(0.5, 0.5)),
    "must end in the": lambda: CrossEntropyLoss().fused(
        torch.zeros(2, 3), torch.zeros(4, 5), None, torch.zeros(2, dtype=torch.long)
    ),
    "call loss.to(": lambda: call(device="meta"),
    "without a lower bound": lambda: WeightedCrossEntropyLoss(VECTORS, eps=0.0),
    "num_neighbours must be": lambda: SoftLabelLoss(VECTORS, num_neighbours=0),
    "must be a number": lambda: WeightedSimilarityLoss(VECTORS, ce_mix=-1.0),
    "must be in [0,": lambda: SoftLabelLoss(VECTORS, stop_ids=[4]),
    "did you mean": lambda: build_loss("soft-lable", VECTORS),
}


@pytest.mark.usefixtures("unhooked")
def test_every_error_of_the_page_is_raised():
    rows = re.findall(r"^\| `(\w+Error)` \| `([^`]+)` \| ", section("Errors"), re.MULTILINE)
    assert [text for _, text in rows] == list(ERRORS)
    for name, text in rows:
        with pytest.raises(ResayError, match=re.escape(text)) as caught:
            ERRORS[text]()
        assert isinstance(caught.value, {"ShapeError": ShapeError, "SettingsError": SettingsError}[name])


@pytest.fixture
def draw(tmp_path):
    words = ["red", "green", "blue", "grey", "the", "warm"]
    np.savez(
        tmp_path / "vectors.npz", words=np.array(words), vectors=np.random.default_rng(0).random((6, 3), np.float32)
    )
    script = str(PROJECT / "benchmarks" / "soft_targets.py")

    def run(*words):
        flags = ["--vectors", "vectors.npz", "--out", "new/picture.png", "--num-neighbours", "3", "--words", *words]
        command = [sys.executable, script, *flags]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_the_picture_is_drawn_of_the_loss_own_weights(draw, tmp_path):
    done = draw("red", "the")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new" / "picture.png").read_bytes().startswith(b"\x89PNG")
    red, the = (re.findall(r"(\w+) ([\d.]+)/([\d.]+)", line) for line in done.stdout.splitlines())
    assert len(red) == 3
    assert red[0][0] == "red"
    assert sum(float(weight) for _, weight, _ in red) == pytest.approx(1, abs=0.02)
    assert the == [("the", "1.00", "1.00")]


def test_the_picture_of_an_unknown_word_is_refused(draw):
    done = draw("red", "mauve")
    assert done.returncode == 1
    assert "mauve" in done.stderr
