"""Which assertions of proved programs are reached: a run shows it, the invariants exclude it, or nothing is known."""

from __future__ import annotations

import pytest

from checkers.programs.reach import reachability
from checkers.programs.unit import load

HEAD = "int unknown_int(void);\n"


def found(text: str, name: str = "main", seconds: float = 10.0) -> dict[int, str]:
    """Return what is said of the assertions, by line; the program's own `assume`s and types are all that is known."""
    loaded = load({"text": HEAD + text, "file": "a.c", "name": name, "int_width": ""})
    invariants = {cut.name: list(cut.facts) for cut in loaded.system.loops}
    return {answer.location.line: answer.reach.value for answer in reachability(loaded, invariants, seconds)}


def test_a_run_reaches_it() -> None:
    assert found("int main(void) { int x = unknown_int(); assert(x == x + 0); }") == {2: "reached"}


@pytest.mark.parametrize(
    "body",
    [
        "while (1) { } assert(0);",
        "return 0; assert(1);",
        "int x = unknown_int(); if (x > 3 && x < 3) assert(x == 1);",
        "int x = unknown_int(); assume(x > 3); if (x == 2) assert(x == 1);",
        "abort(); assert(1);",
        "unsigned u = unknown_int(); while (unknown_int()) u = 7; if (u < 0) assert(u == 7);",
    ],
)
def test_nothing_can_reach_it(body: str) -> None:
    assert found(f"int main(void) {{ {body} }}") == {2: "never"}


def test_values_are_searched_for() -> None:
    assert found("int main(void) { int x = unknown_int(); if (x * 3 == 370368) assert(x > 0); }") == {2: "reached"}


def test_what_needs_an_invariant_that_was_not_found_stays_open() -> None:
    text = "int main(void) { int i = 0; while (unknown_int()) i += 2; if (i == 7) assert(i > 0); }"
    assert found(text, seconds=1.0) == {2: "unknown"}


def test_an_assertion_in_a_function_is_reached_by_any_of_its_calls() -> None:
    text = """\
void check(int x) { assert(x < 9); }
int main(void) { check(1); if (unknown_int() * 2 == 3) check(2); }
"""
    assert found(text) == {2: "reached"}


def test_the_calls_of_an_assert_that_the_file_defines_are_told_apart() -> None:
    text = """\
void reach_error(void) { }
void __VERIFIER_assert(int cond) { if (!cond) { reach_error(); } return; }
int main(void) {
    __VERIFIER_assert(1);
    if (unknown_int() * 2 == 3)
        __VERIFIER_assert(1);
}
"""
    assert found(text) == {5: "reached", 7: "never"}


def test_a_call_of_the_error_function_is_checked_where_control_branches_to_it() -> None:
    text = """\
void reach_error(void) { }
int main(void) {
    int x = unknown_int(), y = x;
    if (x != y)
        reach_error();
    if (x != y)
        if (x > 3)
            reach_error();
}
"""
    assert found(text) == {6: "reached", 9: "never"}
