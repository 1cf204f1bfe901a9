"""A second proof of a program's verification conditions: by Coq, from the theorems that were written for it."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.auditing import concluded, sha256
from checkers.coq import installation as installations
from checkers.coq.assumptions import parse
from checkers.coq.auditing import RECHECK, rechecked
from checkers.coq.installation import Installation
from checkers.coq.project import Flags
from checkers.coq.runs import Workspace
from checkers.process import Supervisor
from checkers.runs import RunFailed, of_run
from lemmata.verdict import Audit, Limits, Verdict

SYSTEMS = ("coq",)
"""The proof assistants that a proof can be checked again with."""

_MEMORY_BYTES = 4 << 30
"""Address space that Coq needs for its libraries; the resident size is much smaller."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What Coq made of the theorems."""

    audits: tuple[Audit, ...]
    version: str
    reason: str
    """Why they are not all proved, empty where they are."""


async def recheck(text: str, file: str, theorems: Sequence[str], limits: Limits) -> Rechecked:
    """Compile a file in fresh processes, and ask what each of its theorems rests on: it must be nothing at all.

    Args:
        text: the file's.
        file: its name, which is that of the module too.
        theorems: the names of all that have to be proved in it.
        limits: of each process.

    Raises:
        BackendError: Coq is missing or cannot be started.
    """
    found = await asyncio.to_thread(installations.find)
    roomy = limits.at_least(memory_bytes=_MEMORY_BYTES)
    with tempfile.TemporaryDirectory(prefix="lemmata-coq-") as folder:
        async with Supervisor() as supervisor:
            flags = Flags((), Path(file).stem)
            space = Workspace(Path(folder).resolve(), supervisor, found, flags, roomy, file)
            audits = await _audits(space, found, text, theorems)
    verdict, reason = concluded(audits, Verdict.PROVED, count=3, optional=RECHECK)
    return Rechecked(tuple(audits), found.version, "" if verdict is Verdict.PROVED else reason or "nothing was proved")


async def _audits(space: Workspace, found: Installation, text: str, theorems: Sequence[str]) -> list[Audit]:
    run, compiled = await space.compile(text, "theorems")
    audits = [of_run(f"coqc {found.version}: {compiled.stem}", run)]
    if not run.ok:
        return audits
    return [*audits, *await asyncio.gather(_assumptions(space, compiled, theorems), rechecked(space, compiled))]


async def _assumptions(space: Workspace, compiled: Path, theorems: Sequence[str]) -> Audit:
    command = f"Print Assumptions of {len(theorems)} theorems"
    if not all(_NAME.fullmatch(name) for name in theorems):
        return Audit(command, "failed", "these are no names of theorems")
    if not theorems:
        return Audit(command, "passed", "every path is ruled out by its own conditions, nothing is left to prove")
    began = time.monotonic()
    said: list[str] = []
    try:
        async with space.loaded(f"Require {compiled.stem}.\n", "asked", compiled) as questions:
            for name in theorems:
                said.append(await questions.ask(f"Print Assumptions {compiled.stem}.{name}."))
    except RunFailed as error:
        return Audit(command, "unknown" if error.limited else "failed", f"cannot be asked: {error.message}")
    seconds = round(time.monotonic() - began, 3)
    for name, answer in zip(theorems, said, strict=True):
        # An empty answer is what a refused question gives.
        if not answer.strip() or parse(answer):
            what = " ".join(answer.split())[:200] or "it is not there"
            return Audit(command, "failed", f"{name}: {what}", sha256("\n".join(said)), seconds)
    return Audit(command, "passed", "no assumptions", sha256("\n".join(said)), seconds)
