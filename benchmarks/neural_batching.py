"""Measures what asking a local model about many goals at once gains, and whether the event loop goes on meanwhile.

A byte-level encoder-decoder model with random weights is asked about goals of different lengths, all in one question
and one at a time; the order alternates, and the best of each counts. A heartbeat runs beside a call, in the process of
the model and in one that has the model in a child and, like the command, has not loaded torch itself: to start a
child from a large process takes longer.

    python benchmarks/neural_batching.py [--goals 32] [--beams 1] [--tokens 32] [--repeat 3] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Obligation
from provers.neural import local_manifest
from provers.neural.local_manifest import Manifest

_BEAT = 0.005


@dataclass(frozen=True)
class Measured:
    """What was found."""

    goals: int
    together_seconds: float
    alone_seconds: float
    worst_delay_same_process: float
    """Longest delay of the event loop beyond its due time, in seconds, while a call runs in a thread."""
    worst_delay_child: float
    """The same where the model is in a child process, its start and its first call included."""
    worst_delay_idle: float
    """The same where nothing runs at all: what the machine itself does."""

    @property
    def gain(self) -> float:
        """How much longer one at a time takes."""
        return self.alone_seconds / self.together_seconds


def make_model(folder: Path, tokens: int = 32) -> Path:
    """Write a model with random weights; its answers end where they have to, at about one and a half times `tokens`."""
    import transformers

    from provers.neural.local_loading import libraries
    from provers.neural.training.models import fresh
    from provers.neural.training.settings import Settings

    libraries()
    transformers.set_seed(0)
    loaded = fresh(Settings())
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    local_manifest.write(folder, Manifest("prover", "reprover/1", ("coq",), {"longest_answer": tokens}))
    return folder


def views(count: int) -> list[GoalView]:
    """Return goals of different lengths."""
    statements = [f"forall n m : nat, {'n + ' * (i % 6)}m + {i} = {i} + m{' + n' * (i % 6)}" for i in range(count)]
    obligation = Obligation("coq", "it", "", Location("It.v", 1, 1))
    return [GoalView(Goal("coq", statement), obligation) for statement in statements]


def throughput(folder: Path, goals: int, beams: int, tokens: int, repeat: int) -> tuple[float, float]:
    """Return the best seconds for all goals in one question, and for one question each."""
    from provers.neural.local_generation import Sampling, encoded, generate
    from provers.neural.local_loading import load

    loaded = load(str(folder))
    prompts = [encoded(loaded, view.goal.conclusion) for view in views(goals)]
    sampling = Sampling(max_tokens=tokens)

    def timed(questions: Sequence[list[list[int]]]) -> float:
        began = time.perf_counter()
        for question in questions:
            generate(loaded, question, beams, sampling, 0, lambda: False)
        return time.perf_counter() - began

    timed([prompts[:2]])
    together, alone = [], []
    for _ in range(repeat):
        together.append(timed([prompts]))
        alone.append(timed([[prompt] for prompt in prompts]))
    return min(together), min(alone)


async def worst_delay(work: Callable[[], Awaitable[Any]]) -> float:
    """Return how late the event loop was at worst while something ran."""
    worst, done = 0.0, False

    async def beat() -> None:
        nonlocal worst
        while not done:
            due = time.perf_counter() + _BEAT
            await asyncio.sleep(_BEAT)
            worst = max(worst, time.perf_counter() - due)

    beating = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        await work()
    finally:
        done = True
        await beating
    return worst


async def delay_same_process(folder: Path, goals: int, beams: int) -> float:
    """Return the worst delay in the model's own process."""
    from provers.neural.local import TransformersProver

    questions = views(goals)
    own = TransformersProver(str(folder))
    await own.propose(questions[:1], 1)
    same = await worst_delay(lambda: own.propose(questions, beams))
    await own.close()
    return same


async def delay_child(folder: Path, goals: int, beams: int) -> tuple[float, float]:
    """Return the worst delays with the model in a child, and with no model at all."""
    from checkers.process import Supervisor
    from lemmata.verdict import Limits
    from provers.neural.local import TransformersProver
    from search.executors.local import HostedProver, Hosting

    questions = views(goals)
    async with Supervisor() as supervisor:
        hosting = Hosting(
            Limits(wall_seconds=TransformersProver.call_seconds, memory_bytes=TransformersProver.memory_bytes),
            configuration={"model": str(folder)},
            variables=TransformersProver.variables,
        )
        target = "provers.neural.local:TransformersProver"
        hosted = HostedProver("transformers", target, ("coq",), supervisor, hosting)
        child = await worst_delay(lambda: hosted.propose(questions, beams))
        await hosted.close()
    idle = await worst_delay(lambda: asyncio.sleep(2.0))
    return child, idle


def measure(goals: int = 32, beams: int = 1, tokens: int = 32, repeat: int = 3) -> Measured:
    """Measure everything with one model."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
            apart.submit(make_model, folder, tokens).result()
        child, idle = asyncio.run(delay_child(folder, goals, beams))
        assert "torch" not in sys.modules
        together, alone = throughput(folder, goals, beams, tokens, repeat)
        same = asyncio.run(delay_same_process(folder, goals, beams))
        return Measured(goals, together, alone, same, child, idle)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--goals", type=int, default=32)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.goals, arguments.beams, arguments.tokens, arguments.repeat)
    if arguments.json:
        print(json.dumps({**asdict(found), "gain": found.gain}, indent=1))
        return
    print(f"{found.goals} goals in one question   {found.together_seconds:8.3f} s")
    print(f"{found.goals} goals one at a time      {found.alone_seconds:8.3f} s   {found.gain:.1f} times as long")
    print("longest delay of the event loop")
    print(f"  model in the same process  {found.worst_delay_same_process * 1000:8.1f} ms")
    print(f"  model in a child           {found.worst_delay_child * 1000:8.1f} ms")
    print(f"  nothing running            {found.worst_delay_idle * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
