"""A real TorchServe, started through serving/start.py as its user does, with a model of its own."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from resay.errors import ServerError
from resay.fitting.checkpoint import LoadedRun
from resay.graphs.export import exported_files, one_torch_thread
from resay.graphs.folder import write_folder
from resay.models import Autoencoder, ModelSettings
from resay.text import BOS_ID, EOS_ID, PAD_ID, Tokenizer
from resay.torchserve.ports import choose_ports

PROJECT = Path(__file__).parents[2]
SERVING = "Ctrl-C stops the server"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 30


def free_port() -> int:
    """Return a port that is free with the three after it, away from the usual ones."""
    for _ in range(100):
        port = random.randrange(20000, 30000)
        try:
            choose_ports(port)
        except ServerError:
            continue
        return port
    raise AssertionError("no three free ports in a row")


class StartScript:
    """A run of serving/start.py whose output is read as it comes."""

    def __init__(self, model: Path, temporary: Path, *options: str) -> None:
        self.port = free_port()
        self.temporary = temporary
        temporary.mkdir(exist_ok=True)
        command = [sys.executable, str(PROJECT / "serving" / "start.py"), str(model)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"TMPDIR": str(temporary), "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def management_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)

    def wait_for(self, text: str) -> None:
        """Wait until the script has said something."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while text not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, f"{text!r} never came:\n{self.output}"
            time.sleep(0.05)

    def wait_for_end(self, timeout_s: float = STOP_TIMEOUT_S) -> int:
        """Return the exit status."""
        status = self.process.wait(timeout=timeout_s)
        self._reader.join(timeout=5)
        return status

    def server_processes(self) -> dict[int, str]:
        """Return the processes of this server, Java and Python: all name its temporary folder."""
        return processes_mentioning(str(self.temporary))

    def left_behind(self) -> dict[int, str]:
        """Give ending processes a moment; return those that stay."""
        deadline = time.monotonic() + 10
        while self.server_processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.server_processes()

    def close(self) -> None:
        """End everything, whatever the state."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self._reader.join(timeout=5)
        assert self.process.stdout is not None
        self.process.stdout.close()


def processes_mentioning(text: str) -> dict[int, str]:
    """Return id and command line of the living processes whose command line holds a text."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if text in command:
            found[int(folder.name)] = command
    return found


SENTENCES = [
    f"the {noun} was {adverb} {adjective} ."
    for noun in ("food", "service", "room", "bed")
    for adverb in ("very", "really", "so")
    for adjective in ("good", "great", "slow", "clean")
]
MAX_LENGTH = 40
NUM_BITS = 30


def write_tiny_model(folder: Path, *, latent: str, num_training_steps: int, greatest_loss: float) -> None:
    """Train on SENTENCES, then export."""
    tokenizer = Tokenizer.build(SENTENCES, min_count=1)
    torch.manual_seed(0)
    settings = ModelSettings(
        vocab_size=tokenizer.vocab_size, word_vector_size=16, hidden_size=32, latent=latent, latent_size=NUM_BITS
    )
    model = Autoencoder(settings, torch.randn(tokenizer.vocab_size, 16))
    with one_torch_thread():  # more would spin against what else runs here
        loss = fit(model, tokenizer, num_training_steps)
    assert loss < greatest_loss, f"the tiny model has learnt too little: loss {loss:.2f}"
    files, _ = exported_files(folder.name, LoadedRun(model.eval(), tokenizer, {}, MAX_LENGTH))
    write_folder(folder, files)


def fit(model: Autoencoder, tokenizer: Tokenizer, num_training_steps: int) -> float:
    """Return the loss of the last step."""
    token_ids = torch.tensor([encoding.token_ids for encoding in tokenizer.encode_batch(SENTENCES)])
    num_sentences, length = token_ids.shape
    lengths = torch.full((num_sentences,), length)
    previous = torch.cat([torch.full((num_sentences, 1), BOS_ID), token_ids], dim=1)
    targets = torch.cat([token_ids, torch.full((num_sentences, 1), EOS_ID)], dim=1)
    assert PAD_ID not in token_ids, "all sentences have one length, so that no padding is needed"
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=0.01)
    for _ in range(num_training_steps):
        states, _ = model(token_ids, lengths, previous)
        loss = cross_entropy(model.decoder.output(states).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with latents of numbers, exported without the corpus that its prior would be measured on."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny_model(folder, latent="none", num_training_steps=300, greatest_loss=0.2)
    return folder


@pytest.fixture(scope="session")
def binary_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with latents of NUM_BITS bits, which says each of SENTENCES again."""
    folder = tmp_path_factory.mktemp("models") / "tiny-binary"
    write_tiny_model(folder, latent="binary-vae", num_training_steps=1000, greatest_loss=0.1)
    return folder


@pytest.fixture(scope="session")
def language_model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reads no sentences."""
    folder = tmp_path_factory.mktemp("models") / "tiny-lm"
    write_tiny_model(folder, latent="lm", num_training_steps=100, greatest_loss=0.7)
    return folder


@contextmanager
def running(script: StartScript) -> Iterator[StartScript]:
    try:
        script.wait_for(SERVING)
        yield script
    finally:
        script.close()


@pytest.fixture(scope="session")
def server(model_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartScript]:
    """A server of every endpoint, for all tests that leave it as it is."""
    with running(StartScript(model_path, tmp_path_factory.mktemp("serve"))) as script:
        yield script


@pytest.fixture(scope="session")
def binary_server(binary_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartScript]:
    """The same of the model with binary latents."""
    with running(StartScript(binary_path, tmp_path_factory.mktemp("serve"))) as script:
        yield script


@pytest.fixture
def start_in(tmp_path: Path) -> Iterator[Callable[..., StartScript]]:
    """Start the script with the given model and options, on a server of its own."""
    scripts: list[StartScript] = []

    def start_script(model: Path, *options: str) -> StartScript:
        scripts.append(StartScript(model, tmp_path / f"server-{len(scripts)}", *options))
        return scripts[-1]

    yield start_script
    for script in scripts:
        script.close()


@pytest.fixture
def start(model_path: Path, start_in: Callable[..., StartScript]) -> Callable[..., StartScript]:
    """Start the script with the tiny model, two endpoints and the given options."""

    def start_two(*options: str) -> StartScript:
        return start_in(model_path, *options, "--endpoints", "encode", "paraphrase")

    return start_two


@pytest.fixture
def unused_port() -> int:
    """A port that is free with the three after it."""
    return free_port()
