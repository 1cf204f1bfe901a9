"""New theorems compiled in fresh processes, and what each of them rests on."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path

from checkers.coq.assumptions import libraries
from checkers.coq.inquiry import SETTINGS, origins_of
from checkers.coq.installation import Installation
from checkers.coq.project import Flags
from checkers.coq.runs import Questions, Workspace
from checkers.process import Supervisor
from corpora.mutate.theorem import Theorem
from lemmata.verdict import Limits

TOP = "Lemmata.Made"
"""The logical name of the file in which they are compiled."""
LIMITS = Limits(wall_seconds=600.0, memory_bytes=4 << 30, file_bytes=256 << 20)
"""Of each process."""
_TOGETHER = "lemmata_together"
LIMITED = "compiling it took too much time or memory"
"""A reason for which a theorem is refused that says nothing about it."""


class Compiled:
    """What became of some theorems."""

    def __init__(self) -> None:
        self.accepted: list[tuple[Theorem, tuple[str, ...]]] = []
        """Those that Coq compiled and that rest on no axioms of their own, each with the axioms that it rests on."""
        self.refused: list[tuple[Theorem, str, str]] = []
        """The others, each with the reason and what Coq says."""


async def compiled(
    supervisor: Supervisor,
    installation: Installation,
    flags: Flags,
    header: Sequence[str],
    theorems: Sequence[Theorem],
    limits: Limits = LIMITS,
) -> Compiled:
    """Compile theorems that stand in one file, below a header, and ask what they rest on.

    Args:
        supervisor: starts the processes.
        installation: which Coq.
        flags: how the file is compiled.
        header: sentences above the theorems.
        theorems: none of them is used by another; each may rest on what the first theorem it was made from rests on.
        limits: of each process.

    Raises:
        RunFailed: what was compiled cannot be asked about.
    """
    result = Compiled()
    with tempfile.TemporaryDirectory(prefix="lemmata-made-") as folder:
        space = Workspace(Path(folder).resolve(), supervisor, installation, flags, limits, "made.v")
        numbers = itertools.count(1)
        # Each is compiled below what it will stand below alone.
        above: dict[str, list[Theorem]] = {}
        for theorem in theorems:
            above.setdefault(theorem.above(header), []).append(theorem)
        work = list(above.values())
        while work:
            # What one theorem breaks, the others shall not pay for: halves are tried apart.
            group = work.pop()
            text = "\n".join([group[0].above(header), *(theorem.text() for theorem in group)])
            purpose = str(next(numbers))
            run, file = await space.compile(text, purpose)
            if run.ok:
                await _audit(space, purpose, file, group, result)
            elif len(group) == 1:
                result.refused.append((group[0], LIMITED if run.limited else "is not compiled", run.error))
            else:
                half = len(group) // 2
                work += [group[half:], group[:half]]
    return result


async def _audit(space: Workspace, purpose: str, file: Path, group: Sequence[Theorem], result: Compiled) -> None:
    """Ask what the theorems of a compiled file rest on; most often one question does for many."""
    top = space.flags.top
    async with space.loaded(f"Require {top}.\n", f"asked-{purpose}", file) as questions:
        asked = _Asked(questions, libraries(await questions.ask("Print Libraries.")))
        for setting in SETTINGS:
            await questions.tell(setting)
        if await asked.together([f"{top}.{theorem.place}" for theorem in group]) == frozenset():
            result.accepted += [(theorem, ()) for theorem in group]
            return
        for source in dict.fromkeys(theorem.made_from[0] for theorem in group):
            mine = [theorem for theorem in group if theorem.made_from[0] == source]
            await _compare(asked, top, source, mine, result)


async def _compare(asked: _Asked, top: str, source: str, theorems: Sequence[Theorem], result: Compiled) -> None:
    """Compare what theorems rest on with what the one that they were made from rests on."""
    allowed = await asked.of(source) or frozenset()
    every = await asked.together([f"{top}.{theorem.place}" for theorem in theorems])
    for theorem in theorems:
        # A proof that uses the source rests on all that the source does: if all need no more, each needs just that.
        sure = every is not None and every <= allowed and theorem.rests
        axioms = allowed if sure else await asked.of(f"{top}.{theorem.place}")
        if axioms is not None and axioms <= allowed:
            result.accepted.append((theorem, tuple(sorted(axioms))))
        else:
            more = ", ".join(sorted((axioms or frozenset()) - allowed))
            result.refused.append((theorem, "rests on further axioms", more or "Coq does not tell which"))


class _Asked:
    """Asks a process what theorems rest on."""

    def __init__(self, questions: Questions, loaded: frozenset[str]) -> None:
        self._questions = questions
        self._loaded = loaded
        self._count = 0

    async def of(self, name: str) -> frozenset[str] | None:
        """Return the axioms that a theorem rests on; None where Coq does not tell, or names what is no axiom."""
        origins = await origins_of(self._questions, name, self._loaded)
        if any(origin.assumption.kind != "axiom" for origin in origins):
            return None
        return frozenset(origin.shown for origin in origins)

    async def together(self, names: Sequence[str]) -> frozenset[str] | None:
        """Return what some theorems rest on together; None as `of`."""
        self._count += 1
        pair = "tt"
        for name in names:
            pair = f"(Coq.Init.Datatypes.pair {pair} (@{name}))"
        await self._questions.tell(f"Definition {_TOGETHER}_{self._count} := {pair}.")
        return await self.of(f"{_TOGETHER}_{self._count}")
