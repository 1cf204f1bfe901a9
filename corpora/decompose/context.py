"""What of a goal's context its statement or its proof needs; Coq says, as it takes the proof again without the rest."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from corpora.mutate.bench import Bench, Path

MOST_STEPS = 400
"""How many steps are taken again, for each goal, to find out what it does not need."""
_WORD = re.compile(r"[^\W\d][\w']*")


async def forgetting(bench: Bench, path: Path, names: Sequence[str], steps: Sequence[str]) -> Path:
    """Return the path with a sentence behind it that forgets what is not needed, if anything is not.

    Args:
        bench: where the proof was taken up.
        path: leads to the goal, alone in focus within a brace.
        names: the hypotheses there, in order.
        steps: what proves it.
    """
    said = {word for step in steps for word in _WORD.findall(step)}
    named = [name for name in names if name in said]
    if len(named) == len(names):
        return path
    # A step such as `auto` takes what it does not name: halves are tried apart, the last hypotheses first.
    kept = list(names)
    work = [[name for name in names if name not in said]]
    left = max(MOST_STEPS // len(steps), 1)
    while work and left > 0:
        group = work.pop()
        fewer = [name for name in kept if name not in group]
        left -= 1
        if await _suffices(bench, path, fewer, steps):
            kept = fewer
        elif len(group) > 1:
            work += [group[: len(group) // 2], group[len(group) // 2 :]]
    return path if len(kept) == len(names) else (*path, _only(kept))


def _only(names: Collection[str]) -> str:
    """Return the sentence that keeps these, what they are about, and what the conclusion is about."""
    return f"1: clear - {' '.join(names)}." if names else "1: clear."


async def _suffices(bench: Bench, path: Path, names: Collection[str], steps: Sequence[str]) -> bool:
    way = (*path, _only(names), *(f"1: {step}." for step in steps), "}")
    return await bench.reaches(way, len(path))
