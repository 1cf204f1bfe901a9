"""Every known way to make Coq, or those who read its answers, believe what was not proved."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from checkers.coq import installation
from checkers.coq.artefact import HAMMER_LINE
from checkers.coq.assumptions import Surroundings
from checkers.coq.inquiry import inquire
from checkers.coq.permission import Permission
from checkers.coq.project import Flags
from checkers.coq.runs import Workspace
from checkers.coq.scan import find
from checkers.coq.sentences import split
from checkers.coq.splice import NotTheSource, Spliced, take_apart
from checkers.coq.tactics import NotATactic, plain
from checkers.coq.verify import verify
from checkers.process import Supervisor
from checkers.runs import RunFailed
from lemmata.errors import Location
from lemmata.goal import Obligation
from lemmata.verdict import Limits, Verdict, Verification

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

LIMITS = Limits(120.0, None, 4 << 30)

SOURCE = """\
Require Import Arith.

Definition twice (n : nat) := n + n.

Axiom shortcut : 1 = 2.

Lemma unproved : forall n m : nat, n = m.
Admitted.

Theorem wrong : 1 = 2.
Proof.
Admitted.

Theorem after : True.
Proof. exact I. Qed.
"""


def check(
    source: str, name: str, artefact: str, options: Mapping[str, str] | None = None, top: str = "Cheat"
) -> Verification:
    settings = {"top": top, "arguments": "[]", **(options or {})}
    obligation = Obligation("coq", name, source, Location("Cheat.v", 1, 1), tuple(sorted(settings.items())))

    async def run() -> Verification:
        async with Supervisor() as supervisor:
            return await verify(supervisor, obligation, artefact, "proved", LIMITS, {})

    return asyncio.run(run())


def put(source: str, name: str, proof: str) -> str:
    """Put a text in place of the proof, whatever it is."""
    hole = find(source, name, "Cheat.v")
    return source[: hole.start] + proof + source[hole.end :]


def refused(said: Verification) -> None:
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


# A text for the hole, and whether every one of its sentences is a step that `plain` accepts.
PROOFS = {
    "axiom": ("Axiom cheat : 1 = 2.\nexact cheat.\nQed.", False),
    "axiom-timeout": ("Timeout 2 Axiom cheat : 1 = 2.\nexact cheat.\nQed.", False),
    "parameter-attribute": ("#[local] Parameter cheat : 1 = 2.\nexact cheat.\nQed.", False),
    "admit": ("admit.\nQed.", False),
    "admit-inside": ("try (admit; fail); admit.\nQed.", False),
    "give-up": ("give_up.\nQed.", False),
    "admitted": ("Admitted.", False),
    "guard": ("Unset Guard Checking.\nfix f 1.\nexact f.\nQed.", False),
    "guard-local": ("#[bypass_check(guard)] Lemma x : 1 = 2.\nQed.", False),
    "positivity": ("Unset Positivity Checking.\nInductive T := C (f : T -> False).\nabsurd.\nQed.", False),
    "universes": ("Unset Universe Checking.\nreflexivity.\nQed.", False),
    "exact-no-check": ("exact_no_check (eq_refl 1).\nQed.", False),
    "vm-cast-no-check": ("vm_cast_no_check (eq_refl 1).\nQed.", False),
    "native-cast-no-check": ("native_cast_no_check (eq_refl 1).\nQed.", False),
    "exact-no-check-inside": ("abstract exact_no_check (eq_refl 1).\nQed.", False),
    "forged-answer": ('idtac "Closed under the global context".\napply unproved.\nQed.', True),
    "forged-locate": ('idtac "No object of basename lemmata_".\nexact shortcut.\nQed.', True),
    "redirect": ('Redirect "x" idtac.\nexact shortcut.\nQed.', False),
    "ml-module": ('Declare ML Module "ltac_plugin".\nexact shortcut.\nQed.', False),
    "two-proofs": ("Abort.\nTheorem wrong : True.\nexact I.\nQed.", False),
    "restart": ("Restart.\nexact shortcut.\nQed.", False),
    "early-end": ("apply unproved.\nQed.\nLemma other : True.\nexact I.\nQed.", False),
    "early-module": (
        "Admitted.\nModule M.\nTheorem wrong : 1 = 1.\nreflexivity.\nQed.\nEnd M.\nLemma other : True.\nexact I.\nQed.",
        False,
    ),
    "save": ("apply unproved.\nSave other.", False),
    "admitted-lemma": ("apply unproved.\nQed.", True),
    "axiom-of-file": ("exact shortcut.\nQed.", True),
    "auto-axiom": ("auto using shortcut.\nQed.", True),
    "abstract-axiom": ("abstract (exact shortcut).\nQed.", True),
    "load": ('Load "other".\nQed.', False),
    "require": ("Require Import Cheat.\napply Cheat.wrong.\nQed.", False),
    "hint": ("Hint Resolve unproved : core.\nauto.\nQed.", False),
    "ltac": ("Ltac x := exact shortcut.\nx.\nQed.", False),
    "notation": ('Local Notation "2" := 1.\nreflexivity.\nQed.', False),
    "selector": ("all: exact shortcut.\nQed.", False),
    "set-option": ('Set Default Goal Selector "all".\nexact shortcut.\nQed.', False),
    "comment": ("exact shortcut. (* hidden *)\nQed.", True),
    "comment-swallows": ("exact shortcut.\nQed.\n(* ", True),
    "string-swallows": ('idtac "', True),
    "nothing": ("Qed.", True),
    "no-end": ("exact shortcut.", True),
    "wrong-end": ("exact shortcut.\nDefined.", True),
    "focus": ("Focus 1.\nexact shortcut.\nQed.", False),
    "instructions": ("Instructions 5 exact shortcut.\nQed.", False),
    "obligations": ("Admit Obligations.\nexact shortcut.\nQed.", False),
    "print": ("Print Assumptions shortcut.\nexact shortcut.\nQed.", False),
    "fail": ("Fail exact 1.\nexact shortcut.\nQed.", False),
    "unshelve": ("shelve.\nUnshelve.\nexact shortcut.\nQed.", False),
    "shelve": ("shelve.\nQed.", True),
    "evar": ("eapply eq_trans with (y := ltac:(shelve)).\nQed.", True),
}


@needs_coq
@pytest.mark.parametrize("cheat", PROOFS)
def test_hand_made_artefact(cheat: str) -> None:
    refused(check(SOURCE, "wrong", put(SOURCE, "wrong", PROOFS[cheat][0])))


@pytest.mark.parametrize("cheat", PROOFS)
def test_proposal(cheat: str) -> None:
    """What looks like a tactic may pass here: the next test is what stops it."""
    proof, harmless = PROOFS[cheat]
    if cheat in ("comment-swallows", "string-swallows"):
        return
    sentences = [s.text for s in split(proof) if s.text not in ("Qed.", "Defined.")]

    def accepted(text: str) -> bool:
        try:
            plain(text)
        except NotATactic:
            return False
        return True

    assert all(map(accepted, sentences)) is harmless


class TestSecondWall:
    """Coq itself refuses what the text audit would have refused already."""

    CHEATS = tuple(
        name
        for name in PROOFS
        if name not in ("comment-swallows", "string-swallows", "admitted", "no-end", "wrong-end")
    )

    @needs_coq
    @pytest.mark.parametrize("cheat", CHEATS)
    def test_behind_a_selector(self, cheat: str) -> None:
        hole = find(SOURCE, "wrong", "Cheat.v")
        sentences = tuple(s.text for s in split(PROOFS[cheat][0]))
        spliced = Spliced("", SOURCE, hole, sentences[:-1])
        asyncio.run(self._inquire(spliced))

    async def _inquire(self, spliced: Spliced) -> None:
        found = installation.find()
        with tempfile.TemporaryDirectory() as folder:
            async with Supervisor() as supervisor:
                space = Workspace(Path(folder), supervisor, found, Flags((), "Cheat"), LIMITS, "Cheat.v")
                try:
                    answers = await inquire(space, lambda above: spliced.audited(above, "hole"), "audited")
                except RunFailed:
                    return
        around = Surroundings(SOURCE, spliced.hole, "Cheat")
        assert Permission(around, found.where, "wrong", "", frozenset()).refused(answers.origins)


ARTEFACTS = {
    "shadowed-notation": 'Notation "1" := 2.\n' + put(SOURCE, "wrong", "reflexivity.\nQed."),
    "redefined-constant": "Definition nat := unit.\n" + put(SOURCE, "wrong", "reflexivity.\nQed."),
    "changed-statement": put(SOURCE, "wrong", "\nreflexivity.\nQed.").replace("wrong : 1 = 2", "wrong : 1 = 1"),
    "changed-definition": put(SOURCE, "wrong", "\nreflexivity.\nQed.").replace("n + n", "n"),
    "changed-axiom": put(SOURCE, "wrong", "\nexact shortcut.\nQed.").replace("Axiom", "Fact"),
    "changed-below": put(SOURCE, "wrong", "\nexact shortcut.\nQed.").replace("exact I", "constructor"),
    "section-variable": put(SOURCE, "wrong", "\nexact v.\nQed.").replace(
        "Theorem wrong", "Section S. Variable v : 1 = 2.\nTheorem wrong"
    ),
    "cut-short": put(SOURCE, "wrong", "\nexact shortcut.\nQed.").partition("Theorem after")[0],
    "same-name-in-module": SOURCE.replace(
        "Theorem wrong", "Module M. Theorem wrong : 1 = 1. reflexivity. Qed. End M.\nTheorem wrong"
    ),
    "another-import": "From Coq Require Import Lia.\n" + put(SOURCE, "wrong", "\nexact shortcut.\nQed."),
    "hammer-twice": HAMMER_LINE * 2 + put(SOURCE, "wrong", "\nexact shortcut.\nQed."),
    "empty": "",
    "not-coq": "\0\x01 {{{",
    "source": SOURCE,
    "commented-out": SOURCE.replace("Theorem wrong", "(* Theorem wrong").replace("Theorem after", "*) Theorem after"),
    "swallowed": put(SOURCE, "wrong", "\n exact shortcut. (*") + "*)",
}


@needs_coq
@pytest.mark.parametrize("cheat", ARTEFACTS)
def test_artefact(cheat: str) -> None:
    refused(check(SOURCE, "wrong", ARTEFACTS[cheat]))


@needs_coq
@pytest.mark.parametrize(
    "arguments",
    [
        ["-type-in-type"],
        ["-unset", "Guard Checking"],
        ["-set", "Universe Checking=false"],
        ["-unset", "Positivity  Checking"],
        ["-l", "other.v"],
        ["-load-vernac-object", "Other"],
        ["-init-file", "x"],
        ["-Q", "x"],
        ["-async-proofs", "on"],
        ["-vos"],
        ["x.v"],
    ],
)
def test_unsafe_option(arguments: list[str]) -> None:
    source = "Theorem right : True.\nProof.\nAdmitted.\n"
    said = check(source, "right", put(source, "right", "exact I.\nQed."), {"arguments": json.dumps(arguments)})
    refused(said)
    assert "option" in said.reason


@pytest.mark.parametrize("top", ["../x", "", "A..B", "A/B", "-R", "1a"])
def test_unsafe_name(top: str) -> None:
    if shutil.which("coqc") is None:
        pytest.skip("coqc is not installed")
    source = "Theorem right : True.\nProof.\nAdmitted.\n"
    said = check(source, "right", put(source, "right", "exact I.\nQed."), top=top)
    # An empty name is none: the file's own is taken.
    assert said.verdict is (Verdict.UNKNOWN if top else Verdict.PROVED)


CHECKS_OFF = {
    "guard": "Unset Guard Checking.\nTheorem wrong : False.\nProof.\nAdmitted.\n",
    "universes": "Unset Universe Checking.\nTheorem wrong : exists A : Type, A = Type.\nProof.\nAdmitted.\n",
    "guarded-lemma": """Unset Guard Checking.
