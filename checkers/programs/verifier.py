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
from checkers.programs.annotated import annotated
from checkers.programs.artefact import read_artefact
from checkers.programs.clauses import read_clauses
from checkers.programs.execute import Execution, Interpreter, failing, scripted, translated
from checkers.programs.refute import describe
from checkers.programs.unit import Loaded, load
from checkers.programs.witness import NoWitness, correctness_witness, violation_witness
from lemmata.errors import BackendError, InputError, LemmataError
from lemmata.logic import smtlib
from lemmata.logic import terms as t
from lemmata.logic.evaluate import NotExecutable
from lemmata.logic.terms import Term
from lemmata.logic.transition import Cut
from lemmata.rpc import serve
from lemmata.strict_json import parse

_NO_DATA_MODEL = "64"
"""The width of `int` for which the witnesses of SV-COMP have no data model."""
_MOST_BLOCKS = 10_000_000


def prove(params: Mapping[str, Any]) -> dict[str, Any]:
    """Prove every verification condition of an artefact with Z3.

    Returns:
        `conditions`: name, label for files, SMT-LIB text, Z3's answer, its model or reason, and seconds, for each
        condition; all of them must be unsatisfiable for the artefact to be a proof.
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
        answer, detail = _decide(condition, text, deadline)
        conditions.append({
            "name": condition.name,
            "label": condition.label,
            "text": text,
            "answer": answer,
            "detail": detail,
            "seconds": time.monotonic() - began,
        })  # fmt: skip
    shown = {loop: [(p.text, p.language) for p in parts] for loop, parts in read_artefact(params["artefact"]).items()}
    attachments = {"annotated.c": annotated(params["text"], loaded.system, shown)}
    if params["int_width"] != _NO_DATA_MODEL:
        attachments["witness.yml"] = correctness_witness(params["file"], params["text"], loaded, shown)
    return {
        "conditions": conditions,
        "z3": z3.get_version_string(),
        "notes": list(loaded.program.notes),
        "attachments": attachments,
    }


def _decide(condition: Condition, text: str, deadline: float) -> tuple[str, str]:
    """Ask Z3; where variables are multiplied, its two kinds of arithmetic in turn."""
    import z3

    from checkers.programs.solver import legacy

    answer, detail = "unknown", "no time"
    ways: list[tuple[Any, float, str]] = [(z3.Solver, 1.0, "")]
    if t.multiplies(condition.assertions):
        ways = [(z3.Solver, 0.2, ""), (legacy, 0.4, "with smt.arith.solver=2"), (z3.Solver, 1.0, "")]
    for make, share, how in ways:
        solver = make()
        solver.set("timeout", max(1, int(1000 * share * (deadline - time.monotonic()))))
        solver.from_string(text)
        if not solver.assertions():
            raise BackendError(f"the condition '{condition.name}' reached the solver empty")
        answer = str(solver.check())
        if answer == "sat":
            return answer, str(solver.model())[:2000]
        if answer == "unsat":
            return answer, how
        detail = solver.reason_unknown()
    return answer, detail


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
    label: str
    """The same in one word, for the name of a file."""
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
    together they say that the invariants hold whenever control is at a loop head, and that no error is reached. The
    same goes for the starts and returns of recursive functions: every call in a block has returned before the block's
    end is reached, so that by induction on the length of the run what is proved at the return holds of the call.
    """
    found: list[Condition] = []
    for block in loaded.system.blocks:
        source, target = loaded.system.cut(block.source), loaded.system.cut(block.target)
        sorts = {v.name: v.sort for v in target.variables}
        update = {t.var(n, sorts[n]): u for n, u in block.updates}
        begin = f"{source.name} ({source.line}:{source.column})"
        end = f"{target.name} ({target.line}:{target.column})"
        hypotheses = [block.guard, *loaded.system.assumed(block, invariants)]
        if block.calls:
            begin += " after " + ", ".join(loaded.system.cut(call.summary).message + "()" for call in block.calls)
        if target.kind == "error":
            name = f"safety of {end} from {begin}: {target.message}"
            found.append(Condition(name, f"safety-{target.name}-from-{source.name}", target, hypotheses))
            continue
        kind = "initiation" if source.kind == "entry" else "consecution"
        goal = t.neg(t.substitute(t.conj(invariants[target.name]), update))
        label = f"{kind}-{target.name}-from-{source.name}"
        found.append(Condition(f"{kind} of {end} from {begin}", label, target, [*hypotheses, goal]))
    return found


