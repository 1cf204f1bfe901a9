"""What a theorem says, the same however its variables, its hypotheses and the theorem itself are called.

Names of bound variables are replaced by where they are bound, as N. G. de Bruijn does ("Lambda calculus notation with
nameless dummies", 1972); `(n m : T)` is `(n : T) (m : T)`, what stands before the colon is quantified over, and a
hypothesis that nothing refers to is a premise. The variables that a statement begins with are numbered as they occur,
first in the conclusion and then in the premises, of which the least is next each time: in which order it names them
means nothing. Comments, blanks and needless brackets are gone. Nothing is known of types, and of notations only how
strongly the common ones bind: theorems that are equal only by them differ here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpora.curate.nesting import Item, find, is_word, nested
from corpora.curate.notation import Word, words
from corpora.curate.scopes import FORALL, Scopes
from corpora.curate.terms import Arrow, Bind, Bracket, Node, Variable
from lemmata.goal import digest

_DECLARING = frozenset(
    "Theorem Lemma Fact Remark Corollary Proposition Property Example Definition Instance Goal Let "
    "theorem lemma corollary proposition schematic_goal example def instance abbrev val let".split()
)
_NAMELESS = frozenset({"Goal", "example"})
_LONGEST = 20_000
"""Characters of a statement; a longer one is compared as it is."""
_MOST_ORDERS = 256
"""In so many orders premises are written that only differ in their variables, the least of which counts."""
_OPEN = "\0"
"""Stands in a skeleton for a variable that the statement begins with: its type is told apart."""
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
    found = _without_attributes(found)
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


def _without_attributes(found: Sequence[Word]) -> Sequence[Word]:
    """Leave out the attributes that a declaration begins with, such as `@[simp]` and `#[local]`."""
    while len(found) > 1 and (found[0].text == "@[" or (found[0].text, found[1].text) == ("#", "[")):
        depth, end = 0, len(found)
        for at, word in enumerate(found):
            depth += (word.text in ("[", "@[")) - (word.text == "]")
            if word.text == "]" and not depth:
                end = at + 1
                break
        found = found[end:]
    return found


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
    said: dict[Variable, tuple[Node, ...]] = {}
    premises: list[tuple[Node, ...]] = []
    while len(nodes) == 1 and isinstance(nodes[0], Arrow | Bind):
        first = nodes[0]
        if isinstance(first, Arrow):
            premises.append(first.premise)
        elif first.kind == FORALL:
            said |= dict.fromkeys(first.variables, first.said or ())
        else:
            break
        nodes = first.body
    left = [_MOST_ORDERS]
    skeleton, types = min(_orders(nodes, premises, {}, said, left))
    return Statement(" ".join([*[_OPEN] * len(types), *skeleton]), tuple(types))


def _orders(
    nodes: Sequence[Node],
    premises: Sequence[tuple[Node, ...]],
    before: Mapping[Variable, int],
    said: Mapping[Variable, tuple[Node, ...]],
    left: list[int],
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what may be written of a term and the premises before it, with the types of the variables.

    Args:
        nodes: the term.
        premises: which of them comes next depends neither on names nor on where it stood.
        before: the numbers that variables have already.
        said: the variables with their types.
        left: in how many orders premises may be written that look alike so far; is used up.
    """
    numbers = dict(before)

    def numbered(found: Sequence[Node]) -> list[str]:
        """Write what is next to be read, and give numbers to the variables that occur there first."""
        for variable in _variables(found):
            if variable in said:
                numbers.setdefault(variable, len(numbers))
        return list(_words(found, numbers))

    skeleton = numbered(nodes)
    if not premises:
        for variable in [*numbers, *said]:
            numbers.setdefault(variable, len(numbers))
            numbered(said[variable])
        yield skeleton, [" ".join(_words(said[variable], numbers)) for variable in numbers]
        return
    looks = [list(_words(premise, numbers)) for premise in premises]
    least = min(looks)
    tied = [at for at, look in enumerate(looks) if look == least]
    # Those that name no variable for the first time cannot be told apart afterwards either.
    settled = all(variable in numbers for variable in _variables(premises[tied[0]]) if variable in said)
    for place, at in enumerate(tied[:1] if settled else tied):
        if place:
            if left[0] <= 0:
                break
            left[0] -= 1
        others = [*premises[:at], *premises[at + 1 :]]
        for rest, types in _orders(premises[at], others, numbers, said, left):
            yield [*skeleton, _IMPLIES, *rest], types


def _variables(nodes: Sequence[Node]) -> Iterator[Variable]:
    """Yield the variables that occur, in their order."""
    for node in nodes:
        match node:
            case Variable():
                yield node
            case Bracket():
                yield from _variables(node.nodes)
            case Arrow():
                yield from _variables((*node.premise, *node.body))
            case Bind():
                yield from _variables((*(node.said or ()), *node.body))


def _words(nodes: Sequence[Node], numbers: Mapping[Variable, int], inner: tuple[Variable, ...] = ()) -> Iterator[str]:
    """Yield the words of a term; a variable bound in it is called by how many binders are around its own."""
    for node in nodes:
        match node:
            case str():
                yield node
            case Variable():
                yield f"^{inner.index(node)}" if node in inner else f"#{numbers.get(node, '')}"
            case Bracket():
                yield f"{node.opening}["
                yield from _words(node.nodes, numbers, inner)
                yield "]"
            case Arrow():
                yield "("
                yield from _words(node.premise, numbers, inner)
                yield _IMPLIES
                yield from _words(node.body, numbers, inner)
                yield ")"
            case Bind():
                under = (*inner, *node.variables)
                yield f"({node.kind}:{len(node.variables)}"
                # A type is outside of the reach; a pattern's own variables are inside, and no type mentions them.
                yield from _words(node.said or (), numbers, under)
                yield "."
                yield from _words(node.body, numbers, under)
                yield ")"
