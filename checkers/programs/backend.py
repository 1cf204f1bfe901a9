"""The live backend of a session: a child process that checks invariant clauses with Z3.

Run as `python -m checkers.programs.backend`; speaks the protocol of `lemmata.rpc`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from checkers.programs.clauses import read_clauses
from checkers.programs.houdini import Conditions
from checkers.programs.solver import warm_up
from checkers.programs.unit import Loaded, load, read_unit
from lemmata.errors import BackendError
from lemmata.logic.smtlib import inline
from lemmata.logic.terms import Term
from lemmata.logic.transition import encode
from lemmata.rpc import serve
from lemmata.step import Part

_LONGEST_TEXT = 4000


class Backend:
    """One obligation's search state: which clauses are established at each goal."""

    def __init__(self) -> None:
        self.loaded: Loaded | None = None
        self.conditions: Conditions | None = None
        self.goals: dict[str, dict[str, list[Term]]] = {}

    def obligations(self, params: Mapping[str, Any]) -> list[list[Any]]:
        """List the functions to verify as [name, file, line, column]."""
        found = read_unit(params).obligations()
        return [[name, place.file, place.line, place.column] for name, place in found]

    def open(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Load an obligation; answer with its root goal and the transition system."""
        self.loaded = load(params)
        self.conditions = Conditions(self.loaded.system)
        facts = {c.name: list(c.facts) for c in self.loaded.system.loops}
        # What holds by typing is established once and for all, by the same check as everything else.
        root = self.conditions.prune({}, facts, time.monotonic() + 5.0).kept
        self.goals = {"root": root}
        errors = [c for c in self.loaded.system.cuts if c.kind == "error"]
        return {
            "errors": [f"{c.message} at {c.line}:{c.column}" for c in errors],
            "hypotheses": _hypotheses(root),
            "system": encode(self.loaded.system),
            "notes": list(self.loaded.program.notes),
        }

    def _ready(self) -> tuple[Loaded, Conditions]:
        if self.loaded is None or self.conditions is None:
            raise BackendError("no obligation is open")
        return self.loaded, self.conditions

    def apply(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Check a set of clauses on top of a goal's; answer with what was kept and what it leaves."""
        loaded, conditions = self._ready()
        deadline = time.monotonic() + float(params["seconds"])
        established = self.goals[params["goal"]]
        parts = [Part(*p) for p in params["parts"]]
        good, bad = read_clauses(parts, loaded.system, loaded.visible, loaded.program.machine)
        notes: list[dict[str, Any]] = [
            {"part": i, "accepted": False, "message": m, "model": {}} for i, m in bad.items()
        ]
        candidates: dict[str, list[Term]] = {}
        for loop, term in good.values():
            if term not in established.get(loop, ()):
                candidates.setdefault(loop, []).append(term)
        pruned = conditions.prune(established, candidates, deadline)
        for i, (loop, term) in good.items():
            broken = pruned.dropped.get((loop, term))
            message, model = (broken.message, dict(broken.model)) if broken else ("", {})
            notes.append({"part": i, "accepted": broken is None, "message": message, "model": model})
        new = {loop: [*old] for loop, old in established.items()}
        grown = False
        for loop, kept in pruned.kept.items():
            new.setdefault(loop, []).extend(kept)
            grown |= bool(kept)
        notes.sort(key=lambda n: n["part"])
        if not grown and any(b.undecided for b in pruned.dropped.values()):
            return {"outcome": "timed-out", "message": "the solver did not decide every clause in time", "notes": notes}
        if not grown and parts:
            first = next((n for n in notes if not n["accepted"]), None)
            message = f"no new clause is inductive; {first['message']}" if first else "nothing new"
            return {"outcome": "rejected", "message": message, "model": first["model"] if first else {}, "notes": notes}
        safety = conditions.safety(new, deadline)
        if safety.safe:
            return {"outcome": "closed", "notes": notes}
        if not grown:
            return {"outcome": "rejected", "message": safety.message, "model": dict(safety.model), "notes": notes}
        handle = f"g{len(self.goals)}"
        self.goals[handle] = new
        return {"outcome": "open", "goal": handle, "hypotheses": _hypotheses(new), "message": safety.message,
                "model": dict(safety.model), "notes": notes}  # fmt: skip

    def _invariants(self, parts: Sequence[Part]) -> dict[str, list[Term]]:
        loaded, _ = self._ready()
        good, _ = read_clauses(parts, loaded.system, loaded.visible, loaded.program.machine)
        found = {loop: [*facts] for loop, facts in self.goals["root"].items()}
        for loop, term in good.values():
            if term not in found.setdefault(loop, []):
                found[loop].append(term)
        return found

    def accepts(self, params: Mapping[str, Any]) -> bool:
        """Say whether exactly these clauses are inductive and make the program safe."""
        _, conditions = self._ready()
        deadline = time.monotonic() + float(params["seconds"])
        invariants = self._invariants([Part(*p) for p in params["parts"]])
        pruned = conditions.prune({}, invariants, deadline)
        return not pruned.dropped and conditions.safety(invariants, deadline).safe

    def needed(self, params: Mapping[str, Any]) -> list[int]:
        """Return the positions of a small sufficient subset of the clauses; all where none was found."""
        loaded, conditions = self._ready()
        parts = [Part(*p) for p in params["parts"]]
        good, _ = read_clauses(parts, loaded.system, loaded.visible, loaded.program.machine)
        deadline = time.monotonic() + float(params["seconds"])
        invariants = self._invariants(parts)
        inductive = conditions.prune({}, invariants, deadline).kept
        core = conditions.core(inductive, deadline)
        if core is None:
            return list(range(len(parts)))
        seen: set[tuple[str, Term]] = set()
        chosen: list[int] = []
        for i, (loop, term) in sorted(good.items()):
            if term in core.get(loop, ()) and (loop, term) not in seen:
                seen.add((loop, term))
                chosen.append(i)
        return chosen


def _refusal(part: int, message: str) -> dict[str, Any]:
    return {"part": part, "accepted": False, "message": message, "model": {}}


def _hypotheses(clauses: Mapping[str, Sequence[Term]]) -> list[list[str]]:
    found = []
    for loop in sorted(clauses):
        for i, term in enumerate(sorted(clauses[loop], key=inline)):
            text = inline(term)
            found.append([f"{loop}#{i}", text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."])
    return found


def _refute(params: Mapping[str, Any]) -> dict[str, Any] | None:
    from checkers.programs.refute import refute

    return refute(load(params), float(params["seconds"]))


def main() -> None:
    """Serve requests until standard input ends."""
    warm_up()
    backend = Backend()
    serve({
        "obligations": backend.obligations,
        "open": backend.open,
        "apply": backend.apply,
        "accepts": backend.accepts,
        "needed": backend.needed,
        "refute": _refute,
    })  # fmt: skip


if __name__ == "__main__":
    main()
