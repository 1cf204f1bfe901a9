"""CoqHammer: which tactics need it, and what its searching tactics say should be written instead.

L. Czajka and C. Kaliszyk, "Hammer for Coq: automation for dependent type theory", JAR 61, 2018; the output format is
that of version 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from checkers.coq.installation import Installation
from checkers.coq.line import LOAD_SECONDS, Load
from checkers.coq.project import Flags
from checkers.coq.tactics import uses_hammer
from checkers.coq.toplevel import Interrupted, Toplevel
from checkers.process import Supervisor
from lemmata.verdict import Limits

WHY_NOT = "CoqHammer is not installed, or cannot be loaded beside this file"

_LOAD = "From Hammer Require Import Hammer."
_ATP_SECONDS = 5
"""Limit of the external provers; the step's own limit ends it all."""
_LOADED: dict[Path, frozenset[str]] = {}

_SEARCHING = re.compile(r"(?<![\w'.])(?:hammer|best|sauto_best)(?![\w'])")
_INSTEAD = re.compile(
    r"^(?:Replace the hammer tactic with|Try this|Replace the `?best`? tactic with):\s*(.*?)\.?\s*$", re.M | re.S
)
_OPTION = re.compile(r"^(srun) ([a-z]\w*(?: [a-z]\w*)*?)(?= (?:use|unfold|inv|ctrs|db|brefl|ered|l|lq|q)\b[^:]*:|$)")


def needs(text: str) -> bool:
    """Say whether a step can only be run where CoqHammer is loaded."""
    return uses_hammer(text)


def searches(text: str) -> bool:
    """Say whether a step looks for a proof that is to be written down instead of it."""
    return _SEARCHING.search(text) is not None


def found(output: str) -> str:
    """Return what a searching tactic says should replace it, empty where it says nothing."""
    said = _INSTEAD.search(output)
    if said is None:
        return ""
    text = " ".join(said[1].split("\n\n")[0].split()).removesuffix(".")
    # It prints `srun eauto use: ...`, but the grammar wants parentheses around the tactic.
    return _OPTION.sub(r"\1 (\2)", text)


async def libraries(supervisor: Supervisor, installation: Installation, limits: Limits) -> frozenset[str]:
    """Return all libraries that CoqHammer loads, empty where it cannot be loaded at all; asked once for a program."""
    if installation.hammer and installation.where not in _LOADED:
        coq = await Toplevel.start(supervisor, installation, Flags((), "Lemmata"), limits, LOAD_SECONDS)
        try:
            said = await coq.run([_LOAD, "Print Libraries."], LOAD_SECONDS)
        except Interrupted:
            said = []
        finally:
            await coq.close()
        failed = not said or said[0].failed
        _LOADED[installation.where] = frozenset() if failed else frozenset(said[1].text.split()[3:])
    return _LOADED.get(installation.where, frozenset())


def beside(plain: Load, above: int, filtered: Collection[str]) -> Load:
    """Return what a process with CoqHammer is told: its libraries last, as they change how a file is read.

    Args:
        plain: what a process without it is told.
        above: how many of those sentences come before the goal.
        filtered: libraries whose lemmas must not be used, because only CoqHammer loaded them.
    """
    setup = (
        _LOAD,
        f"Set Hammer ATPLimit {_ATP_SECONDS}.",
        "Set Hammer ReconstrLimit 3.",
        *(f"Add Hammer Filter {library}." for library in sorted(filtered)),
    )
    return Load((*plain.sentences[:above], *setup, *plain.sentences[above:]), plain.own, needed=_LOAD)
