"""A proof of a library taken again below a header: on the theorem as it is outside of its file and its sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checkers.coq.goals import Display, Printed
from corpora.decompose.cuts import Node
from corpora.mutate.bench import UNKNOWN, Bench, Path
from corpora.stages.task import Failure
from lemmata.goal import Hypothesis

REFUSED = "its steps are refused outside of its file"
MIXED = "a step of it works on several goals"
OPEN = "it leaves something open"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A proof that Coq took again, step by step."""

    name: str
    """Of the theorem, as short as it can be said."""
    full: str
    path: Path
    """Leads to the goal of the first step."""
    steps: tuple[str, ...]
    numbers: tuple[int, ...]
    """Of the steps, among all that the proof has in its file."""
    goals: tuple[Printed, ...]
    """Of each step."""
    nodes: tuple[Node, ...]

    def before(self, step: int) -> Path:
        """Return what leads to the goal of a step."""
        return (*self.path, *(f"1: {text}." for text in self.steps[:step]))


async def replayed(
    bench: Bench, full: str, context: Sequence[Hypothesis], steps: Mapping[int, str]
) -> Replayed | Failure:
    """Take a proof again.

    Args:
        bench: has the theorem in scope.
        full: its full name.
        context: what stood above the goal of the first step: variables of sections, and what the statement names.
        steps: by their numbers; each closes or changes the first goal, and together they prove it.

    Returns:
        The proof, or why there is none.
    """
    made = await bench.named(full)
    if made is None:
        return Failure(full, UNKNOWN)
    name, path, _ = made
    path, seen = await _entered(bench, path, context)
    begin = path
    goals: list[Printed] = []
    nodes: list[Node] = []
    for step in steps.values():
        after = await bench.attempt(path, f"1: {step}.") if seen and seen.first else None
        if after is None or seen is None or seen.first is None:
            return Failure(full, REFUSED, step)
        left = after.count - (seen.count - 1)
        if left < 0:
            return Failure(full, MIXED, step)
        goals.append(seen.first)
        nodes.append(Node(left, len(seen.first.hypotheses)))
        path, seen = (*path, f"1: {step}."), after
    if seen is None or not seen.complete:
        return Failure(full, OPEN)
    return Replayed(name, full, begin, tuple(steps.values()), tuple(steps), tuple(goals), tuple(nodes))


async def _entered(bench: Bench, path: Path, context: Sequence[Hypothesis]) -> tuple[Path, Display | None]:
    """Bring those of the variables that the theorem is about back into the context, under their names."""
    path = (*path, "1: idtac.")
    seen = await bench.attempt(path[:-1], path[-1])
    names = {given.name for given in context}
    for given in context:
        # What Coq would call it is the name that the theorem has for it, if it has one.
        tried = await bench.attempt(path, "1: intro.")
        new = tried.first.hypotheses[-1] if tried and tried.first and tried.first.hypotheses else None
        same = new is not None and (new.name == given.name or (new.text == given.text and new.name not in names))
        for step in [f"1: intro {given.name}."] if same else _defining(given):
            taken = await bench.attempt(path, step)
            if taken is not None:
                path, seen = (*path, step), taken
                break
    return path, seen


def _defining(given: Hypothesis) -> Iterator[str]:
    """Yield sentences that may define a local definition again: a section's own is unfolded outside of it."""
    body = given.text.removeprefix(":= ")
    if body != given.text:
        # A type stands behind the last colon of all that is not within the type itself.
        parts = body.split(" : ")
        for end in range(len(parts) - 1, 0, -1):
            yield f"1: set ({given.name} := {' : '.join(parts[:end])})."
