"""Coq sources are cut where Coq's lexer cuts them."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.coq.sentences import Lines, outermost, split, tokens, words
from lemmata.errors import InputError, Location


def texts(source: str) -> list[str]:
    sentences = split(source)
    assert all(source[s.start : s.end] == s.text for s in sentences)
    return [s.text for s in sentences]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        (" (* only (* a *) comment *) ", []),
        ("Check 1.\nCheck 2.", ["Check 1.", "Check 2."]),
        ("Check a.b.c.", ["Check a.b.c."]),
        ("Check 1.5. Check 2.", ["Check 1.5.", "Check 2."]),
        ("Check x.(f). Check y.", ["Check x.(f).", "Check y."]),
        ("Check x.(* f). Check y.", ["Check x.(* f).", "Check y."]),  # `.(` is one token, no comment begins
        ("(* no. *) Check (* a. b *) x. (* no. *)", ["Check (* a. b *) x."]),
        ('Check "a. ""b. (* c". Check y.', ['Check "a. ""b. (* c".', "Check y."]),
        ('(* " *) still " *) Check y.', ["Check y."]),
        ('(* "a""*)" (* " *) " *) *) Check y.', ["Check y."]),
        ("(*)*) Check y.", ["Check y."]),
        ("(**) Check y.", ["Check y."]),
        ("intros... Qed.", ["intros...", "Qed."]),
        ("Check [ x ; .. ; y ]. Qed.", ["Check [ x ; .. ; y ].", "Qed."]),
        ("f ..\nx. Qed.", ["f ..\nx.", "Qed."]),
        ("Qed.\t\r\nQed.", ["Qed.", "Qed."]),
        ("Qed.\u00a0Qed.", ["Qed.\u00a0Qed."]),  # no blank for Coq
        ("- auto. -- auto. *** auto.", ["-", "auto.", "--", "auto.", "***", "auto."]),
        ("- + * auto.", ["-", "+", "*", "auto."]),
        ("-+*auto.", ["-", "+", "*", "auto."]),
        ("rewrite <- a. exact (b - c * d + e).", ["rewrite <- a.", "exact (b - c * d + e)."]),
        ("{ auto. } { auto. }", ["{", "auto.", "}", "{", "auto.", "}"]),
        ("split. 2: { auto. } Qed.", ["split.", "2: {", "auto.", "}", "Qed."]),
        ("2 (* second *) :\n{ auto. }", ["2 (* second *) :\n{", "auto.", "}"]),
        ("[goal]: { auto. }", ["[goal]: {", "auto.", "}"]),
        ("1,3-4: { auto. }", ["1,3-4: {", "auto.", "}"]),
        ("all: auto. 2: auto.", ["all: auto.", "2: auto."]),
        ("Check x: {y | y = x}.", ["Check x: {y | y = x}."]),
        ("2: {| a := b |}.", ["2: {| a := b |}."]),
        ("Definition x : { a | a } := y.", ["Definition x : { a | a } := y."]),
        ("#[local] #[program]\nDefinition x := 1.", ["#[local] #[program]\nDefinition x := 1."]),
        ("Proof using a b. Qed.", ["Proof using a b.", "Qed."]),
        ("Check 1. Check", ["Check 1.", "Check"]),
        ("Check λ.é. Check ₁.", ["Check λ.é.", "Check ₁."]),
        ("Check x'.y'. Check '.", ["Check x'.y'.", "Check '."]),
        ("Qed.(* c *)", ["Qed.(* c *)"]),
    ],
)
def test_sentences(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("Check 1.\n  (* a (* b *)", 2, 3, "comment"),
        ('Check 1.\nCheck "a""', 2, 7, "string"),
        ('(* a\n " *)', 2, 2, "inside a comment"),
        ("(*)", 1, 1, "comment"),
    ],
)
def test_what_does_not_end_is_refused(source: str, line: int, column: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        split(source)
    assert caught.value.location is not None
    assert (caught.value.location.line, caught.value.location.column) == (line, column)


def test_words_keep_a_definition_sign_together() -> None:
    assert words('Definition x : "a" := (* := *) y : = z.') == [
        *("Definition", "x", ":", '"a"', ":=", "y", ":", "=", "z", ".")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a (b [c) d", "a d"),
        ("a [b, c[ := d", "a , c := d"),
        ("a match b with c => ( d end f", "a f"),
        ("a ) ] end b", "a b"),
        ("a {| b := c |} d", "a d"),
    ],
)
def test_outermost_words(text: str, expected: str) -> None:
    if "[b" in text:  # the brackets stay open, so they count for nothing
        assert [w for w in outermost(words(text)) if w not in "[b"] == expected.split()
    else:
        assert outermost(words(text)) == expected.split()


PIECES = st.sampled_from(
    [
        *(
            ".",
            "..",
            "...",
            ". ",
            "(*",
            "*)",
            '"',
            '""',
            "{",
            "}",
            "{|",
            "|}",
            "-",
            "+",
            "*",
            "--",
            "2:",
            "[g]:",
            "all:",
        ),
        *(
            " ",
            "\n",
            "\t",
            "\r\n",
            "\f",
            "a",
            "x'",
            "1.5",
            "é",
            "_",
            "(",
            ")",
            "[",
            "]",
            "#[local]",
            ":",
            ":=",
            "\ud800",
        ),
        *("Qed.", "Proof.", "admit.", "Lemma a : b.", "\u00a0", "\0", "%", "$", ",", ";", "'"),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_cut_or_refused(source: str) -> None:
    try:
        sentences = split(source)
    except InputError as error:
        assert error.location is not None
        assert error.location.line >= 1
        return
    covered = [False] * len(source)
    previous = 0
    for sentence in sentences:
        assert previous <= sentence.start < sentence.end
        assert source[sentence.start : sentence.end] == sentence.text
        assert sentence.text.strip(" \t\r\n") == sentence.text
        previous = sentence.end
        covered[sentence.start : sentence.end] = [True] * (sentence.end - sentence.start)
    assert all(covered[i] for token in tokens(source) for i in range(token.start, token.start + len(token.text)))
    assert [s.text for s in split("\n".join(s.text for s in sentences))] == [s.text for s in sentences]


@given(st.text("ab\n", max_size=30), st.data())
def test_places(source: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(source)))
    before = source[:offset].split("\n")
    expected = (len(before), len(before[-1]) + 1)
    found = Location.at("", source, offset)
    assert (found.line, found.column) == expected == Lines(source).place(offset)


@pytest.mark.parametrize(
    "piece", ["(* a *) ", '"a""b" ', '""', "(*", "- ", "2: {", "2,", "{", "....", "a", ". ", '(* "" *)', "[", ":"]
)
def test_time_grows_linearly(piece: str) -> None:
    def seconds(size: int) -> float:
        source = piece * (size // len(piece))
        start = time.process_time()
        with contextlib.suppress(InputError):
            split(source)
        return time.process_time() - start

    assert seconds(400_000) < 40 * seconds(40_000) + 0.5
