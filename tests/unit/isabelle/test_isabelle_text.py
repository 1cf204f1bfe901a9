"""Symbols, tokens and commands of Isabelle theories."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkers.isabelle import commands
from checkers.isabelle.symbols import Symbols
from checkers.isabelle.tokens import Kind, meaningful, tokens
from lemmata.errors import InputError, LemmataError

PIECES = st.sampled_from(
    [r"\<forall>", r"\<^sub>", r"\<", "\\", "a", " ", "\n", "\r\n", "∀", "🙂", "<", ">", r"\<x", "é"]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
HEADER = "theory T imports Main begin\n"


def test_a_symbol_is_one_position() -> None:
    symbols = Symbols('lemma "\\<forall>x. x = x"\r\nby auto')
    assert symbols.offset(0) == 1
    assert symbols.offset('lemma "\\<forall>'.__len__()) == 9
    assert symbols.index(symbols.offset(len('lemma "\\<forall>x. x = x"\r\n'))) == len('lemma "\\<forall>x. x = x"\r\n')


def test_the_recorded_offset_is_that_of_the_method() -> None:
    text = 'theory Example\nimports Main\nbegin\nlemma "\\<forall> x. \\<exists> y. x = y"\nby auto\nend\n'
    assert Symbols(text).offset(text.index("by auto")) == 59
    assert text[Symbols(text).index(59) : Symbols(text).index(61)] == "by"


@given(TEXTS)
def test_offsets_and_indices_are_inverse(text: str) -> None:
    symbols = Symbols(text)
    for offset in range(1, len(symbols) + 1):
        assert symbols.offset(symbols.index(offset)) == offset
    assert symbols.index(len(symbols) + 1) == len(text)
    assert symbols.offset(len(text)) == len(symbols) + 1


@given(TEXTS, TEXTS)
def test_offsets_grow_with_the_text(before: str, after: str) -> None:
    joined = f"{before}|{after}"
    assert Symbols(joined).offset(len(before)) == len(Symbols(before)) + 1


@given(st.text(alphabet='ab"`(*){}‹›\\<open>close. \n', max_size=60))
@example('"\\"')
@example("(* (* *)")
@example("\\<open>\\<close>\\<close>")
def test_tokens_are_the_text_or_one_error(text: str) -> None:
    try:
        found = list(tokens(text, "X.thy"))
    except InputError as error:
        assert error.location is not None
        assert error.location.line >= 1
        assert error.location.column >= 1
    else:
        assert "".join(token.text for token in found) == text
        assert all(token.text for token in found)


@given(st.binary(max_size=200))
def test_random_bytes_give_a_theory_or_one_error(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for source in (text, HEADER + text):
        try:
            commands.read(source, "X.thy")
        except LemmataError as error:
            assert error.location is not None


@pytest.mark.parametrize("pair", [("(*", "*)"), ("\\<open>", "\\<close>"), ("‹", "›")])
def test_deep_nesting_is_no_trouble(pair: tuple[str, str]) -> None:
    deep = pair[0] * 20_000 + pair[1] * 20_000
    assert len(list(tokens(deep))) == 1
    with pytest.raises(InputError, match="not closed"):
        list(tokens(deep[:-3]))


def test_quotes_hide_what_is_in_them() -> None:
    text = r'"lemma \" (*" `by (*` ‹sorry "› \<open>oops \<open>x\<close>\<close> {* qed " *} (* "end *) done'
    kinds = [token.kind for token in tokens(text) if token.kind is not Kind.BLANK]
    assert kinds == [
        Kind.STRING, Kind.ALT, Kind.CARTOUCHE, Kind.CARTOUCHE, Kind.VERBATIM, Kind.COMMENT, Kind.WORD
    ]  # fmt: skip


def test_formal_comments_are_no_tokens() -> None:
    found = meaningful(r"by simp \<comment> \<open>sorry\<close> next \<^cancel>‹oops›")
    assert [token.text for token in found] == ["by", "simp", "next"]


def test_a_header_tells_its_imports_and_commands() -> None:
    lines = [
        'theory "My"',
        ' imports Main "HOL-Library.Multiset" "../A/B"',
        ' keywords "go" :: thy_decl and "run" "walk" :: diag',
        '   and "boot" :: thy_decl % "ML"',
        ' abbrevs "x" = "y"',
        'begin go fast run ‹x› lemma a: "b" by simp end',
    ]
    theory = commands.read("\n".join(lines), "My.thy")
    assert theory.header.name == "My"
    assert [token.content for token in theory.header.imports] == ["Main", "HOL-Library.Multiset", "../A/B"]
    assert theory.header.commands == {"go", "run", "walk", "boot"}
    assert theory.header.runs_code == {"boot"}
    assert [command.head for command in theory.commands] == ["go", "run", "lemma", "by", "end"]


@pytest.mark.parametrize("text", ["", "lemma a: b by simp", "theory X imports Main", "theory"])
def test_no_header_is_an_error_with_a_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        commands.read(text, "X.thy")
    assert caught.value.location is not None
    assert caught.value.location.file == "X.thy"


def test_a_large_theory_is_read_quickly() -> None:
    chance = random.Random(1)
    parts = ['lemma l{i}: "x{i} = \\<forall>y. y" \n  by (simp add: foo[of "x"])\n' for _ in range(5000)]
    text = HEADER + "".join(part.replace("{i}", str(chance.randrange(9))) for part in parts) + "end\n"
    assert len(commands.read(text, "X.thy").commands) == 10_001
