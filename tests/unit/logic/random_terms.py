"""Random terms and values."""

from __future__ import annotations

from hypothesis import strategies as st

from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL, INT, bit_vector

BYTE = bit_vector(8)
SORTS = {"x": INT, "y": INT, "p": BOOL, "q": BOOL, "b": BYTE, "c": BYTE}
BV_OPERATORS = [
    "bvadd", "bvsub", "bvmul", "bvand", "bvor", "bvxor", "bvshl", "bvlshr", "bvashr", "bvudiv", "bvurem", "bvsdiv",
    "bvsrem",
]  # fmt: skip
BV_RELATIONS = ["bvult", "bvule", "bvslt", "bvsle"]


def _leaf(sort: str) -> st.SearchStrategy[t.Term]:
    names = st.sampled_from([n for n, s in SORTS.items() if s == sort]).map(lambda n: t.var(n, sort))
    if sort == BOOL:
        return st.one_of(names, st.booleans().map(t.boolean))
    return st.one_of(names, st.integers(-9, 9).map(lambda v: t.const(v, sort)))


def terms(sort: str, depth: int = 3) -> st.SearchStrategy[t.Term]:
    """Terms of a sort over `SORTS`; division only by literals that are not zero."""
    if depth == 0:
        return _leaf(sort)
    same = terms(sort, depth - 1)
    truth = terms(BOOL, depth - 1)
    choices = [_leaf(sort), st.builds(t.ite, truth, same, same)]
    if sort == INT:
        literal = st.integers(-5, 5).filter(bool).map(t.const)
        choices += [st.builds(f, same, same) for f in (t.add, t.sub, t.mul)]
        choices += [st.builds(f, same, literal) for f in (t.ediv, t.emod)]
    elif sort == BYTE:
        choices += [st.builds(t.bv, st.sampled_from(BV_OPERATORS), same, same)]
        choices += [st.builds(t.bv, st.sampled_from(["bvneg", "bvnot"]), same)]
        choices += [st.builds(lambda a: t.truncate(t.sign_extend(a, 3), 8), same)]
        choices += [st.builds(lambda a, k: t.truncate(t.bv("bvlshr", t.zero_extend(a, 8), t.const(k, bit_vector(16))), 8), same, st.integers(0, 9))]  # fmt: skip  # noqa: E501
    else:
        ints, bytes_ = terms(INT, depth - 1), terms(BYTE, depth - 1)
        choices += [st.builds(f, ints, ints) for f in (t.le, t.lt, t.eq)]
        choices += [st.builds(t.bv, st.sampled_from(BV_RELATIONS), bytes_, bytes_), st.builds(t.eq, bytes_, bytes_)]
        choices += [st.builds(lambda *a: t.conj(a), same, same), st.builds(lambda *a: t.disj(a), same, same, same)]
        choices += [st.builds(t.neg, same), st.builds(t.implies, same, same), st.builds(t.eq, same, same)]
    return st.one_of(choices)


VALUES = st.fixed_dictionaries(
    {
        n: st.booleans() if s == BOOL else st.integers(-20, 20) if s == INT else st.integers(0, 255)
        for n, s in SORTS.items()
    }
)


def plain(sort: str = BOOL, depth: int = 3) -> st.SearchStrategy[t.Term]:
    """Terms over integers and Booleans only."""
    return terms(sort, depth).filter(lambda term: not (t.free(term).keys() & {"b", "c"} or "BitVec" in repr(term)))
