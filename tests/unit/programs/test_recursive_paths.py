"""Counterexamples of recursive programs that chance does not find: followed path by path."""

from __future__ import annotations

import time

import pytest

from checkers.programs.execute import Execution, Interpreter, failing, scripted
from checkers.programs.paths import Paths
from checkers.programs.refute import describe
from checkers.programs.unit import Loaded, load

DOWN = "int down(int n) { if (n <= 0) return n; return down(n - 3) + 1; }\n"
NEEDLES = {
    "a number": DOWN + "int main() { int n = unknown_int(); assert(down(n) != 4 || n != 12); }",
    "an equation": """int mul(int a, int b) { if (b == 0) return 0; return a + mul(a, b - 1); }
        int main() { int a = unknown_int(), b = unknown_int();
          if (b < 0 || b > 9) return 0;
          assert(mul(a, b) != 5 * 31337); }""",
    "a global": """int g;
        void up(int n) { if (n == 77123) g = g + n; if (n > 77120) up(n - 1); }
        int main() { int n = unknown_int(); up(n); assert(g == 0); }""",
    "a choice inside": """int sum(int n) { if (n <= 0) return 0; return unknown_int() + sum(n - 1); }
        int main() { assert(sum(4) != 987654); }""",
    "each other": """int odd(int n);
        int even(int n) { if (n == 0) return 1; return odd(n - 1); }
        int odd(int n) { if (n == 0) return 0; return even(n - 1); }
        int main() { int n = unknown_int(), k = unknown_int();
          if (n < 0 || n > 9 || k * 3 != n + 40000) return 0;
          assert(even(n)); }""",
    "an array": """int a[10];
        int find(int i, int x) { if (i >= 10) return -1; if (a[i] == x) return i; return find(i + 1, x); }
        int main() { int i = unknown_int(), x = unknown_int();
          if (i < 0 || i >= 10 || x <= 5000) return 0;
          a[i] = x; assert(find(0, 54321) != 7); }""",
}
RIGHT = {
    "bounded": DOWN + "int main() { int n = unknown_int(); if (n < 20) assert(down(n) <= 7); }",
    "no path": DOWN + "int main() { int n = unknown_int(); if (n > 5 && n < 3) assert(down(n) == 100); }",
    "overflow": DOWN
    + """int main() { int n = unknown_int(); if (n <= 0) return 0;
          unsigned u = n + 2147483647; assert(down(u % 4) == 77); }""",
}


def searched(text: str, width: str = "") -> tuple[Loaded, Execution | None]:
    program = load({"text": text, "file": "a.c", "int_width": width, "name": "main"})
    interpreter = Interpreter(program.program, program.cuts)
    return program, Paths(program.program, program.cuts, interpreter, time.monotonic() + 20).search()


@pytest.mark.parametrize("width", ["", "32"])
@pytest.mark.parametrize("name", NEEDLES)
def test_what_chance_does_not_find_is_found_and_runs(name, width):
    program, run = searched(NEEDLES[name], width)
    assert run is not None
    assert failing(run)
    told = describe(program, run)
    again = Interpreter(program.program, program.cuts).run(scripted(told["choices"]), 1000)
    assert failing(again)
    assert again.location == run.location


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_found_in_what_is_right_or_says_nothing(name):
    assert searched(RIGHT[name])[1] is None
