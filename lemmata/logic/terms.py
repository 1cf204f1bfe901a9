"""Terms over Booleans, integers, bit-vectors and arrays: immutable and shared, so equality is identity.

The operators are those of SMT-LIB 2.6 (theories Core, Ints, FixedSizeBitVectors, ArraysEx) with their meaning:
`div` and `mod` are Euclidean, division by zero is whatever a solver makes of it and is never relied upon.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce

from lemmata.logic.sorts import BOOL, INT, array_parts, bit_vector, width

Value = int | bool | str | tuple[int, ...] | None


class Term:
    """One node of a term graph; make terms with the functions of this module, never directly."""

    __slots__ = ("__weakref__", "args", "op", "sort", "value")

    op: str
    args: tuple[Term, ...]
    sort: str
    value: Value

    def __repr__(self) -> str:
        from lemmata.logic.smtlib import inline

        return inline(self)


_TERMS: weakref.WeakValueDictionary[tuple[object, ...], Term] = weakref.WeakValueDictionary()


def make(op: str, args: tuple[Term, ...], sort: str, value: Value = None) -> Term:
    """Return the one term with this operator, arguments, sort and value, unsimplified."""
    key = (op, args, sort, value, type(value))
    found = _TERMS.get(key)
    if found is None:
        found = Term()
        found.op, found.args, found.sort, found.value = op, args, sort, value
        _TERMS[key] = found
    return found


def var(name: str, sort: str) -> Term:
    """Return the variable `name`."""
    return make("var", (), sort, name)


def const(value: int, sort: str = INT) -> Term:
    """Return an integer or bit-vector literal; bit-vector values are taken modulo 2^width."""
    if sort == INT:
        return make("const", (), INT, int(value))
    return make("const", (), sort, int(value) % (1 << width(sort)))


def number(term: Term) -> int:
    """Return the value of an integer or bit-vector literal."""
    if not isinstance(term.value, int):
        raise ValueError(f"not a literal: {term!r}")
    return int(term.value)


TRUE = make("const", (), BOOL, True)
FALSE = make("const", (), BOOL, False)


def boolean(value: bool) -> Term:
    """Return `true` or `false`."""
    return TRUE if value else FALSE


def conj(terms: Iterable[Term]) -> Term:
    """Conjunction, flattened and without repeats."""
    return _connect("and", terms, TRUE, FALSE)


def disj(terms: Iterable[Term]) -> Term:
    """Disjunction, flattened and without repeats."""
    return _connect("or", terms, FALSE, TRUE)


def _connect(op: str, terms: Iterable[Term], unit: Term, zero: Term) -> Term:
    found: dict[Term, None] = {}
    for term in terms:
        for one in term.args if term.op == op else (term,):
            if one is zero or neg(one) in found:
                return zero
            if one is not unit:
                found[one] = None
    match len(found):
        case 0:
            return unit
        case 1:
            return next(iter(found))
    return make(op, tuple(found), BOOL)


def neg(term: Term) -> Term:
    """Logical negation."""
    if term.op == "not":
        return term.args[0]
    if term.op == "const":
        return boolean(not term.value)
    return make("not", (term,), BOOL)


def implies(left: Term, right: Term) -> Term:
    """Implication, written as a disjunction."""
    return disj((neg(left), right))


def ite(condition: Term, then: Term, other: Term) -> Term:
    """If-then-else of two terms of one sort."""
    if condition is TRUE or then is other:
        return then
    if condition is FALSE:
        return other
    if then.sort == BOOL:
        if then is TRUE and other is FALSE:
            return condition
        if then is FALSE and other is TRUE:
            return neg(condition)
    return make("ite", (condition, then, other), then.sort)


def eq(left: Term, right: Term) -> Term:
    """Equality."""
    if left is right:
        return TRUE
    if left.op == "const" and right.op == "const":
        return FALSE
    if left.sort == BOOL:
        for one, two in ((left, right), (right, left)):
            if one.op == "const":
                return two if one.value else neg(two)
    # (= (ite c 1 0) 0) is how C's truth values come back: undo it.
    for one, two in ((left, right), (right, left)):
        if one.op == "ite" and two.op == "const" and one.args[1].op == "const" and one.args[2].op == "const":
            return ite(one.args[0], boolean(one.args[1] is two), boolean(one.args[2] is two))
    return make("=", (left, right), BOOL)


def _fold(left: Term, right: Term) -> tuple[int, int] | None:
    if left.op == "const" and right.op == "const":
        return int(left.value), int(right.value)  # type: ignore[arg-type]
    return None


def add(left: Term, right: Term) -> Term:
    """Sum of two integers."""
    if both := _fold(left, right):
        return const(both[0] + both[1])
    if left.op == "const" and left.value == 0:
        return right
    if right.op == "const" and right.value == 0:
        return left
    return make("+", (left, right), INT)


def sub(left: Term, right: Term) -> Term:
    """Difference of two integers."""
    if both := _fold(left, right):
        return const(both[0] - both[1])
    if right.op == "const" and right.value == 0:
        return left
    return make("-", (left, right), INT)


def mul(left: Term, right: Term) -> Term:
    """Product of two integers."""
    if both := _fold(left, right):
        return const(both[0] * both[1])
    for one, two in ((left, right), (right, left)):
        if one.op == "const" and one.value == 1:
            return two
        if one.op == "const" and one.value == 0:
            return one
    return make("*", (left, right), INT)


def ediv(left: Term, right: Term) -> Term:
    """Euclidean quotient (SMT-LIB `div`)."""
    both = _fold(left, right)
    if both and both[1]:
        return const((both[0] - both[0] % abs(both[1])) // both[1])
    return make("div", (left, right), INT)


def emod(left: Term, right: Term) -> Term:
    """Euclidean remainder (SMT-LIB `mod`), never negative."""
    both = _fold(left, right)
    if both and both[1]:
        return const(both[0] % abs(both[1]))
    return make("mod", (left, right), INT)


def le(left: Term, right: Term) -> Term:
    """At most, on integers."""
    if both := _fold(left, right):
        return boolean(both[0] <= both[1])
    return TRUE if left is right else make("<=", (left, right), BOOL)


def lt(left: Term, right: Term) -> Term:
    """Less than, on integers."""
    return neg(le(right, left)) if _fold(left, right) or left is right else make("<", (left, right), BOOL)


def select(arr: Term, index: Term) -> Term:
    """Read an array."""
    if arr.op == "store" and arr.args[1] is index:
        return arr.args[2]
    return make("select", (arr, index), array_parts(arr.sort)[1])


def store(arr: Term, index: Term, element: Term) -> Term:
    """Write an array."""
    return make("store", (arr, index, element), arr.sort)


def const_array(sort: str, element: Term) -> Term:
    """Return the array of `sort` that holds `element` everywhere."""
    return make("const-array", (element,), sort)


def forall(name: str, sort: str, body: Term) -> Term:
    """Universal quantification over one variable."""
    return make("forall", (body,), BOOL, name + "\0" + sort) if name in free(body) else body


def exists(name: str, sort: str, body: Term) -> Term:
    """Existential quantification over one variable."""
    return neg(forall(name, sort, neg(body)))


_BV_SIGNED = {"bvslt", "bvsle"}
_BV_PREDICATES = {"bvult", "bvule", "bvslt", "bvsle"}


def bv(op: str, *args: Term) -> Term:
    """Apply a bit-vector operator such as `bvadd` or `bvult`; constants are folded."""
    sort = BOOL if op in _BV_PREDICATES else args[0].sort
    term = make(op, args, sort)
    if all(a.op == "const" for a in args):
        from lemmata.logic.evaluate import apply

        value = apply(term, [a.value for a in args])
        return boolean(bool(value)) if sort == BOOL else const(int(value), sort)
    return term


def sign_extend(term: Term, bits: int) -> Term:
    """Widen by `bits` copies of the sign bit."""
    return _resize("sign_extend", term, bits, width(term.sort) + bits)


def zero_extend(term: Term, bits: int) -> Term:
    """Widen by `bits` zero bits."""
    return _resize("zero_extend", term, bits, width(term.sort) + bits)


def truncate(term: Term, bits: int) -> Term:
    """Keep the lowest `bits` bits."""
    if bits == width(term.sort):
        return term
    if term.op == "const":
        return const(int(term.value), bit_vector(bits))  # type: ignore[arg-type]
    return make("extract", (term,), bit_vector(bits), bits - 1)


def _resize(op: str, term: Term, bits: int, total: int) -> Term:
    if bits == 0:
        return term
    if term.op == "const":
        value = int(term.value)  # type: ignore[arg-type]
        if op == "sign_extend" and value >> (width(term.sort) - 1):
            value -= 1 << width(term.sort)
        return const(value, bit_vector(total))
    return make(op, (term,), bit_vector(total), bits)


def post_order(roots: Iterable[Term]) -> Iterator[Term]:
    """Walk a term graph, every node once, arguments first; without recursion."""
    seen: set[Term] = set()
    stack: list[tuple[Term, bool]] = [(root, False) for root in reversed(list(roots))]
    while stack:
        term, done = stack.pop()
        if done:
            yield term
        elif term not in seen:
            seen.add(term)
            stack.append((term, True))
            stack.extend((a, False) for a in reversed(term.args) if a not in seen)


def free(term: Term) -> dict[str, str]:
    """Return the free variables of a term with their sorts."""
    found: dict[Term, dict[str, str]] = {}
    for node in post_order((term,)):
        if node.op == "var":
            names = {str(node.value): node.sort}
        else:
            names = reduce(lambda a, b: a if b.items() <= a.items() else {**a, **b}, (found[a] for a in node.args), {})
            if node.op == "forall":
                bound = str(node.value).split("\0", maxsplit=1)[0]
                names = {n: s for n, s in names.items() if n != bound}
        found[node] = names
    return found[term]


def multiplies(terms: Iterable[Term]) -> bool:
    """Say whether any of the terms has a product, quotient or remainder of two integers that are not literals."""
    return any(n.op in ("*", "div", "mod") and all(a.op != "const" for a in n.args) for n in post_order(terms))


def substitute(term: Term, values: Mapping[Term, Term]) -> Term:
    """Replace free variables; bound names are unique in the terms built here, so nothing is captured."""
    return substitute_all((term,), values)[0]


def substitute_all(terms: Iterable[Term], values: Mapping[Term, Term]) -> list[Term]:
    """Replace free variables in several terms, sharing the work."""
    roots = list(terms)
    done: dict[Term, Term] = {}
    for node in post_order(roots):
        if node.op == "var":
            done[node] = values.get(node, node)
        else:
            done[node] = rebuild(node, tuple(done[a] for a in node.args))
    return [done[root] for root in roots]


def rebuild(node: Term, args: tuple[Term, ...]) -> Term:
    """Make `node` again with other arguments, simplifying on the way."""
    if args == node.args:
        return node
    match node.op:
        case "and":
            return conj(args)
        case "or":
            return disj(args)
        case "not":
            return neg(args[0])
        case "forall":
            name, sort = str(node.value).split("\0", 1)
            return forall(name, sort, args[0])
        case "sign_extend":
            return sign_extend(args[0], int(node.value))  # type: ignore[arg-type]
        case "zero_extend":
            return zero_extend(args[0], int(node.value))  # type: ignore[arg-type]
        case "extract":
            return truncate(args[0], int(node.value) + 1)  # type: ignore[arg-type]
    if node.op in _BINARY:
        return _BINARY[node.op](*args)
    if node.op.startswith("bv"):
        return bv(node.op, *args)
    return make(node.op, args, node.sort, node.value)


_BINARY: dict[str, Callable[..., Term]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "div": ediv,
    "mod": emod,
    "<=": le,
    "<": lt,
    "=": eq,
    "ite": ite,
    "select": select,
    "store": store,
}
