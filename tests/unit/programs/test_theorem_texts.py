"""Theorems for proof assistants: names, texts, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.programs.theorems.names import Names
from checkers.programs.theorems.notation import comment
from checkers.programs.verifier import theorems
from lemmata.errors import UnsupportedError, UsageError

SYSTEMS = ("coq", "fstar", "isabelle", "lean")
EVEN = """\
int unknown_int(void);
int main() {
    int forall = 0, Set = 1;
    while (unknown_int()) {
        if (Set > 0) forall += 2; else forall -= 2;
    }
    //@ assert forall % 2 == 0;
}
"""
FILL = """\
int main() {
    int a[10];
    for (int i = 0; i < 10; i++)
        a[i] = i * i;
    //@ assert a[0] == 0;
}
"""


def written(system: str, text: str, loop: str, *clauses: str, width: str = "") -> dict[str, Any]:
    loops = {loop: [{"clause": clause, "language": "c"} for clause in clauses]}
    artefact = json.dumps({"format": "lemmata.invariants/1", "function": "main", "invariants": loops})
    params = {"text": text, "file": "a.c", "name": "main", "int_width": width, "artefact": artefact}
    said = theorems({**params, "systems": [system]})
    return {"names": said["names"], **said["files"][system]}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_path_is_a_theorem_of_its_own(system: str) -> None:
    said = written(system, EVEN, "L1", "forall % 2 == 0")
    kinds = [name.split("_")[0] for name in said["names"]]
    assert kinds.count("initiation") == 1
    assert kinds.count("consecution") == 2
    for name in said["names"]:
        assert f" {name}" in said["text"]
    assert "forall0" in said["text"], "a keyword must not be the name of a variable"


@pytest.mark.parametrize("system", SYSTEMS)
def test_array_updates_have_names(system: str) -> None:
    text = written(system, FILL, "L1", "0 <= i && i <= 10")["text"]
    assert "updated" in text
    assert "store" not in text


def test_machine_integers_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="machine integers"):
        written("coq", EVEN, "L1", width="32")


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(UsageError, match="hol4"):
        written("hol4", EVEN, "L1")


@given(st.lists(st.text(max_size=12), max_size=30))
def test_names_are_distinct_identifiers(wishes: list[str]) -> None:
    names = Names()
    found = [names.fresh(wish) for wish in wishes]
    assert len(set(found)) == len(found)
    for name in found:
        assert name.isascii()
        assert name.isidentifier()
        assert name[0].islower()
        assert not name.endswith("_")
        assert "__" not in name
        assert name not in ("forall", "fun", "in", "let", "o", "where", "then")


@given(st.text(max_size=60))
def test_nothing_ends_a_comment_but_its_end(text: str) -> None:
    for begin, end in (("(*", "*)"), ("/--", "-/")):
        said = comment(text, begin, end)
        assert said.startswith(begin)
        assert said.endswith(end)
        inside = said[len(begin) : -len(end)]
        assert begin not in inside
        assert end not in inside
        assert "\n" not in inside
