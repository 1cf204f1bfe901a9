"""The provers on top of retrieval: plain steps for every system, and a proof in Coq that needs a lemma in scope."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("bm25s", reason="bm25s is not installed")

from checkers.coq import installation, loading
from checkers.coq.session import CoqSession
from checkers.coq.tactics import plain
from checkers.process import Supervisor
from lemmata.events import Event
from lemmata.goal import Goal, GoalView, Hypothesis, Location, Obligation
from lemmata.step import Proposal, Step
from lemmata.verdict import Limits, Verdict, Verification
from provers.retrieval import Retriever, retrieve
from provers.retrieval.provers import Bm25PremisesProver
from search.budget import Budget
from search.engine import Engine
from search.executors.local import HostedProver, Hosting

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")

COQ: dict[str, Any] = {
    "premises": [
        ["plus_n_O", "forall n : nat, eq n (Nat.add n O)"],
        ["app_nil_r", "forall (A : Type) (l : list A), eq (app l nil) l"],
        ["twice_even", "forall n : nat, even (Nat.add n n)"],
        ["it", "forall n : nat, even (Nat.add n n)"],
        ["not a name; Qed", "even"],
        ["half", "forall (n : nat) (_ : even n), ex (fun m => eq n (Nat.add m m))"],
    ],
    "theorem": "it",
}
LEAN_SOURCE = """\
theorem Foo.sum_comm (a b : Nat) : a + b = b + a := by omega
namespace Foo
theorem prod_zero (a : Nat) : a * 0 = 0 := rfl
end Foo
theorem it (x y : Nat) : x + y = y + x := by
  sorry
