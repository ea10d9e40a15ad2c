"""memory: 10,000 requests of random shapes, good and bad, and the memory of each process on the way."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.offering import Mark

from drills.asks import Ask
from drills.judging import Finding, at_least, at_most, exactly, late_growth, slope_growth
from drills.load import Load
from drills.outcomes import NOT_RIGHT, Outcome, num_of, tell
from drills.random_asks import BAD_BODIES, RandomAsks
from drills.running import DrillServer, running_server
from drills.settings import DrillSettings
from resay.engine import ModelFolder

NUM_REQUESTS = 10_000
NUM_USERS = 16
ENDPOINTS = ("encode", "paraphrase")
MOST_GROWTH = 0.05
_SAMPLE_EVERY_S = 0.25
_MB_IN_A_KB = 1024 / 1e6


@dataclass(slots=True)
class Users:
    """A schedule: so many users, each of whom asks again when the answer is there, until a number or a time is reached.

    Attributes:
        most_in_flight: The users.
        latest: When nobody asks any more, in seconds of the load's clock.
        num_left: Requests that are still to be made.
        end: When the load may end: as soon as all requests are made.
    """

    most_in_flight: int
    latest: float
    num_left: int
    end: float = math.inf

    def take(self, now: float, num_in_flight: int) -> float | None:
        """Return `now` if a user is free and something is left to ask."""
        if not self.num_left or now >= self.latest:
            self.end = now
            return None
        if num_in_flight >= self.most_in_flight:
            return None
        self.num_left -= 1
        return now

    def next_moment(self) -> float:
        """Return when the time is over; before that only an answer frees a user."""
        return self.latest


@dataclass(slots=True)
class Course:
    """The memory of some processes, in MB, each time after so many requests.

    Attributes:
        pids: The processes, by name.
        num_ended: Requests that were over at each sample.
        resident: Resident set size of each process.
        proportional: The same, with what processes share divided among them.
    """

    pids: dict[str, int]
    num_ended: list[int] = field(default_factory=list)
    resident: dict[str, list[float]] = field(default_factory=dict)
    proportional: dict[str, list[float]] = field(default_factory=dict)

    def sample(self, num_ended: int) -> None:
        """Look at every process."""
        self.num_ended.append(num_ended)
        for name, pid in self.pids.items():
            sizes = memory_of(pid)
            self.resident.setdefault(name, []).append(sizes["Rss"])
            self.proportional.setdefault(name, []).append(sizes["Pss"])


def drill(settings: DrillSettings) -> list[Finding]:
    """Send them all, if the time suffices."""
    card = ModelFolder.open(settings.model).card
    with running_server(settings.model, ENDPOINTS) as server, Load(server.url) as load:
        course = Course(pids_of(server))
        start = time.monotonic()
        num_samples = int(settings.seconds / _SAMPLE_EVERY_S)
        marks = [
            Mark(start + number * _SAMPLE_EVERY_S, lambda: course.sample(load.num_ended))
            for number in range(num_samples)
        ]
        asked, kept = itertools.tee(RandomAsks.of(card))
        outcomes = load.follow(Users(NUM_USERS, start + settings.seconds, NUM_REQUESTS), asked, marks)
        course.sample(load.num_ended)
    return [*judge_replies(list(itertools.islice(kept, len(outcomes))), outcomes), *judge_course(course)]


def pids_of(server: DrillServer) -> dict[str, int]:
    """Return the front end's process, as "java", and the only worker of each endpoint."""
    (java,) = server.processes().frontend
    return {"java": java.pid, **{f"{name} worker": server.worker_pid(name) for name in ENDPOINTS}}


def memory_of(pid: int) -> dict[str, float]:
    """Return the sizes of a process that the kernel has added up, in MB, by their names there."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {name: int(rest.split()[0]) * _MB_IN_A_KB for name, _, rest in (line.partition(":") for line in lines)}


def judge_replies(asks: Sequence[Ask], outcomes: Sequence[Outcome]) -> list[Finding]:
    """Return how the requests were answered: the good ones rightly, the bad ones with a 4xx."""
    good = [outcome for ask, outcome in zip(asks, outcomes, strict=True) if ask.body not in BAD_BODIES]
    bad = [outcome for ask, outcome in zip(asks, outcomes, strict=True) if ask.body in BAD_BODIES]
    print(f"  {tell(good, *NOT_RIGHT)}", flush=True)
    return [
        Finding("requests", len(outcomes), "requests", at_least(NUM_REQUESTS)),
        Finding("good ones not answered rightly", len(good) - num_of(good, "right"), "requests", exactly(0)),
        Finding("bad ones", len(bad), "requests"),
        Finding("bad ones without a 4xx", len(bad) - num_of(bad, "client error"), "requests", exactly(0)),
    ]


def judge_course(course: Course) -> list[Finding]:
    """Return how the memory of each process grew; there is no goal for Java, whose heap has a fixed limit."""
    findings = []
    for name, sizes in course.resident.items():
        goal = None if name == "java" else at_most(100 * MOST_GROWTH)
        late = late_growth(course.num_ended, sizes)
        findings += [
            Finding(f"{name}: resident at the start", sizes[0], "MB"),
            Finding(f"{name}: resident at the end", sizes[-1], "MB"),
            Finding(f"{name}: resident at most", max(sizes), "MB"),
            Finding(f"{name}: proportional at the end", course.proportional[name][-1], "MB"),
            Finding(f"{name}: growth of the last tenth over that after a fifth", 100 * late, "%", goal),
            Finding(f"{name}: growth of the second half", 100 * slope_growth(course.num_ended, sizes), "%", goal),
        ]
    return findings
