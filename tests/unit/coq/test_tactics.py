"""What passes for a plain tactic."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.coq.sentences import split
from checkers.coq.tactics import SIZE_LIMIT, NotATactic, plain, uses_hammer

TACTICS = """
intros n m
rewrite Nat.add_comm, <- IHn; simpl in *; auto with arith
destruct n as [| n']; [reflexivity|]
apply (f_equal2 (fun x y => x + y) H1 H2)
exists 1.5%R
exact {| a := 1; b := (2, 3) |}
assert (H : forall x : {y : nat | y > 0}, x.(proj) = x)
[> auto | idtac ]
(intros; auto)
move: x => y; by rewrite !addnC ?mulnC -/foo
case: x
Case_eq 1
idtac "a string. With a dot and ""quotes"", (* no comment *) and brackets ((["
let x := fresh "H" in intro x
try solve [ sauto lq: on | hauto use: foo inv: list ]
change (x ++ y = z) with (y = z)
let rec f := idtac in f
allow x
rename H into αβ
pose (x := 1)
transitivity (a . b)
match goal with | [ H : _ |- _ ] => apply H end
only 1: auto
abstract (auto using le_S)
abstract lia; auto using le_S
timeout 2 auto
exact (fun '(a, b) => a)
rewrite {1}H
"""

NOT_TACTICS = {
    "": "empty",
    " .": "empty",
    ".": "empty",
    "auto..": "one sentence",
    "auto...": "...",
    "auto. auto": "one sentence",
    "auto. ": "",
    "auto.\nQed.": "one sentence",
    "auto .\tauto": "one sentence",
    "auto.\r\nauto": "one sentence",
    "Axiom x : False": "command",
    "Timeout 2 Axiom x : False": "command",
    "  Qed.": "command",
    "Admitted": "command",
    "Time auto": "command",
    "Fail auto": "command",
    'Redirect "x" auto': "command",
    "Proof": "command",
    "Focus": "command",
    "Info 1 auto": "command",
    "infoH auto": "command",
    "#[local] Axiom x : False": "attribute",
    "- auto": "bullet",
    "++ auto": "bullet",
    "* auto": "bullet",
    "{ auto": "not closed",
    "}": "closes nothing",
    "{": "not closed",
    "{ auto }": "brace",
    "{}": "brace",
    "1: auto": "selector",
    "1-2, 3: auto": "selector",
    "all: auto": "selector",
    "all : auto": "selector",
    "par:auto": "selector",
    "!: auto": "selector",
    "[x]: auto": "selector",
    "[x]:{": "not closed",
    "1:{ auto": "not closed",
    "1:{ auto }": "selector",
    "admit": "gives the goal up",
    "try (admit; fail)": "gives the goal up",
    "give_up": "gives the goal up",
    "all_admit; give_up": "gives the goal up",
    "native_compute": "kernel",
    "abstract (exact I) using nat": "constant",
    "split; [ transparent_abstract auto using nat | idtac ]": "constant",
    "auto (* c *)": "comment",
    "auto (*": "comment",
    "auto *)": "comment",
    "auto (": "not closed",
    "auto )": "closes nothing",
    "auto (]": "closes nothing",
    "auto [": "not closed",
    'idtac "': "string",
    'idtac "a"" ': "string",
    "auto\0": "U+0000",
    "auto\x0b": "U+000B",
    "auto\u00a0.": "U+00A0",
    "auto\u200b": "U+200B",
    "auto\u2028Qed": "U+2028",
    "auto\ud800": "U+D800",
    'idtac "\0"': "control",
    "lp:{{ x }}": "quotation",
    'elpi x lp:{{ " }}. Axiom c : False. exact c. idtac " }}': "quotation",
    "x" * (SIZE_LIMIT + 1): "longer",
    "@foo": "does not start",
    "?x": "does not start",
    '"x"': "does not start",
    "; auto": "does not start",
}


@pytest.mark.parametrize("text", TACTICS.strip().splitlines())
def test_tactics_pass(text: str) -> None:
    if text == "transitivity (a . b)":  # a dot before a blank is the end, whatever surrounds it
        with pytest.raises(NotATactic):
            plain(text)
        return
    assert plain(text) == text
    assert plain(f"  {text} .\n") == text


@pytest.mark.parametrize("text", NOT_TACTICS)
def test_others_do_not(text: str) -> None:
    if not NOT_TACTICS[text]:
        assert plain(text) == "auto"
        return
    with pytest.raises(NotATactic) as caught:
        plain(text)
    assert NOT_TACTICS[text] in caught.value.message


def test_blanks_are_normalised_outside_strings() -> None:
    assert plain('  idtac\n\t "a  b\n c"  ;  auto\r\n.') == 'idtac "a  b\n c" ; auto'


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("sauto", True),
        ("intros; hauto lq: on.", True),
        ("try solve [idtac | best]", True),
        ("do 2 sfirstorder", True),
        ("time (qauto depth: 3)", True),
        ("hammer", True),
        ("strivial use: foo", True),
        ("auto", False),
        ("apply best", False),
        ("rewrite hammer", False),
        ("exact (sauto)", True),
        ('idtac "sauto"', False),
        ("intros best", False),
        ("apply Nat.best", False),
        ("(* sauto", False),
        ("", False),
    ],
)
def test_uses_hammer(text: str, uses: bool) -> None:
    assert uses_hammer(text) is uses


WORDS = [
    *(
        'auto intros x exact (fun => ) . .. ... ; [ ] | { } ( ) {| |} - + * 1 1: all: par: ! : := # [x]: " "" (* *)'
    ).split(),
    *(
        "admit give_up Qed Axiom Admitted Restart Abort Time Fail Timeout Lemma cheat False True I exact_no_check"
    ).split(),
    *("Unset Guard Checking Set Print Check idtac try abstract fix f").split(),
    ". ",
    ".\n",
    "(**)",
    "\t",
    "\u00a0",
    "lp:{{",
    "}}",
]

texts = st.one_of(
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(["", " ", "\n"])), max_size=14).map(
        lambda parts: "".join(word + blank for word, blank in parts)
    ),
    st.text(max_size=30),
)


@given(texts)
def test_what_passes_is_one_sentence(text: str) -> None:
    try:
        accepted = plain(text)
    except NotATactic:
        return
    assert plain(accepted) == accepted
    assert [s.text for s in split(accepted + ".")] == [accepted + "."]
    around = split(f"Proof.\n  1: {accepted}.\nQed.\n")
    assert [s.text for s in around] == ["Proof.", f"1: {accepted}.", "Qed."]
    assert not re.match(r"(Axiom|Qed|Unset|Admitted|Restart)\b(?!')", accepted)


COMMANDS = """
Axiom cheat : False | Parameter cheat : False | Conjecture cheat : False | Timeout 2 Axiom cheat : False
Lemma cheat : False | Definition cheat := 1 | Let cheat := 1 | Ltac cheat := idtac | Notation cheat := 1
Inductive cheat := | Fixpoint cheat (n : nat) : nat := n | Record cheat := {} | Section cheat | Module cheat
Module Type cheat | Instance cheat : True := I | Class cheat := {} | Variable cheat : nat | Hypothesis cheat : False
Example cheat : True := I | Goal False | Program Definition cheat := 1 | Canonical cheat := 1 | Universe cheat
Collection cheat := All | Create HintDb cheat | Tactic Notation "cheat" := idtac | Declare Scope cheat
Abort | Abort All | Restart | Admitted | Qed | Defined | Save cheat | Undo | Undo 1 | Back | Back 1 | BackTo 1
Reset Initial | Reset probe | Drop | Quit | Unset Guard Checking | Proof I | Proof. exact I | Obligations
Next Obligation | cheat: exact I | 1: exact I | all: exact I | #[global] Axiom cheat : False | { | } | -
Comments cheat | Unshelve
Local Axiom cheat : False | Global Axiom cheat : False | Polymorphic Axiom cheat : False | Succeed Axiom cheat : False
Symbol cheat : nat | Hammer_cleanup | Equations cheat : nat := cheat := 0 | Derive cheat SuchThat True As cheats
""".replace("\n", "|").split("|")


@pytest.mark.skipif(shutil.which("coqtop") is None, reason="coqtop is not installed")
def test_what_passes_has_no_lasting_effect(tmp_path: Path) -> None:
    generator = random.Random(7)
    candidates = [command.strip() for command in COMMANDS]
    candidates += [
        "".join(generator.choice(WORDS) + generator.choice(["", " "]) for _ in range(generator.randint(1, 10)))
        for _ in range(4000)
    ]
    # A name in capitals that no list knows: Coq's grammar is what stops it.
    candidates += ["Unknown command", "Cheat"]
    sent = []
    for candidate in candidates:
        try:
            sent.append(plain(candidate))
        except NotATactic:
            continue
    assert len(sent) > 100
    answers = tmp_path / "answers"
    lines = ["Lemma probe : 1 = 2.", *(f"1: {text}." for text in sent)]
    lines += [f'Redirect "{answers}" Show Conjectures.', "Abort.", f'Redirect "{answers}_all" Print All.', "Quit."]
    subprocess.run(
        ["coqtop", "-q"], input="\n".join(lines), text=True, capture_output=True, check=True, cwd=tmp_path, timeout=120
    )
    assert (tmp_path / "answers.out").read_text().split() == ["probe"]
    assert "cheat" not in (tmp_path / "answers_all.out").read_text()
