"""What the scanner takes for theorems and holes, where they are, and that no text makes it fall over."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.lean.pieces import pieces
from checkers.lean.scan import Hole, HoleKind, find, holes, theorems
from lemmata.errors import InputError

MINIF2F = Path(__file__).parents[4] / "shared" / "benchmarks" / "minif2f-lean4" / "MiniF2F"
needs_minif2f = pytest.mark.skipif(not MINIF2F.is_dir(), reason="the miniF2F files are not beside the project")

SOURCE = """\
/- A file /- with nested -/ comments: theorem hidden : sorry -/
import Mathlib
import Mathlib.Tactic -- theorem hidden2 : False := by sorry

open Real in
/-- Documented, with a sorry. -/
@[simp, norm_num]
private theorem first (x : ℝ) (hx : x = 2 := by norm_num) :
    let y := 3; x < y := by
  have h : x = 2 := sorry
  · sorry

namespace A.B
section
variable {α : Type}

lemma second : ∀ n : ℕ, n = n
  | 0 => rfl
  | n + 1 => sorry

end
namespace C
theorem second.{u} (α : Type u) : α = α := sorry
end C
end A.B

theorem _root_.third : |(-1 : ℤ)| = 1 := by sorry
theorem «fourth one» : "sorry".length = 5 := by decide
theorem h' (h'' : sorry_lemma = my.sorry) : s!"{"sorry"} {1}" = "" := by simp [sorry', x.sorry]
example (a : ℕ) : a = a := by rfl
def helper : ℕ := 3
  + sorry
noncomputable instance : Inhabited ℕ := ⟨sorry⟩
instance named : Inhabited ℕ where
  default := sorry

mutual
theorem even : True := by
  sorry
theorem odd : True := by
  trivial
end

macro "give_up" : tactic => `(tactic| sorry)
def quoted : Lean.Name := `sorry
theorem missing : True
theorem last : r#"sorry " "# = '"'.toString := by
  sorry
"""


def named(name: str) -> Hole:
    return find(SOURCE, name, "x.lean")


def text(span: tuple[int, int]) -> str:
    return SOURCE[span[0] : span[1]]


def test_what_there_is() -> None:
    found = [(hole.name, hole.kind is HoleKind.SORRY) for hole in holes(SOURCE, "x.lean")]
    assert [name for name, _ in found] == [
        *("first", "first#1", "first#2"),
        *("B.second", "B.second#1"),
        *("C.second",),
        *("third", "«fourth one»", "h'", "example@30"),
        *("helper#1", "instance@33#1", "named#1"),
        *("even", "odd", "missing", "last"),
    ]
    assert all(sorry == ("#" in name) for name, sorry in found)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("first", "first"),
        ("C.second", "A.B.C.second"),
        ("B.second", "A.B.second"),
        ("third", "third"),
        ("«fourth one»", "«fourth one»"),
        ("example@30", ""),
        ("named#1", "named"),
        ("odd", "odd"),
    ],
)
def test_full_names(name: str, full: str) -> None:
    assert named(name).full == full


def test_open_and_proved() -> None:
    assert {hole.theorem for hole in theorems(SOURCE, "x.lean") if hole.unproved} == {
        *("second", "_root_.third", "even", "missing", "last")
    }


def test_statements() -> None:
    assert text(named("first").statement) == (
        "private theorem first (x : ℝ) (hx : x = 2 := by norm_num) :\n    let y := 3; x < y"
    )
    assert text(named("B.second").statement) == "lemma second : ∀ n : ℕ, n = n"
    assert text(named("third").statement) == "theorem _root_.third : |(-1 : ℤ)| = 1"
    assert text(named("missing").statement) == "theorem missing : True"


def test_declarations() -> None:
    assert text(named("first").declaration).startswith("open Real in\n/-- Documented")
    assert text(named("first").declaration).endswith("· sorry")
    block = text(named("odd").declaration)
    assert block.startswith("mutual")
    assert block.endswith("end")
    assert text(named("last").declaration).startswith("theorem last")


def test_places() -> None:
    assert (named("first").line, named("first").column) == (8, 1)
    assert (named("first#2").line, named("first#2").column) == (11, 5)
    assert all(text((hole.start, hole.end)) == "sorry" for hole in holes(SOURCE, "") if hole.kind is HoleKind.SORRY)


def test_terms_and_tactics() -> None:
    source = """\
