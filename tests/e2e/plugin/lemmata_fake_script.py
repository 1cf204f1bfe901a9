"""A checker and a prover that behave like those of a proof assistant, with everything a checker may offer.

Each line of a `.script` file is a theorem, `Theorem NAME. Proof. TACTIC. Qed.`, or one that is open: `Theorem NAME.
Admitted.` or `Theorem NAME. Proof. admit. admit. Admitted.`, where every `admit.` is an obligation of its own, `NAME#1`
and so on. Any other line is ignored. `solve` proves every theorem whose name does not begin with `hard`; `auto` those
that begin with `easy`; `search` is written as `solve`; a theorem that begins with `top` needs a line at the top. A file
in which `clash1` and `clash2` are both proved does not compile.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location
from lemmata.goal import Goal, GoalRef, GoalView, Obligation
from lemmata.outcome import Closed, Outcome, Rejected, TimedOut
from lemmata.protocols import Launcher
from lemmata.step import Proposal, Step
from lemmata.verdict import Audit, Availability, Limits, Tool, Verdict, Verification

_TOP = "Import Top.\n"


class ScriptSession:
    def __init__(self, name: str) -> None:
        self._name = name
        self.root = GoalRef("root", Goal("script", name))
        self.context: Mapping[str, Any] = {}

    async def apply(self, goal: GoalRef, step: Step, limits: Limits) -> Outcome:
        if step.text == "loop":
            await asyncio.sleep(limits.wall_seconds or 0)
            return TimedOut(limits.wall_seconds or 0)
        if step.text == "crash":
            raise RuntimeError("out of cheese")
        if step.text in ("solve", "search") and not self._name.startswith("hard"):
            return Closed(0.25, replacement=Step("solve") if step.text == "search" else None)
        if step.text == "auto" and self._name.startswith("easy"):
            return Closed(0.125)
        return Rejected(f"No such tactic: {step.text}")

    async def close(self) -> None:
        return None


class ScriptChecker:
    name = "script"
    suffixes = (".script",)

    def __init__(self, launcher: Launcher) -> None:
        del launcher

    async def probe(self) -> Availability:
        return Availability(True, "1.0")

    async def tools(self) -> Sequence[Tool]:
        return [Tool("scriptc", True, "1.0"), Tool("hammer", False, "not installed", "apt install hammer")]

    def library(self) -> Path | None:
        return Path("library").absolute()

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        found = []
        for whole in await self.catalogue(path, options):
            line = whole.source.split("\n")[whole.location.line - 1]
            admits = [match.start() for match in re.finditer(r"admit\.", line)]
            for number, column in enumerate(admits, 1):
                place = Location(str(path), whole.location.line, column + 1)
                found.append(Obligation("script", f"{whole.name}#{number}", whole.source, place))
            if not admits and "Admitted." in line:
                found.append(whole)
        return found

    async def catalogue(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        source = path.read_bytes().decode()
        found = []
        for number, line in enumerate(source.split("\n"), 1):
            if match := re.match(r"Theorem (\w+)\.", line):
                found.append(Obligation("script", match[1], source, Location(str(path), number, 1)))
        return found

    async def select(self, path: Path, selector: str, options: Mapping[str, str]) -> Obligation:
        name, _, line = selector.partition("@")
        for obligation in await self.catalogue(path, options):
            if obligation.name == name.partition("#")[0] and line in ("", str(obligation.location.line)):
                return obligation
        raise InputError(f"no theorem {selector}", location=Location(str(path)))

    async def open(self, obligation: Obligation, limits: Limits) -> ScriptSession:
        return ScriptSession(obligation.name)

    def script(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        return "".join(f"  {step.text}.\n" for step in steps)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        tactics = " ".join(f"{step.text}." for step in steps)
        name, _, hole = obligation.name.partition("#")
        lines = obligation.source.split("\n")
        number = obligation.location.line - 1
        line = lines[number]
        if hole:
            starts = [match.start() for match in re.finditer(r"admit\.", line)]
            start = starts[int(hole) - 1]
            line = line[:start] + tactics + line[start + len("admit.") :]
            if len(starts) == 1:
                line = line.replace("Admitted.", "Qed.")
        else:
            line = f"Theorem {name}. Proof. {tactics} Qed."
        lines[number] = line
        text = "\n".join(lines)
        return _TOP + text if name.startswith("top") else text

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        audit = Audit("scriptc", "passed")
        axioms = ("classic",) if obligation.name.startswith("classical") else ()
        return Verification(Verdict(claim), "", (audit,), {"checker": "script 1.0"}, axioms=axioms)

    async def compiles(self, text: str, path: Path, options: Mapping[str, str], limits: Limits) -> str:
        if path.read_bytes().decode() != text:
            return "not the file"
        if "vandal" in text:
            path.write_text("somebody else's\n")
        if all(f"Theorem clash{i}. Proof. solve." in text for i in (1, 2)):
            return "line 2:\n clash"
        return ""


class ScriptProver:
    name = "script"
    systems = ("script",)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        return [[Proposal(Step("solve"), -0.5, self.name)] for _ in goals]

    async def close(self) -> None:
        return None
