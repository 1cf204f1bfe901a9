"""Templates of tactics, shapes of goals, and the counts of the one at the other."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import math
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from checkers.coq import installation
from checkers.process import Supervisor
from corpora.coq import counts as script
from corpora.coq.counts import Tally, claim, seen
from corpora.coq.replay import proofs
from lemmata.goal import GoalView
from lemmata.step import Step
from provers.symbolic.coq import counts
from provers.symbolic.coq.counts import OTHER, SCHEMA, Counts
from provers.symbolic.coq.portfolio import PortfolioProver, pattern
from provers.symbolic.coq.shapes import shapes
from provers.symbolic.coq.templates import alternatives, foreign, names, template
from provers.symbolic.coq.trees import read
from provers.symbolic.coq.views import View

GOAL = seen(
    "forall k : nat, eq (add n k) (add k n)",
    [["n", "nat"], ["IHn", "forall k : nat, eq (add n k) (add k n)"], ["H", "and P Q"], ["P", "Prop"], ["Q", "Prop"]],
)
FLAT = seen("eq n m", [["n", "nat"], ["m", "nat"], ["H", "eq n m"]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("intros", "intros"),
        ("intros a b", "intros"),
        ("intros [a b] c", "intros <pattern>"),
        ("apply IHn", "apply <hypothesis>"),
        ("apply (IHn 0)", "apply <hypothesis>"),
        ("apply plus_comm", "apply <lemma>"),
        ("apply (le_trans n m)", "apply <lemma>"),
        ("apply le_trans with (m := n)", "apply <lemma> with"),
        ("apply foo in H as [a b]", "apply <lemma> in <hypothesis>"),
        ("exact H", "exact <hypothesis>"),
        ("rewrite plus_comm", "rewrite <lemma>"),
        ("rewrite <- IHn", "rewrite <- <hypothesis>"),
        ("rewrite <-IHn, !plus_comm in H", "rewrite <- <hypothesis>, ... in <hypothesis>"),
        ("rewrite -> ?IHn in *", "rewrite <hypothesis> in *"),
        ("rewrite foo by lia", "rewrite <lemma> by"),
        ("now rewrite foo", "now rewrite <lemma>"),
        ("induction n as [|n IH]", "induction <variable>"),
        ("induction k using foo", "induction <variable> using"),
        ("destruct H as [H1 H2]", "destruct <hypothesis>"),
        ("destruct (le_lt_dec n k) eqn:E", "destruct <term> eqn"),
        ("destruct 1", "destruct <number>"),
        ("exists (S n)", "exists <term>"),
        ("exists n", "exists <variable>"),
        ("auto with arith", "auto with *"),
        ("auto with *", "auto with *"),
        ("eauto using foo, bar", "eauto using <lemma>"),
        ("simpl in *", "simpl in *"),
        ("simpl in H |- *", "simpl in <hypothesis>"),
        ("unfold foo in *", "unfold <name> in *"),
        ("assert (x = y) by lia", "assert"),
        ("pose proof (foo n)", "pose proof <lemma>"),
        ("intros; lia", "intros; lia"),
        ("induction n; simpl; intros; auto with *", "induction <variable>; auto with *"),
        ("split; [apply H | easy]", "split; ..."),
        ("intros; elim n; auto", "intros; ..."),
        ("(intros; auto)", "intros; auto"),
        ("do 2 rewrite foo", "do rewrite <lemma>"),
        ("[ auto | lia ]", "[...]"),
        ("", "(...)"),
        ("(((", "(...)"),
    ],
)
def test_templates(text: str, expected: str) -> None:
    assert template(text, names(GOAL)) == expected


def test_a_chain_counts_for_the_step_that_begins_it() -> None:
    known = names(GOAL)
    assert alternatives("split; auto", known) == ("split; auto", "split")
    assert alternatives("now apply H", known) == ("now apply <hypothesis>", "apply <hypothesis>")
    assert alternatives("split", known) == ("split",)


def test_names_are_things_or_facts() -> None:
    known = names(GOAL)
    assert known.variables == {"n", "k", "P", "Q"}
    assert known.assumptions == {"IHn", "H"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by apply foo", True),
        ("move=> x", True),
        ("apply: foo", True),
        ("rewrite -foo //", True),
        ("rewrite /foo", True),
        ("case: x => [|n]", True),
        ("rewrite -> foo", False),
        ("rewrite foo by lia", False),
        ("apply (f : A -> B)", False),
        ("assert (x = y) by lia", False),
        ("match goal with H : _ |- _ => apply H end", False),
    ],
)
def test_ssreflect_is_told_apart(text: str, expected: bool) -> None:
    assert foreign(text) is expected


def test_shapes_answer_the_same_questions_in_the_same_order() -> None:
    asked = [
        [answer.split("=")[0] for answer in shapes(goal)] for goal in (GOAL, FLAT, seen("", []), seen("False", []))
    ]
    assert all(questions == asked[0] for questions in asked)
    assert len(set(asked[0])) == len(asked[0])


def test_shapes_tell_goals_apart() -> None:
    assert {"goal=forall:equation", "first=nat", "cases=yes", "induction=yes", "assumed=no"} <= set(shapes(GOAL))
    assert {"goal=none:equation", "sides=atoms", "assumed=yes", "latest=equation"} <= set(shapes(FLAT))
    assert {"goal=implies:False", "kind=False"} <= set(shapes(seen("forall _ : eq a b, False", [])))
    assert "match=yes" in shapes(seen("eq (match x with | O => a | S n => b end) c", []))


def data() -> dict[str, Any]:
    tally = Tally(frozenset({": forall n, n = n"}))
    for _ in range(4):
        steps = [["intros", "forall n : nat, eq n n", []], ["auto", "eq n n", [["n", "nat"]]]]
        tally.add("Lib", [{"text": "Lemma a : x = y.", "steps": steps}])
    tally.add("Lib", [{"text": "Lemma refl : forall n, n = n.", "steps": [["easy", "eq n n", []]]}])
    tally.add("Lib", [{"text": "Lemma b : x = y.", "steps": [["by []", "eq n n", []], ["easy", "eq n n", []]]}])
    tally.add("Lib", [{"text": "Lemma c : x = y.", "steps": [["trivial", "eq n n", []]]}])
    return tally.data([{"library": "Lib", "package": "p", "version": "1"}], {"Lib/f.v": "why"}, least=2)


def test_what_is_counted_and_what_is_not() -> None:
    found = data()
    assert found["templates"] == {"intros": 4, "auto": 4, OTHER: 1}
    (source,) = found["sources"]
    assert source["proofs"] == 5
    assert source["proofs_of_standard_theorems"] == 1
    assert source["proofs_in_ssreflect"] == 1
    text = script.written(found)
    assert json.loads(text) == json.loads(json.dumps(found))
    assert text == script.written(json.loads(text))


def test_a_file_counts_up_to_a_number_of_steps() -> None:
    tally = Tally()
    proof = {"text": "Lemma a : x = y.", "steps": [["auto", "eq n n", []]] * 3}
    tally.add("Lib", [proof] * 5, most=4)
    assert tally.libraries["Lib"]["proofs"] == 2


def test_probabilities_depend_on_the_goal_and_sum_to_one() -> None:
    learnt = Counts(json.loads(script.written(data())))
    quantified = shapes(seen("forall n : nat, eq n n", []))
    flat = shapes(seen("eq n n", [["n", "nat"]]))
    assert learnt.log_probability("intros", quantified) > learnt.log_probability("auto", quantified)
    assert learnt.log_probability("intros", flat) < learnt.log_probability("auto", flat)
    for kind in (quantified, flat, ("goal=never seen",), ()):
        assert sum(math.exp(learnt.log_probability(t, kind)) for t in ("intros", "auto", OTHER)) == pytest.approx(1)
    assert learnt.log_probability("never seen", flat) == learnt.log_probability(OTHER, flat)
    assert learnt.knows("intros")
    assert not learnt.knows("never seen")


def test_counts_of_another_schema_are_refused() -> None:
    with pytest.raises(ValueError, match="schema"):
        Counts({"schema": "lemmata/coq-counts/0"})


def test_the_counts_that_come_with_the_package() -> None:
    path = Path(counts.__file__).with_name("counts.json")
    found = json.loads(path.read_text("utf-8"))
    assert found["schema"] == SCHEMA
    assert path.stat().st_size < 200_000
    assert path.read_text("utf-8") == script.written(found)
    assert found["totals"]["steps"] == sum(source["steps"] for source in found["sources"])
    assert all(source["version"] != "unknown" for source in found["sources"])
    assert "libcoq-stdlib" not in {source["package"] for source in found["sources"]}
    quantified, flat = shapes(GOAL), shapes(FLAT)
    assert counts.log_probability("intros", quantified) > -2
    assert counts.log_probability("intros", quantified) > counts.log_probability("intros", flat)
    conjunction = shapes(seen("and P Q", []))
    assert counts.log_probability("split", conjunction) > counts.log_probability("split", flat) + 1


def test_an_estimate_takes_microseconds() -> None:
    kind = shapes(GOAL)
    templates = [
        f"{a}; {b}" for a, b in itertools.product(("intros", "split", "simpl", "auto"), ("auto", "lia", "easy"))
    ]
    best = math.inf
    for _ in range(5):
        fresh = (*kind, f"only={time.monotonic_ns()}")
        began = time.perf_counter()
        for name in templates * 10:
            counts.log_probability(name, fresh)
        best = min(best, (time.perf_counter() - began) / 120)
    assert best < 50e-6


def _ranked(goal: View, *there: str) -> dict[str, int]:
    view = GoalView(goal.view.goal, goal.view.obligation, context={"tactics": list(there)})
    (proposals,) = asyncio.run(PortfolioProver().propose([view], 200))
    scores = [proposal.log_probability for proposal in proposals]
    assert scores == sorted(scores, reverse=True)
    assert all(score < 0 for score in scores)
    assert len({Step(proposal.step.text).key for proposal in proposals}) == len(proposals)
    return {proposal.step.text: rank for rank, proposal in enumerate(proposals)}


def test_the_portfolio_ranks_by_the_goal() -> None:
    quantified, flat = _ranked(GOAL), _ranked(FLAT)
    assert quantified["intros"] < 3
    assert "intros" not in flat
    assert flat["reflexivity"] < 20
    conjunction = _ranked(seen("and P Q", [["P", "Prop"], ["Q", "Prop"]]))
    assert conjunction["split"] < 10
    assert "lia" in _ranked(FLAT, "lia")
    assert "lia" not in flat


def test_patterns_take_assumptions_apart() -> None:
    assert pattern(read("and A (ex (fun x : nat => or B C))")) == "[? [? [? | ?]]]"
    assert pattern(read("ex P")) == "[? ?]"
    assert pattern(read("False")) == "[]"
    assert pattern(read("le n m")) == "?"


def test_claims_leave_kinds_and_names_out() -> None:
    assert claim("Lemma  plus_0 n :\n n + 0 = n.") == claim("#[local] Theorem p n : n + 0 = n.")
    assert claim("Lemma a : P.") != claim("Lemma a : Q.")


needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")


@needs_coq
def test_a_library_is_replayed_and_counted(tmp_path: Path) -> None:
    root = tmp_path / "Mine"
    root.mkdir()
    (root / "Good.v").write_text(
        "Lemma a : forall n : nat, n = n /\\ True.\nProof.\n intros n. split.\n - reflexivity.\n - exact I.\nQed.\n"
    )
    (root / "Bad.v").write_text("Lemma b : True.\nProof.\n nonsense.\nQed.\n")
    (root / "None.v").write_text("Definition x := 0.\n")
    out, kept = tmp_path / "counts.json", tmp_path / "steps.jsonl"
    arguments = [str(root), "--out", str(out), "--steps", str(kept), "--least", "1"]
    log = io.StringIO()
    assert script.main(arguments, io.StringIO(), log) == 0
    found = json.loads(out.read_text())
    assert found["templates"] == {"intros": 1, "split": 1, "reflexivity": 1, "exact <lemma>": 1}
    assert list(found["skipped"]) == ["Mine/Bad.v"]
    assert "nonsense" in found["skipped"]["Mine/Bad.v"]
    assert found["totals"] == {"files": 1, "proofs": 1, "steps": 4}
    first = out.read_text()
    assert len(kept.read_text().splitlines()) == 2
    assert script.main(arguments, io.StringIO(), io.StringIO()) == 0
    assert out.read_text() == first
    assert len(kept.read_text().splitlines()) == 2


@needs_coq
def test_proofs_of_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "Whole.v"
    file.write_text("Lemma a : True.\nProof. exact I. Qed.\nLemma b : True /\\ True.\nProof. split; exact a. Qed.\n")

    async def found() -> list[dict[str, object]]:
        async with Supervisor() as supervisor:
            return await proofs(supervisor, installation.find(), file, tmp_path)

    steps = [proof["steps"] for proof in asyncio.run(found())]
    assert steps == [[["exact I", "True", []]], [["split; exact a", "and True True", []]]]


@needs_coq
def test_the_standard_library_is_refused(tmp_path: Path) -> None:
    theories = installation.find().where / "theories" / "Lists"
    log = io.StringIO()
    assert script.main([str(theories), "--out", str(tmp_path / "c.json")], io.StringIO(), log) == 2
    assert "standard library" in log.getvalue()
    assert script.main([str(tmp_path), "--out", str(tmp_path / "c.json")], io.StringIO(), log) == 2
