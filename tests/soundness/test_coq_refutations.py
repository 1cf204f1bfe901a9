"""What is `disproved` in Coq is false: true statements never are, nor are false ones by a refutation that cheats."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence

import pytest

from checkers.coq import installation, loading, refutation
from checkers.coq.counterexample import Counterexample
from checkers.coq.scan import find
from checkers.coq.verify import verify
from checkers.process import Supervisor
from lemmata.errors import Location
from lemmata.goal import Obligation
from lemmata.verdict import Limits, Verdict, Verification
from lemmata.workflow.obligation import counterexample_artefact

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

LIMITS = Limits(30.0, None, 4 << 30)
HEAD = "Require Import List Arith ZArith Bool.\n"


def obligation(source: str, name: str = "t", options: Mapping[str, str] | None = None) -> Obligation:
    settings = {"top": "Deny", "arguments": "[]", **(options or {})}
    return Obligation("coq", name, source, Location("Deny.v", 1, 1), tuple(sorted(settings.items())))


async def search(supervisor: Supervisor, theorem: Obligation) -> Mapping[str, object] | None:
    found = installation.find()
    return await refutation.search(supervisor, found, loading.load(theorem, found), LIMITS)


def decide(source: str, name: str = "t", options: Mapping[str, str] | None = None) -> Verdict:
    """Search, and have verified what is found."""
    theorem = obligation(source, name, options)

    async def run() -> Verdict:
        async with Supervisor() as supervisor:
            found = await search(supervisor, theorem)
            if found is None:
                return Verdict.UNKNOWN
            said = await verify(supervisor, theorem, counterexample_artefact(found), "disproved", LIMITS, {})
            assert said.verdict is Verdict.DISPROVED, said.reason
            return said.verdict

    return asyncio.run(run())


def check(theorem: Obligation, artefact: str) -> Verification:
    async def run() -> Verification:
        async with Supervisor() as supervisor:
            return await verify(supervisor, theorem, artefact, "disproved", LIMITS, {})

    return asyncio.run(run())


def claim(
    source: str,
    steps: Sequence[str],
    statement: str = "1 = 1",
    instance: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
) -> Verification:
    """Have a hand-made refutation verified."""
    forged = Counterexample(statement, instance or {}, tuple(steps)).values()
    return check(obligation(source, "t", options), counterexample_artefact(forged))


FALSE = {
    "successor": "forall n, n + 1 = n",
    "reverse": "forall l : list nat, rev l = l",
    "booleans": "forall a b : bool, a && b = a || b",
    "subtraction": "forall n m : nat, n - m + m = n",
    "propositions": "forall P Q : Prop, P -> Q",
    "integers": "(forall x y : Z, x - y = y - x)%Z",
    "order of integers": "(forall x y z : Z, x < y -> x * z < y * z)%Z",
    "types": "forall (A : Type) (l m : list A), l ++ m = m ++ l",
    "functions": "forall (f : nat -> nat) x y, f x = f y -> x = y",
    "premise": "forall n m, n <= m -> n < m",
    "negation": "forall n, n <> 3",
    "no variables": "1 = 2",
    "pairs": "forall p : nat * nat, fst p = snd p",
    "options": "forall o : option nat, o = None",
}


@pytest.mark.parametrize("case", FALSE)
def test_false_statements_are_disproved(case: str) -> None:
    assert decide(f"{HEAD}Lemma t : {FALSE[case]}.\nAdmitted.\n") is Verdict.DISPROVED


TRUE = {
    "sum": "forall n m, n + m = m + n",
    "reverse": "forall l : list nat, rev (rev l) = l",
    "conjunction": "forall P Q : Prop, P /\\ Q -> Q",
    "vacuous": "forall n, n < 0 -> n = 5",
    "vacuous twice": "forall n m, n < m -> m < n -> n = 7",
    "from False": "False -> 1 = 2",
    "contradictory propositions": "forall P : Prop, P -> ~ P -> 1 = 2",
    "integers": "(forall x y : Z, x * y = y * x)%Z",
    "lengths": "forall (A B : Type) (f : A -> B) l, length (map f l) = length l",
    "existence": "exists n, n * n = 9",
    "order": "forall n m p, n <= m -> m <= p -> n <= p",
    "empty type": "forall (x : Empty_set), 1 = 2",
    "no variables": "1 = 1",
    "booleans": "forall a b, negb (a && b) = negb a || negb b",
    "beyond all samples": "forall n, n < 2 -> n * n = n",
    "only for true": "forall b, b = true -> negb b = false",
}


@pytest.mark.parametrize("case", TRUE)
def test_true_statements_are_not(case: str) -> None:
    assert decide(f"{HEAD}Lemma t : {TRUE[case]}.\nAdmitted.\n") is Verdict.UNKNOWN


INCONSISTENT = "Axiom bad : False.\nLemma t : 1 = 1.\nAdmitted.\n"
FALSE_SOURCE = "Axiom bad : False.\nLemma lie : 2 = 3.\nAdmitted.\nLemma t : 1 = 2.\nAdmitted.\n"

STEPS = {
    "the theorem itself": ["intro H", "discriminate (t : 1 = 2)"],
    "admit": ["intro H", "admit"],
    "give up": ["give_up"],
    "axiom": ["intro H", "destruct bad"],
    "admitted lemma": ["intro H", "discriminate lie"],
    "vernacular": ["Axiom cheat : False", "destruct cheat"],
    "two sentences": ["intro H. Admitted. Lemma x : True"],
    "guard": ["fix f 1", "exact f"],
    "unchecked": ["exact_no_check I"],
    "selector": ["all: intro H", "discriminate H"],
    "abstract with a name": ["intro H", "abstract (discriminate H) using t"],
    "nothing": [],
    "not finished": ["intro H"],
    "shelved": ["shelve"],
    "hammer": ["hammer"],
}


@pytest.mark.parametrize("case", STEPS)
def test_steps_that_cheat(case: str) -> None:
    said = claim(FALSE_SOURCE, STEPS[case], "1 = 2")
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


def test_the_same_statement_is_disproved_without_cheating() -> None:
    said = claim(FALSE_SOURCE, ["intro H", "discriminate H"], "1 = 2")
    assert said.verdict is Verdict.DISPROVED, said.reason
    assert said.axioms == ()
    assert "lemmata_not_t" in said.attachments["refutation.v"]
    assert [audit.result for audit in said.audits][:4] == ["passed"] * 4


def test_an_inconsistent_axiom_of_the_file_disproves_nothing() -> None:
    said = claim(INCONSISTENT, ["intro H", "destruct bad"])
    assert said.verdict is Verdict.UNKNOWN
    assert "Deny.bad" in said.reason
    assert decide(INCONSISTENT) is Verdict.UNKNOWN


def test_the_theorem_itself_is_never_allowed() -> None:
    said = claim("Lemma t : False.\nAdmitted.\n", ["intro H", "exact t"], "False", options={"allow_axioms": '"*"'})
    assert said.verdict is Verdict.UNKNOWN
    assert "Deny.t" in said.reason


FORGED: dict[str, dict[str, object]] = {
    "wrong statement": {"statement": "1 = 3"},
    "no statement": {"statement": None},
    "another system": {"system": "smt"},
    "instance that is not used": {"instance": {"n": "0"}},
    "instance with a command": {"instance": {"n": "0). Axiom x : False. idtac (a"}},
    "explanation": {"explanation": "It is plain to see."},
    "more": {"hint": ""},
    "steps as a text": {"steps": "intro H"},
    "numbers": {"steps": [1]},
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_counterexamples(case: str) -> None:
    right = Counterexample("1 = 2", {}, ("intro H", "discriminate H")).values()
    theorem = obligation(FALSE_SOURCE)
    assert check(theorem, json.dumps(right)).verdict is Verdict.DISPROVED
    said = check(theorem, json.dumps({**right, **FORGED[case]}))
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


@pytest.mark.parametrize("artefact", ["", "{", "[]", "null", '{"steps": []}', "NaN", '{"a": 1, "a": 2}', "[" * 5000])
def test_malformed_counterexamples(artefact: str) -> None:
    assert check(obligation(FALSE_SOURCE), artefact).verdict is Verdict.UNKNOWN


# A true statement, a script for its "negation", and the statement as printed: only the surroundings make it work.
SURROUNDINGS = {
    "shadowed not": ('Definition not (P : Prop) := True.\nNotation "~ x" := (not x).\n', "1 = 1", ["exact I"]),
    "notation": ('Notation "~ x" := True (at level 75).\n', "1 = 1", ["exact I"]),
    "shadowed False": ('Definition False := True.\nNotation "~ x" := (x -> False).\n', "1 = 1", ["intro H", "exact I"]),
    "local not of its own": (
        'Inductive no (P : Prop) : Prop := yes.\nNotation "~ x" := (no x).\n',
        "1 = 1",
        ["constructor"],
    ),
    "tactic notation": ('Tactic Notation "exact" constr(x) := refine False.\n', "1 = 1", ["intro H", "destruct H"]),
    "guard off": ("Unset Guard Checking.\n", "1 = 1", ["intro H", "revert H", "fix f 1", "exact f"]),
    "loop": (
        "Unset Guard Checking.\nFixpoint loop (n : nat) : False := loop n.\nSet Guard Checking.\n",
        "1 = 1",
        ["intro H", "exact (loop 0)"],
    ),
    "positivity": (
        "Unset Positivity Checking.\nInductive T := C (f : T -> False).\nSet Positivity Checking.\n"
        "Definition use (t : T) : False := match t with C f => f t end.\n",
        "1 = 1",
        ["intro H", "exact (use (C use))"],
    ),
}


@pytest.mark.parametrize("case", SURROUNDINGS)
def test_what_stands_above_cannot_change_what_is_denied(case: str) -> None:
    above, statement, steps = SURROUNDINGS[case]
    said = claim(f"{above}Lemma t : {statement}.\nAdmitted.\n", steps, statement)
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


SECTION = """\
Section S.
Variable A : Type.
Hypothesis all_equal : forall x y : A, x = y.
Lemma t : forall l : list A, 2 <= length l -> {}.
Admitted.
End S.
"""


def test_a_section_s_hypotheses_count_though_the_statement_does_not_mention_them() -> None:
    source = "Section S.\nVariable n : nat.\nHypothesis small : n < 0.\nLemma t : n = n + 1.\nAdmitted.\nEnd S.\n"
    assert decide(source) is Verdict.UNKNOWN
    for steps in (["intro H", "specialize (H 0)", "discriminate H"], ["intro H", "discriminate (H 0)"]):
        assert claim(source, steps, "forall n : nat, n < 0 -> n = n + 1").verdict is Verdict.UNKNOWN
        assert claim(source, steps, "forall n : nat, n = n + 1").verdict is Verdict.UNKNOWN
    assert decide(source.replace("n < 0", "n < 1")) is Verdict.DISPROVED
    # Not even where the file says that what is admitted shall forget them.
    assert decide("Unset Keep Admitted Variables.\n" + source) is Verdict.UNKNOWN


CONTEXTS = {
    "functor": "Module Type T. Axiom bad : 1 = 2. End T.\nModule F (X : T).\nLemma t : 1 = 2.\nAdmitted.\nEnd F.\n",
    "functor below a namesake": (
        "Module Type T. Axiom bad : 1 = 2. End T.\nModule M. Module F. End F. End M.\n"
        "Module F (X : T).\nLemma t : 1 = 2.\nAdmitted.\nEnd F.\n"
    ),
    "module type": "Module Type T.\nAxiom bad : 1 = 2.\nLemma t : 1 = 2.\nAdmitted.\nEnd T.\n",
    "polymorphic": "Set Universe Polymorphism.\nLemma t : 1 = 2.\nAdmitted.\n",
    "attribute": "#[local] Lemma t : 1 = 2.\nAdmitted.\n",
    "definition": "Definition t : 1 = 2.\nAdmitted.\n",
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_where_the_negation_would_mean_something_else_nothing_is_said(case: str) -> None:
    assert decide(CONTEXTS[case]) is Verdict.UNKNOWN
    assert claim(CONTEXTS[case], ["intro H", "discriminate H"], "1 = 2").verdict is Verdict.UNKNOWN


def test_an_admit_is_not_refuted() -> None:
    source = "Lemma t : 1 = 2.\nProof.\nadmit.\nAdmitted.\n"
    forged = Counterexample("1 = 2", {}, ("intro H", "discriminate H")).values()
    assert check(obligation(source, "t#1"), json.dumps(forged)).verdict is Verdict.UNKNOWN


def test_a_module_is_no_obstacle() -> None:
    assert decide("Module M.\nModule Import N.\nLemma t : 1 = 2.\nAdmitted.\nEnd N.\nEnd M.\n") is Verdict.DISPROVED


def test_levels_of_universes_are_not_chosen() -> None:
    """With other levels this is a theorem: no type is equal to a smaller universe."""
    source = "Lemma t : (Type : Type) = (Type : Type) -> False.\nAdmitted.\n"
    said = claim(source, ["intro H", "exact (H eq_refl)"], "Type = Type -> False")
    assert said.verdict is Verdict.UNKNOWN
    assert "universes" in said.reason


def test_unsafe_options() -> None:
    said = claim(FALSE_SOURCE, ["intro H", "discriminate H"], "1 = 2", options={"arguments": '["-type-in-type"]'})
    assert said.verdict is Verdict.UNKNOWN


def test_the_hole_is_the_named_one() -> None:
    source = "Module M.\nLemma t : 1 = 1.\nAdmitted.\nEnd M.\nLemma t : 1 = 2.\nAdmitted.\n"
    assert find(source, "M.t", "Deny.v").name == "M.t"
    forged = json.dumps(Counterexample("1 = 2", {}, ("intro H", "discriminate H")).values())
    assert check(obligation(source, "M.t"), forged).verdict is Verdict.UNKNOWN
    assert check(obligation(source, "t@5"), forged).verdict is Verdict.DISPROVED
