"""What needs a process of its own: torch.compile, two ranks, peak memory. They run without the shape checks."""

import os
import subprocess
import sys

import pytest


def run(code, *arguments, **environment):
    """Run Python code in a new process and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


COMPILE = """
import torch
from resay.losses import LOSSES, LossOptions, build_loss
torch.manual_seed(0)
vectors, targets = torch.rand(30, 5), torch.randint(0, 30, (12,))
targets[3] = -100
hidden, layer = torch.randn(12, 4, requires_grad=True), torch.nn.Linear(4, 30)
for name in LOSSES:
    loss = build_loss(name, vectors)
    def fused(hidden, targets):
        return loss.fused(torch.tanh(hidden), layer.weight, layer.bias, targets) * 2
    def dropped_in(hidden, targets):
        return loss(layer(torch.tanh(hidden)), targets) * 2
    for step in (fused, dropped_in):
        plain = step(hidden, targets)
        compiled = torch.compile(step, backend="aot_eager")(hidden, targets)
        leaves = [hidden, layer.weight, layer.bias]
        torch.testing.assert_close(compiled, plain)
        torch.testing.assert_close(torch.autograd.grad(compiled, leaves), torch.autograd.grad(plain, leaves))
    class Head(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.loss = layer, loss
        def forward(self, hidden, targets):
            return self.loss.fused(torch.tanh(hidden), self.layer.weight, self.layer.bias, targets) * 2
    torch.testing.assert_close(torch.compile(Head(), backend="aot_eager")(hidden, targets), plain)
print("ok")
"""


def test_a_compiled_model_may_call_every_loss():
    assert run(COMPILE).strip() == "ok"


RANK = """
import sys
import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
from resay.losses import build_loss
rank, folder = int(sys.argv[1]), sys.argv[2]
distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
torch.manual_seed(0)
vectors, hidden, targets = torch.rand(30, 5), torch.randn(12, 4), torch.randint(0, 30, (12,))

class Head(torch.nn.Module):
    def __init__(self, loss):
        super().__init__()
        self.inner, self.layer, self.loss = torch.nn.Linear(4, 4), torch.nn.Linear(4, 30), loss
    def forward(self, hidden, targets):
        return self.loss.fused(torch.tanh(self.inner(hidden)), self.layer.weight, self.layer.bias, targets)

for name in ("soft-label", "weighted-ce"):
    alone = Head(build_loss(name, vectors))
    parallel = Head(build_loss(name, vectors))
    parallel.load_state_dict(alone.state_dict())
    alone(hidden, targets).backward()
    share = slice(6 * rank, 6 * rank + 6)
    wrapped = DistributedDataParallel(parallel)
    wrapped(hidden[share], targets[share]).backward()
    for mine, whole in zip(parallel.parameters(), alone.parameters()):
        torch.testing.assert_close(mine.grad, whole.grad)
distributed.destroy_process_group()
print("ok")
"""


def test_two_ranks_average_the_gradients(tmp_path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", RANK, str(rank), str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for rank in range(2)
    ]
    for process in ranks:
        printed, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint[-4000:]
        assert printed.strip() == "ok"


MEMORY = """
import resource
import torch
from resay.losses import LossOptions, build_loss

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

V, H, T = 50_000, 8, 1536
generator = torch.Generator().manual_seed(0)
vectors = torch.rand(V, 8, generator=generator)
few = vectors.clone()
few[500:] = 0
hidden = torch.randn(T, H, generator=generator, requires_grad=True)
weight = torch.randn(V, H, generator=generator, requires_grad=True)
bias = torch.zeros(V, requires_grad=True)
targets = torch.randint(0, 500, (T,), generator=generator)
losses = {
    "ce": build_loss("ce"),
    "soft-label": build_loss("soft-label", few),
    "closed form": build_loss("weighted-ce", vectors, LossOptions(eps=0.0, negatives="affine")),
    "weighted-sim": build_loss("weighted-sim", vectors),
    "weighted-ce": build_loss("weighted-ce", vectors),
}
losses["ce"].fused(hidden[:1], weight, bias, targets[:1]).backward()
before = peak()
for name, loss in losses.items():
    loss.fused(hidden, weight, bias, targets).backward()
    print(name, "fused", peak() - before, sep=";")
logits = (hidden[:64] @ weight.t()).detach().requires_grad_()
for name, loss in losses.items():
    loss(logits, targets[:64]).backward()
    print(name, "dropped in", peak() - before, sep=";")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is counted in kilobytes on Linux")
def test_memory_grows_with_neither_tokens_nor_pairs_of_words():
    """One T × V matrix would be 300 MB, the published V × V one 10 GB; a chunk is 25 MB, of which three are held."""
    lines = run(MEMORY, MALLOC_MMAP_THRESHOLD_="1000000").splitlines()
    assert len(lines) == 10
    for line in lines:
        name, door, kilobytes = line.split(";")
        assert int(kilobytes) < (60_000 if name in ("ce", "soft-label") and door == "fused" else 120_000), line
