"""SMT goals: each script is aimed at one way to be fooled, and forged artefacts and models are never believed."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checkers.process import Supervisor
from checkers.smt.checker import SmtChecker
from checkers.smt.script import questions
from lemmata.errors import LemmataError
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict

LIMITS = Limits(20.0)
X = "(declare-const x Int)"


async def decide(checker: SmtChecker, obligation: Obligation) -> str:
    """Try to have it proved by every kind of step, then to have it refuted."""
    for step in ("auto", "cvc5"):
        said = await checker.verify(obligation, checker.artefact(obligation, [Step(step)]), "proved", LIMITS, {})
        if said.verdict in (Verdict.PROVED, Verdict.ERROR):
            return said.verdict.value
    session = await checker.open(obligation, LIMITS)
    found = await session.refute(LIMITS)
    await session.close()
    if found is None:
        return "unknown"
    return (await checker.verify(obligation, json.dumps(found), "disproved", LIMITS, {})).verdict.value


async def read(checker: SmtChecker, folder: Path, text: str) -> list[Obligation]:
    path = folder / "f.smt2"
    path.write_text(text)
    return await checker.obligations(path, {})


def verdicts(folder: Path, text: str) -> list[str]:
    async def run() -> list[str]:
        async with Supervisor() as supervisor:
            checker = SmtChecker(supervisor)
            try:
                return [await decide(checker, obligation) for obligation in await read(checker, folder, text)]
            except LemmataError as error:
                return [type(error).__name__]

    return asyncio.run(run())


SCRIPTS = {
    "unsat": (X + "(assert (> x x))(check-sat)", ["proved"]),
    "sat": (X + "(assert (> x 5))(check-sat)", ["disproved"]),
    "no assertions": ("(check-sat)", ["disproved"]),
    "status says unsat": ("(set-info :status unsat)" + X + "(assert (> x 5))(check-sat)", ["disproved"]),
    "status says sat": ("(set-info :status sat)(assert false)(check-sat)", ["proved"]),
    "question in a comment": ("(assert false) ; (check-sat)\n(push)(pop)\n; (check-sat)", ["InputError"]),
    "contradiction in a comment": ("(assert true) ; (assert false)\n(check-sat)", ["disproved"]),
    "contradiction in a string": ('(set-info :notes ")(assert false)(")(check-sat)', ["disproved"]),
    "contradiction in a quoted symbol": (
        "(declare-const |p)(assert false)(assert (or p| Bool)(assert |p)(assert false)(assert (or p|)(check-sat)",
        ["disproved"],
    ),
    "doubled quotes": (
        '(declare-const s String)(assert (= s "a"")(assert false)(echo ""b"))(check-sat)',
        ["disproved"],
    ),
    "assertion after the question": (X + "(assert (> x 5))(check-sat)(assert false)", ["disproved"]),
    "two questions": (X + "(assert (> x 5))(check-sat)(assert (< x 5))(check-sat)", ["disproved", "proved"]),
    "popped contradiction": ("(push)(assert false)(check-sat)(pop)(check-sat)", ["proved", "disproved"]),
    "popped declaration": (X + "(push)(declare-const y Int)(pop)(assert (> y x))(check-sat)", ["InputError"]),
    "same name in sister scopes": (
        "(push)(declare-const p Bool)(assert (not p))(pop)(push)(declare-const p Int)(assert (> p 0))(check-sat)",
        ["disproved"],
    ),
    "assumptions do not stay": (
        "(declare-const p Bool)(assert p)(check-sat-assuming ((not p)))(check-sat)",
        ["proved", "disproved"],
    ),
    "exit before the question": ("(assert false)(exit)(check-sat)", ["InputError"]),
    "exit before the contradiction": ("(check-sat)(exit)(assert false)(check-sat)", ["disproved"]),
    "reset": ("(assert false)(reset)(check-sat)", ["UnsupportedError"]),
    "own meaning of >": ("(define-fun > ((a Int) (b Int)) Bool false)" + X + "(assert (> x 0))(check-sat)", None),
    "own meaning of and": ("(define-fun and ((a Bool) (b Bool)) Bool false)(assert (and true true))(check-sat)", None),
    "own meaning of true": ("(define-const true Bool false)(assert true)(check-sat)", None),
    "bound true": ("(assert (let ((true false)) true))(check-sat)", None),
    "second definition": (X + "(define-fun x () Int 1)(assert (> x 1))(check-sat)", ["InputError"]),
    "overloaded symbol": (
        "(declare-fun f (Int) Bool)(declare-fun f (Bool) Bool)(assert (f true))(assert (not (f 1)))(check-sat)",
        ["InputError"],
    ),
    "hidden by a parameter": (
        X + "(define-fun f ((x Int)) Bool (> x 5))(assert (f 6))(assert (= x 0))(check-sat)",
        ["disproved"],
    ),
    "hidden by let": (X + "(assert (= x 1))(assert (let ((x 2)) (= x 2)))(check-sat)", ["disproved"]),
    "parallel let": (X + "(assert (= x 1))(assert (let ((x 2) (y x)) (= y 1)))(check-sat)", ["disproved"]),
    "ill-typed assertion": (X + "(assert (and x true))(assert false)(check-sat)", ["InputError"]),
    "unknown symbol": ("(assert (> y 0))(assert false)(check-sat)", ["InputError"]),
    "time-out option": ("(set-option :timeout 1)(check-sat)", ["UnsupportedError"]),
    "solver option": ("(set-option :smt.arith.solver 0)(check-sat)", ["UnsupportedError"]),
    "proof option": ("(set-option :produce-proofs true)(assert true)(check-sat)", ["disproved"]),
    "numerals that are reals": ("(set-logic QF_LRA)(declare-const r Real)(assert (< 0 r 1))(check-sat)", ["disproved"]),
    "no integer between": (X + "(assert (< 0 x 1))(check-sat)", ["proved"]),
    "division by zero is anything": (X + "(assert (distinct (div x 0) (div 1 0)))(assert (= x 2))(check-sat)", None),
    "division rounds down": ("(assert (not (= (div (- 7) 2) (- 4))))(check-sat)", ["proved"]),
    "chained equality": ("(assert (= false false true))(check-sat)", ["proved"]),
    "implication associates right": ("(assert (=> false false false))(check-sat)", ["disproved"]),
    "empty sort": ("(declare-sort S 0)(assert (forall ((a S) (b S)) (distinct a b)))(check-sat)", ["proved"]),
    "function": ("(declare-fun f (Int) Int)(assert (= (f 1) 2))(assert (= (f 2) 1))(check-sat)", ["disproved"]),
    "datatype": (
        "(declare-datatype L ((n) (c (h Int) (t L))))(declare-const l L)(assert (= l (c 1 l)))(check-sat)",
        ["proved"],
    ),
    "bit-vectors wrap": (
        "(declare-const b (_ BitVec 8))(assert (bvult (bvadd b #x01) b))(check-sat)",
        ["disproved"],
    ),
    "array": (
        "(declare-const a (Array Int Bool))(assert (select a 3))(assert (not (select a 4)))(check-sat)",
        ["disproved"],
    ),
    "array of negative numbers": (
        "(declare-const a (Array Int Int))(assert (= (select a (- 3)) (- 4)))(check-sat)",
        ["disproved"],
    ),
    "nan": ("(declare-const f Float32)(assert (not (fp.eq f f)))(check-sat)", ["disproved"]),
    "named assertion": ("(declare-const p Bool)(assert (! p :named q))(assert (not q))(check-sat)", ["proved"]),
    "deep": ("(assert " + "(not " * 1501 + "true" + ")" * 1501 + ")(check-sat)", ["proved"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_script(name: str, tmp_path: Path) -> None:
    text, expected = SCRIPTS[name]
    found = verdicts(tmp_path, text)
    if expected is None:
        assert "proved" not in found
    else:
        assert found == expected


def checks(folder: Path, text: str, artefact: Any, claim: str) -> Verdict:
    async def run() -> Verdict:
        async with Supervisor() as supervisor:
            checker = SmtChecker(supervisor)
            (obligation,) = await read(checker, folder, text)
            own = checker.artefact(obligation, [])
            return (
                await checker.verify(obligation, artefact(own) if callable(artefact) else artefact, claim, LIMITS, {})
            ).verdict

    return asyncio.run(run())


@pytest.mark.parametrize(
    "forge",
    [
        lambda own: "",
        lambda own: own.replace("(check-sat)", "(assert false)(check-sat)"),
        lambda own: own.replace("(assert (> x 5))", "(assert false)"),
        lambda own: own.replace("auto", "z3:smt.arith.solver=0"),
        lambda own: own.replace("auto", "auto\n(assert false)"),
        lambda own: own.partition("\n")[2],
        lambda own: own,
    ],
)
def test_forged_artefacts(forge: Any, tmp_path: Path) -> None:
    assert checks(tmp_path, X + "(assert (> x 5))(check-sat)", forge, "proved") is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "model",
    [
        {"x": "5"},
        {"x": "true"},
        {"x": "6.5"},
        {"x": "6)(assert true"},
        {"x": "6))\n(reset)\n(assert (= 1 1"},
        {"x": "(ite true 6 6)"},
        {"x": "|6|"},
        {"y": "6"},
        {"x": "6", "y": "6"},
        {},
    ],
)
def test_forged_models(model: dict[str, str], tmp_path: Path) -> None:
    artefact = json.dumps({"model": model, "others": []})
    assert checks(tmp_path, X + "(assert (> x 5))(check-sat)", artefact, "disproved") is not Verdict.DISPROVED


def test_no_model_of_a_contradiction(tmp_path: Path) -> None:
    text = X + "(declare-fun f (Int) Int)(assert (> x 5))(assert (< x 6))(check-sat)"
    for claim in ({"model": {"x": "6"}, "others": ["f"]}, {"model": {}, "others": ["x", "f"]}):
        assert checks(tmp_path, text, json.dumps(claim), "disproved") is not Verdict.DISPROVED
    for nonsense in ("", "null", "[]", '{"model": {}, "model": {}}', "NaN", "[" * 5000):
        assert checks(tmp_path, text, nonsense, "disproved") is Verdict.UNKNOWN


SEEDS = [text for text, _ in SCRIPTS.values() if len(text) < 500]
PIECES = [
    "(",
    ")",
    '"',
    "|",
    ";",
    "\n",
    "\r",
    "(check-sat)",
    "(push)",
    "(pop)",
    "(exit)",
    "!",
    ":named",
    "0",
    "-",
    "\\",
]


def mutated(draw: random.Random) -> str:
    text = draw.choice(SEEDS)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(text) + 1)
        to = min(len(text), at + draw.randint(0, 12))
        other = draw.choice(SEEDS)
        start = draw.randrange(len(other))
        new = draw.choice(
            [draw.choice(PIECES), other[start : start + draw.randint(1, 30)], "", chr(draw.randrange(300))]
        )
        text = text[:at] + new + text[to:]
    return text


def test_mutated_scripts_are_read_or_refused() -> None:
    draw = random.Random(20)
    for _ in range(4000):
        refusal = refused(mutated(draw))
        assert refusal is None or (refusal.message and refusal.location)


def refused(text: str) -> LemmataError | None:
    try:
        questions(text, "f")
    except LemmataError as error:
        return error
    return None


@pytest.mark.slow
def test_mutated_scripts_never_end_badly(tmp_path: Path) -> None:
    draw = random.Random(21)
    done = 0
    while done < 20:
        found = verdicts(tmp_path, mutated(draw))
        assert set(found) <= {"proved", "disproved", "unknown", "InputError", "UnsupportedError"}, found
        done += found not in (["InputError"], ["UnsupportedError"])


def lemmata(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lemmata"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize(("text", "code"), [(X + "(assert (> x x))(check-sat)", 0), (SCRIPTS["sat"][0], 1)])
def test_command_certificate_and_replay(text: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "f.smt2").write_text(text)
    done = lemmata(tmp_path, "prove", "f.smt2", "--no-store", "--out", "out", "--json")
    assert done.returncode == code
    (result,) = json.loads(done.stdout)["results"]
    assert result["verdict"] == ("disproved" if code else "proved")
    if code:
        assert int(result["counterexample"]["model"]["x"]) > 5
    assert lemmata(tmp_path, "replay", result["certificate"]).returncode == 0
    path = Path(result["certificate"])
    assert (tmp_path / "out" / (path.name.removesuffix(".lemmata.json") + ".goal.smt2")).is_file()
    good = path.read_text()
    forged = json.loads(good)
    forged["artefact"] = forged["artefact"].replace("x", "y")
    path.write_text(json.dumps(forged))
    assert lemmata(tmp_path, "replay", result["certificate"]).returncode == 1
    path.write_text(good)
    (tmp_path / "f.smt2").write_text(text.replace("x", "y"))
    assert lemmata(tmp_path, "replay", result["certificate"]).returncode == 1


@pytest.mark.parametrize("text", ["", "\0", "(", "(check-sat", "(assert (> y 1))(check-sat)", "(reset)(check-sat)"])
def test_command_with_bad_input(text: str, tmp_path: Path) -> None:
    (tmp_path / "f.smt2").write_text(text)
    done = lemmata(tmp_path, "prove", "f.smt2", "--no-store", "--json")
    assert done.returncode == 2
    (result,) = json.loads(done.stdout)["results"]
    assert result["location"]["file"].endswith("f.smt2")
