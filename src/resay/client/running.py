"""Runs steps: one after the other, and several jobs at once, in threads or in tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from queue import SimpleQueue
from typing import TypeVar

from resay.client.actions import Action, Outcome, Steps

Result = TypeVar("Result")


class _StoppedError(Exception):
    """The call that this thread worked for has ended."""


def run(steps: Steps[Result], perform: Callable[[Action], Outcome]) -> Result:
    """Do each step, and return what they return."""
    outcome: Outcome = None
    try:
        while True:
            outcome = perform(steps.send(outcome))
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


async def run_async(steps: Steps[Result], perform: Callable[[Action], Awaitable[Outcome]]) -> Result:
    """Do each step, and return what they return."""
    outcome: Outcome = None
    try:
        while True:
            outcome = await perform(steps.send(outcome))
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


def run_all(jobs: Sequence[Steps[Result]], perform: Callable[[Action], Outcome], most_at_once: int) -> list[Result]:
    """Run jobs, so many at once, and return their results in the order of the jobs.

    The first error ends it, Ctrl-C at once: threads that still wait for a reply then do not hold up anything,
    not even the end of the program, and do nothing more once it is there.
    """
    if len(jobs) <= 1 or most_at_once == 1:
        return [run(job, perform) for job in jobs]
    results: dict[int, Result] = {}
    waiting = list(enumerate(jobs))[::-1]
    ended: SimpleQueue[BaseException | None] = SimpleQueue()
    stopped = threading.Event()

    def perform_unless_stopped(action: Action) -> Outcome:
        if stopped.is_set():
            raise _StoppedError
        return perform(action)

    def work() -> None:
        try:
            while waiting:
                try:
                    place, job = waiting.pop()
                except IndexError:  # another thread was faster
                    break
                results[place] = run(job, perform_unless_stopped)
        except BaseException as error:
            ended.put(error)
        else:
            ended.put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(most_at_once, len(jobs)))]
    try:
        for thread in threads:
            thread.start()
        for _ in threads:
            error = ended.get()
            if error is not None:
                raise error
    finally:
        stopped.set()
    return [results[place] for place in range(len(jobs))]


async def run_all_async(
    jobs: Sequence[Steps[Result]], perform: Callable[[Action], Awaitable[Outcome]], most_at_once: int
) -> list[Result]:
    """Run jobs, so many at once, and return their results in the order of the jobs; the first error ends it."""
    results: dict[int, Result] = {}
    waiting = iter(enumerate(jobs))

    async def work() -> None:
        for place, job in waiting:
            results[place] = await run_async(job, perform)

    tasks = [asyncio.create_task(work()) for _ in range(min(most_at_once, len(jobs)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [results[place] for place in range(len(jobs))]
