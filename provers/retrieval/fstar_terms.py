"""F* types as trees, as far as comparing them takes: parameters, what is claimed, and its terms.

Operators are read by their precedence (F* tutorial, "Syntax"); whatever else there is becomes an opaque atom, so that
reading never fails, only gets coarser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from provers.symbolic.coq.trees import Tree, head, last

_TOKEN = re.compile(
    r"<==>|==>|===|==|=!=|<>|!=|<=|>=|->|/\\|\\/|::|:=|\|>|<\||&&|\|\||[~<>=@+\-*/%^:.,;#!|&?$]"
    r"|[()\[\]{}]|\"(?:[^\"\\]|\\.)*\"|[^\W\d][\w']*(?:\.[^\W\d][\w']*)*|\d\w*|\S"
)
_LEVELS = {
    "<==>": 1,
    "==>": 2,
    "\\/": 3,
    "/\\": 4,
    "==": 6,
    "===": 6,
    "=": 6,
    "=!=": 6,
    "<>": 6,
    "!=": 6,
    "<": 6,
    ">": 6,
    "<=": 6,
    ">=": 6,
    "||": 7,
    "&&": 8,
    "::": 9,
    "@": 9,
    "^": 9,
    "+": 10,
    "-": 10,
    "*": 11,
    "/": 11,
    "%": 11,
}
_RIGHT = frozenset(("==>", "\\/", "/\\", "::", "@", "^"))
_PREFIX = 5
_STOP = frozenset((")", "]", "}", ",", ";", ":", "->", "|", ":=", "then", "else", "with", "in", ""))
_OPAQUE = frozenset(("forall", "exists", "fun", "match", "if", "let", "function"))
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DEEPEST = 60
_LONGEST = 2000
_LEMMA = re.compile(r"(?<![\w.'])(?:FStar\.Pervasives\.)?Lemma\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """What the type of a definition says."""

    parameters: tuple[tuple[str, str], ...]
    """Name and type of each explicit parameter; names are made up where there are none."""
    implicit: tuple[str, ...]
    result: str
    """The text of its result type."""

    @property
    def claim(self) -> str:
        """What a lemma ensures, empty for what is none."""
        return claim(self.result)


def claim(result: str) -> str:
    """Return the text of what a lemma's type ensures, empty for what is no lemma's."""
    found = _LEMMA.search(result)
    if found is None:
        return ""
    groups = _groups(result[found.end() :])
    for group in groups:
        if group.startswith("ensures"):
            text = group.removeprefix("ensures").strip()
            return _bare(re.sub(r"^fun\s+(?:_|\(\))\s*->", "", _bare(text)).strip())
    return next((_bare(group) for group in groups if not re.match(r"requires\b|decreases\b", group)), "")


def signature(text: str) -> Signature:
    """Read what stands between a definition's name and its body: `: a -> b` of a `val`, or the head of a `let`."""
    text = text.strip()[:_LONGEST]
    parameters: list[tuple[str, str]] = []
    implicit: list[str] = []
    colon = next((at for at, sign in _top(text) if sign == ":" and text[at : at + 2] != "::"), len(text))
    if colon:
        for name, kind, hidden in _head_binders(text[:colon]):
            if hidden:
                implicit.append(name)
            else:
                parameters.append((name, kind))
    pieces = _arrows(text[colon + 1 :])
    for piece in pieces[:-1]:
        name, kind, hidden = _domain(piece)
        if hidden:
            implicit.append(name)
        else:
            parameters.append((name or f"_{len(parameters)}", kind))
    return Signature(tuple(parameters), tuple(implicit), pieces[-1].strip())


def read(text: str) -> Tree:
    """Read a term or a formula."""
    return _Reader(_TOKEN.findall(text[:_LONGEST])).term(0)


