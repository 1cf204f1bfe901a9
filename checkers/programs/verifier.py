"""Verification from scratch: a fresh process that reads the source and the artefact, and nothing else.

Run as `python -m checkers.programs.verifier`; speaks the protocol of `lemmata.rpc`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.auditing import sha256
from checkers.programs.artefact import read_artefact
from checkers.programs.clauses import read_clauses
from checkers.programs.execute import Interpreter, scripted
from checkers.programs.refute import describe
from checkers.programs.unit import Loaded, load
from checkers.programs.witness import annotated, correctness_witness
from lemmata.errors import BackendError, InputError
from lemmata.logic import smtlib
from lemmata.logic import terms as t
from lemmata.logic.evaluate import NotExecutable
from lemmata.logic.terms import Term
from lemmata.logic.transition import Cut
from lemmata.rpc import serve
from lemmata.strict_json import parse


def prove(params: Mapping[str, Any]) -> dict[str, Any]:
    """Prove every verification condition of an artefact with Z3.

    Returns:
        `conditions`: name, SMT-LIB text, Z3's answer, its model or reason, and seconds, for each condition; all
        of them must be unsatisfiable for the artefact to be a proof.
    """
    import z3

    loaded = load(params)
    invariants = _invariants(loaded, params["artefact"])
    seconds = float(params["seconds"])
    deadline = time.monotonic() + seconds
    conditions = []
    for condition in verification_conditions(loaded, invariants):
        began = time.monotonic()
        text = condition.smtlib
        solver = z3.Solver()
        solver.set("timeout", max(1, int(1000 * (deadline - began))))
        solver.from_string(text)
        if not solver.assertions():
            raise BackendError(f"the condition '{condition.name}' reached the solver empty")
        answer = str(solver.check())
        detail = (
            str(solver.model())[:2000] if answer == "sat" else solver.reason_unknown() if answer == "unknown" else ""
        )
        conditions.append({
            "name": condition.name,
            "text": text,
            "answer": answer,
            "detail": detail,
            "seconds": time.monotonic() - began,
        })  # fmt: skip
    shown = {loop: [(p.text, p.language) for p in parts] for loop, parts in read_artefact(params["artefact"]).items()}
    return {
        "conditions": conditions,
        "z3": z3.get_version_string(),
        "notes": list(loaded.program.notes),
        "attachments": {
            "annotated.c": annotated(params["text"], loaded.system, shown),
            "witness.yml": correctness_witness(
                params["file"], params["text"], loaded.system, shown, loaded.program.name
            ),
        },
    }


def _invariants(loaded: Loaded, artefact: str) -> dict[str, list[Term]]:
    parts = [p for group in read_artefact(artefact).values() for p in group]
    good, bad = read_clauses(parts, loaded.system, loaded.visible, loaded.program.machine)
    if bad:
        position, message = next(iter(bad.items()))
        raise InputError(f"the clause {parts[position].text!r} is refused: {message}")
    found = {c.name: list(c.facts) for c in loaded.system.loops}
    for loop, term in good.values():
        found[loop].append(term)
    return found


@dataclass(frozen=True, slots=True)
class Condition:
    """A verification condition: assertions that must be unsatisfiable together."""

    name: str
    target: Cut
    """Where the block of code ends that it is about."""
    assertions: Sequence[Term]

    @property
    def smtlib(self) -> str:
        """The question as an SMT-LIB script."""
        return smtlib.query(self.assertions, comment=self.name)


def verification_conditions(loaded: Loaded, invariants: Mapping[str, list[Term]]) -> list[Condition]:
    """Return the conditions that make invariants a proof.

    Initiation (from the entry), consecution (between loop heads) and safety (to an error), one for every block:
    together they say that the invariants hold whenever control is at a loop head, and that no error is reached.
    """
    found: list[Condition] = []
    for block in loaded.system.blocks:
        source, target = loaded.system.cut(block.source), loaded.system.cut(block.target)
        sorts = {v.name: v.sort for v in target.variables}
        update = {t.var(n, sorts[n]): u for n, u in block.updates}
        begin = f"{source.name} ({source.line}:{source.column})"
        end = f"{target.name} ({target.line}:{target.column})"
        hypotheses = [block.guard, *invariants.get(block.source, ())]
        if target.kind == "error":
            found.append(Condition(f"safety of {end} from {begin}: {target.message}", target, hypotheses))
            continue
        kind = "initiation" if source.kind == "entry" else "consecution"
        goal = t.neg(t.substitute(t.conj(invariants[target.name]), update))
        found.append(Condition(f"{kind} of {end} from {begin}", target, [*hypotheses, goal]))
    return found


def theorems(params: Mapping[str, Any]) -> dict[str, Any]:
    """Write the verification conditions of an artefact as theorems of another proof assistant.

    Args:
        params: a request's, with the name of the proof assistant as `system`.

    Returns:
        `file`, the name that the file should have, its `text`, and the `names` of its theorems in order.
    """
    from checkers.programs.theorems.systems import writer
    from checkers.programs.theorems.theory import theory

    loaded = load(params)
    digest = sha256(params["text"])
    whose = f"{loaded.program.name} of {Path(params['file']).name}, SHA-256 of the source {digest}"
    found = theory(loaded, _invariants(loaded, params["artefact"]), f"Verification conditions of {whose}.")
    chosen = writer(params["system"])
    return {"file": chosen.file, "text": chosen.write(found), "names": [theorem.name for theorem in found.theorems]}


def explain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the verification conditions of clauses, unsolved; names the clauses that mean nothing here."""
    loaded = load(params)
    artefact = read_artefact(params["artefact"])
    parts = [part for group in artefact.values() for part in group]
    good, bad = read_clauses(parts, loaded.system, loaded.visible, loaded.program.machine)
    found = {c.name: list(c.facts) for c in loaded.system.loops}
    shown: dict[str, list[tuple[str, str]]] = {}
    for position, (loop, term) in good.items():
        found[loop].append(term)
        shown.setdefault(loop, []).append((parts[position].text, parts[position].language))
    return {
        "conditions": [
            {"name": c.name, "line": c.target.line, "column": c.target.column, "text": c.smtlib}
            for c in verification_conditions(loaded, found)
        ],
        "loops": {c.name: [c.line, c.column] for c in loaded.system.loops},
        "annotated": annotated(params["text"], loaded.system, shown),
        "refused": [f"{parts[position].text}: {message}" for position, message in bad.items()],
    }


def refuted(params: Mapping[str, Any]) -> dict[str, Any]:
    """Run a counterexample; say what happened."""
    loaded = load(params)
    data = parse(params["artefact"])
    if not isinstance(data, dict) or not isinstance(data.get("choices"), list):
        raise InputError("the counterexample is malformed")
    interpreter = Interpreter(loaded.program, loaded.cuts)
    limit = len(data["choices"]) + 10_000_000
    try:
        run = interpreter.run(scripted(data["choices"]), limit, traced=True)
    except NotExecutable as error:
        raise InputError(str(error)) from None
    place = run.location
    failure = (
        {"file": place.file, "line": place.line, "column": place.column, "message": run.message} if place else None
    )
    # Every word of the counterexample must be what this run says, not only what makes it fail.
    matches = place is not None and describe(loaded, run) == data
    return {"status": run.status, "exact": run.exact, "failure": failure, "matches": matches}


def main() -> None:
    """Serve requests until standard input ends."""
    serve({"prove": prove, "explain": explain, "theorems": theorems, "refuted": refuted})


if __name__ == "__main__":
    main()
