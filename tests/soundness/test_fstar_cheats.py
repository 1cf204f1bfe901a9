"""Every known way to make F*, or those who read its answers, believe what was not proved.

What stands in for F* here accepts nearly everything, so that what is refused is refused by the audits.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import fake_fstar
import pytest

from checkers.fstar.artefact import NotTheSource, put, take_apart
from checkers.fstar.checker import FstarChecker
from checkers.fstar.options import words
from checkers.fstar.scan import find, scan
from checkers.fstar.steps import NotABody, understand
from checkers.process import Supervisor
from lemmata.errors import InputError
from lemmata.step import Step
from lemmata.verdict import Limits, Verdict, Verification

LIMITS = Limits(60.0)

SOURCE = """\
module Cheat
open FStar.List.Tot

let twice (n:nat) : nat = n + n

val wrong : n:nat -> Lemma (twice n == n)
let rec wrong n = admit ()

let after : int = 3
"""

TRUE = SOURCE.replace("twice n == n)", "twice n == n + n)")


@pytest.fixture(autouse=True)
def _fstar(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("FSTAR_EXE", str(fake_fstar.write(tmp_path / "bin")))


def check(
    folder: Path,
    source: str,
    name: str,
    artefact: str,
    *,
    options: dict[str, str] | None = None,
    file: str = "Cheat.fst",
    claim: str = "proved",
    limits: Limits = LIMITS,
    **files: str,
) -> Verification:
    project = folder / "project"
    project.mkdir(exist_ok=True)
    for other, text in files.items():
        (project / other.replace("__", ".")).write_text(text)
    (project / file).write_text(source)

    async def run() -> Verification:
        async with Supervisor() as supervisor:
            checker = FstarChecker(supervisor)
            obligation = await checker.select(project / file, name, options or {})
            return await checker.verify(obligation, artefact, claim, limits, options or {})

    return asyncio.run(run())


def body(source: str, name: str, text: str, file: str = "Cheat.fst") -> str:
    """Put any text in place of a hole."""
    _, hole = find(source, name, file)
    return source[: hole.start] + text + source[hole.end :]


def refused(said: Verification) -> None:
    assert said.verdict is Verdict.UNKNOWN
    assert said.reason


def test_an_honest_proof_passes(tmp_path):
    said = check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"))
    assert said.verdict is Verdict.PROVED, said.reason
    assert [audit.result for audit in said.audits] == ["passed"] * 5
    assert said.axioms == ()
    calls = fake_fstar.calls(tmp_path / "bin" / "fstar.exe")
    assert len(calls) == 3
    for call in calls:
        assert call["arguments"][-1] == "Cheat.fst"
        assert "--cache_off" not in call["arguments"]
        assert call["arguments"][-5:-3] == ["--report_assumes", "error"]
        assert call["arguments"][-3:-1] == ["--warn_error", "@240@272@296@335"]
        assert call["files"] == ["Cheat.fst"]


CHEATS = [
    "admit ()",
    "admit()",
    "admit #unit ()",
    "Prims.admit ()",
    "``admit`` ()",
    "admit",
    "(let f = admit in f ())",
    "magic ()",
    "Prims.magic ()",
    "unsafe_coerce ()",
    "assume (twice n == n)",
    "(assume (False); ())",
    "assume False",
    "assert (twice n == n) by (tadmit ())",
    "assert (twice n == n) by (FStar.Tactics.V2.tadmit ())",
    "assert (False) by (admit_all ())",
    "assert (False) by (tadmit_t ())",
    "assert (False) by (set_guard_policy Drop; ())",
    "assert (False) by (set_options \"--admit_smt_queries true\"; smt ())",
    "assert (False) by (launch_process \"sh\" [] \"\"; ())",
    "assert (False) by (exact (pack_fv [\"Prims\"; \"ad\" ^ \"mit\"]))",
    "synth_by_tactic (fun () -> tadmit ())",
    "rewrite_with_tactic tau False",
    "FStar.Tactics.Effect.rewrite_with_tactic tau False",
    "(let f (#[tau] x : squash False) = x in ())",
    "(let tau () : Tac unit = () in ())",
    "assert False by tau",
    "assert False by (fun () -> tau ())",
    "calc (==) { n; == { _ by (tau ()) } n; }",
    "(_ by (tadmit ()))",
    "by_tactic (fun () -> ()) False",
    "(`admit ()) ",
    "(let x = quote admit in ())",
    "() \nlet cheat () : Lemma False = ()",
    "()\nval cheat : unit -> Lemma False",
    "()\nassume val cheat : unit -> Lemma False",
    "()\nassume Cheat : False",
    "()\nassume type t",
    "()\nopen Evil",
    "()\ninclude Evil",
    "()\nfriend Evil",
    "()\nmodule Evil = Other",
    "()\nmodule Cheat",
    "()\n#set-options \"--admit_smt_queries true\"",
    "()\n#push-options \"--lax\"",
    "()\n#pop-options",
    "()\n#restart-solver",
    "()\n#light \"off\"",
    "()\n#lang-pulse",
    "()\n```pulse\nfn x\n```",
    "()\n%splice[cheat] (cheat_tac ())",
    "()\n[@@ expect_failure] let x = 1",
    "[@@ expect_failure] ()",
    "[@@ admit_termination] ()",
    "() and cheat (n:nat) : Lemma False = cheat n",
    "(let rec loop () : Dv (squash False) = loop () in loop ())",
    "(let f () : ALL unit (fun p h -> True) = () in ())",
    "(let f () : ST unit = () in ())",
    "(let f () : Ex unit = () in ())",
    "(let f () : EXT unit = () in ())",
    "(let rec loop () : Div unit (requires True) (ensures (fun _ -> False)) = loop () in loop ())",
    "(* admit *) ()",
    "() (* ",
    "() // done",
    "() // IN F*: ; admit ()",
    "// IN F*: admit ()",
    "() //\radmit ()",
    "(// x\u2028admit ())",
    "\"",
    "'",
    "``",
    "(",
    ")",
    "() in ()",
    "let x = 1",
    "x;",
    "",
    "   ",
    "()\x00",
    "()\u200b",
]  # fmt: skip


@pytest.mark.parametrize("text", CHEATS)
def test_what_is_no_plain_body_is_refused_everywhere(tmp_path, text):
    artefact = body(SOURCE, "wrong", text)
    refused(check(tmp_path, SOURCE, "wrong", artefact))
    assert not fake_fstar.calls(tmp_path / "bin" / "fstar.exe")
    try:
        given = understand(text)
    except NotABody:
        return
    # What is left are holes, which a search fills.
    assert given.holes


ELSEWHERE = {
    "statement": SOURCE.replace("twice n == n)", "twice n == twice n)").replace("admit ()", "()"),
    "effect": SOURCE.replace("-> Lemma (twice n == n)", "-> Dv unit").replace("admit ()", "()"),
    "definition": SOURCE.replace("n + n", "n").replace("admit ()", "()"),
    "val is gone": SOURCE.replace("val wrong : n:nat -> Lemma (twice n == n)\n", "").replace("admit ()", "()"),
    "another name": SOURCE.replace("let rec wrong", "let rec wrong'").replace("admit ()", "()"),
    "not recursive": SOURCE.replace("let rec wrong", "let wrong").replace("admit ()", "()"),
    "decreases": SOURCE.replace("(twice n == n)", "(twice n == n) (decreases 0)").replace("admit ()", "()"),
    "in a comment": SOURCE.replace("val wrong", "(* val wrong").replace("admit ()", "() *)"),
    "options above": SOURCE.replace("val wrong", '#set-options "--lax"\nval wrong').replace("admit ()", "()"),
    "attribute": SOURCE.replace("let rec", "[@@ expect_failure]\nlet rec").replace("admit ()", "()"),
    "open above": SOURCE.replace("open FStar.List.Tot", "open Evil").replace("admit ()", "()"),
    "cut off below": SOURCE.replace("admit ()", "()").split("let after")[0],
    "more below": SOURCE.replace("admit ()", "()") + "assume val x : False\n",
    "nothing": "",
    "source": SOURCE,
    "options that are not allowed": SOURCE.replace("let rec", '#push-options "--lax"\nlet rec').replace(
        "admit ()", "()\n#pop-options"
    ),
    "options that are not taken back": SOURCE.replace("let rec", '#push-options "--fuel 1"\nlet rec').replace(
        "admit ()", "()"
    ),
    "no options": SOURCE.replace("let rec", '#push-options ""\nlet rec').replace("admit ()", "()\n#pop-options"),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_nothing_but_the_hole_may_differ(tmp_path, name):
    refused(check(tmp_path, SOURCE, "wrong", ELSEWHERE[name]))
    assert not fake_fstar.calls(tmp_path / "bin" / "fstar.exe")


ABOVE = {
    "an axiom": "assume val shortcut : unit -> Lemma (1 == 2)",
    "an axiom with a name": "assume Shortcut : (1 == 2)",
    "an abstract type": "assume type t",
    "another hole": "let lemma () : Lemma (1 == 2) = admit ()",
    "an assumption": "let lemma () : Lemma (1 == 2) = assume (1 == 2)",
    "magic": "let lemma () : Lemma (1 == 2) = magic ()",
    "an alias": "let escape = admit",
    "a name between backquotes": "let lemma () : Lemma (1 == 2) = ``admit`` ()",
    "behind a comment that is none": "let lemma () : Lemma (1 == 2) = // IN F*: admit ()",
    "a tactic": "let lemma () : Lemma (1 == 2) = assert (1 == 2) by (tadmit ())",
    "a tactic that drops goals": "let tau () : Tac unit = set_guard_policy Drop",
    "termination": "[@@ admit_termination] let rec lemma () : Lemma (1 == 2) = lemma ()",
    "a val without definition": "val lemma : unit -> Lemma (1 == 2)",
    "in a type": "val lemma : x:int{admit (); True} -> int\nlet lemma x = x",
    "lax": '#set-options "--lax"',
    "admitted queries": '#push-options "--fuel 1 --admit_smt_queries true"',
    "all but one": "#set-options \"--admit_except 'Cheat.twice'\"",
    "positivity": '#set-options "--__no_positivity"',
    "a silenced warning": '#set-options "--warn_error -296"',
    "a downgraded error": '#set-options "--warn_error +19"',
    "a range of them": '#set-options "--warn_error -200..400"',
    "text for the solver": "#set-options \"--z3smtopt '(assert false)'\"",
    "hashes of hints": '#set-options "--use_hint_hashes"',
    "an extension": '#set-options "--ext evil"',
    "a plugin": '#set-options "--load Evil"',
    "options that cannot be read": '#set-options "--z3cliopt \'x"',
    "options with escapes": '#set-options "--\\x6cax"',
}


@pytest.mark.parametrize("name", ABOVE)
def test_what_is_granted_above_the_proof_is_not_rested_on(tmp_path, name):
    source = TRUE.replace("val wrong", f"{ABOVE[name]}\n\nval wrong")
    refused(check(tmp_path, source, "wrong", body(source, "wrong", "()")))
    assert not fake_fstar.calls(tmp_path / "bin" / "fstar.exe")


def test_what_is_granted_above_may_be_named(tmp_path):
    source = TRUE.replace("val wrong", "let lemma () : Lemma (1 == 2) = admit ()\n\nval wrong")
    options = {"allow_axioms": json.dumps(["Cheat.lemma"])}
    said = check(tmp_path, source, "wrong", body(source, "wrong", "()"), options=options)
    assert said.verdict is Verdict.PROVED, said.reason
    assert said.axioms == ("lemma",)
    proof = next(c for c in fake_fstar.calls(tmp_path / "bin" / "fstar.exe") if "(ensures True)" in c["text"])
    above, _, within = proof["text"].partition('#set-options "--report_assumes error')
    assert "admit ()" in above
    assert within.index("val wrong") < within.index("let rec wrong")
    other = {"allow_axioms": json.dumps(["lemmas"])}
    refused(check(tmp_path, source, "wrong", body(source, "wrong", "()"), options=other))


def test_what_is_granted_below_is_cut_off(tmp_path):
    source = TRUE + "\nlet open_ () : Lemma (1 == 2) = admit ()\n"
    said = check(tmp_path, source, "wrong", body(source, "wrong", "()"))
    assert said.verdict is Verdict.PROVED, said.reason
    controls = [c["text"] for c in fake_fstar.calls(tmp_path / "bin" / "fstar.exe") if "lemmata_control" in c["text"]]
    assert len(controls) == 2
    assert not any("open_" in text for text in controls)


def test_a_hole_beside_it_in_the_same_recursion_is_granted_above(tmp_path):
    source = "module Cheat\n\nlet rec a (n:nat) : Lemma (n == 0) = b n\nand b (n:nat) : Lemma (n == 0) = admit ()\n"
    refused(check(tmp_path, source, "a", body(source, "a", " b n ")))


SEQUENCE = "module Cheat\n\nlet f (n:nat) : Lemma (n == 0) =\n  admit ();\n  admit ()\n"
BRANCHES = "module Cheat\n\nlet f (n:nat) : Lemma (n >= 0) =\n  if n = 0 then admit () else admit ()\n"


def test_a_hole_behind_another_hole_is_no_obligation_of_its_own(tmp_path):
    # F* drops the obligations of whatever follows `admit ()`.
    refused(check(tmp_path, SEQUENCE, "f#2", body(SEQUENCE, "f#2", "()")))
    refused(check(tmp_path, SEQUENCE, "f#1", body(SEQUENCE, "f#1", "()")))
    said = check(tmp_path, BRANCHES, "f#2", body(BRANCHES, "f#2", "()"))
    assert said.verdict is Verdict.PROVED, said.reason


@pytest.mark.parametrize(
    "text",
    ["admit (); ()", "(admit ()); ()", "let x = admit () in ()", "f (admit ()) n",
     "(if n = 0 then admit () else ()); ()", "match n with | 0 -> (admit (); ()) | _ -> ()", "admit () |> ignore",
     "(match n with | 0 -> admit () | _ -> ()); ()",
     "let x = (if n = 0 then admit () else 1) in ()", "if (admit ()) then () else ()", "[admit (); 1]"],
)  # fmt: skip
def test_a_step_leaves_holes_only_where_nothing_follows(text):
    with pytest.raises(NotABody):
        understand(text)


def test_the_interface_counts(tmp_path):
    artefact = body(TRUE, "wrong", "()")
    interface = "module Cheat\nassume val shortcut : unit -> Lemma (1 == 2)\n"
    refused(check(tmp_path, TRUE, "wrong", artefact, Cheat__fsti=interface))
    refused(check(tmp_path, TRUE, "wrong", artefact, Cheat__fsti='module Cheat\n#set-options "--lax"\n'))
    refused(check(tmp_path, TRUE, "wrong", artefact, Cheat__fsti="module Cheat (* "))
    said = check(tmp_path, TRUE, "wrong", artefact, Cheat__fsti="module Cheat\nval after : int\n")
    assert said.verdict is Verdict.PROVED, said.reason
    assert all("Cheat.fsti" in call["files"] for call in fake_fstar.calls(tmp_path / "bin" / "fstar.exe"))


def test_other_modules_of_the_project_count(tmp_path):
    source = TRUE.replace("open FStar.List.Tot", "open Helper")
    artefact = body(source, "wrong", "()")
    far = "module Far\nlet x () : Lemma (1 == 2) = admit ()\n"
    refused(check(tmp_path, source, "wrong", artefact, Helper__fst="module Helper\nlet y = Far.x\n", Far__fst=far))
    said = check(tmp_path, source, "wrong", artefact, Helper__fst="module Helper\nlet y = 1\n")
    assert said.verdict is Verdict.PROVED, said.reason
    options = {"allow_axioms": json.dumps(["Far.x"])}
    said = check(
        tmp_path, source, "wrong", artefact, options=options, Helper__fst="module Helper\nlet y = Far.x\n", Far__fst=far
    )
    assert said.verdict is Verdict.PROVED, said.reason


def test_modules_that_are_there_without_being_named_count(tmp_path):
    refused(check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"), Prims__fst="module Prims\nassume val x : int\n"))


@pytest.mark.parametrize("name", ["--lax.fst", "@Cheat.fst", "-d.fst"])
def test_a_file_that_fstar_would_take_for_an_option_is_refused(tmp_path, name):
    with pytest.raises(InputError):
        check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"), file=name)


def test_compiled_forms_of_the_file_itself_are_not_seen(tmp_path):
    files = {
        name.replace(".", "__"): "x"
        for name in (
            "Cheat.fst.checked",
            "Cheat.fst.hints",
            "Cheat.fsti.checked",
            "cheat.fst.checked",
            "A.fst.checked.lax",
        )
    }
    other = {"Other__fst": "module Other\n", "Other__fst__checked": "x"}
    said = check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"), **files, **other)
    assert said.verdict is Verdict.PROVED, said.reason
    for call in fake_fstar.calls(tmp_path / "bin" / "fstar.exe"):
        assert call["linked"] == ["Other.fst", "Other.fst.checked"]


def test_an_fstar_that_accepts_a_false_lemma_proves_nothing(tmp_path):
    fake_fstar.write(tmp_path / "bin", inconsistent=True)
    said = check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"))
    refused(said)
    assert "false lemma" in said.reason


def test_an_fstar_that_dies_on_the_false_lemma_proves_nothing(tmp_path):
    fake_fstar.write(tmp_path / "bin", exit=2)
    refused(check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()")))


def test_what_fstar_prints_is_not_what_decides(tmp_path):
    said = "Verified module: Cheat\nAll verification conditions discharged successfully"
    fake_fstar.write(tmp_path / "bin", **{"false": ["twice n == n)"], "print": said})
    found = check(tmp_path, SOURCE, "wrong", body(SOURCE, "wrong", "()"))
    refused(found)
    assert "twice n == n" in found.reason


def test_an_fstar_that_hangs_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr("checkers.fstar.checker._VERIFY_SECONDS", 1.0)
    fake_fstar.write(tmp_path / "bin", hang="let rec wrong")
    found = check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"), limits=Limits(0.5))
    refused(found)
    assert "wall-time" in found.reason


def test_a_refutation_cannot_be_claimed(tmp_path):
    assert check(tmp_path, TRUE, "wrong", "{}", claim="disproved").verdict is Verdict.UNKNOWN


CONFIGURATIONS: list[dict[str, Any]] = [
    {"options": ["--lax"]},
    {"options": ["--admit_smt_queries", "true"]},
    {"options": ["--admit_except", "Cheat.wrong"]},
    {"options": ["--MLish"]},
    {"options": ["--load", "Evil"]},
    {"options": ["--load_cmxs", "evil"]},
    {"options": ["--unsafe_tactic_exec"]},
    {"options": ["--smt", "/tmp/evil"]},
    {"options": ["--prims", "Evil.fst"]},
    {"options": ["--ext", "evil:option=1"]},
    {"options": ["--warn_error", "-335"]},
    {"options": ["--warn_error=-335"]},
    {"options": ["@response"]},
    {"options": ["Other.fst"]},
    {"options": ["--proof_recovery"]},
    {"options": ["--z3rlimit"]},
    {"fstar_exe": "./evil.sh"},
]


@pytest.mark.parametrize("config", CONFIGURATIONS, ids=str)
def test_a_project_cannot_weaken_fstar(tmp_path, config, monkeypatch):
    if "fstar_exe" in config:
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{Path('/usr/bin')}")
        monkeypatch.delenv("FSTAR_EXE")
    project = tmp_path / "project"
    project.mkdir()
    (project / "P.fst.config.json").write_text(json.dumps(config))
    refused(check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()")))
    assert not fake_fstar.calls(tmp_path / "bin" / "fstar.exe")

    async def run() -> None:
        async with Supervisor() as supervisor:
            checker = FstarChecker(supervisor)
            obligation = await checker.select(project / "Cheat.fst", "wrong", {})
            await checker.open(obligation, LIMITS)

    with pytest.raises(InputError):
        asyncio.run(run())


def test_options_that_only_tune_the_solver_are_passed_on():
    given = ["--z3rlimit", "100", "--fuel", "2,4", "--z3cliopt", "smt.arith.nl=false", "--cache_dir", "x",
             "--z3version", "4.13.3", "--using_facts_from", "* -FStar.Seq", "--warn_error", "@0..1000-321+241",
             "--record_hints"]  # fmt: skip
    kept, problem = words(given)
    assert problem == ""
    assert "--cache_dir" not in kept
    assert "--record_hints" not in kept
    assert kept[:2] == ["--z3rlimit", "100"]


HONEST = ["()", "wrong n", "assert (twice n == n + n)", "if n = 0 then () else wrong (n - 1)",
          "match n with\n| 0 -> ()\n| _ -> wrong (n - 1);\n  assert_norm (1 + 1 == 2)",
          "let open FStar.Calc in calc (==) { n; == {} n; }", "assert (n == n) by (FStar.Tactics.V2.trefl ())",
          "let rec aux (k:nat) : Lemma (k >= 0) = if k = 0 then () else aux (k - 1) in aux n",
          "introduce forall (x:nat). x >= 0 with ()", "eliminate n == 0 \\/ n > 0 returns True with h. () and k. ()",
          "begin match n with | 0 -> () | _ -> () end", "FStar.Classical.forall_intro (fun (x:nat) -> wrong x)",
          '#push-options "--z3rlimit 40 --fuel 4 --ifuel 2"\n()']  # fmt: skip


@pytest.mark.parametrize("text", HONEST)
def test_honest_bodies_are_taken(tmp_path, text):
    scanned, hole = find(TRUE, "wrong", "Cheat.fst")
    given = understand(text)
    artefact = put(scanned, hole, given)
    found, again = take_apart(TRUE, hole, artefact, "Cheat.fst")
    assert again.text.split() == given.text.split()
    assert again.options == given.options
    assert len(found.holes) == len(scan(TRUE, "Cheat.fst").holes) - 1
    said = check(tmp_path, TRUE, "wrong", artefact)
    assert said.verdict is Verdict.PROVED, said.reason


def test_a_body_that_swallows_branches_is_not_taken_without_parentheses():
    source = "module Cheat\n\nlet f (n:nat) : Lemma (True) =\n  match n with\n  | 0 -> admit ()\n  | _ -> ()\n"
    _, hole = find(source, "f", "Cheat.fst")
    with pytest.raises(NotTheSource):
        take_apart(source, hole, body(source, "f", "match n with | 1 -> ()"), "Cheat.fst")
    found, _ = take_apart(source, hole, body(source, "f", "(match n with | 1 -> ())"), "Cheat.fst")
    assert found.source.text


@pytest.mark.fstar
@pytest.mark.skipif(shutil.which("fstar.exe") is None, reason="fstar.exe is not installed")
@pytest.mark.parametrize("text", ["()", "assert (twice n == n)", "wrong n", "if n = 0 then () else wrong (n - 1)"])
def test_the_real_fstar_does_not_prove_what_is_false(tmp_path, monkeypatch, text):
    monkeypatch.delenv("FSTAR_EXE")
    scanned, hole = find(SOURCE, "wrong", "Cheat.fst")
    refused(check(tmp_path, SOURCE, "wrong", put(scanned, hole, understand(text)), limits=Limits(300.0)))


@pytest.mark.fstar
@pytest.mark.skipif(shutil.which("fstar.exe") is None, reason="fstar.exe is not installed")
def test_the_real_fstar_proves_what_is_true(tmp_path, monkeypatch):
    monkeypatch.delenv("FSTAR_EXE")
    said = check(tmp_path, TRUE, "wrong", body(TRUE, "wrong", "()"), limits=Limits(300.0))
    assert said.verdict is Verdict.PROVED, said.reason
    assert Step("()").text == "()"
