r"""The grammar of proof methods, as far as finding their end needs it.

"Proof methods" in the Isabelle/Isar reference manual: a method is a name, or an expression in parentheses, each with
`?`, `+` or `[n]` behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

from checkers.isabelle.tokens import QUOTED, Kind, Token

PAIRS = {")": "(", "]": "[", "}": "{"}


def behind_brackets(tokens: Sequence[Token], start: int) -> int:
    """Return the index behind the bracket that closes the one at `start`, -1 where none does."""
    left: list[str] = []
    for index in range(start, len(tokens)):
        token = tokens[index]
        if token.kind is not Kind.SIGN:
            continue
        if token.text in ("(", "[", "{"):
            left.append(token.text)
        elif token.text in PAIRS:
            if not left or left.pop() != PAIRS[token.text]:
                return -1
            if not left:
                return index + 1
    return -1


def behind_method(tokens: Sequence[Token], start: int) -> int:
    """Return the index behind the method at `start`, `start` where there is none, -1 where it is not well-formed."""
    if start >= len(tokens):
        return start
    first = tokens[start]
    if first.text == "(" and first.kind is Kind.SIGN:
        position = behind_brackets(tokens, start)
    elif first.kind in (Kind.WORD, Kind.NUMBER) or first.text == "-" or first.kind is Kind.STRING:
        position = start + 1
    elif first.kind in QUOTED:
        position = start + 1  # the method of a fact, `by ‹...›`
    else:
        return start
    while 0 <= position < len(tokens):
        sign = tokens[position]
        if sign.text in ("?", "+") and sign.kind is Kind.SIGN:
            position += 1
        elif sign.text == "[" and sign.kind is Kind.SIGN:
            position = behind_brackets(tokens, position)
        else:
            break
    return position


def behind_methods(tokens: Sequence[Token], most: int, nothing: int) -> int:
    """Return the index of the text behind up to so many methods; `nothing` where there is none."""
    position = 0
    for _ in range(most):
        behind = behind_method(tokens, position)
        if behind <= position:
            break
        position = behind
    return tokens[position - 1].end if position else nothing
