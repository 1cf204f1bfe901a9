"""Measures the search engine's own overhead per added step, and its peak memory.

A synthetic session answers at once from an endless world, so that what is left is the engine: frontier, queues, graph,
propagation and events, which a sink in memory turns into JSON text. The time that the session and the prover
themselves take is measured and subtracted. Everything is processor time: nothing here ever waits, and other load
should not count.

    python benchmarks/engine_overhead.py [--sizes 1000,10000,100000] [--repeat 3] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lemmata.errors import Location
from lemmata.events import Event
from lemmata.goal import Goal, GoalRef, GoalView, Obligation
from lemmata.outcome import Closed, Open, Outcome, Rejected
from lemmata.step import Proposal, Step
from lemmata.verdict import Limits
from search.budget import Budget
from search.engine import Engine

OBLIGATION = Obligation("synthetic", "overhead", "", Location("world.txt"))
FAN = 4
"""Proposals per goal; one in four is rejected, the others close the goal or leave one or two subgoals, some shared."""


class EndlessSession:
    """Answers every step from its text; keeps the time that takes."""

    def __init__(self) -> None:
        self.root = GoalRef("0", Goal("synthetic", "goal 0"))
        self.context: dict[str, Any] = {}
        self.seconds = 0.0
        self._serial = 0

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        """Answer at once."""
        begin = time.process_time()
        self._serial += 1
        serial = self._serial
        outcome: Outcome
        if serial % 4 == 0:
            outcome = Rejected("does not apply")
        elif int(goal.handle) < 0:
            outcome = Closed()
        else:
            # The number of an older goal now and then: sharing, best-path updates and loops are part of the work.
            # Goals below nought are closed by the first step that applies, the others never: statuses spread, but the
            # root stays open.
            names = [serial if serial % 8 else serial // 2]
            if serial % 4 == 1:
                names.append(-serial)
            outcome = Open(tuple(GoalRef(str(n), Goal("synthetic", f"goal {n}")) for n in names))
            for ref in outcome.subgoals:
                _ = ref.goal.key
        self.seconds += time.process_time() - begin
        return outcome

    async def close(self) -> None:
        """Nothing to end."""


class EndlessProver:
    """Proposes four steps for every goal; keeps the time that takes."""

    name = "endless"
    systems = ("synthetic",)

    def __init__(self) -> None:
        self.seconds = 0.0
        self._serial = 0

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose four steps for each goal."""
        begin = time.process_time()
        answer = [[self._proposal() for _ in range(FAN)] for _ in goals]
        self.seconds += time.process_time() - begin
        return answer

    def _proposal(self) -> Proposal:
        self._serial += 1
        step = Step(f"tactic {self._serial}")
        _ = step.key
        return Proposal(step, -0.1 * (1 + self._serial % 7), self.name)

    async def close(self) -> None:
        """Nothing to release."""


class TextSink:
    """Turns every event into text and counts the bytes, as a store would before it writes them."""

    def __init__(self) -> None:
        self.events = 0
        self.bytes = 0

    def emit(self, event: Event) -> None:
        """Count one event."""
        self.events += 1
        self.bytes += len(event.to_json())


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of the engine."""

    nodes: int
    steps: int
    microseconds_per_step: float
    """Engine's own time, all steps counted, rejected ones too."""
    seconds: float
    peak_mib: float
    """Peak resident memory of the whole process."""
    events: int


def measure(nodes: int) -> Measurement:
    """Run the engine until its graph has about so many nodes."""
    # About 0.8 new goals come with each step.
    calls = int(nodes / 1.8)
    session, prover, sink = EndlessSession(), EndlessProver(), TextSink()
    engine = Engine(OBLIGATION, session, [prover], budget=Budget(None, checker_calls=calls), sink=sink)
    begin = time.process_time()
    result = asyncio.run(engine.run())
    seconds = time.process_time() - begin
    steps = int(result.stats["steps"])  # type: ignore[arg-type]
    own = seconds - session.seconds - prover.seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measurement(len(result.graph), steps, 1e6 * own / steps, seconds, peak, sink.events)


def best_of(nodes: int, repeat: int) -> Measurement:
    """Measure in fresh processes and take the fastest: other load only ever adds time."""
    command = [sys.executable, __file__, "--single", str(nodes)]
    runs = [
        Measurement(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        for _ in range(repeat)
    ]
    return min(runs, key=lambda run: run.microseconds_per_step)


def main() -> int:
    """Print the measurements; exit 1 where the engine is slower or larger than promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", default="1000,10000,100000", help="graph nodes, separated by commas")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each size; the fastest counts")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--single", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.single:
        print(json.dumps(asdict(measure(options.single))))
        return 0
    runs = [best_of(int(size), options.repeat) for size in options.sizes.split(",")]
    if options.json:
        print(json.dumps([asdict(run) for run in runs]))
    else:
        print("    nodes     steps  us/step  ratio  peak MiB    events")
        for run in runs:
            ratio = run.microseconds_per_step / runs[0].microseconds_per_step
            print(
                f"{run.nodes:9d} {run.steps:9d} {run.microseconds_per_step:8.1f} {ratio:6.2f} "
                f"{run.peak_mib:9.0f} {run.events:9d}"
            )
    slowest = max(run.microseconds_per_step for run in runs)
    ratio = runs[-1].microseconds_per_step / runs[0].microseconds_per_step
    return 0 if slowest <= 100 and ratio <= 1.5 and runs[-1].peak_mib < 1024 else 1


if __name__ == "__main__":
    sys.exit(main())
