"""Theorems and holes of Isabelle theories, told from the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.isabelle.scan import HoleKind, find, holes, is_open, statement
from lemmata.errors import InputError, LemmataError

HEADER = "theory T imports Main begin\n"


def scan(body: str) -> list[tuple[str, str]]:
    return [(hole.name, hole.kind.value) for hole in holes(f"{HEADER}{body}\nend\n", "T.thy")]


def opened(body: str) -> list[str]:
    return [hole.name for hole in holes(f"{HEADER}{body}\nend\n", "T.thy") if is_open(hole)]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('lemma a: "x" by simp', []),
        ('lemma a: "x" sorry', ["a"]),
        ('lemma a [simp, intro!]: "x" sorry', ["a"]),
        ('theorem a: fixes x assumes "y" and z: "w" shows "x"\n  using z sorry', ["a"]),
        ('lemma a: obtains x where "P x" sorry', ["a"]),
        ('lemma (in monoid) a: "x" sorry', ["a"]),
        ('lemma "x" sorry', ["lemma@2"]),
        ('lemma [simp]: "x" sorry', ["lemma@2"]),
        ('lemma shows a: "x" sorry', ["a"]),
        ('schematic_goal a: "?x" sorry', ["a"]),
        ("corollary ‹x› sorry", ["corollary@2"]),
        ('proposition "a b": "x" sorry', ["a b"]),
        ('lemma a: "x" oops', ["a"]),
        ('lemma a: "x"\n  apply simp\n  oops', ["a"]),
        ('lemma a: "x"', ["a"]),
        ('lemma a: "x"\n  apply simp\nlemma b: "y" by simp', ["a"]),
        ('lemma a: "x" proof - show ?thesis sorry qed', ["a#1"]),
        ('lemma a: "x" proof - have "y" sorry show ?thesis sorry qed', ["a#1", "a#2"]),
        ('lemma a: "x"\n  subgoal sorry\n  subgoal by simp\n  done', ["a#1"]),
        ('lemma a: "x" proof cases case 1 then show ?thesis proof - show ?thesis sorry qed qed simp', ["a#1"]),
        ('lemma a: "x" \\<proof>', ["a"]),
        ('lemma a: "x sorry" by (simp add: "sorry")', []),
        ('lemma a: "x" by simp \\<comment> \\<open>sorry\\<close>', []),
        ('text \\<open>lemma b: "y" sorry\\<close> lemma a: "x" by simp (* sorry *)', []),
        ('lemma a: "x" .. lemma b: "y" . lemma c: "z" by (rule a) (rule b) lemma d: "w" sorry', ["d"]),
        ('private lemma a: "x" sorry', ["a"]),
        ("instance proof qed sorry", []),
        ("interpretation i: l x sorry", ["interpretation@2#1"]),
        ('notepad begin\n have "x" sorry\nend', ["notepad@2#1"]),
        ('lemma a: "x" by simp\nlemma a: "y" sorry', ["a@3"]),
        ('lemma a: "x" nitpick quickcheck sledgehammer sorry', ["a"]),
        ('lemma a: "x"\n  including b\n  supply c[simp]\n  defer prefer 2 apply simp+ done', []),
    ],
)
def test_what_is_open(body: str, names: list[str]) -> None:
    assert opened(body) == names


def test_names_within_blocks() -> None:
    body = (
        'locale l = fixes f begin\nlemma a: "x" sorry\nend\n'
        'context l begin\nlemma b: "x" sorry\nend\n'
        'context fixes x begin\nlemma a: "y" sorry\nend\n'
        'class c = fixes g begin\nlemma a: "z" sorry\nend\nlemma (in l) d: "w" sorry\n'
    )
    assert opened(body) == ["l.a", "b", "a@9", "c.a", "d"]
    source = f"{HEADER}{body}end\n"
    assert find(source, "l.b", "T.thy").name == "b"
    assert find(source, "l.d", "T.thy").line == 14
    assert find(source, "l.b", "T.thy").open_blocks == 1
    assert find(source, "d", "T.thy").open_blocks == 0


def test_every_theorem_is_listed_with_its_place_and_statement() -> None:
    source = (
        f'{HEADER}\n  lemma a: "x \\<and>\n    y"\n  proof\n  qed auto\ntheorem b[simp]:\n shows "z" by simp\nend\n'
    )
    found = holes(source, "T.thy")
    assert [(h.name, h.line, h.column) for h in found] == [("a", 3, 3), ("b", 7, 1)]
    assert [statement(source, h) for h in found] == ['lemma a: "x \\<and>\n    y"', 'theorem b[simp]:\n shows "z"']
    assert source[found[0].start : found[0].end] == "\n  proof\n  qed auto"


def test_a_proof_ends_where_its_method_does_whatever_follows() -> None:
    source = f'{HEADER}lemma a: "x" by (simp add: b) auto\nmystery_command foo "bar"\nlemma c: "y" by simp\nend\n'
    first = holes(source, "T.thy")[0]
    assert source[first.start : first.end] == " by (simp add: b) auto"


def test_commands_of_the_theory_itself_end_a_proof() -> None:
    source = 'theory T imports Main keywords "magic" :: thy_decl begin\nlemma a: "x"\n  apply simp\nmagic foo\nend\n'
    (whole, hole) = holes(source, "T.thy")
    assert hole.kind is HoleKind.ABANDONED
    assert source[whole.start : whole.end] == "\n  apply simp"


def test_selecting() -> None:
    source = f'{HEADER}lemma a: "x" proof - have y sorry show ?thesis sorry qed\nlemma b: "x" by simp\nend\n'
    assert find(source, "a", "T.thy").kind is HoleKind.THEOREM
    assert find(source, "a#2", "T.thy").kind is HoleKind.NESTED
    assert find(source, "a@2#2", "T.thy").start == find(source, "a#2", "T.thy").start
    assert find(source, "b@3:1", "T.thy").kind is HoleKind.THEOREM
    for selector, message in [("c", "no theorem"), ("a#3", "has 2"), ("", "selects nothing"), ("b@9", "no theorem")]:
        with pytest.raises(InputError, match=message):
            find(source, selector, "T.thy")
    with pytest.raises(InputError, match="there is") as caught:
        find(source, "aa", "T.thy")
    assert "a" in caught.value.hint


def test_each_name_finds_its_own_hole() -> None:
    body = 'lemma a: "x" sorry\nlemma a: "y" sorry\nlemma "z" sorry\nlemma "z" sorry lemma "w" sorry\n'
    for hole in holes(f"{HEADER}{body}end\n", "T.thy"):
        again = find(f"{HEADER}{body}end\n", hole.name, "T.thy")
        assert again.command == hole.command


WORDS = (
    'lemma theorem a: "x" by simp auto sorry oops proof qed done apply ( ) [ ] have show { } next end begin locale '
    "context subgoal . .. notepad instance definition where = private (* *) ‹ › fun | using and"
).split()


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_any_sequence_of_commands_gives_holes_that_lie_in_it_or_one_error(words: list[str]) -> None:
    source = HEADER + "\n".join(words)
    try:
        found = holes(source, "T.thy")
    except LemmataError as error:
        assert error.location is not None
        return
    for hole in found:
        assert hole.command <= hole.statement_end <= hole.start <= hole.end <= max(hole.proof_end, hole.end)
        assert hole.proof_end <= len(source)
        assert all(source[start:end] in ("sorry",) for start, end in hole.others)
        if hole.kind in (HoleKind.SORRY, HoleKind.NESTED):
            assert source[hole.start : hole.end] == "sorry"
        if hole.goal:
            assert find(source, hole.name, "T.thy").command == hole.command


def test_a_name_that_no_terminal_should_be_sent_is_none() -> None:
    assert opened('lemma "a\x1b[31m": "x" sorry') == ["lemma@2"]


@pytest.mark.parametrize("binding", ['"a":', "‹a›:", "%important a:", "%important (in l) a[simp]:"])
def test_where_a_name_stands(binding: str) -> None:
    source = f'{HEADER}lemma {binding} "x" sorry\nend\n'
    hole = find(source, "a", "T.thy")
    assert source[hole.binding_end : hole.statement_end] == ' "x"'
    assert hole.target == ("l" if "(in l)" in binding else "")


def test_words_that_are_commands_of_some_theories_only() -> None:
    assert opened('lemma domain: "x" sorry\nlemma method [simp]: "y" sorry\nmethod m = simp') == ["domain", "method"]


def test_a_thousand_theorems_are_listed_at_once() -> None:
    source = HEADER + "".join(f'lemma a{i}: "x"\n  sorry\n' for i in range(1000)) + "end\n"
    first = holes(source, "T.thy")
    assert [find(source, hole.name, "T.thy") for hole in first[::2]] == first[1::2]
