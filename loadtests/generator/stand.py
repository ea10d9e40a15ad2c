"""Measures one step: an offered load, held for some seconds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from traffic.content import FirstReplies, Reply
from traffic.kinds import KINDS

from generator.calls import Call
from generator.connections import Answer, Transport
from generator.figures import Figures, figures, is_sustained
from generator.offering import Mark, Outcome, offer
from generator.processes import CpuSeconds, ServerProcesses
from generator.schedules import ARRIVALS, ClosedLoop, OpenLoop, Schedule

Mode = Literal["closed", "open"]
FEWEST_IN_FLIGHT = 16
MOST_IN_FLIGHT = 512


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One offered load.

    Attributes:
        mode: Closed or open loop.
        load: Users of a closed loop; requests a second of an open one.
        seconds: Measured for so long.
        warm_up_s: Offered before that, and not counted.
        arrivals: Name in `ARRIVALS`, of an open loop.
        seed: Decides when requests arrive.
    """

    mode: Mode
    load: float
    seconds: float
    warm_up_s: float = 1.0
    arrivals: str = "poisson"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a step: figures of all requests, and of each kind if there are several."""

    step: Step
    total: Figures
    kinds: Mapping[str, Figures]
    cpu: CpuSeconds

    @property
    def sustained(self) -> bool:
        """Whether the server kept up."""
        return is_sustained(self.total, self.kinds.values())


@dataclass(slots=True)
class Stand:
    """Where steps are measured: one class of users, one server.

    Attributes:
        calls: What the users send, in this order.
        limits_ms: Latency limit of each kind.
        transport: What carries requests.
        clock: Returns seconds.
        processes: Returns the CPU time used so far.
        timeout_s: An answer is waited for so long.
        most_in_flight: Of an open loop; `None` for four times as many as its limit allows.
        first: The first answer seen for each text.
        problems: What was wrong with contents, each once, in the order of their finding.
    """

    calls: Sequence[Call]
    limits_ms: Mapping[str, float]
    transport: Transport
    clock: Callable[[], float]
    processes: Callable[[], CpuSeconds] = field(default_factory=lambda: ServerProcesses().now)
    timeout_s: float = 10.0
    most_in_flight: int | None = None
    first: FirstReplies = field(default_factory=FirstReplies)
    problems: dict[str, None] = field(default_factory=dict)

    def measure(self, step: Step) -> Measured:
        """Offer a load, and look at the contents of the answers when all are there."""
        start = self.clock()
        begin = start + step.warm_up_s
        cpu: list[CpuSeconds] = []
        moments = (begin, begin + step.seconds)
        marks = [Mark(moment, lambda: cpu.append(self.processes())) for moment in moments]
        outcomes = offer(
            self._schedule(step, start),
            itertools.cycle(self.calls),
            self.transport,
            self.clock,
            timeout_s=self.timeout_s,
            marks=marks,
        )
        return self._measured(step, _counted(outcomes, step.mode, *moments), cpu[1].since(cpu[0]))

    def ask_each(self, calls: Sequence[Call]) -> list[Outcome]:
        """Send requests one after the other, so that the first answer to each text is that to a lonely request."""
        outcomes = []
        for call in calls:
            schedule = OpenLoop(np.array([self.clock()]), 1, self.clock())
            outcomes += offer(schedule, iter([call]), self.transport, self.clock, timeout_s=self.timeout_s)
        self._look(outcomes)
        return outcomes

    def _schedule(self, step: Step, start: float) -> Schedule:
        seconds = step.warm_up_s + step.seconds
        if step.mode == "closed":
            return ClosedLoop(int(step.load), start, seconds)
        draw = ARRIVALS[step.arrivals]
        warm_up = draw(step.load, step.warm_up_s, step.seed)
        counted = draw(step.load, step.seconds, step.seed + 1)
        moments = start + np.concatenate([warm_up, step.warm_up_s + counted])
        return OpenLoop(moments, self.most_in_flight or self._room(step.load), start + seconds)

    def _room(self, rate: float) -> int:
        """Return four times the requests in flight at which, by Little's law, the mean latency is at the limit.

        A server that is further behind has failed the step; more would only delay the next one.
        """
        limit_s = sum(self.limits_ms[call.kind] for call in self.calls) / len(self.calls) / 1e3
        return min(max(math.ceil(4 * rate * limit_s), FEWEST_IN_FLIGHT), MOST_IN_FLIGHT)

    def _measured(self, step: Step, outcomes: Sequence[Outcome], cpu: CpuSeconds) -> Measured:
        wrong = self._look(outcomes)
        by_kind: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            by_kind.setdefault(outcome.call.kind, []).append(outcome)
        of_kinds = {
            name: figures(by_kind[name], step.seconds, self.limits_ms, wrong) for name in KINDS if name in by_kind
        }
        total = figures(outcomes, step.seconds, self.limits_ms, wrong)
        return Measured(step, total, of_kinds if len(of_kinds) > 1 else {}, cpu)

    def _look(self, outcomes: Sequence[Outcome]) -> set[int]:
        """Look at the contents that were kept; a wrong one becomes a failure."""
        wrong = set()
        for outcome in outcomes:
            if outcome.answer is None:
                continue
            call = outcome.call
            problem = KINDS[call.kind].problem(_reply(outcome.answer), call.texts, self.first)
            if problem:
                outcome.failure, outcome.done = problem, math.inf
                wrong.add(id(outcome))
                self.problems[problem] = None
        return wrong


def _counted(outcomes: Sequence[Outcome], mode: Mode, begin: float, end: float) -> list[Outcome]:
    """Return the outcomes that count: due between two moments, or, in a closed loop, answered between them.

    With few users and long answers a closed loop would else count answers that came after its end.
    """
    if mode == "open":
        return [outcome for outcome in outcomes if begin <= outcome.due < end]
    return [outcome for outcome in outcomes if begin <= (outcome.done if not outcome.failure else outcome.due) < end]


def _reply(answer: Answer) -> Reply:
    return Reply(answer.status, answer.body, headers_of(answer))


def headers_of(answer: Answer) -> dict[str, str]:
    """Return the headers of an answer; names and values in lower case."""
    lines = answer.head.decode("latin-1").split("\r\n")[1:]
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
