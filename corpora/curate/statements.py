"""What a theorem says, the same however its variables, its hypotheses and the theorem itself are called.

Names of bound variables are replaced by where they are bound, as N. G. de Bruijn does ("Lambda calculus notation with
nameless dummies", 1972); `(n m : T)` is `(n : T) (m : T)`, what stands before the colon is quantified over, and a
hypothesis that nothing refers to is a premise. Comments, blanks and brackets around a whole are gone. Nothing is known
of types and notations: theorems that are equal only by them differ here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpora.curate.nesting import Item, find, is_word, nested
from corpora.curate.notation import Word, words
from corpora.curate.scopes import FORALL, Arrow, Bind, Bracket, Node, Scopes, Variable
from lemmata.goal import digest

_DECLARING = frozenset(
    "Theorem Lemma Fact Remark Corollary Proposition Property Example Definition Instance Goal Let "
    "theorem lemma corollary proposition schematic_goal example def instance abbrev val let".split()
)
_NAMELESS = frozenset({"Goal", "example"})
_LONGEST = 20_000
"""Characters of a statement; a longer one is compared as it is."""
_OPEN = "\0"
"""Stands in a skeleton for a type that is told apart."""
_IMPLIES = "\0->"
"""Behind a premise; an arrow that was not taken apart stands for itself."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a theorem says, in a form that does not depend on names."""

    skeleton: str
    """All of it but the types of the variables that it begins with."""
    types: tuple[str, ...]
    """Those types, in their order; empty where the statement leaves one out."""

    @property
    def key(self) -> str:
        """Equal for statements that are equal up to renaming."""
        return digest(self.skeleton, *self.types)

    @property
    def words(self) -> list[str]:
        """All words in the order of the statement, to see how much statements have in common."""
        return [word for part in (*self.types, self.skeleton) for word in part.split(" ")]

    def agrees(self, other: Statement) -> bool:
        """Say whether both are equal up to renaming, where a type that one leaves out is whatever the other says."""
        return self.skeleton == other.skeleton and all(
            mine == yours or not mine or not yours for mine, yours in zip(self.types, other.types, strict=True)
        )


@functools.lru_cache(maxsize=32768)
def statement(system: str, text: str) -> Statement:
    """Read a statement as it stands in a file, or a proposition alone.

    Args:
        system: `coq`, `lean`, or another one, of which less is known.
        text: from the first modifier to the end of the statement; a proof behind `:=` does not count.
    """
    if len(text) > _LONGEST:
        return Statement(" ".join(text.split()), ())
    found = words(system, text)
    while found and found[-1].text == ".":
        found.pop()
    try:
        return _written(_read(system, found))
    except RecursionError:
        return Statement(" ".join(word.text for word in found), ())


def _read(system: str, found: Sequence[Word]) -> tuple[Node, ...]:
    scopes = Scopes(system)
    declared = next((at for at, word in enumerate(found) if word.text in _DECLARING), -1)
    # A proposition alone may hold such a word, too, but not behind modifiers alone.
    if declared < 0 or any(word.text in (FORALL, ":", "(") for word in found[:declared]):
        return scopes.term(nested(found, matches=system == "coq"), {})
    items = nested(found[declared + 1 :], matches=system == "coq")
    if found[declared].text not in _NAMELESS and items:
        items = items[1:]
    if len(items) > 1 and is_word(items[0], "@"):
        items = items[2:]
    items = items[: _proof_at(items)]
    colon = find(items, 0, ":")
    # In `Goal forall x : T, P` the colon is that of a binder.
    if colon < 0 or 0 <= find(items, 0, FORALL, "exists") < colon:
        return scopes.term(items, {})
    return scopes.binders(FORALL, items[:colon], {}, lambda names: scopes.term(items[colon + 1 :], names))


def _proof_at(items: Sequence[Item]) -> int:
    """Return where the `:=` of the proof stands, which is not that of a `let`."""
    lets = 0
    for at, item in enumerate(items):
        if is_word(item, "let"):
            lets += 1
        elif is_word(item, ":="):
            if not lets:
                return at
            lets -= 1
    return len(items)


def _written(nodes: tuple[Node, ...]) -> Statement:
    skeleton: list[str] = []
    types: list[str] = []
    levels: dict[Variable, int] = {}
    while len(nodes) == 1 and isinstance(nodes[0], Arrow | Bind):
        first = nodes[0]
        if isinstance(first, Bind) and first.kind != FORALL:
            break
        if isinstance(first, Arrow):
            skeleton += [*_words(first.premise, levels), _IMPLIES]
        else:
            types.append(" ".join(_words(first.said or (), levels)))
            levels.update({variable: len(levels) for variable in first.variables})
            skeleton.append(_OPEN)
        nodes = first.body
    return Statement(" ".join([*skeleton, *_words(nodes, levels)]), tuple(types))


def _words(nodes: Sequence[Node], levels: dict[Variable, int]) -> Iterator[str]:
    for node in nodes:
        match node:
            case str():
                yield node
            case Variable():
                yield f"#{levels.get(node, -1)}"
            case Bracket():
                yield f"{node.opening}["
                yield from _words(node.nodes, levels)
                yield "]"
            case Arrow():
                yield "("
                yield from _words(node.premise, levels)
                yield _IMPLIES
                yield from _words(node.body, levels)
                yield ")"
            case Bind():
                inner = {**levels, **{variable: len(levels) + n for n, variable in enumerate(node.variables)}}
                yield f"({node.kind}:{len(node.variables)}"
                # A type is outside of the reach; a pattern's own variables are inside, and no type mentions them.
                yield from _words(node.said or (), inner)
                yield "."
                yield from _words(node.body, inner)
                yield ")"
