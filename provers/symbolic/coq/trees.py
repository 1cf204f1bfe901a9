"""Terms printed without notations, as trees: what features, patterns and premises are made of.

The printed form is applications, binders and a few keywords; whatever else occurs is kept as an opaque atom, so that
reading never fails, only gets coarser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Tree = str | tuple["Tree", ...]
"""An atom, or an application: head first, then the arguments."""

_TOKEN = re.compile(r"\"(?:[^\"]|\"\")*\"|[^\W\d][\w'.]*|@|\d[\w.]*|[()]|[^\s\w()\"]+")
_BINDERS = frozenset(("forall", "fun", "exists", "fix", "cofix"))
_OPENING = ("(", "{", "[", "`{", "`(")
_OPAQUE = frozenset(("match", "let", "if", "fix", "cofix"))
_SEPARATORS = frozenset(("with", "|", "=>", ":", ":=", "in", "then", "else", "return", "as", ",", ")", "end"))
_CLOSING = frozenset((")", ",", "}", "]", ":", ":=", "=>", "|", "with", "end", "then", "else", "in"))
_LONGEST = 4000
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement cut at its leading quantifiers and implications."""

    variables: tuple[str, ...]
    """Names that are quantified over, the first first; an implication has none."""
    premises: tuple[Tree, ...]
    """Types of the nameless binders: what is assumed."""
    types: tuple[Tree, ...]
    """Types of the named binders, one each."""
    conclusion: Tree


def tokens(text: str) -> list[str]:
    """Cut a printed term into tokens; only its first few thousand characters count."""
    return _TOKEN.findall(text[:_LONGEST])


def head(tree: Tree) -> str:
    """Return the symbol at the head of a term."""
    while isinstance(tree, tuple):
        if not tree:
            return ""
        tree = tree[0]
    return tree


def last(name: str) -> str:
    """Return a name without its modules."""
    return name.rsplit(".", 1)[-1]


def subterms(tree: Tree) -> Iterator[Tree]:
    """Return a term and everything in it, outermost first."""
    work = [tree]
    while work:
        term = work.pop()
        yield term
        if isinstance(term, tuple):
            work.extend(reversed(term[1:]))


def write(tree: Tree, *, inside: bool = False) -> str:
    """Write a term again in Coq's syntax."""
    if isinstance(tree, str):
        return tree
    text = " ".join(write(part, inside=True) for part in tree)
    return f"({text})" if inside and len(tree) > 1 else text


def read(text: str) -> Tree:
    """Read a term."""
    return _Reader(tokens(text)).term()


def statement(text: str) -> Statement:
    """Read a statement."""
    reader = _Reader(tokens(text))
    variables: list[str] = []
    types: list[Tree] = []
    premises: list[Tree] = []
    while reader.peek() == "forall":
        for name, kind in reader.binders():
            if name == "_":
                premises.append(kind)
            else:
                variables.append(name)
                types.append(kind)
    return Statement(tuple(variables), tuple(premises), tuple(types), reader.term())


class _Reader:
    def __init__(self, found: list[str]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def binders(self) -> list[tuple[str, Tree]]:
        """Read `forall x y : T,`, `forall (x : T) (y : U),` or `forall x (y : U),` with the keyword and the comma."""
        self._next()
        found: list[tuple[str, Tree]] = []
        while self.peek() not in (",", "=>", ""):
            opened = self.peek() in _OPENING
            if opened:
                self._next()
            names = []
            while self.peek() not in (":", ",", "=>", ")", "", "}", "]", ":=", *_OPENING):
                names.append(self._next())
            kind: Tree = "_"
            if self.peek() == ":":
                self._next()
                kind = self.term()
            found += [(name, kind) for name in names]
            if opened:
                while self.peek() not in (")", "}", "]", ",", "=>", ""):
                    self._next()
                if self.peek() in (")", "}", "]"):
                    self._next()
            elif self.peek() not in (",", "=>", *_OPENING):
                break
        if self.peek() in (",", "=>"):
            self._next()
        return found

    def term(self) -> Tree:
        """Read applications up to a closing bracket, a comma or the end."""
        self._depth += 1
        parts: list[Tree] = []
        while (token := self.peek()) and token not in _CLOSING:
            if self._depth > _DEEPEST:
                self._at = len(self._tokens)
                break
            if token in _OPAQUE:
                parts.append(self._opaque(token))
            elif token in _BINDERS:
                bound = self.binders()
                parts.append((token, *(kind for _, kind in bound), self.term()))
            elif token == "(":
                self._next()
                parts.append(self.term())
                while self.peek() not in (")", ""):
                    self._next()
                self._next()
            else:
                parts.append(self._next())
        self._depth -= 1
        if len(parts) == 1:
            return parts[0]
        if parts and isinstance(parts[0], tuple) and parts[0] and parts[0][0] not in _BINDERS | _OPAQUE:
            return (*parts[0], *parts[1:])
        return tuple(parts)

    def _opaque(self, keyword: str) -> Tree:
        """Read `match x with ... end` and relatives as the keyword applied to the terms in it."""
        self._next()
        parts: list[Tree] = [keyword]
        whole = keyword != "match"
        while token := self.peek():
            if token == "end" and not whole:
                self._next()
                break
            if whole and token in (")", ",", "}", "]", "end"):
                break
            before = self._at
            if token not in _SEPARATORS:
                parts.append(self.term())
            if self._at == before:
                self._next()
        return tuple(parts)


def matches(pattern: Tree, term: Tree, variables: frozenset[str], bound: dict[str, Tree] | None = None) -> bool:
    """Say whether a pattern is a term up to its variables, each standing for one term.

    Args:
        pattern: a term with variables.
        term: what it may be equal to.
        variables: names that stand for anything.
        bound: what is known of the variables; filled.
    """
    known = {} if bound is None else bound
    if isinstance(pattern, str):
        if pattern in variables:
            return known.setdefault(pattern, term) == term
        return pattern == term
    if not isinstance(term, tuple):
        return False
    first = pattern[0] if pattern else ""
    if isinstance(first, str) and first in variables:
        # A variable applied to arguments may be anything that is applied to as many.
        extra = len(term) - len(pattern)
        if extra < 0 or known.setdefault(first, term[: extra + 1]) != term[: extra + 1]:
            return False
        return all(matches(p, t, variables, known) for p, t in zip(pattern[1:], term[extra + 1 :], strict=True))
    if len(pattern) != len(term):
        return False
    return all(matches(p, t, variables, known) for p, t in zip(pattern, term, strict=True))


def features(tree: Tree, local: Iterable[str] = ()) -> set[str]:
    """Return what a term is about: its symbols, and which symbol stands directly under which.

    Args:
        tree: the term.
        local: names that mean nothing elsewhere; each counts as `_`.
    """
    mine = frozenset(local)
    found: set[str] = set()
    work: list[tuple[str, Tree]] = [("", tree)]
    while work:
        above, term = work.pop()
        name = head(term)
        shown = "_" if name in mine else last(name)
        if shown and shown != "_":
            found.add(shown)
        if above:
            found.add(f"{above}>{shown}")
        if isinstance(term, tuple):
            work.extend((shown, part) for part in term[1:])
    return found
