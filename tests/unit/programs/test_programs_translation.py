"""The front end: what it lists, what it refuses and where, and what its arithmetic computes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.programs.execute import execute_source
from checkers.programs.program import Unit
from checkers.programs.types import Types
from lemmata.errors import InputError, UnsupportedError


def listed(text: str) -> list[str]:
    return [name for name, _ in Unit(text, "t.c", None).obligations()]


def translate(text: str, width: int | None = None) -> None:
    unit = Unit(text, "t.c", width)
    for name, _ in unit.obligations():
        unit.program(name)


def test_main_covers_what_it_calls() -> None:
    assert listed("int f(int x) { assert(x); return x; } int main() { f(1); }") == ["main"]


def test_what_main_does_not_reach_is_listed() -> None:
    assert listed("void f(int x) { assert(x); } int main() { assert(1); }") == ["main", "f"]


def test_a_contract_is_a_theorem_of_its_own() -> None:
    text = "//@ requires x > 0; ensures \\result > 0;\nint f(int x) { return x; } int main() { assert(f(1) == 1); }"
    assert listed(text) == ["main", "f"]


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("int main() {\n  int i = 0;\n again: i++;\n  if (i < 9) goto again;\n  assert(1); }", "goto", 4),
        ("int f(int x) {\n static int s; return f(x); }\nint main() {\n assert(f(1)); }", "recursion through 'f'", 4),
        ("int f(int a[]) { return f(a); }\nint main() { int a[2];\n assert(f(a)); }", "recursion through 'f'", 3),
        ("int g; int f(int n) { g = n; return n ? f(n - 1) : 0; }\nint main() {\n assert(f(1) + g); }", "unseq", 3),
        ("int main() {\n float x; assert(1); }", "float", 2),
        ("struct s { int a; };\nint main() {\n struct s v; assert(1); }", "struct", 3),
        ("int main() {\n int x; int *p = &x; assert(1); }", "pointer", 2),
        ("int main() {\n int i = 0; i = i++; assert(i); }", "unsequenced", 2),
        ("int g; int f(void) { return g++; }\nint main() {\n assert(f() + g); }", "unsequenced", 3),
        ("int g(int);\nint main() {\n assert(g(1)); }", "no body", 3),
        ("#include <complex.h>\nint main() { assert(1); }", "complex.h", 1),
        ("int main() {\n int x, y; assert(x & y); }", "'&'", 2),
        ("int main() {\n volatile int x; assert(x); }", "volatile", 2),
        ("int main() {\n int a[2] = {1, 2}; int *p = a; assert(1); }", "pointer", 2),
        ("int main() {\n /*@ loop assigns x; */ assert(1); //@ invariant 1;\n }", "invariant", 2),
    ],
)
def test_unsupported_constructs_are_refused_by_name_and_place(text: str, what: str, line: int) -> None:
    with pytest.raises(UnsupportedError) as caught:
        translate(text)
    assert what in caught.value.message
    assert caught.value.location is not None
    assert caught.value.location.line == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "int main() { assert(1;",
        "int main() { x = 1; assert(x); }",
        "int main() { }",
        "int main() { int x; int x; assert(1); }",
        "int main() { int a[0]; assert(1); }",
        "int main() { break; assert(1); }",
        "/* open",
        "int main() { assert(1); } int main() {}",
        "int main() { //@ assert x\n }",
        "//@ loop invariant 1;\nint x;",
        "int main() { int x = 99999999999999999999; assert(x); }",
        "int main() { const int x = 1; x = 2; assert(x); }",
        "#if\nint main() { assert(1); }",
        "int f(int a) { return a; } int main() { assert(f()); }",
    ],
)
def test_what_is_not_c_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError):
        translate(text)


@pytest.mark.parametrize("width", [32, 64])
def test_types_convert_as_c_says(width: int) -> None:
    types = Types(width)
    assert types.common(types.char, types.bool) == types.int
    assert types.common(types.int, types.unsigned) == types.unsigned
    expected = types.long if width == 32 else types.unsigned_long
    assert types.common(types.long, types.unsigned) == expected
    assert types.named(["unsigned"]) == types.unsigned
    assert types.named(["long", "unsigned", "int", "long"]) == types.unsigned_long_long
    assert types.named(["long", "char"]) is None
    assert types.named(["short", "short"]) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(-40, 40), st.integers(-9, 9).filter(bool), st.integers(0, 5), st.sampled_from([None, 32]))
def test_division_shift_and_masks(a: int, b: int, k: int, width: int | None) -> None:
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    claims = {
        f"x / {b} == {quotient}": True,
        f"x % {b} == {a - b * quotient}": True,
        f"(x >> {k}) == {a >> k}": True,
        f"(x & {(1 << k) - 1}) == {a & ((1 << k) - 1)}": True,
        f"(x | 5) == {a | 5}": True,
        f"(x ^ 6) == {a ^ 6}": True,
        f"~x == {~a}": True,
        f"x / {b} == {quotient + 1}": False,
    }
    for claim, truth in claims.items():
        source = f"int main() {{ int x = {a}; assert({claim}); return 0; }}"
        assert execute_source(source, int_width=width).status == ("returned" if truth else "violated"), claim


def test_macros_and_conditionals() -> None:
    text = "#define N 3\n#define SQ(x) x*x\n#if N > 2\n#define OK 1\n#endif\nint main() { assert(SQ(N+1) == 7 && OK); }"
    assert execute_source(text).status == "returned"


def test_locations_survive_preprocessing() -> None:
    text = "#include <assert.h>\n#define A(x) assert(x)\n\nint main() {\n  A(0);\n}\n"
    run = execute_source(text)
    assert run.status == "violated"
    assert run.location is not None
    assert (run.location.file, run.location.line) == ("source.c", 5)


def test_static_locals_keep_their_value() -> None:
    text = "int next(void) { static int n = 4; n++; return n; } int main() { next(); assert(next() == 6); }"
    assert execute_source(text).status == "returned"


def test_declarations_skipped_by_a_switch_have_no_value() -> None:
    unit = Unit("int main() { switch (1) { int y = 5; case 1: assert(y == 5); } }", "t.c", None)
    from checkers.programs.blocks import encode_blocks

    system, _ = encode_blocks(unit.program("main"))
    error = next(b for b in system.blocks if b.target.startswith("E"))
    assert [i.reason for i in error.inputs] == ["uninitialised"]


@pytest.mark.parametrize(
    "text", ["int main() {\n#if 1\n return 0; }", "#if (\nint main() { return 0; }\n#endif", "#include\n"]
)
def test_what_the_preprocessor_says_is_one_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        translate(text)
    assert "\n" not in str(caught.value)
