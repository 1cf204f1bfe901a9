"""What may stand within brackets of ours: one term, and nothing that ends the sentence."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkers.coq.sentences import split
from checkers.coq.terms import NotATerm, term

PIECES = [
    "forall n, ", "n = n", "(", ")", "[", "]", "{", "}", "(*", "*)", "*", '"', ".", ". ", "...", ".(", " ", "\n", "\t",
    "Axiom oops : False", "Qed.", "1", ":", ":=", "ltac:", "ltac:(", "x'", "Lemma", "fun x => x", "\u00a0", "\x0c", "∀",
    "#[", "-",
]  # fmt: skip
anything = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=20).map("".join))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forall n : nat,\n  n = n.", "forall n : nat, n = n"),
        ('"a. b" = "(*"', '"a. b" = "(*"'),
        ("Nat.add 1 2 = x.(field)", "Nat.add 1 2 = x.(field)"),
        ("* n", "* n"),
        ("[1; 2] ++ l = {| a := 1 |}", "[1; 2] ++ l = {| a := 1 |}"),
    ],
)
def test_a_term_is_taken(text: str, expected: str) -> None:
    assert term(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " . ",
        "True. Axiom oops : False. Lemma x : True",
        "True.\nAdmitted",
        "True ... False",
        "(True",
        "True)",
        "True) (True",
        "(True]",
        '"never closed',
        "True (* why *)",
        "(*",
        "ltac:(repeat idtac)",
        "forall x : ltac2:(foo ()), x = x",
        "elpi:{{ }}",
        "n \u200b= n",
        "n\u00a0= n",
        "n \x00",
        "\ud800",
        "(" * 100_000,
        "x " * 100_000,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(NotATerm):
        term(text)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(anything)
def test_a_sentence_around_a_term_is_one_sentence(text: str) -> None:
    try:
        found = term(text)
    except NotATerm:
        return
    sentence = f"Lemma x : ( {found} )."
    assert [one.text for one in split(sentence)] == [sentence]
    assert term(found) == found
