"""The program with its invariants, as ACSL-annotated C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lemmata.logic.transition import Cut, TransitionSystem

_KEYWORDS = {"loop": "loop invariant", "start": "requires", "return": "ensures"}

Shown = Mapping[str, Sequence[tuple[str, str]]]
"""For each loop its clauses, as text and language."""


def annotated(text: str, system: TransitionSystem, clauses: Shown) -> str:
    """Insert what was proved above loops and functions, as ACSL; clauses only SMT-LIB can say become comments."""
    lines = text.split("\n")
    for (line, _), cuts in sorted(same_loops(system).items(), reverse=True):
        several = len(cuts) > 1 and cuts[0].kind == "loop"
        added = [comment for cut in cuts for comment in _comments(cut, clauses.get(cut.name, ()), several)]
        if several and (text_of_all := _disjunction(cuts, clauses)):
            added.insert(0, f"/*@ loop invariant {text_of_all}; */")
        if not 0 < line <= len(lines):
            continue
        before = lines[line - 1]
        indent = before[: len(before) - len(before.lstrip())]
        lines[line - 1 : line - 1] = [indent + comment for comment in added]
    return "\n".join(lines)


def same_loops(system: TransitionSystem) -> dict[tuple[int, int], list[Cut]]:
    """Return the loops by place: one of a function that is called twice is there twice, each with its own invariant.

    A recursive function is there with its start and then its return.
    """
    found: dict[tuple[int, int], list[Cut]] = {}
    for cut in sorted(system.loops, key=lambda c: c.kind == "return"):
        found.setdefault((cut.line, cut.column), []).append(cut)
    return found


def _comments(cut: Cut, clauses: Sequence[tuple[str, str]], one_of_several: bool) -> list[str]:
    found = []
    for clause, language in clauses:
        if language == "c" and not one_of_several:
            found.append(f"/*@ {_KEYWORDS[cut.kind]} {clause}; */")
        elif language != "c":
            found.append(f"/* invariant of {cut.name} in SMT-LIB: {clause.replace('*/', '* /')} */")
    return found


def _disjunction(cuts: Sequence[Cut], clauses: Shown) -> str:
    """Return what holds whichever of the loops it is, empty where nothing can be said."""
    texts = []
    for cut in cuts:
        own = [clause for clause, language in clauses.get(cut.name, ()) if language == "c"]
        if not own:
            return ""
        texts.append(" && ".join(f"({clause})" for clause in own))
    each = list(dict.fromkeys(texts))
    return each[0] if len(each) == 1 else " || ".join(f"({text})" for text in each)