def write(tree: Tree, *, inside: bool = False) -> str:
    """Write a term in F*'s syntax."""
    if isinstance(tree, str):
        return tree
    name = head(tree)
    if len(tree) == 3 and isinstance(tree[0], str) and name in _LEVELS:
        text = f"{write(tree[1], inside=True)} {name} {write(tree[2], inside=True)}"
    else:
        text = " ".join(write(part, inside=True) for part in tree)
    return f"({text})" if inside else text


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def term(self, least: int) -> Tree:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._at = len(self._tokens)
        left = self._operand()
        while (level := _LEVELS.get(self._peek(), -1)) >= max(least, 1):
            sign = self._tokens[self._at]
            self._at += 1
            left = (sign, left, self.term(level if sign in _RIGHT else level + 1))
        self._depth -= 1
        return left

    def _operand(self) -> Tree:
        if self._peek() == "~":
            self._at += 1
            return ("~", self.term(_PREFIX))
        if self._peek() == "-":
            self._at += 1
            return ("-", self.term(_LEVELS["*"]))
        parts: list[Tree] = []
        while (token := self._peek()) not in _STOP and token not in _LEVELS and token != "~":
            parts.append(self._atom(token))
        if not parts and self._peek() not in _STOP:
            self._at += 1
        return parts[0] if len(parts) == 1 else tuple(parts)

    def _atom(self, token: str) -> Tree:
        self._at += 1
        if token in _OPAQUE:
            # A binder reaches as far as its brackets do; what is in it is compared as it stands.
            start, depth = self._at, 0
            while self._at < len(self._tokens):
                sign = self._tokens[self._at]
                depth += (sign in _CLOSING) - (sign in _CLOSING.values())
                if depth < 0:
                    break
                self._at += 1
            return " ".join([token, *self._tokens[start : self._at]])
        if token in _CLOSING:
            inner = self.term(0)
            items = [inner]
            while self._peek() not in (_CLOSING[token], ""):
                before = self._at
                if self._peek() in (",", ";"):
                    self._at += 1
                    items.append(self.term(0))
                if self._at == before:
                    self._at += 1
            self._at += 1
            if token == "(" and len(items) == 1:
                return "()" if inner == () else inner
            return "[]" if items == [()] else (token, *items)
        # Under an `open`, the same thing has a shorter name.
        return last(token) if token[0].isalpha() or token[0] == "_" else token


def _groups(text: str) -> list[str]:
    """Return what stands in round brackets outside of others; the whole text where there are none."""
    found, depth, begin = [], 0, 0
    for at, sign in enumerate(text):
        if sign in "([{":
            if depth == 0:
                begin = at
            depth += 1
        elif sign in ")]}" and depth:
            depth -= 1
            if depth == 0 and text[begin] == "(":
                found.append(text[begin + 1 : at].strip())
    return found or ([text.strip()] if text.strip() else [])


def _bare(text: str) -> str:
    groups = _groups(text)
    return _bare(groups[0]) if len(groups) == 1 and text.strip() == f"({groups[0]})" else text.strip()


def _top(text: str) -> Iterable[tuple[int, str]]:
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0:
            yield at, sign


def _head_binders(text: str) -> Iterable[tuple[str, str, bool]]:
    for found in re.finditer(r"(#?)\s*(?:\(((?:[^()]|\([^()]*\))*)\)|([^\W\d][\w']*))", text):
        if found[3]:
            yield found[3], "", bool(found[1])
            continue
        names, _, kind = found[2].partition(":")
        for name in names.split() or ["()"]:
            hidden = bool(found[1]) or name.startswith("#")
            yield name.lstrip("#"), "unit" if name == "()" else kind.strip(), hidden


def _arrows(text: str) -> list[str]:
    parts, begin = [], 0
    for at, _ in _top(text):
        if _LEMMA.match(text, at):
            break
        if text.startswith("->", at):
            parts.append(text[begin:at])
            begin = at + 2
    return [*parts, text[begin:]]


def _domain(text: str) -> tuple[str, str, bool]:
    text = _bare(text)
    hidden = text.startswith(("#", "{|"))
    found = re.match(r"#?\s*([^\W\d][\w']*)\s*:(?!:)\s*(.*)$", text, re.S)
    return (found[1], found[2].strip(), hidden) if found else ("", text, hidden)
