"""Writing clauses as ACSL text, the way a programmer would: `x + y <= 10`, `n >= 1 ==> m < n`.

ACSL integers are mathematical and `/` and `%` truncate as in C, so `div` and `mod`, which are Euclidean, are written
in a form that means the same for operands of either sign.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from functools import lru_cache

from lemmata.logic.polynomial import Monomial, Polynomial, combine, content, polynomial, sides
from lemmata.logic.sorts import BOOL, INT
from lemmata.logic.terms import Term, const, le, make, neg, post_order, sub

_IDENTIFIER = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_]*|\\result|\\old\([A-Za-z_][A-Za-z0-9_]*\))\Z")
_MOST_CHARACTERS = 4000
_REMEMBERED = 1 << 14


class _Level(enum.IntEnum):
    """How tightly an expression binds; an operand that binds less tightly than its place needs parentheses."""

    QUANTIFIER = 0
    CONDITIONAL = 1
    EQUIVALENCE = 2
    IMPLICATION = 3
    OR = 4
    AND = 5
    RELATION = 6
    SUM = 7
    PRODUCT = 8
    UNARY = 9
    ATOM = 10


_Text = tuple[str, _Level]
_RELATIONS = {"<=": "<=", "<": "<", "=": "=="}
_NEGATED = {"<=": ">", "<": ">=", "==": "!="}
_TURNED = {"<=": ">=", "<": ">", "==": "==", ">": "<", ">=": "<=", "!=": "!="}


class _NotExpressible(ValueError):
    """The term has no counterpart in ACSL."""


def ctext(term: Term, names: Mapping[str, str]) -> str | None:
    """Write a Boolean term as an ACSL predicate.

    Args:
        term: over Booleans, integers and arrays of integers.
        names: for each free variable the name to write: a C identifier, `\\result` or `\\old(name)`.

    Returns:
        The predicate, or None where ACSL has none: bit-vectors, array updates, division by something that is not a
        literal, existential quantifiers, or a text that would be unreasonably long.
    """
    try:
        return _Writer(names).predicate(term)[0]
    except (_NotExpressible, RecursionError):
        return None


class _Writer:
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = dict(names)
        self._used = set(names.values())

    def predicate(self, term: Term) -> _Text:
        """Write a Boolean term."""
        match term.op:
            case "const":
                return ("\\true" if term.value else "\\false"), _Level.ATOM
            case "var":
                return self._name(term), _Level.ATOM
            case "and":
                parts = [_wrap(self.predicate(a), _Level.AND) for a in term.args]
                return _limit(" && ".join(parts)), _Level.AND
            case "or":
                return self._disjunction(term)
            case "not":
                return self._negation(term.args[0])
            case "forall":
                return self._forall(term)
            case "ite":
                condition, then, other = (_wrap(self.predicate(a), _Level.EQUIVALENCE) for a in term.args)
                return _limit(f"{condition} ? {then} : {other}"), _Level.CONDITIONAL
            case "<=" | "<" | "=" if term.args[0].sort == INT:
                return self._relation(term, _RELATIONS[term.op])
            case "=" if term.args[0].sort == BOOL:
                left, right = (_wrap(self.predicate(a), _Level.RELATION) for a in term.args)
                return _limit(f"{left} <==> {right}"), _Level.EQUIVALENCE
        raise _NotExpressible(term.op)

    def _disjunction(self, term: Term) -> _Text:
        premises = [a.args[0] for a in term.args if a.op == "not"]
        conclusions = [a for a in term.args if a.op != "not"]
        if premises and not conclusions:
            conclusions = [neg(premises.pop())]
        tight = _Level.AND if len(conclusions) > 1 or not premises else _Level.OR
        right = " || ".join(_wrap(self.predicate(c), _tighter(tight, len(conclusions))) for c in conclusions)
        if not premises:
            return _limit(right), _Level.OR
        left = " && ".join(_wrap(self.predicate(p), _Level.AND if len(premises) > 1 else _Level.OR) for p in premises)
        return _limit(f"{left} ==> {right}"), _Level.IMPLICATION

    def _negation(self, inner: Term) -> _Text:
        if inner.op in _RELATIONS and inner.args[0].sort == INT:
            return self._relation(inner, _NEGATED[_RELATIONS[inner.op]])
        if inner.op == "forall":
            raise _NotExpressible("exists")
        return f"!{_wrap(self.predicate(inner), _Level.UNARY)}", _Level.UNARY

    def _forall(self, term: Term) -> _Text:
        bound = []
        while term.op == "forall":
            name, sort = str(term.value).split("\0", 1)
            if sort != INT:
                raise _NotExpressible(sort)
            base = re.sub(r"\W", "_", name.split("!", maxsplit=1)[0]) or "k"
            written, number = base, 0
            while written in self._used:
                number += 1
                written = f"{base}{number}"
            self._used.add(written)
            self._names[name] = written
            bound.append(written)
            term = term.args[0]
        body = self.predicate(term)[0]
        return _limit(f"\\forall integer {', '.join(bound)}; {body}"), _Level.QUANTIFIER

    def _relation(self, term: Term, relation: str) -> _Text:
        poly = combine(polynomial(term.args[0]), polynomial(term.args[1]), -1)
        if relation in ("==", "!=") and (congruence := self._congruence(poly, relation)):
            return congruence
        # From here on, `poly relation 0`.
        constant = poly.pop((), 0)
        if not poly:
            holds = {"==": constant == 0, "!=": constant != 0, "<=": constant <= 0, "<": constant < 0}
            holds |= {">": constant > 0, ">=": constant >= 0}
            return ("\\true" if holds[relation] else "\\false"), _Level.ATOM
        divisor = content(poly.values())
        if relation in ("==", "!="):
            if constant % divisor:
                return ("\\false" if relation == "==" else "\\true"), _Level.ATOM
            constant //= divisor
        elif divisor > 1:
            if relation == "<":
                relation, constant = "<=", constant + 1
            elif relation == ">":
                relation, constant = ">=", constant - 1
            # p + c <= 0 over the integers with g | p: p/g + ceil(c/g) <= 0; for >= it is the floor.
            constant = -(-constant // divisor) if relation == "<=" else constant // divisor
        poly = {m: c // divisor for m, c in poly.items()}
        return self._sided(poly, constant, relation), _Level.RELATION

    def _sided(self, poly: Polynomial, constant: int, relation: str) -> str:
        left, right = sides(poly)
        if not left or next(iter(poly.values())) < 0:
            left, right, constant, relation = right, left, -constant, _TURNED[relation]
        if right and relation in ("<=", ">=") and constant == (1 if relation == "<=" else -1):
            relation, constant = relation[0], 0
        elif right and relation in ("<", ">") and constant == (-1 if relation == "<" else 1):
            relation, constant = relation + "=", 0
        if not right:
            return f"{self._sum(left, 0)} {relation} {-constant}"
        more_left, more_right = max(constant, 0), max(-constant, 0)
        return f"{self._sum(left, more_left)} {relation} {self._sum(right, more_right)}"

    def _congruence(self, poly: Polynomial, relation: str) -> _Text | None:
        """Write `x mod m == r` and `x mod m == y mod m` without minding signs: m divides the difference."""
        remainders = {m[0]: c for m, c in poly.items() if len(m) == 1 and m[0].op == "mod"}
        divisors = {a.args[1] for a in remainders}
        if len(divisors) != 1 or len(poly) - len(remainders) > (() in poly):
            return None
        modulus = divisors.pop()
        constant = poly.get((), 0)
        size = abs(int(modulus.value)) if modulus.op == "const" else 0  # type: ignore[arg-type]
        coefficients = sorted(remainders.values())
        if not size or len(remainders) > 2 or coefficients not in ([1], [-1], [-1, 1]):
            return None
        if len(remainders) == 1:
            ((atom, sign),) = remainders.items()
            rest = -constant * sign
            if not 0 <= rest < size:
                return None
            inner = combine(polynomial(atom.args[0]), {(): rest} if rest else {}, -1)
        elif constant:
            return None
        else:
            inner = {}
            for atom, sign in remainders.items():
                inner = combine(inner, polynomial(atom.args[0]), sign)
        inner = {m: c for m, c in inner.items() if m or c % size}
        return f"{_wrap(self._polynomial(inner), _Level.PRODUCT)} % {size} {relation} 0", _Level.RELATION

    def _sum(self, poly: Polynomial, constant: int) -> str:
        return self._polynomial({**poly, (): constant} if constant else poly)[0]

    def _polynomial(self, poly: Polynomial) -> _Text:
        ordered = sorted(poly.items(), key=lambda item: item[1] < 0)
        if not ordered:
            return "0", _Level.ATOM
        text = ""
        for monomial, coefficient in ordered:
            part, level = self._monomial(monomial, abs(coefficient))
            if not text:
                text = part if coefficient > 0 else f"-{_wrap((part, level), _Level.UNARY)}"
            else:
                text += f" {'+' if coefficient > 0 else '-'} {part}"
        if len(ordered) > 1:
            return _limit(text), _Level.SUM
        return text, level if ordered[0][1] > 0 else _Level.UNARY

    def _monomial(self, monomial: Monomial, size: int) -> _Text:
        if len(monomial) == 1 and size == 1:
            return self._integer(monomial[0])
        factors = [_wrap(self._integer(f), _Level.UNARY) for f in monomial]
        if size != 1 or not factors:
            factors.insert(0, str(size))
        return " * ".join(factors), _Level.PRODUCT if len(factors) > 1 else _Level.UNARY

    def _integer(self, term: Term) -> _Text:
        match term.op:
            case "var":
                return self._name(term), _Level.ATOM
            case "select":
                base, index = term.args
                if index.sort != INT:
                    raise _NotExpressible("array index")
                name = self._name(base) if base.op == "var" else self._integer(base)[0] if base.op == "select" else None
                if name is None:
                    raise _NotExpressible(base.op)
                return _limit(f"{name}[{self._polynomial(polynomial(index))[0]}]"), _Level.ATOM
            case "ite" if (division := _truncating(term)) is not None:
                left, right = (_wrap(self._polynomial(polynomial(a)), _Level.UNARY) for a in division.args)
                return _limit(f"{left} {'/' if division.op == 'div' else '%'} {right}"), _Level.PRODUCT
            case "ite":
                condition = _wrap(self.predicate(term.args[0]), _Level.OR)
                then, other = (_wrap(self._polynomial(polynomial(a)), _Level.SUM) for a in term.args[1:])
                return _limit(f"({condition} ? {then} : {other})"), _Level.ATOM
            case "div" | "mod":
                return self._division(term)
            case "+" | "-" | "*":
                # Only a product too large to multiply out arrives here.
                left, right = (_wrap(self._polynomial(polynomial(a)), _Level.UNARY) for a in term.args)
                return _limit(f"{left} {term.op} {right}"), _Level.SUM
        raise _NotExpressible(term.op)

    def _division(self, term: Term) -> _Text:
        dividend, divisor = term.args
        size = int(divisor.value) if divisor.op == "const" else 0  # type: ignore[arg-type]
        if not size:
            raise _NotExpressible(term.op)
        text = self._polynomial(polynomial(dividend))
        product, total, k = _wrap(text, _Level.UNARY), _wrap(text, _Level.SUM), abs(size)
        remainder = f"({product} % {k} + {k}) % {k}"
        if term.op == "mod":
            return _limit(remainder), _Level.PRODUCT
        quotient = f"({total} - {remainder}) / {k}"
        return _limit(f"-({quotient})" if size < 0 else quotient), _Level.PRODUCT if size > 0 else _Level.UNARY

    def _name(self, term: Term) -> str:
        written = self._names.get(str(term.value), "")
        if not _IDENTIFIER.match(written):
            raise _NotExpressible(str(term.value))
        return written


def _truncating(term: Term) -> Term | None:
    """Recognise C's division, `0 <= a ? a op b : -((-a) op b)`, and return its Euclidean half."""
    condition, then, other = term.args
    if then.op not in ("div", "mod"):
        return None
    a, b = then.args
    mirrored = sub(const(0), make(then.op, (sub(const(0), a), b), INT))
    return then if condition is le(const(0), a) and other is mirrored else None


def _tighter(level: _Level, count: int) -> _Level:
    return _Level.RELATION if level is _Level.AND and count > 1 else level


def _wrap(text: _Text, place: _Level) -> str:
    return text[0] if text[1] >= place else f"({text[0]})"


def _limit(text: str) -> str:
    # Shared subterms are written out as often as they occur, which can double the text at every level.
    if len(text) > _MOST_CHARACTERS:
        raise _NotExpressible("too long")
    return text


@lru_cache(maxsize=_REMEMBERED)
def tree_size(term: Term) -> int:
    """Count the nodes of a term written out as a tree, shared parts as often as they occur."""
    size: dict[Term, int] = {}
    for node in post_order((term,)):
        size[node] = 1 + sum(size[a] for a in node.args)
    return size[term]
