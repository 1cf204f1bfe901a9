"""The top-level declarations of F* source text, told from the text alone.

F*'s layout means nothing, so what tells a declaration from a local `let` is what stands before it: an expression that
could end there does (the grammar is `src/ml/FStarC_Parser_Parse.mly` of FStarLang/FStar). Text that is not balanced is
read as far as it makes sense; F* itself refuses it.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkers.fstar.lexer import Token, code

QUALIFIERS = frozenset(
    """
    private abstract irreducible unfold unfoldable inline inline_for_extraction noextract noeq unopteq reifiable
    reflectable total new logic opaque
    """.split()
)
_NEVER_WITHIN = frozenset(
    "val type module friend include exception new_effect sub_effect effect instance class".split()
)
"""Keywords that stand in no expression."""
_ELSEWHERE = frozenset("let open assume".split()) | QUALIFIERS
_HEADS = _NEVER_WITHIN | frozenset("let open assume layered_effect polymonadic_bind polymonadic_subcomp splice".split())
_UNFINISHED = (
    frozenset(
        """
    let rec and in then else match with fun function if when of begin try assert assume requires ensures decreases
    returns by calc exists forall open module include friend val type quote reify synth new exception as
    """.split()
    )
    | QUALIFIERS
)
"""Keywords behind which an expression cannot be complete."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One name that a declaration gives."""

    name: str
    """Empty where it is a pattern."""
    first: int
    """Index of the keyword that begins it, such as `let`, `and` or `val`."""
    named: int
    """Index of the name's token."""
    equals: int
    """Index of the `=` before its body; -1 where it has none."""
    last: int
    """Index behind its last token."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One top-level declaration."""

    kind: str
    """Its keyword; `pragma`, `assume` with what follows as one word such as `assume val`, or `unknown`."""
    first: int
    """Index of its first token, attributes and qualifiers included."""
    keyword: int
    """Index of its keyword."""
    last: int
    """Index behind its last token."""
    bindings: tuple[Binding, ...] = ()
    """Of a `let`, an `instance`, a `val` or an `assume val`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text, cut into tokens and declarations."""

    text: str
    tokens: tuple[Token, ...]
    """Without comments."""
    declarations: tuple[Declaration, ...]
    lines: tuple[int, ...]
    """Offsets where the lines begin."""

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both from 1."""
        line = bisect.bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def start(self, declaration: Declaration) -> int:
        """Return the offset where a declaration begins."""
        return self.tokens[declaration.first].start

    def end(self, declaration: Declaration) -> int:
        """Return the offset behind a declaration."""
        return self.tokens[declaration.last - 1].end

    def words(self, first: int, last: int) -> str:
        """Return the text from one token up to, but without, another."""
        return self.text[self.tokens[first].start : self.tokens[last - 1].end] if last > first else ""


def read(text: str, file: str = "<step>") -> Source:
    """Cut a text into its declarations; raises `InputError` as `lexer.tokens`."""
    found = tuple(code(text, file))
    lines = (0, *(end.end() for end in re.finditer("\n", text)))
    return Source(text, found, tuple(_declarations(found, text)), lines)


def _declarations(tokens: Sequence[Token], text: str) -> Iterator[Declaration]:
    position = 0
    while position < len(tokens):
        declaration = _declaration(tokens, position, text)
        yield declaration
        position = declaration.last


def _declaration(tokens: Sequence[Token], first: int, text: str) -> Declaration:
    at = _behind_prefixes(tokens, first)
    if at >= len(tokens):
        return Declaration("unknown", first, first, len(tokens))
    token = tokens[at]
    if token.kind == "pragma" and not token.text.startswith("%"):
        # Only the options themselves belong to it.
        last = at + 2 if at + 1 < len(tokens) and tokens[at + 1].kind == "string" else at + 1
        return Declaration("pragma", first, at, last)
    kind = token.text if token.kind == "word" and not token.quoted and token.text in _HEADS else "unknown"
    keyword = at
    if kind == "assume" and at + 1 < len(tokens):
        following = tokens[at + 1]
        kind = f"assume {following.text}" if following.is_word("val", "type", "new") else "assume"
        at += following.is_word("val", "type", "new")
    last, cuts = _extent(tokens, at + 1, text, bindings=kind == "let")
    bindings: tuple[Binding, ...] = ()
    if kind in ("let", "instance"):
        edges = [keyword, *cuts, last]
        bindings = tuple(_let(tokens, a, b) for a, b in itertools.pairwise(edges))
    elif kind in ("val", "assume val"):
        bindings = (Binding(_name(tokens, at + 1, last), at, min(at + 1, last - 1), -1, last),)
    return Declaration(kind, first, keyword, last, bindings)


def _behind_prefixes(tokens: Sequence[Token], at: int) -> int:
    while at < len(tokens):
        if tokens[at].is_sign("[@", "[@@", "[@@@"):
            at = _behind_bracket(tokens, at)
        elif tokens[at].is_word(*QUALIFIERS):
            at += 1
        else:
            break
    return at


def _behind_bracket(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    while at < len(tokens):
        depth += bool(tokens[at].opens) - tokens[at].closes
        at += 1
        if depth <= 0:
            break
    return at


def _extent(tokens: Sequence[Token], at: int, text: str, *, bindings: bool) -> tuple[int, list[int]]:
    """Return where the declaration ends whose tokens begin before `at`, and where its further bindings begin."""
    depth = locals_ = cases = 0
    cuts: list[int] = []
    before = tokens[at - 1]
    while at < len(tokens):
        token = tokens[at]
        if token.opens and not token.text.startswith("[@"):
            depth += 1
        elif token.closes:
            depth = max(depth - 1, 0)
        elif _begins(token, before, depth, text):
            break
        elif token.text.startswith("[@") and token.kind == "sign":
            # What stands before an attribute tells what it belongs to.
            at = _behind_bracket(tokens, at)
            continue
        elif depth == 0 and token.is_word("let"):
            locals_ += 1
        elif depth == 0 and token.is_word("in"):
            locals_ = max(locals_ - 1, 0)
        elif depth == 0 and token.is_word("eliminate", "introduce"):
            cases += 1
        elif depth == 0 and bindings and not locals_ and token.is_word("and"):
            # `eliminate ... with ... and ...` has one of its own.
            if cases and not _at_margin(text, token):
                cases -= 1
            else:
                cuts.append(at)
                cases = 0
        before = token
        at += 1
    return at, cuts


def _begins(token: Token, before: Token, depth: int, text: str) -> bool:
    """Say whether a new declaration begins at a token."""
    if before.is_word(*QUALIFIERS, "assume") and token.kind == "word":
        return False
    if depth:
        # Something is not closed above: what stands at the margin and in no expression ends it.
        outright = token.kind == "pragma" or token.is_word(*_NEVER_WITHIN)
        return outright and _at_margin(text, token)
    if token.kind == "pragma" or token.is_word(*_NEVER_WITHIN):
        return not before.is_word("let")
    if token.is_word(*_ELSEWHERE) or token.is_sign("[@", "[@@"):
        return complete(before)
    return False


def _at_margin(text: str, token: Token) -> bool:
    return token.start == 0 or text[token.start - 1] in "\r\n\u2028\u2029"


def complete(token: Token) -> bool:
    """Say whether an expression may end with a token."""
    if token.kind == "sign":
        return token.text in (")", "]", "}")
    return token.quoted or token.text not in _UNFINISHED


def _let(tokens: Sequence[Token], first: int, last: int) -> Binding:
    at = first + 1
    if at < last and tokens[at].is_word("rec"):
        at += 1
    equals, depth = -1, 0
    for index in range(at, last):
        depth += bool(tokens[index].opens) - tokens[index].closes
        if depth == 0 and tokens[index].is_sign("="):
            equals = index
            break
    return Binding(_name(tokens, at, last), first, min(at, last - 1), equals, last)


def _name(tokens: Sequence[Token], at: int, last: int) -> str:
    if at >= last:
        return ""
    token = tokens[at]
    if token.kind == "word" and token.text != "_":
        return token.text
    # An operator between parentheses.
    if token.is_sign("(") and at + 2 < last and tokens[at + 2].is_sign(")") and tokens[at + 1].kind == "sign":
        return tokens[at + 1].text
    return ""