def theorems(params: Mapping[str, Any]) -> dict[str, Any]:
    """Write the verification conditions of an artefact as theorems of other proof assistants.

    Args:
        params: a request's, with the names of the proof assistants as `systems`.

    Returns:
        The `names` of the theorems in order; of the `files`, by proof assistant, the `name` that each should have, and
        its `text`.
    """
    from checkers.programs.theorems.systems import writer
    from checkers.programs.theorems.theory import theory

    loaded = load(params)
    digest = sha256(params["text"])
    whose = f"{loaded.program.name} of {Path(params['file']).name}, SHA-256 of the source {digest}"
    found = theory(loaded, _invariants(loaded, params["artefact"]), f"Verification conditions of {whose}.")
    files = {
        chosen.system: {"name": chosen.file, "text": chosen.write(found)} for chosen in map(writer, params["systems"])
    }
    return {"names": [theorem.name for theorem in found.theorems], "files": files}


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


def reached(params: Mapping[str, Any]) -> dict[str, Any]:
    """Find out which assertions of a proved program are reached; the artefact has to be one that was proved."""
    from checkers.programs.reach import reachability

    loaded = load(params)
    answers = reachability(loaded, _invariants(loaded, params["artefact"]), float(params["seconds"]))
    return {"claims": [[a.location.line, a.location.column, a.reach.value, a.seconds] for a in answers]}


def refuted(params: Mapping[str, Any]) -> dict[str, Any]:
    """Run a counterexample; say what happened.

    Returns:
        `status`, `exact` and `failure` of the run, and whether all that the counterexample says `matches` it; where it
        does, the `attachments`, and in `unwitnessed` why there is no witness among them.
    """
    loaded = load(params)
    data = parse(params["artefact"])
    if not isinstance(data, dict) or not isinstance(data.get("choices"), list):
        raise InputError("the counterexample is malformed")
    interpreter = Interpreter(loaded.program, loaded.cuts)
    limit = len(data["choices"]) + _MOST_BLOCKS
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
    said = {"status": run.status, "exact": run.exact, "failure": failure, "matches": matches}
    if not (matches and failing(run)):
        return {**said, "attachments": {}, "unwitnessed": ""}
    try:
        witness = violation_witness(params["file"], params["text"], *_on_a_machine(params, loaded, run))
    except NoWitness as reason:
        return {**said, "attachments": {}, "unwitnessed": str(reason)}
    return {**said, "attachments": {"witness.yml": witness}, "unwitnessed": ""}


def _on_a_machine(params: Mapping[str, Any], loaded: Loaded, run: Execution) -> tuple[Loaded, Execution]:
    """Return the program with the integers that other verifiers assume, and a failing run as the same run of it.

    Raises:
        NoWitness: there is none, since a value is too large there, or an operation overflows before the failure.
    """
    if params["int_width"] == _NO_DATA_MODEL:
        raise NoWitness("SV-COMP has no data model in which int has 64 bits")
    if loaded.program.machine:
        return loaded, run
    try:
        real = load({**params, "int_width": "32"})
        interpreter = Interpreter(real.program, real.cuts)
        again = interpreter.run(translated(loaded.program, run, real.program), len(run.choices) + _MOST_BLOCKS)
    except (LemmataError, NotExecutable) as error:
        raise NoWitness(f"with int of 32 bits this is no run: {error}") from None
    if not failing(again) or (again.location, again.message) != (run.location, run.message):
        what = f"{again.message} at {again.location}" if again.location else again.status
        raise NoWitness(f"with int of 32 bits the run is another one: {what}")
    return real, again


def main() -> None:
    """Serve requests until standard input ends."""
    serve({"prove": prove, "explain": explain, "theorems": theorems, "reached": reached, "refuted": refuted})


if __name__ == "__main__":
    main()