"""


def coq(conclusion: str, above: tuple[tuple[str, str], ...] = (), context: dict[str, Any] | None = None) -> GoalView:
    details = {"plain": conclusion, "hypotheses": [list(pair) for pair in above]}
    goal = Goal("coq", conclusion, tuple(Hypothesis(*pair) for pair in above), "", details)
    source = f"Theorem it : True. (* {conclusion!r} *)"
    obligation = Obligation("coq", "it", source, Location("It.v", 1, 1))
    return GoalView(goal, obligation, context=COQ if context is None else context)


def lean() -> GoalView:
    obligation = Obligation("lean", "it", LEAN_SOURCE, Location("It.lean", 5, 1))
    context = {"imports": ["Lib.Basic"], "theorems": ["Foo.sum_comm", "Foo.prod_zero"], "theorem": "it"}
    goal = Goal("lean", "x + y = y + x", (Hypothesis("x", "Nat"), Hypothesis("y", "Nat")))
    return GoalView(goal, obligation, context=context)


def propose(view: GoalView, n: int = 40) -> list[Proposal]:
    return asyncio.run(Bm25PremisesProver().propose([view], n))[0]


def texts(view: GoalView, n: int = 400) -> list[str]:
    return [proposal.step.text for proposal in propose(view, n)]


def test_what_fits_is_proposed_first() -> None:
    found = texts(coq("forall n : nat, even (Nat.add n n)"))
    assert found[0] == "intros; apply twice_even"
    assert "apply twice_even" in found
    assert all(plain(text) == text for text in found)
    assert not any("Qed" in text or "apply it" in text for text in found)
    above = (("k", "nat"), ("H", "even k"))
    assert "apply half in H" in texts(coq("ex (fun m => eq k (Nat.add m m))", above))


def test_what_was_tried_is_not_proposed_again() -> None:
    view = coq("forall n : nat, even (Nat.add n n)")
    first = propose(view)[0].step
    assert first not in [p.step for p in propose(dataclasses.replace(view, tried=(first.key,)))]


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["coq", "lean", "isabelle", "fstar", "smt"]),
    st.one_of(st.text(max_size=60), st.sampled_from(["eq (Nat.add n n) O", "x + y = y + x", "Lemma (x + y == y + x)"])),
    st.dictionaries(
        st.sampled_from(["premises", "theorems", "lemmas", "heads", "imports", "theorem"]),
        st.one_of(
            st.text(max_size=5),
            st.lists(
                st.one_of(st.text(max_size=8), st.lists(st.text(max_size=12), min_size=2, max_size=2)), max_size=4
            ),
            st.lists(st.fixed_dictionaries({"name": st.sampled_from(["f", "g.h", "1"]), "type": st.text(max_size=20)})),
        ),
    ),
    st.integers(0, 30),
)
def test_any_goal_gets_clean_proposals(system: str, conclusion: str, context: dict[str, Any], n: int) -> None:
    details = {"plain": conclusion, "result": conclusion, "parameters": [["x", "nat", False]]}
    goal = Goal(system, conclusion, (Hypothesis("x", "nat"),), "", details)
    view = GoalView(goal, Obligation(system, "it", conclusion, Location("It")), context=context)
    found = propose(view, n)
    assert len(found) <= n
    assert found == propose(view, n)
    for proposal in found:
        assert math.isfinite(proposal.log_probability)
        assert proposal.log_probability <= 0
        assert proposal.step.text.strip()
        assert proposal.step.kind == ("definition" if system == "fstar" else "tactic")


def test_statements_of_lean_and_isabelle_come_from_the_file() -> None:
    found = {p.name: p.statement for p in Retriever().retrieve(lean(), 5)}
    assert found["Foo.sum_comm"] == "(a b : Nat) : a + b = b + a"
    assert next(iter(found)) == "Foo.sum_comm"
    assert {"exact Foo.sum_comm", "rw [Foo.sum_comm]", "simp [Foo.sum_comm]"} <= set(texts(lean()))
    source = 'lemma map_twice[simp]: "map f (map g xs) = map (f o g) xs"\n  by simp\nlemma it: "map g xs = ys"\nsorry\n'
    obligation = Obligation("isabelle", "it", source, Location("It.thy", 3, 1))
    view = GoalView(Goal("isabelle", "map g xs = ys"), obligation, context={"lemmas": ["map_twice"]})
    (premise,) = Retriever().retrieve(view, 3)
    assert premise.statement == '"map f (map g xs) = map (f o g) xs"'
    assert {"by (metis map_twice)", "by (auto simp: map_twice)"} <= set(texts(view))


def test_lemmas_of_fstar_are_called() -> None:
    heads = [{"name": "sum_comm", "type": ": x:nat -> y:nat -> Lemma (plus x y == plus y x)", "kind": "val"}]
    details = {"name": "it", "result": "Lemma (plus a b == plus b a)", "parameters": [["a", "nat", 0], ["b", "nat", 0]]}
    goal = Goal("fstar", "it", (), "", details)
    view = GoalView(goal, Obligation("fstar", "it", "", Location("It.fst")), context={"heads": heads})
    assert texts(view)[0] == "sum_comm a b"


def test_a_corpus_adds_what_is_imported_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        {
            "path": f"Lib/{name}.lean",
            "imports": [],
            "premises": [
                {
                    "full_name": f"Lib.{name}.add_swap",
                    "code": "theorem add_swap : x + y = y + x",
                    "start": [1, 1],
                    "end": [2, 1],
                }
            ],
        }
        for name in ("Basic", "Other")
    ]
    path = tmp_path / "corpus.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    monkeypatch.setenv("LEMMATA_PREMISES", str(path))
    found = texts(lean())
    assert "rw [Lib.Basic.add_swap]" in found
    assert not any("Lib.Other" in text for text in found)


def test_prompts_get_at_most_what_they_ask_for() -> None:
    view = coq("even (Nat.add n n)")
    assert [p.name for p in retrieve(view, 1)] == ["twice_even"]
    assert retrieve(view, 0) == []
    assert len(retrieve(view, 99)) <= len(COQ["premises"])


ABOVE = """\
Inductive odd_sum : nat -> nat -> Prop := base : odd_sum 0 1 | more : forall a b, odd_sum a b -> odd_sum (S a) (S b).
Lemma odd_sum_next : forall a, odd_sum a (S a).
Proof. induction a; constructor; assumption. Qed.
Definition far (a b : nat) : Prop := exists c, odd_sum a c /\\ odd_sum c b.
Lemma far_next : forall a b c, odd_sum a b -> odd_sum b c -> far a c.
Proof. intros a b c H G. exists b. split; assumption. Qed.
"""


class _Sink:
    def emit(self, event: Event) -> None:
        pass


@needs_coq
def test_coq_proves_with_a_lemma_in_scope_and_this_prover_alone() -> None:
    source = f"{ABOVE}Theorem it : forall n, far (n + 2) (S (S (n + 2))).\nProof.\nAdmitted.\n"
    line = source.count("\n", 0, source.index("Theorem it")) + 1
    obligation = Obligation("coq", "it", source, Location("It.v", line, 1), (("arguments", "[]"), ("top", "It")))

    async def run() -> tuple[Any, list[Step]]:
        async with Supervisor() as supervisor:
            found = installation.find()
            limits = Limits(None, None, 4 << 30, 64 << 20)
            session = await CoqSession.start(supervisor, found, loading.load(obligation, found), limits)
            proof: list[Step] = []

            async def verify(steps: list[Step]) -> Verification:
                proof[:] = steps
                good = await session.accepts(steps, Limits(wall_seconds=10))
                return Verification(Verdict.PROVED if good else Verdict.ERROR)

            try:
                engine = Engine(
                    obligation,
                    session,
                    [Bm25PremisesProver()],
                    budget=Budget(seconds=60),
                    sink=_Sink(),
                    verify=verify,
                    step_limits=Limits(wall_seconds=5),
                )
                return (await engine.run()).verdict, proof
            finally:
                await session.close()

    verdict, proof = asyncio.run(run())
    assert verdict is Verdict.PROVED
    assert any("far_next" in step.text or "odd_sum_next" in step.text for step in proof)


def test_it_works_in_a_child_under_the_usual_limits() -> None:
    async def run() -> list[list[Proposal]]:
        async with Supervisor() as supervisor:
            prover = HostedProver(
                "premises-bm25",
                "provers.retrieval.provers:Bm25PremisesProver",
                ("coq",),
                supervisor,
                Hosting(Limits(wall_seconds=60, memory_bytes=2 << 30), 1),
            )
            try:
                return await prover.propose([coq("forall n : nat, even (Nat.add n n)"), lean()], 30)
            finally:
                await prover.close()

    first, second = asyncio.run(run())
    assert first == propose(coq("forall n : nat, even (Nat.add n n)"), 30)
    assert second == propose(lean(), 30)
