"""Goals as Coq prints them, read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.coq.goals import Display, Printed, display, existentials, printed
from lemmata.goal import Hypothesis

RULE = "  ============================\n"

TWO = """\
2 goals (ID 7)

  A : Type
  x, y : A
  l := x :: nil : list A
  H : x = y ->
      y = x
  ============================
  rev l = l

goal 2 (ID 9) is:
 length l =
 1
"""


def test_hypotheses_and_other_goals() -> None:
    seen = display(TWO)
    assert seen == Display(
        2,
        Printed(
            (
                Hypothesis("A", "Type"),
                Hypothesis("x", "A"),
                Hypothesis("y", "A"),
                Hypothesis("l", ":= x :: nil : list A"),
                Hypothesis("H", "x = y -> y = x"),
            ),
            "rev l = l",
        ),
        ("length l = 1",),
        0,
        False,
    )


@pytest.mark.parametrize("name", ["x", "x'", "_x", "α", "été", "x₁", "H0'", "ℕx"])
def test_names(name: str) -> None:
    seen = printed(f"  {name}, y : nat\n{RULE}  {name} = y\n")
    assert seen is not None
    assert seen.hypotheses == (Hypothesis(name, "nat"), Hypothesis("y", "nat"))


def test_a_rule_within_a_string_is_none() -> None:
    seen = printed(f'  s : "a ==== b : c" = "=========="\n{RULE}  "==========" = s\n')
    assert seen == Printed((Hypothesis("s", '"a ==== b : c" = "=========="'),), '"==========" = s')


def test_a_string_with_line_ends_stays_whole_enough_to_be_used() -> None:
    seen = printed(f'  s : "a\n  H : b" = t\n{RULE}  s = t\n')
    assert seen is not None
    assert seen.hypotheses[0].name == "s"
    assert seen.conclusion == "s = t"


def test_a_goal_without_hypotheses() -> None:
    assert display("1 goal\n  \n" + RULE + "  True\n") == Display(1, Printed((), "True"), (), 0, False)


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("No more goals.\n", True),
        ("No more goals.\n\n(dependent evars: ...)", True),
        ("This subproof is complete, but there are some unfocused goals.\n\n2 goals\n\ngoal 1 is:\n True", True),
        ("No more goals, but there are some goals you gave up:\n\ngoal 1 is:\n 1 = 2\n", False),
        ("No more goals, but there are non-instantiated existential variables:\n\n?n : [ |- nat]\n", False),
        ("This subproof is complete, but there are some unfocused goals. (shelved: 1)\n", False),
        ('\nThis subproof is complete.\nTry unfocusing with "}".\n\n1 goal (shelved: 1)\n\ngoal 1 is:\n True\n', False),
    ],
)
def test_nothing_in_focus(text: str, complete: bool) -> None:
    seen = display(text)
    assert seen is not None
    assert (seen.count, seen.first, seen.complete) == (0, None, complete)


def test_goals_that_were_given_up_before() -> None:
    seen = display(
        "No more goals, but there are some goals you gave up:\n\n2 goals\n\ngoal 1 is:\n Q\ngoal 2 is:\n P\n"
    )
    assert seen is not None
    assert [seen.done(n) for n in range(4)] == [False, False, True, True]
    seen = display("No more goals, but there are some goals you gave up:\n\n1 goal (shelved: 1)\n\ngoal 1 is:\n Q\n")
    assert seen is not None
    assert not seen.done(5)


def test_shelved_goals_are_counted() -> None:
    seen = display("1 goal (ID 4) (shelved: 2)\n  \n" + RULE + "  P ?x\n")
    assert seen is not None
    assert (seen.count, seen.shelved, seen.complete) == (1, 2, False)


def test_what_a_goal_says_of_the_shelf_does_not_count() -> None:
    seen = display(f'1 goal\n  \n  s : "(shelved: 5)" = t\n{RULE}  "No more goals" = ?a\n')
    assert seen is not None
    assert (seen.count, seen.shelved) == (1, 0)


def test_no_goals_at_all() -> None:
    assert display("") is None
    assert display("x is defined\n") is None
    assert printed("x : nat") is None


@pytest.mark.parametrize(
    ("text", "expected"), [("x = ?y", True), ("?Goal0", True), ("a?b", False), ("x' = ?y'", True), ("??", False)]
)
def test_existentials(text: str, expected: bool) -> None:
    assert existentials(text) is expected


names = st.from_regex(r"[a-zα-ω_][a-zA-Z0-9_']{0,5}", fullmatch=True)
pieces = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30)
types = pieces.map(lambda text: " ".join(text.split()) or "T").filter(lambda text: "=" * 10 not in text)
groups = st.tuples(st.lists(names, min_size=1, max_size=3), st.booleans(), types)


@given(st.lists(groups, max_size=5), types, st.lists(types, max_size=3))
def test_what_is_printed_is_read(hypotheses: list[tuple[list[str], bool, str]], goal: str, others: list[str]) -> None:
    lines = [f"  {', '.join(names)} {':=' if body else ':'} {text}\n" for names, body, text in hypotheses]
    more = [f"\ngoal {i} is:\n {text}\n" for i, text in enumerate(others, 2)]
    seen = display(f"{len(others) + 1} goals\n  \n{''.join(lines)}{RULE}  {goal}\n{''.join(more)}")
    expected = [Hypothesis(name, (":= " if body else "") + text) for names, body, text in hypotheses for name in names]
    assert seen is not None
    assert seen.first == Printed(tuple(expected), goal)
    assert seen.others == tuple(others)


PARTS = [
    RULE,
    "1 goal\n",
    "2 goals\n",
    "goal 2 is:\n",
    "  x : ",
    "  y, z := ",
    "No more goals.",
    "(shelved: 3)",
    "\n",
    "\n\n",
]


@given(st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=20)), max_size=20).map("".join))
def test_no_text_is_too_much(text: str) -> None:
    display(text)
    printed(text)
    existentials(text)
