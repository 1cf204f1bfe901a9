"""Formulas without conditionals and array updates: each becomes a variable, and a hypothesis that says what it is.

Decision procedures of proof assistants know linear arithmetic and connectives, not `ite` and `store`. A formula F[s]
holds for all values of its variables exactly when F[v] does for all values where v is s, as there is one such v.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from checkers.programs.theorems.names import PLACE, Names
from lemmata.errors import UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL, INT, array_parts, is_array
from lemmata.logic.terms import Term

_PLAIN = frozenset({"+", "-", "*", "div", "mod", "<=", "<", "and", "or", "not", "select"})


def refuse_sort(sort: str) -> str:
    """Return a sort that proof assistants have; raise `UnsupportedError` for machine integers."""
    if is_array(sort):
        for part in array_parts(sort):
            refuse_sort(part)
    elif sort not in (INT, BOOL):
        raise UnsupportedError("machine integers cannot be written as theorems", hint="leave out --int-width or --emit")
    return sort


@dataclass(slots=True)
class _Scope:
    """What was introduced where some variables are bound."""

    bound: frozenset[str]
    introduced: list[Term] = field(default_factory=list)
    definitions: list[Term] = field(default_factory=list)
    known: dict[Term, Term] = field(default_factory=dict)


class Purifier:
    """Purifies the formulas of one theorem.

    Args:
        names: gives names to what is introduced.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._scopes = [_Scope(frozenset())]

    @property
    def introduced(self) -> list[Term]:
        """The variables that stand for parts of the formulas given to `outer`."""
        return self._scopes[0].introduced

    @property
    def definitions(self) -> list[Term]:
        """What each of them is."""
        return self._scopes[0].definitions

    def outer(self, term: Term) -> Term:
        """Return a term without conditionals and updates; what it needs is in `introduced` and `definitions`."""
        return self._pure(term)

    def closed(self, formula: Term) -> Term:
        """Return a formula without conditionals and updates that says everything itself."""
        return self._within(frozenset(), formula)

    def _within(self, bound: frozenset[str], formula: Term) -> Term:
        self._scopes.append(_Scope(bound))
        body = self._pure(formula)
        scope = self._scopes.pop()
        if scope.introduced:
            body = t.implies(t.conj(scope.definitions), body)
        for variable in reversed(scope.introduced):
            body = t.forall(str(variable.value), variable.sort, body)
        return body

    def _pure(self, term: Term) -> Term:
        for scope in self._scopes:
            if term in scope.known:
                return scope.known[term]
        if term.op in ("var", "const"):
            return term
        if term.op == "forall":
            name, sort = str(term.value).split("\0", 1)
            fresh = t.var(self._names.fresh(name), refuse_sort(sort))
            body = t.substitute(term.args[0], {t.var(name, sort): fresh})
            return t.forall(str(fresh.value), sort, self._within(frozenset({str(fresh.value)}), body))
        args = tuple(self._pure(a) for a in term.args)
        match term.op:
            case "=":
                return _equal(*args)
            case "ite" if term.sort == BOOL:
                return t.conj((t.implies(args[0], args[1]), t.implies(t.neg(args[0]), args[2])))
            case "ite":
                return self._name(term, "choice", lambda v: _choice(v, *args))
            case "store":
                return self._name(term, "updated", lambda v: _update(v, *args))
            case "const-array":
                return self._name(term, "filled", lambda v: _filled(v, args[0]))
        if term.op not in _PLAIN:
            raise UnsupportedError(f"{term.op} cannot be written in a theorem", hint="leave out --emit")
        return t.rebuild(term, args)

    def _name(self, term: Term, wish: str, definition: Callable[[Term], list[Term]]) -> Term:
        """Introduce a variable for a term, as far out as the variables in it allow."""
        free = t.free(term).keys()
        scope = next((s for s in reversed(self._scopes) if s.bound & free), None) or self._home()
        variable = t.var(self._names.fresh(wish), refuse_sort(term.sort))
        scope.introduced.append(variable)
        scope.definitions += definition(variable)
        scope.known[term] = variable
        return variable

    def _home(self) -> _Scope:
        """Return the scope of what mentions no bound variable: the formula's own where it has to stand alone."""
        return self._scopes[0] if len(self._scopes) == 1 or self._scopes[1].bound else self._scopes[1]


def _equal(left: Term, right: Term) -> Term:
    """Return what equality means: arrays are equal where all their elements are."""
    if not is_array(left.sort):
        return t.eq(left, right)
    index, _ = array_parts(left.sort)
    depth = 0
    sort = left.sort
    while is_array(sort):
        depth, sort = depth + 1, array_parts(sort)[1]
    place = t.var(f"{PLACE}{depth}", index)
    body = _equal(t.select(left, place), t.select(right, place))
    return t.make("forall", (body,), BOOL, f"{PLACE}{depth}\0{index}")


def _choice(variable: Term, condition: Term, then: Term, other: Term) -> list[Term]:
    return [t.implies(condition, _equal(variable, then)), t.implies(t.neg(condition), _equal(variable, other))]


def _update(variable: Term, array: Term, index: Term, element: Term) -> list[Term]:
    sort, _ = array_parts(array.sort)
    place = t.var(PLACE, sort)
    same = _equal(t.make("select", (variable, place), element.sort), t.make("select", (array, place), element.sort))
    others = t.make("forall", (t.disj((t.eq(place, index), same)),), BOOL, f"{PLACE}\0{sort}")
    return [_equal(t.make("select", (variable, index), element.sort), element), others]


def _filled(variable: Term, element: Term) -> list[Term]:
    sort, _ = array_parts(variable.sort)
    place = t.var(PLACE, sort)
    same = _equal(t.make("select", (variable, place), element.sort), element)
    return [t.make("forall", (same,), BOOL, f"{PLACE}\0{sort}")]
