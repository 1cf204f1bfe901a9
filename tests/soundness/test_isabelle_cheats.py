"""Every known way to make Isabelle, or those who read its answers, believe what was not proved.

Isabelle itself is played by a program that says whatever a test wants; where a real one is on the PATH it is asked too.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "isabelle"))

import isabelle_peer as peer
from isabelle_peer import Built

from checkers.isabelle import project
from checkers.isabelle.checker import IsabelleChecker
from checkers.isabelle.steps import NotAStep, plain
from checkers.process import Supervisor
from lemmata.errors import InputError, LemmataError, Location
from lemmata.goal import Obligation
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification

LIMITS = Limits(600.0)
GOOD = {purpose: Built() for purpose in ("artefact", "copy", "statement")}

SOURCE = """\
theory Cheat
imports Main
begin

lemma unproved: "(1::nat) = 2"
  sorry

theorem wrong: "(2::nat) = 3"
  sorry

lemma after: "True" by simp

end
"""
CLEAN = SOURCE.replace('lemma unproved: "(1::nat) = 2"\n  sorry\n\n', "")


def check(
    folder: Path,
    artefact: str = "",
    *,
    source: str = CLEAN,
    name: str = "wrong",
    builds: Mapping[str, Built] | None = None,
    options: Mapping[str, str] | None = None,
    claim: str = "proved",
    real: bool = False,
) -> Verification:
    """Verify an artefact with an Isabelle that accepts everything, unless it is told not to."""
    file = folder / "Cheat.thy"
    file.write_text(source, encoding="utf-8")
    path = os.environ["PATH"]
    if not real:
        peer.write(folder, builds={**GOOD, **(builds or {})})
        os.environ["PATH"] = f"{folder}{os.pathsep}{path}"

    async def run() -> Verification:
        async with Supervisor() as supervisor:
            checker = IsabelleChecker(supervisor)
            obligation = await checker.select(file, name, options or {})
            text = artefact or checker.artefact(obligation, [Step("by simp", subgoals=0)])
            return await checker.verify(obligation, text, claim, LIMITS, options or {})

    try:
        return asyncio.run(run())
    finally:
        os.environ["PATH"] = path


def refused(said: Verification) -> None:
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


@pytest.fixture(autouse=True)
def _no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISABELLE_TOOL", raising=False)
    monkeypatch.delenv("ISABELLE_HOME", raising=False)


def test_an_honest_proof_is_accepted(tmp_path: Path) -> None:
    said = check(tmp_path)
    assert (said.verdict, said.reason) == (Verdict.PROVED, "")
    assert len(said.audits) == 6
    assert said.axioms == ()
    built = {entry["purpose"]: entry for entry in peer.log(tmp_path) if "build" in entry}
    assert set(built) == {"artefact", "copy", "statement"}
    for entry in built.values():
        assert "-c" in entry["build"]
        assert "quick_and_dirty=false" in entry["build"]
        assert "quick_and_dirty = false" in entry["root"]
        assert "skip_proofs = false" in entry["root"]
    assert "sorry" not in built["artefact"]["theories"]["Cheat"]
    strict = built["copy"]["theories"]["Cheat"].partition("declare [[quick_and_dirty = false]]")[2]
    assert "sorry" not in strict
    assert "lemma after" not in strict


def test_other_holes_of_the_file_are_allowed_for_themselves_only(tmp_path: Path) -> None:
    said = check(tmp_path, source=SOURCE)
    assert said.verdict is Verdict.PROVED
    built = {entry["purpose"]: entry for entry in peer.log(tmp_path) if "build" in entry}
    assert "quick_and_dirty=true" in built["artefact"]["build"]
    assert "quick_and_dirty=false" in built["copy"]["build"]
    strict = built["copy"]["theories"]["Cheat"].partition("declare [[quick_and_dirty = false]]")[2]
    assert re.fullmatch(
        r'\s*theorem\s+lemmata_theorem_\w+:\s+"\(2::nat\) = 3"\s+by simp\s+', strict.split("ML_command")[0]
    )
    # Packages skip proofs of their own where the option holds, so it holds for the open proofs only.
    above = built["copy"]["theories"]["Cheat"].partition("declare [[quick_and_dirty = false]]")[0]
    assert above.count("quick_and_dirty") == 1
    assert "using [[quick_and_dirty]] sorry" in above


PROOFS = {
    "sorry": "sorry",
    "oops": "oops",
    "oops-and-restate": 'oops\ntheorem wrong: "True" by simp',
    "axiom": 'by simp\naxiomatization where cheat: "False"',
    "axiom-before": 'oops axiomatization where cheat: "(2::nat) = 3" theorem wrong: "(2::nat) = 3" by (rule cheat)',
    "quick-and-dirty": "using [[quick_and_dirty]] by simp",
    "quick-and-dirty-attribute": "using refl[quick_and_dirty] by simp",
    "skip-proofs": "using [[skip_proofs]] by simp",
    "tactic": "by (tactic \\<open>Skip_Proof.cheat_tac \\<^context> 1\\<close>)",
    "raw-tactic": "by (raw_tactic ‹Skip_Proof.cheat_tac 1›)",
    "tactic-inside": "by (match conclusion in _ \\<Rightarrow> ‹tactic ‹all_tac››)",
    "ml-prf": "ML_prf \\<open>val x = 1\\<close> by simp",
    "ml-val": "ML_val \\<open>Skip_Proof.make_thm\\<close> by simp",
    "ml": "by simp ML \\<open>OS.Process.exit OS.Process.success\\<close>",
    "setup": "by simp setup \\<open>I\\<close>",
    "oracle": "by simp oracle cheat = \\<open>I\\<close>",
    "method-setup": "by simp method_setup cheat = \\<open>x\\<close>",
    "eval": "by eval",
    "smt-oracle": "using [[smt_oracle]] by smt",
    "nested-sorry": "proof - show ?thesis sorry qed",
    "sorry-in-subgoal": "apply simp subgoal sorry done",
    "early-end": "by simp end theory Cheat imports Main begin",
    "end": "by simp end",
    "comment-swallows": "by simp (*",
    "comment": "by simp (* x *)",
    "formal-comment": "by simp \\<comment> \\<open>x\\<close>",
    "string-swallows": 'by (rule "',
    "cartouche-swallows": "by (rule \\<open>",
    "notation": 'by simp notation plus (infixl "**" 65)',
    "write": 'proof - write plus (infixl "**" 65) show ?thesis by simp qed',
    "declare": "by simp declare [[quick_and_dirty]]",
    "no-end": "apply simp",
    "nothing": "",
    "two-proofs": "by simp by simp",
    "lemma-inside": 'by simp lemma x: "True" by simp',
    "load": 'by simp ML_file "x.ML"',
    "code-printing": "by simp code_printing constant x",
    "termination": "by simp termination",
    "value": 'by simp value "1"',
    "apply-end": "proof - apply_end simp show ?thesis by simp qed",
    "case-swap": "SORRY",
    "tactic-qualified": r"by (Pure.tactic \<open>x\<close>)",
    "raw-tactic-qualified": "apply (Pure.raw_tactic ‹x›) done",
    "tactic-escaped": r'by ("t\097ctic" \<open>x\<close>)',
    "tactic-quoted": 'by ("tactic" ‹x›)',
    "attribute-escaped": r'using refl["quick\095and_dirty" = true] by simp',
    "attribute-quoted": 'using refl["simp"] by simp',
    "attribute-unknown": "using refl[mystery] by simp",
    "method-in-cartouche": "by (foo ‹x›)",
    "method-in-cartouche-behind-one-that-takes-facts": "by (induct x; (foo ‹x›))",
    "eval-second": "by simp eval",
    "eval-qualified": "by (HOL.eval)",
    "command-as-second-method": "by simp welcome",
    "help-as-second-method": "by simp help",
    "unknown-second-method": "by simp mystery",
    "antiquotation": "using ‹@{lemma True by simp}› by simp",
    "tag": "by%x simp",
}


@pytest.mark.parametrize("cheat", PROOFS)
def test_a_hand_made_artefact_is_refused_before_anything_is_run(tmp_path: Path, cheat: str) -> None:
    refused(check(tmp_path, CLEAN.replace("sorry", PROOFS[cheat])))
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


@pytest.mark.parametrize("cheat", sorted(set(PROOFS) - {"no-end"}))
def test_it_is_no_step_either(cheat: str) -> None:
    with pytest.raises(NotAStep):
        plain(PROOFS[cheat])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(2::nat) = 3", "(2::nat) = 2"),
        ("theorem wrong", "theorem (in x) wrong"),
        ("imports Main", "imports Other"),
        ("begin\n", "begin\ndeclare [[quick_and_dirty]]\n"),
        ("begin\n", 'begin\nno_notation plus (infixl "+" 65)\n'),
        ("theory Cheat", "(* *)theory Cheat"),
        ("lemma after", "lemma afterwards"),
        ("\nend\n", '\naxiomatization where x: "False"\nend\n'),
        ("\nend\n", ""),
    ],
)
def test_another_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    refused(check(tmp_path, CLEAN.replace("sorry", "by simp").replace(old, new)))
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


ABOVE = {
    "axiom": ('axiomatization where shortcut: "(2::nat) = 3"', '["shortcut"]'),
    "second-axiom": ('axiomatization c :: nat where a: "c = 1" and shortcut: "c = 2"', '["a", "shortcut"]'),
    "unnamed-axiom": ('axiomatization where "(2::nat) = 3"', "*"),
    "oracle": ("oracle cheat = ‹fn ct => ct›", "*"),
    "ml": ("ML ‹structure Thm_Deps = struct end›", "*"),
    "ml-file": ("ML_file ‹x.ML›", "*"),
    "setup": ("setup ‹I›", "*"),
    "method-setup": ("method_setup cheat = ‹x›", "*"),
    "attribute-setup": ("attribute_setup cheat = ‹x›", "*"),
    "simproc-setup": ('simproc_setup cheat ("x") = ‹x›', "*"),
    "translation": ("parse_translation ‹[]›", "*"),
    "quick-and-dirty": ("declare [[quick_and_dirty]]", "*"),
    "skip-proofs": ("declare [[skip_proofs]]", "*"),
    "smt-oracle": ("declare [[smt_oracle = true]]", "*"),
    "unchecked-overloading": ('overloading f == g (unchecked) begin definition "f = x" end', "*"),
    "code-printing": ('code_printing constant f \\<rightharpoonup> (Eval) "x"', "*"),
    "tptp": ('import_tptp "x"', "*"),
    "by-tactic": ('lemma x: "False" by (tactic ‹cheat›)', "*"),
    "by-raw-tactic": ('lemma x: "False" by (Pure.raw_tactic ‹cheat›)', "*"),
    "by-escaped-tactic": (r'lemma x: "False" by ("t\097ctic" ‹cheat›)', "*"),
    "by-quoted-tactic": ('lemma x: "False" by ("tactic" ‹cheat›)', "*"),
    "eisbach": ("method m = (tactic ‹cheat›)", "*"),
    "tactic-in-match": ('lemma x: "False" by (match conclusion in _ \\<Rightarrow> ‹tactic "x"›)', "*"),
    "antiquotation": ('text ‹@{lemma "True" by (tactic ‹x›)}›', "*"),
    "antiquotation-in-a-formal-comment": ("declare refl \\<comment> ‹@{ML x}›", "*"),
    "control-antiquotation": ("text ‹\\<^ML>‹x››", "*"),
    "symbol-that-is-no-letter": (r'declare \<or>axiomatization where shortcut: "False"', '["shortcut"]'),
    "character-that-is-no-letter": ('declare éaxiomatization where shortcut: "False"', '["shortcut"]'),
    "domain-unsafe": ("domain (unsafe) d = c", "*"),
    "unknown-command": ('lemma x: "True" by simp mystery', "*"),
    "unknown-command-behind-two-methods": ('lemma x: "True" by simp auto\nmystery "x"', "*"),
    "second-axiom-unnamed": ('axiomatization where a: "x" and "False"', "*"),
    "second-axiom-quoted": ('axiomatization where a: "x" and "b": "False"', "*"),
    "axiom-quoted": ('axiomatization where "shortcut": "False"', "*"),
}


@pytest.mark.parametrize("case", ABOVE)
def test_what_the_file_itself_postulates_or_runs_has_to_be_allowed(tmp_path: Path, case: str) -> None:
    text, allowed = ABOVE[case]
    source = CLEAN.replace("begin\n", f"begin\n{text}\n", 1)
    said = check(tmp_path, source=source)
    refused(said)
    assert "--allow-axioms" in said.reason
    assert check(tmp_path, source=source, options={"allow_axioms": allowed}).verdict is Verdict.PROVED


def test_a_command_that_the_file_declares_as_ml_has_to_be_allowed(tmp_path: Path) -> None:
    source = CLEAN.replace("begin\n", 'keywords "boot" :: thy_decl % "ML"\nbegin\nboot x\n', 1)
    refused(check(tmp_path, source=source))


def test_what_is_postulated_in_an_imported_file_has_to_be_allowed(tmp_path: Path) -> None:
    (tmp_path / "Other.thy").write_text(
        'theory Other imports Main begin\naxiomatization where shortcut: "False"\nend\n', encoding="utf-8"
    )
    source = CLEAN.replace("imports Main", "imports Other")
    refused(check(tmp_path, source=source))
    assert check(tmp_path, source=source, options={"allow_axioms": '["Other.shortcut"]'}).verdict is Verdict.PROVED


def test_holes_of_an_imported_file_are_left_to_the_oracles(tmp_path: Path) -> None:
    (tmp_path / "Other.thy").write_text(
        'theory Other imports Main begin\nlemma x: "False" sorry\nend\n', encoding="utf-8"
    )
    source = CLEAN.replace("imports Main", "imports Other")
    assert check(tmp_path, source=source).verdict is Verdict.PROVED
    built = {entry["purpose"]: entry for entry in peer.log(tmp_path) if "build" in entry}
    other = built["artefact"]["theories"]["Other"].split("\n")
    # The option would be inherited by what imports the theory.
    assert other[1:] == ['lemma x: "False" using [[quick_and_dirty]] sorry', "end", ""]
    refused(check(tmp_path, source=source, builds={"copy": Built(oracles=1, skipped=True)}))


BUILDS: dict[str, dict[str, Built]] = {
    "the artefact does not build": {"artefact": Built(code=1)},
    "the copy does not build": {"copy": Built(code=1)},
    "the statement does not build": {"statement": Built(code=1)},
    "killed": {"artefact": Built(code=137)},
    "it rests on sorry": {"copy": Built(oracles=1, skipped=True)},
    "it rests on sorry, which is not counted": {"copy": Built(oracles=0, skipped=True)},
    "it uses an oracle": {"copy": Built(oracles=1)},
    "another proposition": {"copy": Built(propositions=('Const ("True", dummyT)',))},
    "one proposition more": {"copy": Built(propositions=('Const ("Trueprop", dummyT)',) * 2)},
    "no proposition": {"copy": Built(propositions=())},
    "another hypothesis": {"copy": Built(hypotheses=("False",))},
    "it says nothing": {"copy": Built(silent=True)},
    "the statement says nothing": {"statement": Built(silent=True)},
    "somebody else's answer": {"copy": Built(nonce="0" * 32)},
    "an empty answer": {"copy": Built(raw="\n")},
    "half an answer": {"copy": Built(raw="32\n0123")},
    "an answer that is too long": {"copy": Built(propositions=("x",), hypotheses=("y",), raw="1\nx\n1\ny\n")},
    "numbers that are none": {"copy": Built(raw="99999999999999\n")},
}


@pytest.mark.parametrize("case", BUILDS)
def test_what_isabelle_says_has_to_fit(tmp_path: Path, case: str) -> None:
    refused(check(tmp_path, builds=BUILDS[case]))


def test_fewer_hypotheses_are_a_stronger_theorem(tmp_path: Path) -> None:
    assert check(tmp_path, builds={"statement": Built(hypotheses=("A", "B"))}).verdict is Verdict.PROVED


@pytest.mark.parametrize("allowed", ['["wrong"]', '["HOL.eval"]', "*"])
def test_sorry_is_never_allowed_as_an_axiom(tmp_path: Path, allowed: str) -> None:
    builds = {"copy": Built(oracles=1, skipped=True)}
    refused(check(tmp_path, builds=builds, options={"allow_axioms": allowed}))


DENIED = {
    "system": "isabelle",
    "statement": "(2::nat) = 3",
    "denied": "(2::nat) = 3",
    "proof": "using lemmata_it by simp",
    "explanation": "The statement leads to False: its negation is proved.",
}


def disprove(folder: Path, change: Mapping[str, str], built: Built | None = None, source: str = CLEAN) -> Verification:
    return check(
        folder,
        json.dumps({**DENIED, **change}),
        source=source,
        claim="disproved",
        builds={"refutation": built or Built()},
    )


def test_an_honest_refutation_is_accepted(tmp_path: Path) -> None:
    said = disprove(tmp_path, {})
    assert (said.verdict, said.reason) == (Verdict.DISPROVED, "")
    assert said.counterexample == DENIED
    (built,) = [entry for entry in peer.log(tmp_path) if "build" in entry]
    text = built["theories"]["Cheat"]
    denial, _, rest = text.partition("declare [[quick_and_dirty = false]]")[2].partition("ML_command")
    # The statement comes below its denial, and False from both by resolution only.
    assert "sorry" not in denial
    assert re.search(r'lemma (lemmata_theorem_\w+):\s+"\(2::nat\) = 3"\s+using \[\[quick_and_dirty\]\] sorry', rest)
    assert re.search(r"\[OF lemmata_theorem_\w+\]\)\nend$", rest.rstrip())


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "(1::nat) = 2"},
        {"denied": "x \\<close> sorry lemma \\<open>y"},
        {"denied": "x \\<close>"},
        {"denied": "\\<open> x"},
        {"denied": "\\<^ML>\\<open>x\\<close>"},
        {"proof": "sorry"},
        {"proof": "using lemmata_it by simp sorry"},
        {"proof": "apply simp"},
        {"proof": "by (tactic \\<open>x\\<close>)"},
        {"proof": "using [[quick_and_dirty]] by simp"},
        {"proof": "by simp lemma x: y"},
        {"proof": "sledgehammer"},
        {"proof": " by simp"},
        {"explanation": "It is false."},
        {"system": "coq"},
        {"more": "x"},
    ],
    ids=str,
)
def test_a_refutation_that_is_none_is_refused_before_anything_is_run(tmp_path: Path, change: dict[str, str]) -> None:
    refused(disprove(tmp_path, change))
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


@pytest.mark.parametrize(
    "built", [Built(code=1), Built(oracles=1), Built(skipped=True), Built(silent=True), Built(raw="x")], ids=str
)
def test_what_isabelle_says_of_a_refutation_has_to_fit(tmp_path: Path, built: Built) -> None:
    refused(disprove(tmp_path, {}, built))


def test_a_refutation_from_axioms_of_the_file_is_refused(tmp_path: Path) -> None:
    refused(disprove(tmp_path, {}, source=CLEAN.replace("begin\n", "begin\naxiomatization where f: False\n", 1)))


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", "{", '{"system": "isabelle"}', "null"])
def test_texts_that_are_no_refutation(tmp_path: Path, text: str) -> None:
    refused(check(tmp_path, text or " ", claim="disproved"))


@pytest.mark.parametrize("name", ["schematic", "instance@9#1"])
def test_what_cannot_be_audited_is_not_proved(tmp_path: Path, name: str) -> None:
    source = CLEAN.replace(
        "lemma after",
        'schematic_goal schematic: "?x = ?x" sorry\ninstance nat :: foo proof show "x" sorry qed\nlemma after',
    )
    line = source[: source.index("instance")].count("\n") + 1
    said = check(tmp_path, source=source, name=name.replace("@9", f"@{line}"))
    refused(said)


def test_an_option_that_makes_no_sense_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(LemmataError):
        check(tmp_path, options={"allow_axioms": "{"})


def test_an_allowed_axiom_brings_no_other_along(tmp_path: Path) -> None:
    for other in ('"False"', '"b": "False"', 'b: "False"'):
        source = CLEAN.replace("begin\n", f'begin\naxiomatization where a: "x" and {other}\n', 1)
        refused(check(tmp_path, source=source, options={"allow_axioms": '["a"]'}))


def test_a_keyword_that_shifts_strings_has_to_be_allowed(tmp_path: Path) -> None:
    refused(check(tmp_path, source=CLEAN.replace("begin\n", 'keywords "x\\""\nbegin\n', 1)))


def test_documents_that_only_show_something_need_no_permission(tmp_path: Path) -> None:
    text = "text ‹A tactic, @{term x}, \\<^const>‹y›, @{thm [source] z}, \\<^item> ML›"
    assert check(tmp_path, source=CLEAN.replace("begin\n", f"begin\n{text}\n", 1)).verdict is Verdict.PROVED


def test_the_theorem_is_asked_about_where_its_name_can_mean_nothing_else(tmp_path: Path) -> None:
    source = CLEAN.replace("theorem wrong:", "theorem (in L) conjI [THEN bad]:")
    assert check(tmp_path, source=source, name="conjI").verdict is Verdict.PROVED
    built = {entry["purpose"]: entry for entry in peer.log(tmp_path) if "build" in entry}
    for purpose in ("copy", "statement"):
        text = built[purpose]["theories"]["Cheat"]
        (name,) = set(re.findall(r"lemmata_theorem_\w+", text))
        assert re.search(rf'context L\nbegin\nML_command.*get_thms \\<\^context> "{name}"', text, re.S)
        assert "THEN bad" not in text
        assert "conjI" not in text


@pytest.mark.parametrize("target", ['"L x"', '"L begin ML"'])
def test_a_theorem_in_a_place_with_no_plain_name_is_refused(tmp_path: Path, target: str) -> None:
    source = CLEAN.replace("theorem wrong:", f"theorem (in {target}) wrong:")
    refused(check(tmp_path, source=source))
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


@pytest.mark.parametrize("binding", ['"wrong":', "‹wrong›:", "%important wrong:", "[simp]:", "wrong[THEN bad]:"])
def test_names_in_other_forms(tmp_path: Path, binding: str) -> None:
    source = CLEAN.replace("theorem wrong:", f"theorem {binding}")
    name = "wrong" if "wrong" in binding else "theorem@5"
    assert check(tmp_path, source=source, name=name).verdict is Verdict.PROVED
    (text,) = [e["theories"]["Cheat"] for e in peer.log(tmp_path) if e.get("purpose") == "statement"]
    assert re.search(r'lemmata_theorem_\w+:\s+"\(2::nat\) = 3"', text)


def test_attributes_have_no_part_in_a_refutation(tmp_path: Path) -> None:
    source = CLEAN.replace("theorem wrong:", "theorem wrong [THEN bad]:")
    assert disprove(tmp_path, {}, source=source).verdict is Verdict.DISPROVED
    (built,) = [entry for entry in peer.log(tmp_path) if "build" in entry]
    assert "bad" not in built["theories"]["Cheat"]


def test_nothing_is_refuted_in_a_locale(tmp_path: Path) -> None:
    for binding in ("theorem (in L) wrong:", "theorem (in L) [simp]:", "theorem (in L)"):
        name = "wrong" if "wrong" in binding else "theorem@5"
        text = json.dumps(DENIED)
        source = CLEAN.replace("theorem wrong:", binding)
        refused(check(tmp_path, text, source=source, name=name, claim="disproved", builds={"refutation": Built()}))


def test_axioms_of_other_sessions_are_not_taken_for_granted(tmp_path: Path) -> None:
    (tmp_path / "ROOT").write_text("session Base = HOL + theories Bad\nsession Top = Base + theories Cheat\n", "utf-8")
    source = CLEAN.replace("imports Main", "imports Base.Bad")
    said = check(tmp_path, source=source)
    refused(said)
    assert "Base.*" in said.reason
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]
    assert check(tmp_path, source=source, options={"allow_axioms": '["Base.*"]'}).verdict is Verdict.PROVED


@pytest.mark.parametrize(
    "name", ['"/tmp/Bad"', "Bad", '"HOL-Evil.Bad"', '"~~/src/HOL/Library/../../Bad"', '"$X/Bad"', '"~/Bad"']
)
def test_imports_that_nobody_looked_at_have_to_be_allowed(tmp_path: Path, name: str) -> None:
    refused(check(tmp_path, source=CLEAN.replace("imports Main", f"imports Main {name}")))
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


@pytest.mark.parametrize("name", ['"/tmp/lemmata_x"', '"../../x"', '"x y"', '"x\ny"', '"x\\"y"', "a.b", "é"])
def test_a_theory_with_a_name_that_is_none_is_one_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no name of a theory"):
        check(tmp_path, source=CLEAN.replace("theory Cheat", f"theory {name}"))
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "x\\ny", "", "x y", "Cheat"])
def test_a_replayed_obligation_writes_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    other = tmp_path / "Other.thy"
    other.write_text("theory Other imports Main begin end", encoding="utf-8")
    imports = json.dumps([[name, str(other), project.digest(other.read_text("utf-8"))]])
    obligation = Obligation("isabelle", "wrong", CLEAN, Location("Cheat.thy", 5, 1), (("imports", imports),))
    peer.write(tmp_path, builds=GOOD)

    async def run() -> None:
        async with Supervisor() as supervisor:
            await IsabelleChecker(supervisor).verify(
                obligation, CLEAN.replace("sorry", "by simp"), "proved", LIMITS, {}
            )

    monkeypatch.setenv("ISABELLE_TOOL", str(tmp_path / "isabelle"))
    with pytest.raises(LemmataError):
        asyncio.run(run())
    assert not [entry for entry in peer.log(tmp_path) if "build" in entry]


def test_the_build_gets_symbols_instead_of_unicode(tmp_path: Path) -> None:
    source = CLEAN.replace('"(2::nat) = 3"', "‹∀x. x ∧ α⇩1 = é›")
    assert check(tmp_path, source=source).verdict is Verdict.PROVED
    built = [entry["theories"]["Cheat"] for entry in peer.log(tmp_path) if "build" in entry]
    expected = r"\<open>\<forall>x. x \<and> \<alpha>\<^sub>1 = é\<close>"
    assert all(expected in text for text in built)


@pytest.mark.isabelle
@pytest.mark.skipif(shutil.which("isabelle") is None, reason="isabelle is not on the PATH")
@pytest.mark.parametrize(
    ("source", "proof", "good"),
    [
        (CLEAN.replace("(2::nat) = 3", "(2::nat) + 2 = 4"), "by simp", True),
        (CLEAN, "by simp", False),
        (SOURCE, "using unproved by simp", False),
        (SOURCE.replace('theorem wrong: "(2::nat) = 3"', 'theorem wrong: "(2::nat) < 3"'), "by simp", True),
        (CLEAN.replace("theorem wrong:", "theorem").replace("(2::nat) = 3", "x = x"), "by (rule refl)", True),
    ],
)
def test_the_real_isabelle(tmp_path: Path, source: str, proof: str, good: bool) -> None:
    name = "wrong" if "wrong:" in source else "theorem@5"
    head, _, tail = source.rpartition("sorry")
    said = check(tmp_path, head + proof + tail, source=source, name=name, real=True)
    assert (said.verdict is Verdict.PROVED) is good, said.reason
