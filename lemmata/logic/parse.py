"""Reading SMT-LIB 2.6 expressions as terms; total on any text, however malformed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lemmata.errors import InputError, Location
from lemmata.logic.operators import MOST_BITS, Misapplied, apply, apply_indexed
from lemmata.logic.sorts import BOOL, INT, array, array_parts, bit_vector
from lemmata.logic.terms import FALSE, TRUE, Term, const, const_array, exists, forall, var

_TOKEN = re.compile(
    r"(?P<space>[\s]+|;[^\n]*)|(?P<paren>[()])|(?P<quoted>\|[^|\\]*\|)"
    r"|(?P<number>0|[1-9][0-9]*)(?![0-9A-Za-z_.])|(?P<hex>\#x[0-9a-fA-F]+)|(?P<binary>\#b[01]+)"
    r"|(?P<symbol>[A-Za-z_~!@$%^&*+=<>.?/-][0-9A-Za-z_~!@$%^&*+=<>.?/-]*)"
)
_MOST_DEPTH = 200
_MOST_DIGITS = 4000
_MOST_INTEGER_BITS = 1 << 16


@dataclass(frozen=True, slots=True)
class _Atom:
    kind: str
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class _List:
    items: tuple[_Atom | _List, ...]
    offset: int


_Node = _Atom | _List


def parse(text: str, sorts: Mapping[str, str], expected: str | None = BOOL, file: str = "clause") -> Term:
    """Read one SMT-LIB expression.

    Bound variables are renamed to names with a `!`, so that no program variable is ever captured.

    Args:
        text: the expression, with `let`, `forall` and `exists` where wanted.
        sorts: the sort of each free name.
        expected: the sort that the expression must have; None for any.
        file: what to call the text in error messages.

    Raises:
        InputError: the text is malformed, ill-sorted, mentions an unknown name or uses an operator that terms
            cannot express; the location says where.
    """
    reader = _Reader(text, sorts, file)
    tree = reader.tree()
    term = reader.term(tree, {}, 0)
    if expected is not None and term.sort != expected:
        raise reader.error(tree.offset, f"expected sort {expected}, found {term.sort}")
    return term


class _Reader:
    def __init__(self, text: str, sorts: Mapping[str, str], file: str) -> None:
        self._text = text
        self._sorts = sorts
        self._file = file

    def error(self, offset: int, message: str) -> InputError:
        """Build the error for a place in the text."""
        line = self._text.count("\n", 0, offset) + 1
        column = offset - (self._text.rfind("\n", 0, offset) + 1) + 1
        return InputError(message, location=Location(self._file, line, column))

    def tree(self) -> _Node:
        """Read the whole text as exactly one S-expression, without recursion."""
        found: list[_Node] = []
        stack: list[tuple[list[_Node], int]] = []
        offset = 0
        while offset < len(self._text):
            match = _TOKEN.match(self._text, offset)
            if match is None:
                raise self.error(offset, f"unexpected character {self._text[offset]!r}")
            kind, token = str(match.lastgroup), match.group()
            if token == "(":
                if len(stack) >= _MOST_DEPTH:
                    raise self.error(offset, f"nested deeper than {_MOST_DEPTH} levels")
                stack.append((found, offset))
                found = []
            elif token == ")":
                if not stack:
                    raise self.error(offset, "unexpected )")
                outer, start = stack.pop()
                outer.append(_List(tuple(found), start))
                found = outer
            elif kind != "space":
                found.append(_Atom(kind, token, offset))
            offset = match.end()
        if stack:
            raise self.error(stack[-1][1], "this ( is never closed")
        if len(found) != 1:
            raise self.error(found[1].offset if found else 0, "expected exactly one expression")
        return found[0]

    def term(self, node: _Node, bound: Mapping[str, Term], level: int) -> Term:
        """Elaborate one expression; `bound` maps local names, `level` counts enclosing quantifiers."""
        if isinstance(node, _Atom):
            return self._leaf(node, bound)
        if not node.items:
            raise self.error(node.offset, "empty expression")
        head, rest = node.items[0], node.items[1:]
        if isinstance(head, _Atom) and head.kind == "symbol":
            match head.text:
                case "let":
                    inner = dict(bound)
                    for name, value in self._bindings(node):
                        inner[name] = self.term(value, bound, level)
                    return self.term(rest[1], inner, level)
                case "forall" | "exists":
                    return self._quantified(node, head.text, bound, level)
                case "_":
                    return self._indexed_literal(node)
        args = []
        for one in rest:
            args.append(self.term(one, bound, level))
        return self._application(node, head, args)

    def _application(self, node: _List, head: _Node, args: list[Term]) -> Term:
        try:
            if isinstance(head, _Atom):
                if head.kind != "symbol":
                    raise self.error(head.offset, f"expected an operator, found {head.text}")
                result = apply(head.text, args)
            else:
                words = [i.text for i in head.items if isinstance(i, _Atom)]
                if words[:2] == ["as", "const"] and len(head.items) == 3:
                    sort = self._sort(head.items[2])
                    if not sort.startswith("(Array ") or len(args) != 1 or array_parts(sort)[1] != args[0].sort:
                        raise self.error(node.offset, "ill-sorted constant array")
                    return const_array(sort, args[0])
                if words[:1] != ["_"] or len(words) != len(head.items) or len(words) < 3:
                    raise self.error(head.offset, "expected an operator")
                indices = [self._number(i) for i in head.items[2:]]
                result = apply_indexed(words[1], indices, args)
        except Misapplied as problem:
            raise self.error(node.offset, str(problem)) from None
        if result.op == "const" and result.sort == INT and int(result.value or 0).bit_length() > _MOST_INTEGER_BITS:  # type: ignore[arg-type]
            raise self.error(node.offset, "the number is too large")
        return result

    def _leaf(self, node: _Atom, bound: Mapping[str, Term]) -> Term:
        match node.kind:
            case "number":
                return const(self._number(node, most=None))
            case "hex":
                return self._literal(node, 16, 4 * (len(node.text) - 2))
            case "binary":
                return self._literal(node, 2, len(node.text) - 2)
        name = _plain(node)
        if name in bound:
            return bound[name]
        if node.kind == "symbol" and name in ("true", "false"):
            return TRUE if name == "true" else FALSE
        if name in self._sorts:
            return var(name, self._sorts[name])
        raise self.error(node.offset, f"unknown name {name}")

    def _literal(self, node: _Atom, base: int, bits: int) -> Term:
        if bits > MOST_BITS:
            raise self.error(node.offset, f"bit-vectors of more than {MOST_BITS} bits are not supported")
        return const(int(node.text[2:], base), bit_vector(bits))

    def _number(self, node: _Node, most: int | None = MOST_BITS) -> int:
        if not isinstance(node, _Atom) or node.kind != "number":
            raise self.error(node.offset, "expected a number")
        if len(node.text) > _MOST_DIGITS or (most is not None and int(node.text) > most):
            raise self.error(node.offset, "the number is too large")
        return int(node.text)

    def _indexed_literal(self, node: _List) -> Term:
        if len(node.items) == 3:
            head = node.items[1]
            if isinstance(head, _Atom) and re.fullmatch(r"bv[0-9]+", head.text) and len(head.text) < _MOST_DIGITS:
                bits = self._number(node.items[2])
                if bits:
                    return const(int(head.text[2:]), bit_vector(bits))
        raise self.error(node.offset, "expected a bit-vector literal such as (_ bv5 32)")

    def _bindings(self, node: _List) -> list[tuple[str, _Node]]:
        if len(node.items) == 3 and isinstance(node.items[1], _List) and node.items[1].items:
            found = []
            for pair in node.items[1].items:
                if not isinstance(pair, _List) or len(pair.items) != 2:
                    break
                name = pair.items[0]
                if not isinstance(name, _Atom) or name.kind not in ("symbol", "quoted"):
                    break
                found.append((_plain(name), pair.items[1]))
            else:
                if len({name for name, _ in found}) == len(found):
                    return found
        raise self.error(node.offset, "malformed binding list")

    def _quantified(self, node: _List, kind: str, bound: Mapping[str, Term], level: int) -> Term:
        inner = dict(bound)
        new: list[tuple[str, str]] = []
        for name, sort_node in self._bindings(node):
            sort = self._sort(sort_node)
            base = name.split("!", maxsplit=1)[0] or "q"
            number = level + len(new)
            # A name with ! and the depth cannot be that of a program variable or of an enclosing quantifier.
            fresh = f"{base}!{number}"
            while fresh in self._sorts:
                fresh += "_"
            inner[name] = var(fresh, sort)
            new.append((fresh, sort))
        body = self.term(node.items[2], inner, level + len(new))
        if body.sort != BOOL:
            raise self.error(node.offset, f"the body of {kind} has sort {body.sort}")
        for name, sort in reversed(new):
            body = forall(name, sort, body) if kind == "forall" else exists(name, sort, body)
        return body

    def _sort(self, node: _Node) -> str:
        if isinstance(node, _Atom) and node.text in (BOOL, INT):
            return node.text
        if isinstance(node, _List) and len(node.items) == 3 and isinstance(node.items[0], _Atom):
            head, second, third = node.items[0].text, node.items[1], node.items[2]
            if head == "_" and isinstance(second, _Atom) and second.text == "BitVec":
                bits = self._number(third)
                if bits:
                    return bit_vector(bits)
            if head == "Array":
                return array(self._sort(second), self._sort(third))
        raise self.error(node.offset, "unknown sort")


def _plain(node: _Atom) -> str:
    return node.text[1:-1] if node.kind == "quoted" else node.text
