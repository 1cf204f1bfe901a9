"""Artefacts of Isabelle proofs: how they are written, and how they are taken apart again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.isabelle import copies
from checkers.isabelle.artefact import NotTheSource, artefact, script, take_apart
from checkers.isabelle.audit import NoAnswer
from checkers.isabelle.scan import find, holes, is_open
from checkers.isabelle.steps import NotAStep
from lemmata.step import Step

HEADER = "theory T imports Main begin\n"
BRANCHING = [Step("apply (induct xs)", subgoals=2), Step("by simp", subgoals=0), Step("by auto", subgoals=0)]


def put(body: str, name: str, steps: list[Step]) -> str:
    source = f"{HEADER}{body}\nend\n"
    hole = find(source, name, "T.thy")
    text = artefact(source, hole, steps)
    assert take_apart(source, hole, text, "T.thy")
    return text.removeprefix(HEADER).removesuffix("\nend\n")


@pytest.mark.parametrize(
    ("body", "name", "steps", "wanted"),
    [
        ('lemma a: "x" sorry', "a", [Step("by simp", subgoals=0)], 'lemma a: "x" by simp'),
        ('lemma a: "x"\n  sorry', "a", [Step("by simp", subgoals=0)], 'lemma a: "x"\n  by simp'),
        ('lemma a: "x" by auto', "a", [Step("by simp", subgoals=0)], 'lemma a: "x"\n  by simp'),
        ('lemma a: "x" oops', "a", [Step("apply simp", subgoals=0)], 'lemma a: "x"\n  apply simp\n  done'),
        (
            'lemma a: "x"\n  sorry',
            "a",
            BRANCHING,
            'lemma a: "x"\n  apply (induct xs)\n   subgoal by simp\n   subgoal by auto\n  done',
        ),
        (
            '  lemma a: "x" sorry',
            "a",
            [Step("unfolding x", subgoals=1), Step("by simp", subgoals=0)],
            '  lemma a: "x"\n    unfolding x\n    by simp',
        ),
        (
            'lemma a: "x" proof -\n  have y sorry\n  show ?thesis sorry\nqed',
            "a#2",
            [Step("by simp", subgoals=0)],
            'lemma a: "x" proof -\n  have y sorry\n  show ?thesis by simp\nqed',
        ),
        (
            'lemma a: "x" proof -\n  show ?thesis sorry\nqed',
            "a#1",
            [Step("apply auto", subgoals=1), Step("apply simp", subgoals=0)],
            'lemma a: "x" proof -\n  show ?thesis\n    apply auto\n    apply simp\n    done\nqed',
        ),
    ],
)
def test_a_proof_takes_the_place_of_the_hole(body: str, name: str, steps: list[Step], wanted: str) -> None:
    assert put(body, name, steps) == wanted


def test_behind_a_branch_every_step_is_kept_to_its_goal() -> None:
    steps = [
        Step("apply (rule conjI)", subgoals=2),
        Step("apply (cases x)", subgoals=2),
        Step("by simp", subgoals=0),
        Step("apply auto", subgoals=1),
        Step("apply simp", subgoals=0),
        Step("by blast", subgoals=0),
    ]
    assert script(steps, 0).split("\n") == [
        "apply (rule conjI)",
        " apply (cases x)[1]",
        "  subgoal by simp",
        "  apply (auto)[1]",
        "  apply (simp)[1]",
        " subgoal by blast",
        "done",
    ]


def test_where_branches_are_not_known_every_step_is_kept_to_one_goal() -> None:
    assert script([Step("apply simp"), Step("by auto")], 2) == "  apply (simp)[1]\n  subgoal by auto\n  done"


@pytest.mark.parametrize("text", ["sorry", "by simp sorry", 'ML "x"', "sledgehammer"])
def test_no_artefact_of_what_is_no_step(text: str) -> None:
    with pytest.raises(NotAStep):
        put('lemma a: "x" sorry', "a", [Step(text, subgoals=0)])


SOURCE = f'{HEADER}lemma a: "x"\n  sorry\n\nlemma b: "y" by simp\nend\n'
CHEATS = [
    "sorry",
    "oops",
    "by simp sorry",
    "by simp oops",
    'by simp\nlemma c: "z" by simp',
    'oops\nlemma a: "True" by simp',
    "by simp (* x",
    "by simp (* x *)",
    'by simp "',
    "by simp \\<open>",
    "apply simp",
    "apply (tactic \\<open>Skip_Proof.cheat_tac\\<close>)\n  done",
    "ML_prf \\<open>x\\<close> by simp",
    "using [[quick_and_dirty]] by simp",
    "by eval",
    "declare [[quick_and_dirty]] by simp",
    "by simp end theory T imports Main begin",
    "",
    "by simp by simp",
    "proof - show ?thesis sorry qed",
    "proof -",
    "by simp\naxiomatization where c: False",
    "by simp\\<comment>",
    "bysimp",
    "xby simp",
]


@pytest.mark.parametrize("proof", CHEATS)
def test_what_is_more_than_a_proof_is_refused(proof: str) -> None:
    hole = find(SOURCE, "a", "T.thy")
    with pytest.raises(NotTheSource):
        take_apart(SOURCE, hole, SOURCE[: hole.start] + proof + SOURCE[hole.end :], "T.thy")


@pytest.mark.parametrize("name", ["a", "b"])
def test_the_rest_has_to_be_the_source(name: str) -> None:
    hole = find(SOURCE, name, "T.thy")
    good = artefact(SOURCE, hole, [Step("by simp", subgoals=0)])
    take_apart(SOURCE, hole, good, "T.thy")
    for old, new in [
        ('"x"', '"True"'),
        ("imports Main", "imports Pure"),
        ("end\n", "end\n(* *)\n"),
        ("lemma b", "lemma"),
    ]:
        with pytest.raises(NotTheSource):
            take_apart(SOURCE, hole, good.replace(old, new), "T.thy")


def test_a_name_that_runs_into_the_proof_is_no_proof() -> None:
    source = f'{HEADER}lemma a: "x" unfolding b sorry\nend\n'
    hole = find(source, "a", "T.thy")
    with pytest.raises(NotTheSource):
        take_apart(source, hole, source.replace(" sorry", "by simp"), "T.thy")


STEPS = st.lists(
    st.sampled_from(
        ["by simp", "apply auto", "apply (induct xs)", "proof -\n  show ?thesis by simp\nqed", "by (auto)"]
    ),
    min_size=1,
    max_size=6,
)
BODIES = [
    'lemma a: "x" sorry',
    'lemma a: "x"\n  apply simp\n  sorry',
    'lemma "x" oops lemma b: "y" by simp',
    'locale l begin\n  lemma a: "x" proof -\n    have y sorry\n    then show ?thesis sorry\n  qed\nend',
    'lemma a: "x" proof cases case 1 show ?thesis sorry next case 2 show ?thesis sorry qed',
]


@given(STEPS, st.sampled_from(BODIES))
def test_whatever_is_written_can_be_taken_apart(texts: list[str], body: str) -> None:
    source = f"{HEADER}{body}\nend\n"
    for hole in filter(is_open, holes(source, "T.thy")):
        text = artefact(source, hole, [Step(one) for one in texts])
        take_apart(source, hole, text, "T.thy")
        if hole.goal:
            made = copies.make(source, hole, text, [], "T.thy")
            assert made.question in made.proved
            assert made.question in made.stated
            strict = made.proved[made.proved.index("quick_and_dirty = false") :]
            assert "sorry" not in strict.split()


def test_the_copies_end_behind_the_theorem_and_close_other_holes() -> None:
    proof = "proof -\n have y sorry\n show ?thesis sorry qed"
    source = f'{HEADER}locale l begin\nlemma "x" {proof}\nlemma z: "w" sorry\nend\nend\n'
    hole = find(source, "lemma@3#2", "T.thy")
    made = copies.make(source, hole, artefact(source, hole, [Step("by simp", subgoals=0)]), [], "T.thy")
    (axiom,) = made.further
    lemma = axiom.replace("Lemmata_Hole", "lemmata_hole")
    assert f"imports Main {axiom} begin" in made.proved
    assert (
        f'lemma {made.theorem}:  "x"\n proof -\n have y by - (rule {lemma})+\n show ?thesis by simp qed' in made.proved
    )
    assert made.proved.endswith(f"{made.question}\nend\nend\n")
    assert "lemma z" not in made.proved
    assert f'lemma {made.theorem}:  "x"\n  using [[quick_and_dirty]] sorry\n{made.question}' in made.stated
    assert made.other_holes


@pytest.mark.parametrize("body", ['schematic_goal a: "?x" sorry', "instance proof show x sorry qed"])
def test_what_states_no_fixed_theorem_cannot_be_audited(body: str) -> None:
    source = f"{HEADER}{body.replace('instance', 'instance nat :: foo')}\nend\n"
    (hole,) = filter(is_open, holes(source, "T.thy"))
    with pytest.raises(NoAnswer):
        copies.make(source, hole, artefact(source, hole, [Step("by simp", subgoals=0)]), [], "T.thy")
