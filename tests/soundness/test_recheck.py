"""Coq's second proof of a program's conditions: what does not prove them must not pass."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from checkers.process import Supervisor
from checkers.programs.checker import ProgramChecker
from checkers.programs.recheck import Rechecked, recheck
from checkers.programs.verifier import theorems
from lemmata.verdict import Limits, Verdict, Verification

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq: apt-get install coq")

LIMITS = Limits(wall_seconds=60.0)
PROGRAM = """\
#include <assert.h>
int unknown_int(void);
int main(void) {
  int x = 0, n = unknown_int();
  while (x < n)
    x = x + 1;
  assert(n < 0 || x == n);
}
"""


def artefact(*clauses: str) -> str:
    loops = {"L1": [{"clause": clause, "language": "c"} for clause in clauses]}
    return json.dumps({"format": "lemmata.invariants/1", "function": "main", "invariants": loops})


def written(*clauses: str) -> str:
    params = {"text": PROGRAM, "file": "count.c", "name": "main", "int_width": "", "artefact": artefact(*clauses)}
    said = theorems({**params, "systems": ["coq"]})
    return str(said["files"]["coq"]["text"])


def checked(text: str, *names: str) -> Rechecked:
    return asyncio.run(recheck(text, "Conditions.v", names, LIMITS))


def names(text: str) -> list[str]:
    return [line.split()[1].rstrip(":") for line in text.splitlines() if line.startswith("Theorem ")]


def verified(folder: Path, *clauses: str) -> Verification:
    async def work() -> Verification:
        path = folder / "count.c"
        path.write_text(PROGRAM)
        async with Supervisor() as supervisor:
            checker = ProgramChecker(supervisor)
            (found,) = await checker.obligations(path, {})
            return await checker.verify(found, artefact(*clauses), "proved", LIMITS, {"recheck": "coq"})

    return asyncio.run(work())


def test_right_invariants_are_proved_and_the_audits_tell(tmp_path: Path) -> None:
    said = verified(tmp_path, "x <= n || n < 0", "x >= 0")
    assert said.verdict is Verdict.PROVED, said.reason
    commands = [audit.command.split()[0] for audit in said.audits if audit.result == "passed"]
    assert commands[-3:] == ["coqc", "Print", "coqchk"]
    assert said.environment["recheck"] == "coq"
    assert "Theorem safety_" in said.attachments["coq/Conditions.v"]


@pytest.mark.parametrize("clauses", [("x <= n",), ("x == n",), ("x >= 0",), ()])
def test_wrong_or_weak_invariants_do_not_compile(clauses: tuple[str, ...]) -> None:
    text = written(*clauses)
    said = checked(text, *names(text))
    assert said.reason
    assert said.audits[0].result == "failed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Proof. condition. Qed.", "Proof. Admitted."),
        ("Proof. condition. Qed.", "Proof. admit. Admitted."),
        ("Open Scope Z_scope.", "Open Scope Z_scope. Axiom no : False. Ltac lia := destruct no."),
        (
            "Open Scope Z_scope.",
            "Open Scope Z_scope. Axiom a : forall P : Prop, P. Ltac condition0 := apply a.",
        ),
    ],
)
def test_what_is_assumed_is_not_proved(old: str, new: str) -> None:
    text = written("x <= n || n < 0", "x >= 0")
    assert old in text
    forged = text.replace(old, new)
    if "condition0" in new:
        forged = forged.replace("Proof. condition. Qed.", "Proof. condition0. Qed.")
    said = checked(forged, *names(text))
    assert said.reason
    assert [audit.result for audit in said.audits if audit.command.startswith("Print")] == ["failed"]


def test_a_theorem_that_is_not_there_is_not_proved() -> None:
    text = written("x <= n || n < 0", "x >= 0")
    assert checked(text, *names(text), "safety_of_everything").reason
    assert checked(text, "nat) (Check").reason
    assert checked("", *names(text)).reason


def test_a_proof_that_takes_too_long_is_none() -> None:
    text = written("x <= n || n < 0", "x >= 0")
    slow = text.replace("Proof. condition. Qed.", "Proof. do 1000000000 idtac. condition. Qed.")
    said = asyncio.run(recheck(slow, "Conditions.v", names(text), Limits(wall_seconds=2.0)))
    assert said.reason
    assert said.audits[0].result == "unknown"


def test_a_program_without_conditions_needs_no_theorems(tmp_path: Path) -> None:
    async def work() -> Verification:
        path = tmp_path / "sure.c"
        path.write_text("int main(void) { int x = 3; //@ assert x == 3;\n return 0; }")
        async with Supervisor() as supervisor:
            checker = ProgramChecker(supervisor)
            (found,) = await checker.obligations(path, {})
            text = json.dumps({"format": "lemmata.invariants/1", "function": "main", "invariants": {}})
            return await checker.verify(found, text, "proved", LIMITS, {"recheck": "coq"})

    said = asyncio.run(work())
    assert said.verdict is Verdict.PROVED, said.reason