theorem t (h : P ∨ Q) : R := by
  have a : A := sorry
  have b : B := by sorry
  rcases h with h | h <;> sorry
  refine ⟨sorry, fun x => sorry, by
    sorry⟩
  cases h with
  | inl h => sorry
  | inr h =>
    exact match h with
      | x => sorry
  by_cases c : C
  · sorry
  · first | sorry | rfl
  calc x = y := sorry
    _ = z := by
      sorry
  if d : D then sorry else sorry
  case inl => sorry
  next h => exact sorry
  all_goals sorry
  (sorry; sorry)
  exact (sorry)
  show X from
    sorry
"""
    terms = [hole.term for hole in holes(source, "") if hole.kind is HoleKind.SORRY]
    line = "T, t, t, TTt, t, T, t, t, T, t, tt, t, T, t, tt, T, T"
    assert ["T" if term else "t" for term in terms] == [char for char in line if char.isalpha()]


def test_pieces() -> None:
    for hole in holes(SOURCE, ""):
        cut = pieces(SOURCE, hole)
        assert cut.header + cut.before == SOURCE[: hole.declaration[0]]
        assert cut.header.rstrip().endswith("theorem hidden2 : False := by sorry")
        assert cut.declaration.split("\n")[cut.line - 1][cut.column :].startswith("sorry")
    cut = pieces(SOURCE, named("B.second"))
    assert cut.declaration == "lemma second : ∀ n : ℕ, n = n\n  := by sorry"
    assert (cut.line, cut.column) == (2, 8)
    assert pieces(SOURCE, named("missing")).declaration == "theorem missing : True := by sorry"


@pytest.mark.parametrize(
    ("header", "rest"),
    [
        ("module\n\npublic import A\nimport all B.C\n", "\ntheorem t : True := by sorry\n"),
        ("prelude\nimport A", " theorem t : True := by sorry\n"),
        ("import A import B\n", "theorem t : True := by sorry\n"),
        ("", "theorem t : True := by sorry\n"),
        ("", "-- import A\ntheorem t : True := by sorry -- import B\n"),
        ("/- licence -/\nimport A -- why\n", "/-! about -/\ntheorem t : True := by sorry\n"),
    ],
)
def test_headers(header: str, rest: str) -> None:
    cut = pieces(header + rest, find(header + rest, "t", ""))
    assert cut.header == header
    assert cut.declaration == "theorem t : True := by sorry"


@pytest.mark.parametrize("selector", ["nothing", "", "#1", "t@", "first@9", "first#3", "first#0", "second", "A"])
def test_what_selects_nothing(selector: str) -> None:
    with pytest.raises(InputError) as error:
        named(selector)
    assert error.value.location is not None


def test_selectors() -> None:
    assert named("second@17").full == "A.B.second"
    assert named("A.B.C.second") == named("C.second")
    assert named("first@8:1#2") == named("first#2")
    assert named("helper") == named("helper#1")
    for hole in holes(SOURCE, ""):
        assert named(hole.name) == hole


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("theorem t : True := by\n  /- sorry", "x.lean:2:3"),
        ('def s := "abc', "x.lean:1:10"),
        ('def s := r#"abc"', "x.lean:1:10"),
        ('def s := s!"{f "}', "x.lean:1:12"),
        ("/-- /- -/\ntheorem", "x.lean:1:1"),
    ],
)
def test_what_does_not_end(source: str, place: str) -> None:
    with pytest.raises(InputError) as error:
        holes(source, "x.lean")
    assert str(error.value.location) == place


FRAGMENTS = st.sampled_from(
    """theorem lemma example def instance mutual end namespace section sorry by := => | · ( ) ⟨ ⟩ [ ] @[ { } : fun match
    with cases where open in x y.z «a b» 'c' "s" s!"{x}" r#"x"# /-- d -/ /- c -/ if then else ; <;> , #eval ` . 1 let
    variable private noncomputable set_option in end A B.C termination_by calc have""".split(" ")
)


@given(st.lists(st.tuples(FRAGMENTS, st.sampled_from([" ", "\n", "\n  ", ""])), max_size=60))
def test_no_order_of_words_makes_it_fall_over(words: list[tuple[str, str]]) -> None:
    check("".join(word + blank for word, blank in words))


@given(st.text(max_size=200))
def test_no_text_makes_it_fall_over(source: str) -> None:
    check(source)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fall_over(data: bytes) -> None:
    check(data.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    "source",
    [
        "(" * 50_000,
        "/-" * 50_000 + "-/" * 50_000,
        "theorem a : " + "⟨by " * 20_000,
        's!"{' * 20_000,
        "mutual\n" * 9_000,
    ],
    ids=["brackets", "comments", "blocks", "strings", "mutual"],
)
def test_deep_nesting(source: str) -> None:
    check(source)


def check(source: str) -> None:
    try:
        found = holes(source, "x.lean")
    except InputError as error:
        assert error.location is not None
        assert error.location.line
        assert error.location.column
        return
    for hole in found:
        assert hole.declaration[0] <= hole.statement[0] <= hole.statement[1] <= hole.start <= hole.end
        assert hole.end <= len(source)
        cut = pieces(source, hole)
        assert cut.header + cut.before == source[: hole.declaration[0]] or not cut.before
        assert cut.declaration.split("\n")[cut.line - 1][cut.column :].startswith("sorry")
        assert find(source, hole.name, "x.lean").statement == hole.statement


@needs_minif2f
def test_minif2f() -> None:
    """Every file of miniF2F, read by another, much simpler method: its only theorem runs to the end of the file."""
    files = sorted(MINIF2F.glob("*/*.lean"))
    assert len(files) == 488
    for file in files:
        source = file.read_text(encoding="utf-8")
        (hole,) = holes(source, str(file))
        lines = source.splitlines()
        first = next(number for number, line in enumerate(lines) if line.startswith("theorem "))
        body = "\n".join(lines[first:])
        expected = re.sub(r"\s*:=\s*by\s+sorry\s*$", "", body)
        assert hole.name == hole.full == lines[first].split()[1].split("(")[0].rstrip(":") == file.stem
        assert (hole.line, hole.column, hole.unproved) == (first + 1, 1, True)
        assert source[slice(*hole.statement)] == expected
        assert pieces(source, hole).header == "import Mathlib\n"


def test_many_theorems_are_each_found_at_once() -> None:
    text = "".join(f"theorem foo{i} : True := by\n  sorry\n" for i in range(2000))
    began = time.monotonic()
    assert [find(text, hole.name, "a.lean") for hole in holes(text, "a.lean")] == holes(text, "a.lean")
    assert time.monotonic() - began < 5


def test_namespaces_without_end_are_refused_with_their_place() -> None:
    with pytest.raises(InputError) as refused:
        holes("namespace A\n" * 100_000 + "theorem x : True := by sorry", "a.lean")
    assert str(refused.value.location) == "a.lean:101:1"


def test_very_many_holes_in_one_theorem() -> None:
    found = holes("theorem x : True := by\n" + "  have : True := sorry\n" * 20_000, "a.lean")
    assert len(found) == 20_001
    assert len(found[7].other_holes) == 19_999


def test_a_hint_lists_few_candidates() -> None:
    with pytest.raises(InputError) as refused:
        find("theorem f : True := by\n  sorry\n" * 100, "f", "a.lean")
    assert refused.value.hint.count("f@") == 10
