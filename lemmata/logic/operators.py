"""The operators of SMT-LIB 2.6, checked for sorts and reduced to those that terms have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise

from lemmata.logic.sorts import BOOL, INT, array_parts, bit_vector, is_array, width
from lemmata.logic.terms import (
    Term,
    add,
    bv,
    conj,
    const,
    disj,
    ediv,
    emod,
    eq,
    ite,
    le,
    lt,
    mul,
    neg,
    select,
    sign_extend,
    store,
    sub,
    truncate,
    zero_extend,
)

MOST_BITS = 4096
"""The widest bit-vector that is accepted from outside."""


class Misapplied(ValueError):
    """An operator is unknown, or its arguments have the wrong number or sorts."""


_Binary = Callable[[Term, Term], Term]
_INT_ARITHMETIC: dict[str, _Binary] = {"+": add, "-": sub, "*": mul, "div": ediv, "mod": emod}
_INT_COMPARISONS: dict[str, _Binary] = {
    "<=": le,
    "<": lt,
    ">=": lambda a, b: le(b, a),
    ">": lambda a, b: lt(b, a),
}
_BV_LEFT_ASSOCIATIVE = {"bvadd", "bvmul", "bvand", "bvor", "bvxor"}
_BV_BINARY = {"bvsub", "bvudiv", "bvurem", "bvsdiv", "bvsrem", "bvshl", "bvlshr", "bvashr"}
_BV_PREDICATES = {"bvult", "bvule", "bvslt", "bvsle"}
_BV_TURNED = {"bvugt": "bvult", "bvuge": "bvule", "bvsgt": "bvslt", "bvsge": "bvsle"}
_BV_COMPLEMENTED = {"bvnand": "bvand", "bvnor": "bvor", "bvxnor": "bvxor"}


def apply(op: str, args: Sequence[Term]) -> Term:
    """Apply an operator by its SMT-LIB name.

    Raises:
        Misapplied: there is no such operator here, or the arguments do not fit it.
    """
    sorts = {a.sort for a in args}
    if op in _INT_ARITHMETIC:
        _need(op, bool(args) and sorts == {INT} and (len(args) > 1 or op == "-"))
        return sub(const(0), args[0]) if len(args) == 1 else reduce(_INT_ARITHMETIC[op], args)
    if op in _INT_COMPARISONS:
        _need(op, len(args) > 1 and sorts == {INT})
        return _chain(_INT_COMPARISONS[op], args)
    if op.startswith("bv"):
        return _bit_vector(op, args)
    match op:
        case "not":
            _need(op, len(args) == 1 and sorts == {BOOL})
            return neg(args[0])
        case "and" | "or" | "xor" | "=>":
            _need(op, bool(args) and sorts == {BOOL} and (len(args) > 1 or op in ("and", "or")))
            if op == "=>":
                return disj([*(neg(a) for a in args[:-1]), args[-1]])
            return conj(args) if op == "and" else disj(args) if op == "or" else reduce(_xor, args)
        case "=":
            _need(op, len(args) > 1 and len(sorts) == 1)
            return _chain(eq, args)
        case "distinct":
            _need(op, len(args) > 1 and len(sorts) == 1)
            return conj(neg(eq(a, b)) for i, a in enumerate(args) for b in args[i + 1 :])
        case "ite":
            _need(op, len(args) == 3 and args[0].sort == BOOL and args[1].sort == args[2].sort)
            return ite(*args)
        case "abs":
            _need(op, len(args) == 1 and sorts == {INT})
            return ite(le(const(0), args[0]), args[0], sub(const(0), args[0]))
        case "select":
            _need(op, len(args) == 2 and is_array(args[0].sort) and array_parts(args[0].sort)[0] == args[1].sort)
            return select(*args)
        case "store":
            _need(op, len(args) == 3 and is_array(args[0].sort))
            _need(op, array_parts(args[0].sort) == (args[1].sort, args[2].sort))
            return store(*args)
        case "concat":
            _need(op, len(args) > 1 and all(width(s) for s in sorts))
            return reduce(_concat, args)
    raise Misapplied(f"operator {op} is not supported")


def apply_indexed(op: str, indices: Sequence[int], args: Sequence[Term]) -> Term:
    """Apply an indexed operator such as `(_ extract 7 0)`.

    Raises:
        Misapplied: there is no such operator here, or the indices or arguments do not fit it.
    """
    one = args[0] if len(args) == 1 else None
    if op == "divisible":
        _need(op, one is not None and one.sort == INT and len(indices) == 1 and indices[0] > 0)
        return eq(emod(args[0], const(indices[0])), const(0))
    _need(op, one is not None and width(one.sort) > 0)
    bits = width(args[0].sort)
    if op == "extract" and len(indices) == 2:
        high, low = indices
        _need(op, bits > high >= low >= 0)
        shifted = bv("bvlshr", args[0], const(low, args[0].sort)) if low else args[0]
        return truncate(shifted, high - low + 1)
    amount = indices[0]
    if op in ("sign_extend", "zero_extend") and len(indices) == 1:
        _need(op, bits + amount <= MOST_BITS)
        return (sign_extend if op == "sign_extend" else zero_extend)(args[0], amount)
    if op in ("rotate_left", "rotate_right") and len(indices) == 1:
        left = (amount if op == "rotate_left" else -amount) % bits
        up, down = const(left, args[0].sort), const((bits - left) % bits, args[0].sort)
        return bv("bvor", bv("bvshl", args[0], up), bv("bvlshr", args[0], down)) if left else args[0]
    raise Misapplied(f"operator (_ {op} ...) is not supported")


def _need(op: str, condition: bool) -> None:
    if not condition:
        raise Misapplied(f"wrong number or sorts of arguments for {op}")


def _chain(relation: _Binary, args: Sequence[Term]) -> Term:
    return conj(relation(a, b) for a, b in pairwise(args))


def _xor(left: Term, right: Term) -> Term:
    return neg(eq(left, right))


def _concat(high: Term, low: Term) -> Term:
    bits = width(low.sort)
    _need("concat", width(high.sort) + bits <= MOST_BITS)
    upper = zero_extend(high, bits)
    return bv("bvor", bv("bvshl", upper, const(bits, upper.sort)), zero_extend(low, width(high.sort)))


def _bit_vector(op: str, args: Sequence[Term]) -> Term:
    sorts = {a.sort for a in args}
    _need(op, len(sorts) == 1 and width(args[0].sort) > 0)
    if op in _BV_LEFT_ASSOCIATIVE and len(args) > 1:
        return reduce(lambda a, b: bv(op, a, b), args)
    if op in ("bvneg", "bvnot"):
        _need(op, len(args) == 1)
        return bv(op, args[0])
    _need(op, len(args) == 2)
    left, right = args
    if op in _BV_BINARY or op in _BV_PREDICATES:
        return bv(op, left, right)
    if op in _BV_TURNED:
        return bv(_BV_TURNED[op], right, left)
    if op in _BV_COMPLEMENTED:
        return bv("bvnot", bv(_BV_COMPLEMENTED[op], left, right))
    if op == "bvcomp":
        return ite(eq(left, right), const(1, bit_vector(1)), const(0, bit_vector(1)))
    if op == "bvsmod":
        return _smod(left, right)
    raise Misapplied(f"operator {op} is not supported")


def _smod(left: Term, right: Term) -> Term:
    """Signed remainder with the sign of the divisor, by its definition in the standard."""
    zero = const(0, left.sort)
    remainder = bv("bvsrem", left, right)
    same = eq(bv("bvslt", left, zero), bv("bvslt", right, zero))
    keep = disj((same, eq(remainder, zero)))
    return ite(keep, remainder, bv("bvadd", remainder, right))
