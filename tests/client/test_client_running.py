"""Jobs at once: what is left of them when one fails."""

import asyncio
import threading

import pytest

from resay.client.actions import Sleep
from resay.client.running import run_all, run_all_async

PATIENCE_SECONDS = 20


def job(*seconds, result=None):
    for each in seconds:
        yield Sleep(each)
    return result


@pytest.mark.parametrize("most_at_once", [1, 2, 9])
def test_results_come_in_the_order_of_the_jobs(most_at_once):
    done = []
    jobs = [job(float(number), result=number) for number in range(5)]
    assert run_all(jobs, lambda action: done.append(action.seconds), most_at_once) == list(range(5))
    assert sorted(done) == [0, 1, 2, 3, 4]

    async def perform(action):
        await asyncio.sleep(0.001 * (5 - action.seconds))

    jobs = [job(float(number), result=number) for number in range(5)]
    assert asyncio.run(run_all_async(jobs, perform, most_at_once)) == list(range(5))


def test_no_jobs_are_no_work():
    assert run_all([], print, 3) == []
    assert asyncio.run(run_all_async([], print, 3)) == []


def test_after_an_error_nothing_more_is_begun():
    before = set(threading.enumerate())
    arrived, released = threading.Event(), threading.Event()
    begun = []

    def perform(action):
        begun.append(action.seconds)
        if action.seconds == 1.0:
            arrived.set()
            released.wait(PATIENCE_SECONDS)
        elif action.seconds == 0.0:
            arrived.wait(PATIENCE_SECONDS)
            raise LookupError("of the first job")

    jobs = [job(0.0), job(1.0, 2.0), job(3.0), job(4.0)]
    with pytest.raises(LookupError, match="of the first job"):
        run_all(jobs, perform, 2)
    (left,) = set(threading.enumerate()) - before
    assert left.daemon, "it would hold up the end of the program"
    released.set()
    left.join(PATIENCE_SECONDS)
    assert not left.is_alive()
    assert sorted(begun) == [0.0, 1.0]


def test_a_thread_whose_work_is_done_begins_nothing_more():
    released = threading.Event()
    begun = []

    def perform(action):
        begun.append(action.seconds)
        if action.seconds == 1.0:
            released.wait(PATIENCE_SECONDS)
        else:
            raise LookupError

    before = set(threading.enumerate())
    with pytest.raises(LookupError):
        run_all([job(1.0), job(0.0), job(3.0)], perform, 2)
    released.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_SECONDS)
    assert sorted(begun) == [0.0, 1.0]
