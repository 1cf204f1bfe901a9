"""Goals to ask about."""

from __future__ import annotations

from typing import Any

from lemmata.errors import Location
from lemmata.goal import Failure, Goal, GoalView, Hypothesis, Obligation

COQ = """Require Import List.

Lemma first : True.
Proof. exact I. Qed.

Lemma rev_snoc (l : list nat) (x : nat) : rev (l ++ x :: nil) = x :: rev l.
Proof.
Admitted.
"""
LEAN = """import Mathlib

theorem easy : 1 = 1 := by rfl

theorem swap (p q : Prop) (h : p ∧ q := by assumption) : q ∧ p := by
  sorry
"""
ISABELLE = """theory T imports Main begin
lemma app_nil: "xs @ [] = xs"
  sorry
end
"""
FSTAR = """module T

val twice : n:nat -> Lemma (n + n == 2 * n)
let twice n = admit ()
"""
C = """int main(void)
{
    int n = unknown_int();
    int i = 0;
    while (i < n) {
        int j = 0;
        while (j < i) { j++; }
        i++;
    }
    assert(i == n);
    return 0;
}
"""
_SOURCES = {
    "coq": (COQ, "rev_snoc", Location("T.v", 6, 1)),
    "lean": (LEAN, "swap", Location("T.lean", 5, 1)),
    "isabelle": (ISABELLE, "app_nil", Location("T.thy", 2, 1)),
    "fstar": (FSTAR, "twice", Location("T.fst", 4, 15)),
    "programs": (C, "main", Location("t.c", 1, 5)),
}
SYSTEMS = tuple(_SOURCES)
_CUTS: list[dict[str, Any]] = [
    {"name": "entry", "kind": "entry", "line": 1, "column": 5, "variables": [], "hints": []},
    {"name": "L1", "kind": "loop", "line": 5, "column": 5, "hints": [],
     "variables": [["i", "Int", "i", True], ["n", "Int", "n", True]]},
    {"name": "L2", "kind": "loop", "line": 7, "column": 9, "hints": [],
     "variables": [["i", "Int", "i", True], ["j!1", "Int", "j", True]]},
]  # fmt: skip


def view(
    system: str,
    conclusion: str = "C",
    hypotheses: tuple[tuple[str, str], ...] = (),
    *,
    depth: int = 1,
    failures: tuple[Failure, ...] = (),
    tried: tuple[str, ...] = (),
    details: dict[str, Any] | None = None,
) -> GoalView:
    """Return a goal of a small file."""
    source, name, place = _SOURCES[system]
    obligation = Obligation(system, name, source, place)
    goal = Goal(system, conclusion, tuple(Hypothesis(*pair) for pair in hypotheses), "", details or {})
    context = {"system": {"cuts": _CUTS}} if system == "programs" else {}
    return GoalView(goal, obligation, depth, tried, context, failures)
