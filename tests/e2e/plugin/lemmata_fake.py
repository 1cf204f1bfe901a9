"""A checker and a prover that do what the words of a `.fake` file say, to test everything around them.

Each line of a file is an obligation: its name, then one of `prove`, `refute`, `unknown`, `crash`, `overclaim`, or
`slow SECONDS`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location
from lemmata.goal import Goal, GoalRef, GoalView, Obligation
from lemmata.outcome import Closed, Note, Outcome, Rejected
from lemmata.protocols import Launcher
from lemmata.step import Part, Proposal, Step, clauses
from lemmata.verdict import Audit, Availability, Limits, Verdict, Verification

_WORDS = ("prove", "refute", "unknown", "crash", "overclaim", "slow")


class FakeSession:
    def __init__(self, obligation: Obligation) -> None:
        self._word = obligation.option("word")
        self._seconds = float(obligation.option("seconds", "0"))
        self.root = GoalRef("root", Goal("fake", obligation.name, environment=obligation.key))
        cut = {"name": "L1", "kind": "loop", "line": 2, "column": 1}
        self.context: Mapping[str, Any] = {"system": {"cuts": [cut]}}

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        await asyncio.sleep(self._seconds)
        if self._word in ("prove", "slow", "overclaim") and any(part.text == "good" for part in step.parts):
            return Closed(0.0, tuple(Note(i, part.text == "good") for i, part in enumerate(step.parts)))
        return Rejected("no")

    async def refute(self, limits: Limits) -> Mapping[str, Any] | None:
        if self._word != "refute":
            return None
        return {"message": "it fails", "trace": [{"line": 1, "values": {"x": 7}}]}

    async def close(self) -> None:
        return None


class FakeChecker:
    name = "fake"
    suffixes = (".fake",)

    def __init__(self, launcher: Launcher) -> None:
        del launcher

    async def probe(self) -> Availability:
        return Availability(True, "1.0")

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        source = path.read_bytes().decode("utf-8", "surrogateescape")
        found = []
        for number, line in enumerate(source.splitlines(), 1):
            match line.split():
                case [name, word, *rest] if word in _WORDS:
                    extra = (("seconds", rest[0]),) if rest else ()
                    place = Location(str(path), number, 1)
                    found.append(Obligation("fake", name, source, place, (*extra, ("word", word))))
                case []:
                    pass
                case _:
                    raise InputError(
                        f"cannot read {line!r}", hint="use a word", location=Location(str(path), number, 1)
                    )
        return found

    async def open(self, obligation: Obligation, limits: Limits) -> FakeSession:
        if obligation.option("word") == "crash":
            raise RuntimeError("out of cheese")
        log = Path(obligation.location.file).with_suffix(".log")
        with log.open("a") as file:
            file.write(f"{obligation.name} {time.time()}\n")
        return FakeSession(obligation)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        return "\n".join(f"{part.label}: {part.text}" for step in steps for part in step.parts)

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        word = obligation.option("word")
        good = claim == "disproved" if word == "refute" else word != "overclaim" and "good" in artefact
        verdict = Verdict(claim) if good else Verdict.UNKNOWN
        audit = Audit("fake", "passed" if good else "failed")
        return Verification(
            verdict, "" if good else "not so", (audit,), {"checker": "fake 1.0"}, None, {"note.txt": word}
        )


class FakeProver:
    name = "fake"
    systems = ("fake",)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        step = clauses((Part("L1", "good"), Part("L1", "bad")))
        return [[Proposal(step, -0.5, self.name)] for _ in goals]

    async def close(self) -> None:
        return None