Fixpoint loop (n : nat) : False := loop n.
Set Guard Checking.
Theorem wrong : False.
Proof.
Admitted.
""",
    "positive-type": """Unset Positivity Checking.
Inductive T := C (f : T -> False).
Set Positivity Checking.
Definition use (t : T) : False := match t with C f => f t end.
Theorem wrong : False.
Proof.
Admitted.
""",
}


@needs_coq
@pytest.mark.parametrize(
    ("case", "proof"),
    [
        ("guard", "assert (H : forall n : nat, False).\nfix f 1. exact f.\nexact (H 0).\nQed."),
        ("universes", "exists Type. reflexivity.\nQed."),
        ("guarded-lemma", "exact (loop 0).\nQed."),
        ("positive-type", "exact (use (C use)).\nQed."),
    ],
)
def test_checks_switched_off_by_the_file(case: str, proof: str) -> None:
    source = CHECKS_OFF[case]
    refused(check(source, "wrong", put(source, "wrong", proof)))


@needs_coq
def test_unguarded_proof_where_the_original_was_unguarded_too() -> None:
    source = "Unset Guard Checking.\nTheorem wrong : forall n : nat, False.\nProof. fix f 1. exact f. Qed.\n"
    refused(check(source, "wrong", source))


@needs_coq
def test_theorem_of_its_own_compiled_library(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "Own.v").write_text("Theorem wrong : 1 = 2.\nAdmitted.\n")
    subprocess.run(["coqc", "-q", "-Q", str(tmp_path), "P", str(tmp_path / "Own.v")], check=True, cwd=tmp_path)
    (tmp_path / "Via.v").write_text("From P Require Import Own.\nDefinition thief := Own.wrong.\n")
    subprocess.run(["coqc", "-q", "-Q", str(tmp_path), "P", str(tmp_path / "Via.v")], check=True, cwd=tmp_path)
    options = {"arguments": json.dumps(["-Q", str(tmp_path), "P"])}
    for library, proof in (("Own", "exact Own.wrong."), ("Via", "exact thief.")):
        source = f"From P Require Import {library}.\nTheorem wrong : 1 = 2.\nProof.\nAdmitted.\n"
        artefact = put(source, "wrong", f"\n{proof}\nQed.")
        refused(check(source, "wrong", artefact, options, top="P.Own"))
        # Under another name it is a library like any other, whose axioms are not those of the standard library.
        refused(check(source, "wrong", artefact, options, top="P.Other"))


@needs_coq
def test_library_that_calls_itself_standard(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "Fake.v").write_text("Axiom cheat : 1 = 2.\n")
    subprocess.run(["coqc", "-q", "-Q", str(tmp_path), "Coq.Fake", str(tmp_path / "Fake.v")], check=True, cwd=tmp_path)
    source = "Require Import Coq.Fake.Fake.\nTheorem wrong : 1 = 2.\nProof.\nAdmitted.\n"
    options = {"arguments": json.dumps(["-Q", str(tmp_path), "Coq.Fake"])}
    refused(check(source, "wrong", put(source, "wrong", "exact cheat.\nQed."), options))


@needs_coq
@pytest.mark.parametrize(
    "source",
    [
        # A module of the file that is called like the library, or like a functor's parameter.
        "Module Coq. Axiom cheat : 1 = 2. End Coq.\nTheorem wrong : 1 = 2.\nProof.\nAdmitted.\n",
        "Module Type T. End T.\nModule F (Coq : T). End F.\nModule Coq. Axiom cheat : 1 = 2. End Coq.\n"
        "Theorem wrong : 1 = 2.\nProof.\nAdmitted.\n",
        "Module Type T. Axiom cheat : 1 = 2. End T.\nDeclare Module Coq : T.\n"
        "Theorem wrong : 1 = 2.\nProof.\nAdmitted.\n",
        "Module Type T. Axiom cheat : 1 = 2. End T.\nModule Coq. Include T. End Coq.\n"
        "Theorem wrong : 1 = 2.\nProof.\nAdmitted.\n",
        # A module type that the theorem is not in.
        "Module Type M. Axiom cheat : 1 = 2. End M.\nModule Coq. Include M. End Coq.\nModule M2.\n"
        "Theorem wrong : 1 = 2.\nProof.\nAdmitted.\nEnd M2.\n",
    ],
)
@pytest.mark.parametrize("top", ["Cheat", "Coq.Cheat", "Coq"])
def test_axiom_that_calls_itself_standard(source: str, top: str) -> None:
    refused(check(source, "wrong", put(source, "wrong", "exact Coq.cheat.\nQed."), top=top))


@needs_coq
def test_axioms_of_the_file_can_be_allowed() -> None:
    artefact = put(SOURCE, "wrong", "\nexact shortcut.\nQed.")
    for allowed in ('["shortcut"]', '["Cheat.shortcut"]', "*", '"*"'):
        said = check(SOURCE, "wrong", artefact, {"allow_axioms": allowed})
        assert said.verdict is Verdict.PROVED, said.reason
        assert any("Cheat.shortcut (allowed by allow_axioms)" in audit.detail for audit in said.audits)
    refused(check(SOURCE, "wrong", artefact, {"allow_axioms": '["cut"]'}))


@needs_coq
def test_proof_that_goes_another_way_in_the_audited_copy() -> None:
    """Behind `1:` there is one goal, with this setting there are two otherwise: only then the axiom is used."""
    source = (
        'Set Default Goal Selector "all".\nAxiom shortcut : 1 = 2.\nTheorem wrong : True /\\ True.\nProof.\nAdmitted.\n'
    )
    choice = "let n := numgoals in first [ guard n = 1; exact I | exact (match shortcut with eq_refl => I end) ]"
    said = check(source, "wrong", put(source, "wrong", f"split.\n{choice}.\ntry exact I.\nQed."))
    refused(said)
    assert "Cheat.shortcut" in said.reason


@needs_coq
@pytest.mark.skipif(shutil.which("coqc") is None or not installation.find().hammer, reason="CoqHammer is not installed")
def test_hammer_cannot_change_what_the_file_says() -> None:
    source = (
        "Require Import ZArith.\nOpen Scope Z_scope.\nSection S.\nVariable b : bool.\n"
        "Lemma t : 1 + 1 = 2 /\\ (b = true -> b = true).\nProof.\nAdmitted.\nEnd S.\n"
    )
    said = check(source, "t", HAMMER_LINE + put(source, "t", "sauto.\nQed."))
    assert said.verdict is Verdict.PROVED, said.reason
    # The coercion of ssreflect would make this a statement; the source has none.
    source = "Variable b : bool.\nLemma t : b -> b.\nProof.\nAdmitted.\n"
    refused(check(source, "t", HAMMER_LINE + put(source, "t", "sauto.\nQed.")))


ADMITS = """\
Theorem both : 1 = 2 /\\ 3 = 3 /\\ True.
Proof.
  split; [|split].
  - admit.
  - admit.
  - exact I.
