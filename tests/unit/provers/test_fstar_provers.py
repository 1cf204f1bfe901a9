"""What the provers for F* propose."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.fstar import scan, scope, signature
from checkers.fstar.steps import understand
from lemmata.errors import Location
from lemmata.goal import Goal, GoalView, Obligation
from lemmata.step import Step
from provers.symbolic.fstar.portfolio import FstarPortfolioProver
from provers.symbolic.fstar.shapes import explicit_types, formula

SOURCE = """\
module M

type tree = | Leaf | Node : tree -> int -> tree -> tree

val comm : x:int -> y:int -> Lemma (x + y == y + x)
let comm x y = ()

let unit_lemma () : Lemma (True) = ()

val size_pos : t:tree -> Lemma (size t >= 0)
let rec size_pos t = admit ()

val rev_rev : l:list int -> Lemma (rev (rev l) == l)
let rec rev_rev l = admit ()

val by_nat : n:nat -> Lemma (ensures f n == n)
let rec by_nat n = admit ()

val ground : unit -> Lemma (2 + 2 == 4)
let ground () = admit ()

val larger : x:nat -> y:nat -> Tot (z:nat{z >= x})
let larger x y = admit ()

let kept (b:bool) : Lemma (True) =
  match b with
  | true -> admit ()
  | false -> admit ()
"""


def view(name: str, **changed: Any) -> GoalView:
    """Return a goal as a session shows it."""
    scanned, hole = scan.find(SOURCE, name, "M.fst")
    found = signature.of_hole(scanned, hole)
    details = {
        "name": hole.definition,
        "kind": hole.kind.value,
        "result": found.result,
        "parameters": [[p.name, p.type, p.implicit] for p in found.parameters],
        "scope": [],
        "tail": hole.tail,
        "recursive": scope.recursive(scanned, hole),
        "present": scope.present(scanned, hole),
        **changed,
    }
    goal = Goal("fstar", "it", (), "", details)
    obligation = Obligation("fstar", name, SOURCE, Location("M.fst", 1, 1))
    return GoalView(goal, obligation, context=scope.context(scanned, hole))


def proposals(seen: GoalView, n: int = 1000) -> list[str]:
    (found,) = asyncio.run(FstarPortfolioProver().propose([seen], n))
    assert all(p.log_probability <= 0 and p.step.kind == "definition" and p.prover == "fstar-portfolio" for p in found)
    return [p.step.text for p in found]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("comm", ["()"]),
        ("rev_rev", ["()", "match l with\n| [] -> admit ()\n| hd :: tl -> admit ()"]),
        ("rev_rev", ["match l with\n| [] -> ()\n| hd :: tl -> rev_rev tl"]),
        ("size_pos", ["match t with\n| Leaf -> admit ()\n| Node t0 t1 t2 -> admit ()"]),
        ("by_nat", ["if n = 0 then ()\nelse by_nat (n - 1)", "by_nat (n - 1)", "comm n n", "assert_norm (f n == n)"]),
        ("ground", ["assert_norm (2 + 2 == 4)", "unit_lemma ()"]),
        ("larger", ["x", "x + y", "0"]),
        ("kept", ["match b with\n| true -> admit ()\n| false -> admit ()"]),
    ],
)
def test_what_a_shape_suggests(name, wanted):
    found = proposals(view(name))
    for text in wanted:
        assert any(" ".join(text.split()) == " ".join(given.split()) for given in found), found[:20]


def test_the_solver_alone_is_tried_first_and_with_more_effort_too():
    found = proposals(view("rev_rev"))
    assert found[0] == "()"
    assert any(text.startswith("#push-options") and text.endswith("\n()") for text in found)


def test_in_a_branch_what_is_smaller_is_recurred_on():
    found = proposals(view("rev_rev", scope=["hd", "tl"], body="..."))
    assert "rev_rev tl" in found
    assert any(text.startswith("rev_rev tl;\n") for text in found)


def test_a_definition_that_is_not_recursive_calls_itself_nowhere():
    assert not any("larger " in text for text in proposals(view("larger")))


def test_where_something_follows_no_holes_are_left():
    assert not any("admit" in text for text in proposals(view("rev_rev", tail=False)))


def test_what_was_tried_is_not_proposed_again():
    seen = view("rev_rev")
    first = proposals(seen)
    tried = tuple(Step(text, "definition").key for text in first[:5])
    again = proposals(GoalView(seen.goal, seen.obligation, tried=tried, context=seen.context))
    assert again == first[5:]
    assert len(proposals(seen, 3)) == 3


@pytest.mark.parametrize("name", ["comm", "rev_rev", "size_pos", "by_nat", "ground", "larger", "kept"])
def test_everything_proposed_is_a_plain_body(name):
    for changed in ({}, {"scope": ["hd", "tl"]}):
        for text in itertools.islice(proposals(view(name, **changed)), 100):
            understand(text)


def test_goals_of_other_systems_are_left_alone():
    other = GoalView(Goal("coq", "True"), Obligation("coq", "x", "", Location("x.v")))
    assert asyncio.run(FstarPortfolioProver().propose([other], 5)) == [[]]


def test_types_of_parameters():
    assert explicit_types(": x:int -> #a:Type -> (l:list a) -> nat -> Lemma (True)") == ["int", "list a", "nat"]
    assert explicit_types("(x y:int) (#z:nat) () w : Lemma True") == ["int", "int", "unit", ""]
    assert formula("Lemma (a == b)") == "a == b"
    assert formula("Lemma (ensures a) (decreases b)") == ""
    assert formula("Lemma (requires a)") == ""


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_type_is_looked_at(text, name):
    details = {"name": name, "result": text, "parameters": [[name, text, False]], "recursive": True, "kind": "admit"}
    seen = GoalView(
        Goal("fstar", "x", (), "", details),
        Obligation("fstar", "x", "", Location("x.fst")),
        context={"heads": [{"name": "h", "type": text, "kind": "val"}], "types": []},
    )
    proposals(seen)
