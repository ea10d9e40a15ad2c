"""The training loop."""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from tqdm import tqdm

from resay.corpus import Batch, count_batches, drop_previous_words, hide_words, iterate_batches
from resay.errors import DivergedError
from resay.fitting.checkpoint import Progress, save_checkpoint, save_model
from resay.fitting.curves import NUM_SAMPLES, Curves
from resay.fitting.interruption import TrainingInterrupted, TrainingStop
from resay.fitting.objective import ReconstructionObjective, to_device
from resay.fitting.preparation import Prepared
from resay.fitting.schedules import SCHEDULES, annealed
from resay.fitting.settings import TrainSettings
from resay.fitting.validation import DevMetrics, reconstruct, validate

STEPS_A_POINT = 50
COLLAPSED = 0.02


class Fit:
    """A model on its way through the epochs; everything that changes is in `progress`."""

    def __init__(
        self,
        run: Path,
        settings: TrainSettings,
        prepared: Prepared,
        objective: ReconstructionObjective,
        optimizer: torch.optim.Optimizer,
        accelerator: Accelerator,
        progress: Progress,
        stop: TrainingStop,
    ) -> None:
        self.run = run
        self.settings = settings
        self.prepared = prepared
        self.objective = objective
        self.accelerator = accelerator
        self.progress = progress
        self.stop = stop
        self.wrapped, self.optimizer = accelerator.prepare(objective, optimizer)
        num_batches = count_batches(prepared.train.lengths, settings.batch_limits())
        self.steps_an_epoch = max(1, num_batches // accelerator.num_processes)
        self.total_steps = self.steps_an_epoch * settings.epochs

    def epochs(self, curves: Curves) -> Iterator[None]:
        """Train until the last epoch is done or the dev loss has stopped falling; yield after each epoch.

        Raises:
            TrainingInterrupted: After a stop was asked for, and a checkpoint saved.
            DivergedError: If the loss is not a number any more.
        """
        while self.progress.epoch < self.settings.epochs:
            if self.progress.epochs_without_better >= self.settings.patience:
                self._say(f"stopping: no better dev loss in {self.settings.patience} epochs")
                break
            self._train_epoch(curves)
            self._validate(curves)
            yield
            if self._stop_agreed():
                raise TrainingInterrupted

    def checkpoint(self) -> None:
        """Save everything that an exact resume needs."""
        if self.accelerator.is_main_process:
            save_checkpoint(self.run, self.objective.autoencoder, self.optimizer.optimizer, self.progress)
        self.accelerator.wait_for_everyone()

    def _stop_agreed(self) -> bool:
        """Whether to stop here; several processes ask each other, now and then, so that all stop at one step."""
        if self.accelerator.num_processes == 1:
            return self.stop.requested
        if self.progress.step % STEPS_A_POINT:
            return False
        asked: Tensor = self.accelerator.gather(torch.tensor([self.stop.requested], device=self.accelerator.device))
        return bool(asked.any())

    def _finite(self, loss: float) -> float:
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss is {loss} in step {self.progress.step}: training has diverged; lower --learning-rate "
                f"(now {self.settings.learning_rate}) or clip_norm (now {self.settings.clip_norm})"
            )
        return loss

    def _say(self, text: str) -> None:
        if self.accelerator.is_main_process:
            tqdm.write(text)

    def _train_epoch(self, curves: Curves) -> None:
        progress = self.progress
        self.wrapped.train()
        pending = torch.zeros((), dtype=torch.float64, device=self.accelerator.device)
        with tqdm(
            total=self.steps_an_epoch,
            initial=progress.batches_done,
            desc=f"epoch {progress.epoch + 1}/{self.settings.epochs}",
            unit="step",
            disable=None if self.accelerator.is_main_process else True,
        ) as bar:
            started = time.monotonic()
            for batch in self._batches():
                pending += self.step(batch)
                progress.step += 1
                progress.batches_done += 1
                progress.num_tokens += batch.num_targets
                progress.sentences += len(batch.lengths) * self.accelerator.num_processes
                bar.update()
                stopping = self._stop_agreed()
                saving = stopping or progress.step % self.settings.checkpoint_steps == 0
                if saving or progress.step % STEPS_A_POINT == 0 or progress.batches_done == self.steps_an_epoch:
                    progress.loss_sum += self._finite(float(pending))
                    pending.zero_()
                    progress.seconds += time.monotonic() - started
                    mean = progress.loss_sum / progress.num_tokens
                    bar.set_postfix(loss=f"{mean:.3f}")
                    curves.training(progress.step, mean, self._learning_rate())
                    if saving:
                        self.checkpoint()
                    if stopping:
                        raise TrainingInterrupted
                    started = time.monotonic()

    def _batches(self) -> Iterator[Batch]:
        """Yield what is left of the epoch; whatever is drawn for a batch depends on its number and process alone."""
        settings, progress, process = self.settings, self.progress, self.accelerator.process_index
        batches = iterate_batches(
            self.prepared.train,
            settings.batch_limits(),
            seed=settings.seed,
            epoch=progress.epoch,
            start=progress.batches_done,
            stride=self.accelerator.num_processes,
            offset=process,
        )
        for number, batch in enumerate(batches, start=progress.batches_done):
            generator = np.random.default_rng([settings.seed, progress.epoch, number, process])
            torch.manual_seed(int(generator.integers(2**63)))  # of dropout and latents: each process draws its own
            if settings.unknown_rate:
                batch = hide_words(batch, settings.unknown_rate, generator)
            if settings.word_dropout:
                batch = drop_previous_words(batch, settings.word_dropout, generator)
            yield batch

    def _learning_rate(self) -> float:
        return self.settings.learning_rate * SCHEDULES[self.settings.schedule](self.progress.step / self.total_steps)

    def _penalty_weight(self) -> float:
        settings = self.settings
        done = self.progress.step / self.total_steps
        start = min(settings.kl_start, settings.kl_weight)  # a weight of 0 is none from the first step on
        return annealed(done, start, settings.kl_weight, settings.kl_annealing)

    def step(self, batch: Batch) -> Tensor:
        """Take one optimiser step; return the batch's loss, summed over its tokens, on the device."""
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate()
        self.optimizer.zero_grad(set_to_none=True)
        with self.accelerator.autocast():
            loss = self.wrapped(to_device(batch, self.accelerator.device), self._penalty_weight())
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.wrapped.parameters(), self.settings.clip_norm)
        self.optimizer.step()
        total: Tensor = loss.detach().double() * batch.num_targets
        return total

    def _validate(self, curves: Curves) -> None:
        progress, settings, dev = self.progress, self.settings, self.prepared.dev
        device, weight = self.accelerator.device, settings.kl_weight
        self.objective.eval()  # for the samples too; an epoch begins with train()
        metrics = validate(self.objective, dev, settings.num_reconstructions, device, weight)
        self._finite(metrics.loss)
        train_loss = progress.loss_sum / progress.num_tokens
        progress.epoch += 1
        progress.batches_done, progress.loss_sum, progress.num_tokens = 0, 0.0, 0
        rate = progress.sentences / progress.seconds
        progress.history.append(
            {
                "epoch": progress.epoch,
                "step": progress.step,
                "seconds": round(progress.seconds, 1),
                "sentences_per_second": round(rate, 1),
                "train_loss": train_loss,
                **{f"dev_{name}": value for name, value in metrics.as_dict().items()},
            }
        )
        if progress.best_loss is None or metrics.loss < progress.best_loss:
            if self.accelerator.is_main_process:
                save_model(self.run, self.objective.autoencoder)
            progress.best_loss, progress.epochs_without_better = metrics.loss, 0
        else:
            progress.epochs_without_better += 1
        if self.accelerator.is_main_process:
            samples = reconstruct(self.objective, dev, NUM_SAMPLES, self.accelerator.device)
            curves.epoch(progress.history, samples, self.prepared.tokenizer)
        self._say(_epoch_line(progress, train_loss, metrics, rate))
        if metrics.distinct_predictions < COLLAPSED and self.objective.autoencoder.bottleneck.reads_sentence:
            advice = "; try --ce-mix 0.1" if settings.loss == "weighted-sim" else ""
            self._say(
                f"warning: the model predicts only {metrics.distinct_predictions:.1%} as many distinct words as the "
                f"dev set has; it is collapsing, or has just begun{advice}"
            )
        self.checkpoint()


def _epoch_line(progress: Progress, train_loss: float, metrics: DevMetrics, rate: float) -> str:
    return (
        f"epoch {progress.epoch}: train loss {train_loss:.4f}, dev loss {metrics.loss:.4f}, "
        f"{metrics.nats_per_token:.3f} nats/token, accuracy {metrics.token_accuracy:.3f}, "
        f"exact {metrics.exact_reconstruction:.1%}, {rate:,.0f} sentences/s, {progress.seconds:,.0f} s"
    )
