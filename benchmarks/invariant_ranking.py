"""How many solver calls it takes to prove programs when the candidate clauses come in the order of a learned ranker.

    python benchmarks/invariant_ranking.py FOLDER [N]

FOLDER has C programs with loops, of which N (60 by default) are taken. For each the provers' candidates are gathered;
those that a proof needs are known from a run with all of them. A ranker learns from one half of the programs and orders
the candidates of the other half, and the other way round. Then candidates are handed to Houdini, eight more at a time,
until those seen are inductive and exclude every error; every question to Z3 counts. The same is done with the same
candidates in the order in which the provers gave them, and in random orders.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import z3

from checkers.programs.houdini import Conditions
from checkers.programs.unit import Loaded, load, read_unit
from lemmata.errors import LemmataError
from lemmata.logic.terms import Term
from provers.critics.examples import ClauseExample
from provers.critics.ranker import LinearRanker
from provers.symbolic import atoms, candidates
from provers.symbolic.samples import collect
from provers.symbolic.sampling import learn
from provers.symbolic.views import distinct, part

CHUNK, MOST, SECONDS = 8, 400, 20.0
ORDERS = 3

Candidate = tuple[str, Term]


@dataclass(frozen=True, slots=True)
class Problem:
    """A program that its candidates prove."""

    name: str
    text: str
    loaded: Loaded
    pool: list[Candidate]
    needed: frozenset[Candidate]


class Counting:
    """Counts the questions to Z3 while it is entered."""

    def __enter__(self) -> Counting:
        self.calls = 0
        self._check = z3.Solver.check

        def check(solver: z3.Solver, *assumptions: object) -> object:
            self.calls += 1
            return self._check(solver, *assumptions)

        z3.Solver.check = check
        return self

    def __exit__(self, *_: object) -> None:
        z3.Solver.check = self._check


def gathered(loaded: Loaded) -> list[Candidate]:
    """Return what the provers of plain clauses propose, in their order."""
    system = loaded.system
    states = collect(system, 1.0, 500_000)
    backwards = candidates.preconditions(system)
    numbers = set(candidates.constants(system))
    pools = atoms.pools(system)
    found: dict[Candidate, None] = {}
    for cut in system.loops:
        learned = learn(system, cut, states[cut.name], backwards[cut.name], numbers)
        for pool in (pools[0][cut.name], learned[0], learned[1], pools[1][cut.name], learned[2]):
            found.update(dict.fromkeys((cut.name, clause) for clause in distinct(pool)))
    return list(found)[:MOST]


def closed(loaded: Loaded, chosen: Sequence[Candidate]) -> dict[str, list[Term]] | None:
    """Return the inductive ones of some clauses where they exclude every error."""
    conditions = Conditions(loaded.system)
    deadline = time.monotonic() + SECONDS
    by_loop = {cut.name: [*cut.facts, *(t for loop, t in chosen if loop == cut.name)] for cut in loaded.system.loops}
    kept = conditions.prune({}, by_loop, deadline).kept
    return kept if conditions.safety(kept, deadline).safe else None


def problem(path: Path) -> Problem | None:
    """Return a program with its candidates, None where they do not prove it."""
    text = path.read_text(encoding="utf-8")
    given = {"text": text, "file": path.name, "int_width": ""}
    try:
        name = read_unit(given).obligations()[0][0]
        loaded = load({**given, "name": name})
    except LemmataError:
        return None
    pool = gathered(loaded)
    kept = closed(loaded, pool) if loaded.system.loops else None
    core = Conditions(loaded.system).core(kept, time.monotonic() + SECONDS) if kept else None
    if not core or not any(core.values()):
        return None
    return Problem(path.name, text, loaded, pool, frozenset((loop, t) for loop, terms in core.items() for t in terms))


def written(one: Problem, candidate: Candidate) -> str:
    """Return a candidate as a ranker reads it."""
    return part(one.loaded.system.cut(candidate[0]), candidate[1]).text


def calls(one: Problem, order: Sequence[Candidate]) -> int:
    """Return how many questions to Z3 it takes until the program is proved."""
    with Counting() as counting:
        for end in range(CHUNK, len(order) + CHUNK, CHUNK):
            if closed(one.loaded, order[:end]) is not None:
                break
    return counting.calls


def trained(problems: Sequence[Problem]) -> LinearRanker:
    """Return a ranker that puts what proofs needed before what they did not."""
    return LinearRanker.train(
        ClauseExample(one.text, written(one, candidate), candidate in one.needed)
        for one in problems
        for candidate in one.pool
    )


def main(arguments: list[str]) -> int:
    """Print the medians."""
    files = sorted(Path(arguments[0]).glob("*.c"))
    most = int(arguments[1]) if len(arguments) > 1 else 60
    files = random.Random(1).sample(files, min(most, len(files)))
    problems = [found for path in files if (found := problem(path)) is not None]
    halves = problems[::2], problems[1::2]
    ranked: list[int] = []
    plain: list[int] = []
    shuffled: list[float] = []
    for mine, others in (halves, halves[::-1]):
        ranker = trained(others)
        for one in mine:
            scores = ranker.score(one.text, [written(one, candidate) for candidate in one.pool])
            best = sorted(range(len(one.pool)), key=lambda i: -scores[i])
            ranked.append(calls(one, [one.pool[i] for i in best]))
            plain.append(calls(one, one.pool))
            rng = random.Random(1)
            shuffled.append(statistics.median(calls(one, rng.sample(one.pool, len(one.pool))) for _ in range(ORDERS)))
    for name, numbers in (("ranked", ranked), ("as proposed", plain), ("shuffled", shuffled)):
        sys.stdout.write(f"{name:12} median {statistics.median(numbers):6.1f}  mean {statistics.mean(numbers):7.1f}\n")
    against = [a / b for a, b in zip(ranked, shuffled, strict=True)]
    proposed = [a / b for a, b in zip(ranked, plain, strict=True)]
    sys.stdout.write(f"{len(problems)} programs; ranked against shuffled: median {statistics.median(against):.2f}; ")
    sys.stdout.write(f"against as proposed: median {statistics.median(proposed):.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
