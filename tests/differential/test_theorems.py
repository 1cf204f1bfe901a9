"""The theorems written for proof assistants hold exactly when the conditions that the solvers get do."""

from __future__ import annotations

import dataclasses
import os
import random
from collections import Counter
from pathlib import Path

import pytest
import z3

from checkers.programs.theorems.theory import Formula, Holds, Theory, theory
from checkers.programs.unit import Loaded, load
from checkers.programs.verifier import verification_conditions
from lemmata.errors import LemmataError
from lemmata.logic import smtlib
from lemmata.logic import terms as t
from lemmata.logic.sorts import INT, is_array
from lemmata.logic.terms import Term
from lemmata.logic.transition import Cut

PROGRAMS = sorted((Path(__file__).parents[1] / "soundness" / "programs").glob("*.c"))
STRIDE = int(os.environ.get("LEMMATA_THEOREM_STRIDE", "4"))
TRIES = 3
COUNTS: Counter[bool] = Counter()


def loaded(path: Path) -> Loaded:
    return load({"text": path.read_text(), "file": path.name, "name": "main", "int_width": ""})


def value(cut: Cut, rng: random.Random) -> Term:
    """Return a random value over a loop's variables, with conditionals, quotients and array reads in it."""
    whole = [t.var(v.name, v.sort) for v in cut.variables if v.sort == INT]
    arrays = [t.var(v.name, v.sort) for v in cut.variables if is_array(v.sort)]
    leaf = rng.choice(whole) if whole and rng.random() < 0.7 else t.const(rng.randint(-3, 9))
    match rng.randrange(7):
        case 0:
            return t.add(leaf, value(cut, rng))
        case 1:
            return t.ite(clause(cut, rng), leaf, value(cut, rng))
        case 2:
            return rng.choice([t.ediv, t.emod])(leaf, t.const(rng.choice([-3, 2, 5])))
        case 3 if arrays and not is_array(t.select(arrays[0], t.const(0)).sort):
            return t.select(rng.choice(arrays[:1]), leaf)
    return leaf


def clause(cut: Cut, rng: random.Random) -> Term:
    left, right = value(cut, rng), value(cut, rng)
    found = rng.choice([t.le, t.lt, t.eq])(left, right)
    match rng.randrange(4):
        case 0:
            return t.implies(clause(cut, rng), found)
        case 1:
            return t.neg(found)
    return found


def falsifiable(assertions: list[Term]) -> bool | None:
    solver = z3.Solver()
    solver.set("timeout", 2000)
    solver.from_string(smtlib.query(assertions))
    answer = solver.check()
    return None if answer == z3.unknown else answer == z3.sat


def meaning(formula: Formula, said: Theory) -> Term:
    if not isinstance(formula, Holds):
        return formula
    predicate = next(p for p in said.predicates if p.name == formula.predicate)
    return t.substitute(t.conj(predicate.body), dict(zip(predicate.parameters, formula.arguments, strict=True)))


@pytest.mark.parametrize("path", PROGRAMS[::STRIDE], ids=lambda path: path.stem)
def test_theorems_say_what_the_conditions_say(path: Path) -> None:
    try:
        program = loaded(path)
    except LemmataError as error:
        pytest.skip(str(error))
    rng = random.Random(path.stem)
    for _ in range(TRIES):
        chosen = {c.name: [clause(c, rng) for _ in range(rng.randint(0, 2))] for c in program.system.loops}
        invariants = {c.name: [*c.facts, *chosen[c.name]] for c in program.system.loops}
        for block in program.system.blocks:
            alone = dataclasses.replace(program, system=dataclasses.replace(program.system, blocks=(block,)))
            compare(alone, invariants)


def compare(program: Loaded, invariants: dict[str, list[Term]]) -> None:
    (condition,) = verification_conditions(program, invariants)
    broken = falsifiable(list(condition.assertions))
    said = theory(program, invariants, "")
    answers = [
        falsifiable([*(meaning(h, said) for h in one.hypotheses), t.neg(meaning(one.conclusion, said))])
        for one in said.theorems
    ]
    if broken is None or None in answers:
        return
    assert any(answers) == broken, condition.name
    COUNTS[broken] += 1


def test_both_kinds_of_conditions_were_compared() -> None:
    assert min(COUNTS[True], COUNTS[False]) > 50