Admitted.
"""


@needs_coq
@pytest.mark.parametrize(
    "proof",
    [
        "exact_no_check (eq_refl 3).",
        "assert (H : forall n : nat, False). fix f 1. exact f. destruct (H 0).",
        "hammer.",
        "admit.",
        "reflexivity. Axiom cheat : 1 = 2.",
        "reflexivity. Qed.",
        "}",
        "reflexivity. - reflexivity. - admit.",
    ],
)
def test_one_hole_of_several(proof: str) -> None:
    refused(check(ADMITS, "both#1", put(ADMITS, "both#1", proof)))


@needs_coq
def test_one_hole_of_several_is_proved() -> None:
    said = check(ADMITS, "both#2", put(ADMITS, "both#2", "reflexivity."))
    assert said.verdict is Verdict.PROVED, said.reason
    assert "stands for the other holes" in said.audits[3].detail


RIGHT = {
    "theorem": (SOURCE, "after", "\nconstructor.\nQed."),
    "defined": (
        "Definition f : nat.\nProof. exact 1. Defined.\nTheorem t : f = 1.\nProof.\nAdmitted.\n",
        "f",
        " exact 1. Defined.",
    ),
    "section": (
        "Section S.\nVariables (A : Type) (x y : A).\nHypothesis h : x = y.\nLemma t : y = x.\n"
        "Proof using h.\nAdmitted.\nEnd S.\nCheck t : forall A (x y : A), x = y -> y = x.\n",
        "t",
        "symmetry.\nexact h.\nQed.",
    ),
    "section-let": (
        "Section S.\nVariable x : nat.\nLet t : x = x.\nProof.\nAdmitted.\nEnd S.\n",
        "t",
        "reflexivity.\nQed.",
    ),
    "functor": (
        "Module Type T. Parameter n : nat. Axiom h : n = 1. End T.\nModule F (Import A : T).\nModule Inner (B : T).\n"
        "Lemma t : n = B.n.\nProof.\nAdmitted.\nEnd Inner.\nEnd F.\n",
        "t",
        "rewrite h.\nsymmetry.\nexact B.h.\nQed.",
    ),
    "module-type": (
        "Module Type T. Parameter n : nat. Axiom h : n = 1.\nLemma t : 1 = n.\nProof.\nAdmitted.\nEnd T.\n",
        "t",
        "symmetry.\nexact h.\nQed.",
    ),
    "reals": (
        "Require Import Reals Lra.\nOpen Scope R_scope.\nLemma t : forall x : R, x * x >= 0.\nProof.\nAdmitted.\n",
        "t",
        "intro x.\nnra.\nQed.",
    ),
    "original-axiom": (
        "Axiom a : 1 = 2.\nLemma t : 2 = 1.\nProof. symmetry. exact a. Qed.\n",
        "t",
        "\nexact (eq_sym a).\nQed.",
    ),
    "unnamed": ("Goal True.\nProof.\nAdmitted.\n", "Unnamed_thm", "exact I.\nQed."),
    "obligation": (
        "Require Import Program.\nObligation Tactic := idtac.\nProgram Definition f : {n : nat | n = 1} := 1.\n"
        "Next Obligation.\nAdmitted.\n",
        "Next_Obligation",
        "reflexivity.\nQed.",
    ),
    "instance": (
        "Class C (n : nat) := c : n = n.\nInstance i : C 1.\nProof.\nAdmitted.\n",
        "i",
        "exact eq_refl.\nQed.",
    ),
    "polymorphic": (
        "Set Universe Polymorphism.\nLemma t : forall A : Type, A -> A.\nProof.\nAdmitted.\n",
        "t",
        "intros A.\nexact (fun x => x).\nQed.",
    ),
    "structured": (
        "Lemma t : True /\\ True /\\ True.\nProof.\nAdmitted.\n",
        "t",
        "split.\n- exact I.\n- split.\n+ {\nexact I. }\n+ exact I.\nQed.",
    ),
}


@needs_coq
@pytest.mark.parametrize("case", RIGHT)
def test_right_proof(case: str) -> None:
    source, name, proof = RIGHT[case]
    said = check(source, name, put(source, name, proof))
    assert said.verdict is Verdict.PROVED, said
    assert len(said.audits) == 5


@needs_coq
def test_theorem_of_the_standard_library() -> None:
    found = installation.find()
    file = found.where / "theories" / "Numbers" / "NatInt" / "NZBase.v"
    if not file.is_file():
        pytest.skip("the sources of the standard library are not installed")
    source = file.read_text()
    said = check(source, "succ_inj", source, top="Coq.Numbers.NatInt.NZBase")
    assert said.verdict is Verdict.PROVED, said.reason


def test_refutation_is_not_supported() -> None:
    obligation = Obligation("coq", "wrong", SOURCE, Location("Cheat.v", 1, 1))

    async def run() -> Verification:
        async with Supervisor() as supervisor:
            return await verify(supervisor, obligation, "", "disproved", LIMITS, {})

    refused(asyncio.run(run()))


@needs_coq
def test_limits_are_no_errors() -> None:
    source = "Theorem slow : True.\nProof.\nAdmitted.\n"
    obligation = Obligation("coq", "slow", source, Location("Cheat.v", 1, 1), (("top", "Cheat"),))
    artefact = put(source, "slow", "\ndo 1000000000 idtac.\nexact I.\nQed.")

    async def run(limits: Limits) -> Verification:
        async with Supervisor() as supervisor:
            return await verify(supervisor, obligation, artefact, "proved", limits, {})

    said = asyncio.run(run(Limits(2.0, None, 4 << 30)))
    refused(said)
    assert said.audits[-1].result == "unknown"
    assert "wall-time limit 2 s" in said.reason
    artefact = put(source, "slow", '\ndo 1000000000 idtac "' + 100 * "x" + '".\nexact I.\nQed.')
    said = asyncio.run(run(Limits(60.0, None, 4 << 30)))
    refused(said)
    assert "output" in said.reason
    said = asyncio.run(run(Limits(60.0, None, 100 << 20)))
    refused(said)


def test_text_around_the_proof_is_compared() -> None:
    hole = find(SOURCE, "after", "Cheat.v")
    assert take_apart(SOURCE, hole, SOURCE).sentences == ("exact I.",)
    with pytest.raises(NotTheSource, match="above"):
        take_apart(SOURCE, hole, SOURCE.replace("twice", "double"))
    with pytest.raises(NotTheSource, match="runs into"):
        take_apart(SOURCE, hole, put(SOURCE, "after", "exact I. Qed."))
