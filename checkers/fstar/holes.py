"""What is assumed in F* source text: `admit`, `assume` and their kin, and which of it a proof can replace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.fstar.lexer import Token

_ESCAPES = frozenset(
    """
    admit admitP magic unsafe_coerce tadmit tadmit_t admit_all admit1 admit_termination admit_smt_queries
    """.split()
)
"""Names that F*'s library has for taking something for granted, besides the keyword `assume`."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place within an expression where something is taken for granted."""

    first: int
    """Index of its first token."""
    last: int
    """Index behind its last token."""
    kind: str
    """`admit` for `admit ()`, `assume` for `assume (P)`; `other` for what no proof can replace."""


def spots(tokens: Sequence[Token], first: int, last: int) -> list[Spot]:
    """Return what is taken for granted between two tokens, in order."""
    return list(_spots(tokens, first, last))


def _spots(tokens: Sequence[Token], first: int, last: int) -> Iterator[Spot]:
    at = first
    while at < last:
        token = tokens[at]
        found = None
        if token.is_word("assume"):
            found = _assume(tokens, at, last)
        elif token.is_word("Drop") and at > first and tokens[at - 1].is_word("set_guard_policy", "with_policy"):
            # A tactic that throws away what is left to prove.
            found = Spot(at - 1, at + 1, "other")
        elif token.kind == "word" and token.text in _ESCAPES:
            found = _admit(tokens, at, first, last)
        if found is None:
            at += 1
        else:
            yield found
            at = max(found.last, at + 1)


def _admit(tokens: Sequence[Token], at: int, first: int, last: int) -> Spot:
    begin = at
    # `Prims.admit ()`
    while begin - 2 >= first and tokens[begin - 1].is_sign(".") and tokens[begin - 2].kind == "word":
        begin -= 2
    end = at + 1
    if tokens[at].text == "admit" and end + 1 < last and tokens[end].is_sign("#"):
        end = behind_atom(tokens, end + 1, last)
    unit = end + 1 < last and tokens[end].is_sign("(") and tokens[end + 1].is_sign(")")
    if tokens[at].text == "admit" and unit:
        return Spot(begin, end + 2, "admit")
    return Spot(begin, at + 1, "other")


def _assume(tokens: Sequence[Token], at: int, last: int) -> Spot:
    if at + 1 < last and tokens[at + 1].is_sign("("):
        return Spot(at, behind_atom(tokens, at + 1, last), "assume")
    return Spot(at, at + 1, "other")


def behind_atom(tokens: Sequence[Token], at: int, last: int) -> int:
    """Return the index behind the bracket, or the single token, that begins at `at`."""
    depth = 0
    while at < last:
        depth += bool(tokens[at].opens) - tokens[at].closes
        at += 1
        if depth <= 0:
            break
    return at


def in_tail_positions(tokens: Sequence[Token], places: Sequence[Spot], end: int) -> list[bool]:
    """Say of places within an expression whether nothing is done behind them, but in other branches.

    F* drops the obligations of whatever follows `admit ()`, so what follows one would not be checked
    (FStarLang/FStar, issue 1397).

    Args:
        tokens: of the text.
        places: in order.
        end: index behind the expression's last token.
    """
    known: dict[int, int | None] = {}
    return [_in_tail_position(tokens, spot.last, end, known) for spot in reversed(places)][::-1]


def _in_tail_position(tokens: Sequence[Token], at: int, end: int, known: dict[int, int | None]) -> bool:
    while at < end:
        token = tokens[at]
        if token.closes:
            at += 1
            continue
        if token.is_sign("|"):
            # Everything up to the next bracket that closes belongs to this branch or to later ones.
            behind = _behind_branches(tokens, at + 1, end, known)
        elif token.is_word("else"):
            behind = _behind_else(tokens, at + 1, end)
        else:
            return False
        if behind is None:
            return False
        at = behind
    return True


def _behind_branches(tokens: Sequence[Token], first: int, end: int, known: dict[int, int | None]) -> int | None:
    """Return where the branches end that begin at `first`; None where something may follow them in sequence.

    What is found is kept in `known`, for branches before these.
    """
    depth = locals_ = 0
    behind: int | None = end
    for at in range(first, end):
        token = tokens[at]
        if token.opens:
            depth += 1
        elif token.closes:
            if not depth:
                behind = at
                break
            depth -= 1
        elif depth == 0:
            if token.is_word("let"):
                locals_ += 1
            elif token.is_word("in"):
                locals_ -= 1
                if locals_ < 0:
                    behind = None
                    break
            elif not locals_ and token.is_sign("|") and at + 1 in known:
                behind = known[at + 1]
                break
    known[first] = behind
    return behind


def _behind_else(tokens: Sequence[Token], first: int, end: int) -> int | None:
    """Return where what follows an `else` ends; None where something may follow it in sequence."""
    depth = locals_ = 0
    for at in range(first, end):
        token = tokens[at]
        if token.opens:
            depth += 1
        elif token.closes:
            if not depth:
                return at
            depth -= 1
        elif depth == 0:
            locals_ += token.is_word("let") - token.is_word("in")
            if locals_ < 0 or _joins(token):
                return None
    return end


def _joins(token: Token) -> bool:
    return token.is_sign(";", ",", "|>", "<|") or token.is_word("and")
