"""Premises for F* by unification of types: what fits is called with the right arguments, and any text is read."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from provers.retrieval.by_type import TypeIndex
from provers.retrieval.fstar_terms import claim, read, signature, write
from provers.retrieval.premise import Premise

PREMISES = [
    Premise("add_comm", ": x:nat -> y:nat -> Lemma (x + y == y + x)"),
    Premise("rev_app", "(#a:Type) (l m:list a) : Lemma (ensures rev (l @ m) == rev m @ rev l) (decreases l)"),
    Premise("pos_sq", "(x:int) : Lemma (requires x > 0) (ensures (x * x > 0)) [SMTPat (x * x)]"),
    Premise("len", ": l:list nat -> Tot nat"),
    Premise("nothing", ": unit -> Lemma True"),
]


def calls(result: str, names: dict[str, str]) -> list[str]:
    return [fit.call for fit in TypeIndex(PREMISES).search(result, names, 5)]


def test_signatures_are_taken_apart() -> None:
    found = signature(PREMISES[1].statement)
    assert found.parameters == (("l", "list a"), ("m", "list a"))
    assert found.implicit == ("a",)
    assert found.claim == "rev (l @ m) == rev m @ rev l"
    assert signature(PREMISES[2].statement).claim == "x * x > 0"
    assert signature(PREMISES[0].statement).parameters == (("x", "nat"), ("y", "nat"))
    assert claim("Lemma (requires p) (ensures (fun _ -> q r))") == "q r"
    assert claim("nat") == ""


def test_what_unifies_is_called_with_what_it_settles() -> None:
    names = {"a": "nat", "b": "nat"}
    assert calls("Lemma (ensures (a * 2) + b == b + (a * 2))", names)[0] == "add_comm (a * 2) b"
    assert calls("Lemma (b + a == a + b)", names)[0] == "add_comm b a"
    assert calls("Lemma (f (a + b) = c)", names)[0] == "add_comm a b"
    assert calls("Lemma (requires a > 1) (ensures (a + 1) * (a + 1) > 0)", names)[0] == "pos_sq (a + 1)"
    lists = {"u": "list nat", "v": "list nat"}
    assert calls("Lemma (List.Tot.rev (List.Tot.rev u @ v) == w)", lists)[0] == "rev_app (List.Tot.rev u) v"


def test_an_equation_fits_in_both_directions() -> None:
    fits = TypeIndex(PREMISES).search("Lemma (rev m' @ rev l' == rev (l' @ m'))", {}, 3)
    assert fits[0].call == "rev_app l' m'"


def test_values_are_found_by_their_result() -> None:
    assert calls("nat", {"q": "list nat"}) == ["len q"]


def test_calls_without_unification_take_arguments_by_type() -> None:
    assert TypeIndex(PREMISES).calls({"q": "list nat", "z": "int"}) == [
        "add_comm q q",
        "rev_app q q",
        "pos_sq z",
        "nothing ()",
    ]


signs = [*"()[]{}:;,", "->", "#a", "x", "==", "Lemma", "ensures", "+", "~", "-", "fun", "forall"]


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(signs), max_size=25).map(" ".join)))
@settings(deadline=None)
def test_any_text_is_read(text: str) -> None:
    write(read(text))
    signature(text)
    index = TypeIndex([Premise("p", text), *PREMISES])
    found = index.search(text, {"x": "nat"}, 3)
    assert len(found) <= 3
    assert index.search(f"Lemma ({text})", {}, 2) == index.search(f"Lemma ({text})", {}, 2)
