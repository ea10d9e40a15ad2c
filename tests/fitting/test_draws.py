"""What is drawn for a step depends on seed, epoch, step and process, and on nothing that came before."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from resay.corpus import Corpus, prepare_corpus
from resay.fitting import TrainSettings
from resay.fitting.loop import Fit
from resay.text import Tokenizer


@pytest.fixture
def seeds(tmp_path):
    lines = [f"word{number} ." for number in range(40)]
    (tmp_path / "lines.txt").write_text("\n".join(lines))
    prepare_corpus([tmp_path / "lines.txt"], Tokenizer.build(lines, min_count=1), tmp_path / "corpus", max_length=9)
    corpus = Corpus.open(tmp_path / "corpus")

    def draw(*, process=0, epoch=0, start=0, seed=0):
        fit = SimpleNamespace(
            settings=TrainSettings(batch_size=4, seed=seed, word_dropout=0.5),
            progress=SimpleNamespace(epoch=epoch, batches_done=start),
            accelerator=SimpleNamespace(process_index=process, num_processes=2),
            prepared=SimpleNamespace(train=corpus),
        )
        return [(torch.initial_seed(), batch.previous_ids.tolist()) for batch in Fit._batches(fit)]

    with torch.random.fork_rng(devices=[]):
        yield draw


def test_processes_steps_epochs_and_seeds_draw_their_own(seeds):
    runs = [seeds(), seeds(process=1), seeds(epoch=1), seeds(seed=1)]
    drawn = [seed for run in runs for seed, _ in run]
    assert len(set(drawn)) == len(drawn) == 4 * 5


def test_a_resumed_epoch_draws_what_it_would_have_drawn(seeds):
    torch.manual_seed(int(np.random.default_rng(3).integers(1000)))
    assert seeds(process=1, start=2) == seeds(process=1)[2:]
