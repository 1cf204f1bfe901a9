"""Statements as terms: which words are bound variables, and where each is bound.

No type and no notation is known here, only what binds: quantifiers, functions, `let`, the branches of a `match`, sets
and big operators. A binder reaches to the end of what surrounds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from corpora.curate import brackets
from corpora.curate.nesting import Group, Item, find, is_word
from corpora.curate.notation import Word
from corpora.curate.terms import Arrow, Bind, Bracket, Node, Variable

FORALL, FUN = "forall", "fun"
_BINDERS = {
    FUN: ("=>", ","),
    **dict.fromkeys((FORALL, "exists", "exists2", *"Σ ∑ ∏ ⋃ ⋂ ⨆ ⨅ ∫ ∐ ⨁ ⨂".split()), (",",)),
}
"""What binds names, and which words end the list of the names."""
_ENDS = frozenset(", ; in then else with".split())
"""Words that end what a binder begun at the same level reaches over."""
_KEYWORDS = frozenset(
    (*_BINDERS, *"let in match with end if then else as return fix cofix where Type Prop Set".split())
)
_NULLARY = frozenset("true false nil tt left right none".split())
"""Constructors that begin with a small letter: in a pattern they are no variables."""


Names = dict[str, Variable]
Body = Callable[[Names], tuple[Node, ...]]
"""Makes what is under binders, given what is bound there."""


class Scopes:
    """Makes terms of items.

    Args:
        system: whose notation it is.
    """

    def __init__(self, system: str) -> None:
        self._system = system
        self._lean = system == "lean"
        # Elsewhere a dot ends the list of names: `∀x y. P`.
        self._dots = () if system in ("coq", "lean") else (".",)

    def term(self, items: Sequence[Item], names: Names) -> tuple[Node, ...]:
        """Return a term that stands for itself: a statement, a type, what is in brackets."""
        while len(items) == 1 and isinstance(items[0], Group) and items[0].opening == "(":
            if find(items[0].items, 0, ",", ";", ":", ":=") >= 0:
                break
            items = items[0].items
        nodes: list[Node] = []
        at = 0
        while at < len(items):
            found, at = self._reach(items, at, names)
            nodes += found
            if at < len(items):
                nodes += _text(items[at])
                at += 1
        return self._arrows(nodes)

    def _reach(self, items: Sequence[Item], at: int, names: Names) -> tuple[list[Node], int]:
        """Read as far as a binder that stands here would reach; return where that is, too."""
        nodes: list[Node] = []
        while at < len(items):
            item = items[at]
            found: tuple[Node, int] | None = None
            if isinstance(item, Group):
                found = self._group(item, names), at + 1
            elif item.text in _ENDS:
                break
            elif item.text in _BINDERS:
                found = self._binder(items, at, names)
            elif item.text == "let":
                found = self._let(items, at, names)
            elif _is_big(items, at):
                found = self._big(items, at, names)
            if found is None:
                nodes += self._word(item, names) if isinstance(item, Word) else ()
                at += 1
            else:
                node, at = found
                nodes.append(node)
        return nodes, at

    def _under(self, items: Sequence[Item], at: int, ends: list[int]) -> Body:
        """Return what makes the body that begins at `at`; where it ends is added to `ends`."""

        def body(names: Names) -> tuple[Node, ...]:
            nodes, end = self._reach(items, at, names)
            ends.append(end)
            return _bare(self._arrows(nodes))

        return body

    def _word(self, word: Word, names: Names) -> list[Node]:
        if not word.name:
            return [word.text]
        head, dot, rest = word.text.partition(".") if self._lean else (word.text, "", "")
        variable = names.get(head)
        if variable is None:
            return [word.text]
        variable.uses += 1
        return [variable, f".{rest}"] if dot else [variable]

    def _arrows(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        """Put premises apart; in Lean `↔` binds less than arrows do."""
        if "->" not in nodes or (self._lean and "<->" in nodes):
            return tuple(brackets.without(nodes, self._system))
        at = nodes.index("->")
        premise = brackets.without(nodes[:at], self._system)
        return (Arrow(_bare(premise), _bare(self._arrows(nodes[at + 1 :]))),)

    def _group(self, group: Group, names: Names) -> Node:
        items = group.items
        if group.opening == "match":
            return Bracket("match", tuple(self._match(items, names)))
        if group.opening == "{" and (bound := _set_names(items)):
            inner = {**names, **{name: Variable() for name in bound}}
            variables = tuple(inner[name] for name in bound)
            return Bracket("{", (Bind("{", variables, None, self.term(items[len(bound) :], inner)),))
        if group.opening == "(" and len(items) > 2 and isinstance(items[0], Word) and is_word(items[1], ":="):
            # An argument by name: the name is another theorem's.
            return Bracket("(", (items[0].text, ":=", *self.term(items[2:], names)))
        nodes = self.term(items, names)
        if group.opening == "(" and len(nodes) == 1 and isinstance(nodes[0], str | Variable | Bracket):
            return nodes[0]
        return Bracket(group.opening, nodes)

    def _binder(self, items: Sequence[Item], at: int, names: Names) -> tuple[Node, int] | None:
        (kind,) = _text(items[at])
        end = find(items, at + 1, *_BINDERS[kind], *self._dots)
        start = at + 1
        if start < len(items) and is_word(items[start], "!"):
            kind, start = f"{kind}!", start + 1
        if end <= start:
            return None
        ends: list[int] = []
        nodes = self.binders(kind, items[start:end], names, self._under(items, end + 1, ends))
        return (nodes[0] if len(nodes) == 1 else Bracket("", nodes)), ends[0]

    def binders(self, kind: str, items: Sequence[Item], names: Names, body: Body) -> tuple[Node, ...]:
        """Return binders, one for each variable, around a body.

        Args:
            kind: of the binders, such as `FORALL`.
            items: names, what is said of them, groups.
            names: what is bound around them.
            body: makes what is under them.
        """
        if not items:
            return body(names)
        count = _names_at(items)
        found, rest = [text for item in items[:count] for text in _text(item)], items[count:]

        def following(inner: Names) -> tuple[Node, ...]:
            return self.binders(kind, rest, inner, body)

        if count:
            if rest and isinstance(rest[0], Word) and rest[0].text not in ("`", "'"):
                # `x y : T`, or `x ∈ s` and its like: to the end of the list.
                return self._bound(kind, found, rest[is_word(rest[0], ":") :], names, body)
            return self._bound(kind, found, (), names, following)
        first, rest = items[0], items[1:]
        if isinstance(first, Word) and first.text in ("`", "!", "'") and rest and isinstance(rest[0], Group):
            group, rest = rest[0], rest[1:]
            if first.text == "'":
                return self._pattern(kind, (group,), names, following)
            return self._given(kind, group, True, names, following)
        if isinstance(first, Group):
            return self._given(kind, first, self._lean and first.opening == "[", names, following)
        return (first.text, *following(names))

    def _given(self, kind: str, group: Group, anonymous: bool, names: Names, body: Body) -> tuple[Node, ...]:
        """Return the binders of a group: `(x y : T)`, `{A}`, `[Foo A]`, `(x ∈ s)`, a pattern."""
        items = group.items
        count = _names_at(items)
        found, rest = [text for item in items[:count] for text in _text(item)], items[count:]
        if count and rest and is_word(rest[0], ":"):
            end = find(rest, 1, ":=")
            return self._bound(kind, found, rest[1:] if end < 0 else rest[1:end], names, body)
        if anonymous:
            return (Arrow(self.term(items, names), body(names)),)
        if count and (not rest or not is_word(rest[0], ",", "::")) and not (rest and isinstance(rest[0], Group)):
            return self._bound(kind, found, rest, names, body)
        return self._pattern(kind, (group,), names, body)

    def _bound(
        self, kind: str, found: Sequence[str], said: Sequence[Item], names: Names, body: Body
    ) -> tuple[Node, ...]:
        kept = _bare(self.term(said, names)) if said else None
        variables = [Variable() for _ in found]
        nodes = body({**names, **{name: v for name, v in zip(found, variables, strict=True) if name != "_"}})
        for variable in reversed(variables):
            unused = kind == FORALL and not variable.uses and kept is not None
            nodes = (Arrow(kept, nodes) if unused and kept is not None else Bind(kind, (variable,), kept, nodes),)
        return nodes

    def _pattern(self, kind: str, items: Sequence[Item], names: Names, body: Body) -> tuple[Node, ...]:
        bound = {name: Variable() for name in dict.fromkeys(_variables(items))}
        inner = {**names, **bound}
        shape = self.term(items, inner)
        return (Bind(kind, tuple(bound.values()), shape, body(inner)),)

    def _let(self, items: Sequence[Item], at: int, names: Names) -> tuple[Node, int] | None:
        """Read `let x := v in b`, with a type, parameters, or a pattern in place of `x`."""
        given = find(items, at + 1, ":=")
        left = items[at + 1 : max(given, at + 1)]
        if not left:
            return None
        named = _text(left[0]) if _names_at(left[:1]) else []
        variables = {name: Variable() for name in named}
        end = _in(items, at)
        ends: list[int] = []
        if end < given:
            if not self._lean or not named:
                return None
            # Where a line break ends the value, nobody can tell where that is.
            body = self._under(items, given + 1, ends)({**names, **variables})
            return Bind("let", tuple(variables.values()), None, body), ends[0]
        typed = find(left, 0, ":")
        parameters = left[1 : len(left) if typed < 0 else typed] if named else ()
        value = self.binders(FUN, parameters, names, lambda inner: self.term(items[given + 1 : end], inner))
        said = (*value, ":", *self.term(left[typed + 1 :], names)) if typed >= 0 else value
        under = self._under(items, end + 1, ends)
        if named:
            return Bind("let", tuple(variables.values()), said, under({**names, **variables})), ends[0]
        nodes = self._pattern("let", [item for item in left if not is_word(item, "'")], names, under)
        return Bracket("let", (*nodes, ":=", *said)), ends[0]

    def _match(self, items: Sequence[Item], names: Names) -> Iterator[Node]:
        at = find(items, 0, "with")
        yield from self.term(items[:at] if at >= 0 else items, names)
        while 0 <= at < len(items):
            end = find(items, at + 1, "|")
            branch = items[at + 1 : end if end >= 0 else len(items)]
            arrow = find(branch, 0, "=>")
            under = branch[arrow + 1 :]

            def body(inner: Names, under: Sequence[Item] = under) -> tuple[Node, ...]:
                return _bare(self.term(under, inner))

            if branch:
                yield from self._pattern("|", branch[: max(arrow, 0)], names, body)
            at = end

    def _big(self, items: Sequence[Item], at: int, names: Names) -> tuple[Node, int]:
        """Read a big operator of MathComp: `\\sum_(i <- s | P) F`."""
        group = items[at + 1]
        inside = group.items if isinstance(group, Group) else ()
        ends: list[int] = []
        variable = Variable()
        inner = {**names, **dict.fromkeys(_text(inside[0]), variable)}
        said = self.term(inside[1:], inner)
        return Bind(_text(items[at])[0], (variable,), said, self._under(items, at + 2, ends)(inner)), ends[0]


def _text(item: Item) -> list[str]:
    return [item.text] if isinstance(item, Word) else []


def _is_name(item: Item) -> bool:
    return isinstance(item, Word) and item.name and item.text not in _KEYWORDS


def _names_at(items: Sequence[Item]) -> int:
    """Return how many names stand at the beginning."""
    return next((n for n, item in enumerate(items) if not _is_name(item)), len(items))


def _in(items: Sequence[Item], at: int) -> int:
    """Return where the `in` of a `let` stands, or -1."""
    depth = 0
    for place in range(at, len(items)):
        depth += is_word(items[place], "let") - is_word(items[place], "in")
        if not depth:
            return place
    return -1


def _set_names(items: Sequence[Item]) -> list[str]:
    """Return the names that `{x y : T | P}`, `{x | P}` or `{x ∈ s | P}` binds."""
    count = _names_at(items)
    if not count or count == len(items) or not is_word(items[count], ":", "|", "&", "∈"):
        return []
    return [text for item in items[:count] for text in _text(item)]


def _is_big(items: Sequence[Item], at: int) -> bool:
    (text,) = _text(items[at])
    sign = (text.startswith("\\") and text.endswith("_")) or (
        text == "_" and at > 0 and isinstance(items[at - 1], Group)
    )
    group = items[at + 1] if sign and at + 1 < len(items) else None
    return isinstance(group, Group) and group.opening == "(" and _names_at(group.items[:1]) == 1


def _variables(items: Sequence[Item]) -> Iterator[str]:
    """Yield the names that a pattern binds: neither what is applied nor what looks like a constructor."""
    for at, item in enumerate(items):
        if isinstance(item, Group):
            yield from _variables(item.items)
        elif _is_name(item):
            starts = at == 0 or not (isinstance(items[at - 1], Group) or _is_name(items[at - 1]))
            applied = starts and at + 1 < len(items) and (isinstance(items[at + 1], Group) or _is_name(items[at + 1]))
            small = item.text[0].islower() and "." not in item.text
            if small and not applied and item.text not in _NULLARY:
                yield item.text


def _bare(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return what stands in brackets that are around all of it."""
    while len(nodes) == 1 and isinstance(nodes[0], Bracket) and nodes[0].opening == "(":
        if "," in nodes[0].nodes or ":" in nodes[0].nodes:
            break
        nodes = nodes[0].nodes
    return tuple(nodes)
