"""What a step may be: the body of a definition or lemma, told from text alone before any backend sees it.

A body is an expression. Its `admit ()`s, one for each branch that is left, are the holes that the next steps fill. A
line `#push-options "..."` may stand above it, with how hard the solver is to try; it then holds for the definition.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.fstar.declarations import complete, read
from checkers.fstar.holes import behind_atom, in_tail_positions, spots
from checkers.fstar.lexer import Token, tokens
from lemmata.errors import InputError, LemmataError

SIZE_LIMIT = 32_768
"""Most characters of a step."""
HOLE = "admit ()"
"""What stands for a hole in a body."""
_DEEPEST = 200


_ABOVE = re.compile(r'\s*#push-options[ \t]+"([^"\\\n]*)"[ \t]*\r?\n')
_EFFORTS = {
    "z3rlimit": 1000,
    "z3rlimit_factor": 20,
    "fuel": 64,
    "ifuel": 64,
    "initial_fuel": 64,
    "initial_ifuel": 64,
    "max_fuel": 64,
    "max_ifuel": 64,
    "z3seed": 1_000_000,
    "retry": 10,
}
"""What a step may set, and the largest value."""


class NotABody(LemmataError):
    """A step is not one plain expression, so it is not given to F*; the message says what it is instead."""


_DECLARES = frozenset(
    """
    val type module include friend exception new_effect sub_effect effect instance class private abstract irreducible
    unfold unfoldable inline inline_for_extraction noextract noeq unopteq reifiable reflectable total new logic opaque
    layered_effect polymonadic_bind polymonadic_subcomp
    """.split()
)
_STARTS = frozenset("( [ { - ~ ! ?".split())
_EFFECTS = frozenset(
    """
    Dv Div DIV ML MLish ALL All ALL_h EXN Exn Ex EXT STATE STATE_h St ST STL GST Stack StackInline
    """.split()
)
"""Effects that need not end, or that programs have."""
_METAPROGRAMS = frozenset(
    """
    synth synth_by_tactic assert_by_tactic with_tactic by_tactic quote unquote reify reflect set_options Drop
    set_guard_policy with_policy set_range_of pack launch_process t_smt_sync smt_sync run_tactic
    """.split()
)
_GRANTS = re.compile(r"admit|assume|magic|unsafe|cheat|expect_failure|expect_lax", re.I)
"""What the names of F*'s escape hatches have in common."""
_META = re.compile(r"tactic|^Tac|^TAC|^Reflection|^Stubs")
_TACTICS = frozenset(
    """
    FStar Tactics V2 T ignore trefl norm compute smt split intro intros trivial delta delta_only zeta iota primops
    simplify weak hnf nbe assumption left right canon Canon CanonCommSemiring CanonCommMonoid int_semiring
    canon_semiring int_cr canon_monoid forall_intro forall_intros implies_intro l_intro l_intros tauto mapply apply
    apply_lemma exact repeat repeat' or_else iterAll seq dump fun list Prims
    """.split()
)
"""The only names that the tactic behind a `by` may consist of, besides strings."""


@dataclass(frozen=True, slots=True)
class Body:
    """A step, understood."""

    text: str
    """In canonical form: no blanks at the ends of lines, no common margin."""
    holes: tuple[tuple[int, int], ...]
    """Spans of its `admit ()`s in `text`, in order."""
    options: tuple[tuple[str, str], ...]
    """What the solver is given for the definition, by option, sorted."""
    application: bool
    """Whether it is a name or constant with arguments, which needs no parentheses where `admit ()` stood."""


def understand(text: str) -> Body:
    """Read a step.

    Raises:
        NotABody: it is anything else than one expression: it declares something, sets options, takes something for
            granted but for holes behind which nothing is done, runs metaprograms, contains comments, ...
    """
    if len(text) > SIZE_LIMIT:
        raise NotABody(f"the step is longer than {SIZE_LIMIT} characters")
    options: dict[str, str] = {}
    if above := _ABOVE.match(text):
        options = read_options(above[1])
        text = text[above.end() :]
    canonical = _canonical(text)
    found = _tokens(canonical)
    _check_words(canonical, found)
    _check_tactics(found)
    if found[0].kind == "sign" and found[0].text not in _STARTS:
        raise NotABody(f"no expression begins with `{found[0].text}`")
    if not complete(found[-1]):
        raise NotABody(f"no expression ends with `{found[-1].text}`")
    frame = "let it = "
    source = read(frame + canonical)
    if len(source.declarations) != 1 or len(source.declarations[0].bindings) != 1:
        raise NotABody("it is more than one expression")
    _check_lets(found)
    holes = spots(found, 0, len(found))
    for spot, tail in zip(holes, in_tail_positions(found, holes, len(found)), strict=True):
        if spot.kind != "admit" or canonical[found[spot.first].start : found[spot.last - 1].end] != HOLE:
            raise NotABody(f"it takes something for granted; a hole is written `{HOLE}`")
        if not tail:
            raise NotABody(f"something follows `{HOLE}`, which F* would not check; holes end their branches")
    spans = tuple((found[spot.first].start, found[spot.last - 1].end) for spot in holes)
    return Body(canonical, spans, tuple(sorted(options.items())), _is_application(found))


def plain(text: str) -> str:
    """Return a step's canonical text; raises as `understand`."""
    return written(understand(text))


def written(body: Body) -> str:
    """Return the text of a step that is this body."""
    return f"{pragma(body.options)}\n{body.text}" if body.options else body.text


def pragma(options: Sequence[tuple[str, str]]) -> str:
    """Write options as the line that sets them."""
    return '#push-options "' + " ".join(f"--{name} {value}" for name, value in options) + '"'


def read_options(text: str) -> dict[str, str]:
    """Read what stands between the quotes of `#push-options`.

    Raises:
        NotABody: it sets anything else than how hard the solver is to try.
    """
    words = text.split()
    found: dict[str, str] = {}
    for name, value in itertools.zip_longest(words[::2], words[1::2], fillvalue=""):
        allowed = _EFFORTS.get(name.removeprefix("--"))
        if not name.startswith("--") or allowed is None or not value.isascii() or not value.isdigit():
            raise NotABody(f"a step may not set the option {name} {value}".rstrip())
        if int(value) > allowed:
            raise NotABody(f"the option {name} is {value}, more than {allowed}")
        found[name.removeprefix("--")] = str(int(value))
    return found


def fill(body: Body, number: int, inner: Body) -> Body:
    """Put a body into a hole of another; `number` counts the holes from 0."""
    start, end = body.holes[number]
    whole = not body.text[:start].strip() and not body.text[end:].strip()
    margin = indentation(body.text, start)
    filled = understand(body.text[:start] + placed(inner, margin, whole=whole) + body.text[end:])
    most = dict(body.options)
    for name, value in inner.options:
        most[name] = str(max(int(value), int(most.get(name, "0"))))
    return dataclasses.replace(filled, options=tuple(sorted(most.items())))


def placed(body: Body, margin: int, *, whole: bool) -> str:
    """Write a body where `admit ()` stood.

    Args:
        body: the body.
        margin: columns before each of its lines but the first.
        whole: whether nothing stands beside it in its definition.
    """
    lines = body.text.split("\n")
    text = "\n".join([lines[0], *(" " * margin + line if line else line for line in lines[1:])])
    return text if whole or body.application else f"({text})"


def indentation(text: str, offset: int) -> int:
    """Return how many columns stand before the first character of the line of an offset."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return len(line) - len(line.lstrip(" \t")) + (2 if line.strip() else 0)


def _canonical(text: str) -> str:
    text = text.replace("\r\n", "\n")
    for char in text:
        if not char.isprintable() and char not in "\n\t":
            raise NotABody(f"the character U+{ord(char):04X} is not allowed")
    lines = [line.rstrip().expandtabs(2) for line in text.strip("\n").split("\n")]
    lines[0] = lines[0].lstrip()
    rest = [len(line) - len(line.lstrip()) for line in lines[1:] if line]
    margin = min(rest, default=0)
    canonical = "\n".join([lines[0], *(line[margin:] for line in lines[1:])]).strip()
    if not canonical:
        raise NotABody("the step is empty")
    return re.sub(r"\badmit\s*\(\s*\)", HOLE, canonical)


def _tokens(text: str) -> list[Token]:
    try:
        found = tokens(text)
    except InputError as error:
        raise NotABody(error.message) from None
    closers: list[str] = []
    for token in found:
        if token.kind == "comment":
            raise NotABody("comments are not allowed in a step")
        if token.kind in ("pragma", "dialect"):
            raise NotABody(f"`{token.text}` is not part of an expression")
        if token.quoted:
            raise NotABody("names between backquotes are not allowed")
        if token.kind == "string" and ("\n" in token.text or _GRANTS.search(token.text)):
            raise NotABody("a string of several lines, or with the name of an escape hatch")
        if token.opens:
            closers.append(token.opens)
        elif token.closes and (not closers or closers.pop() != token.text):
            raise NotABody(f"`{token.text}` closes nothing")
        if len(closers) > _DEEPEST:
            raise NotABody("it is nested too deeply")
    if closers:
        raise NotABody(f"`{closers[-1]}` is missing")
    return found


def _check_words(text: str, found: list[Token]) -> None:
    holes = {at for spot in spots(found, 0, len(found)) if spot.kind == "admit" for at in range(spot.first, spot.last)}
    # It is a blank to F*, and begins a comment to everybody else.
    if "// IN F*:" in text:
        raise NotABody("comments are not allowed in a step")
    for index, token in enumerate(found):
        if token.is_sign("[@", "[@@", "[@@@", "`"):
            raise NotABody("attributes and quotations are not allowed")
        if token.kind != "word":
            continue
        if not token.text.strip("'"):
            raise NotABody("a quote that begins nothing")
        if token.text in _DECLARES:
            raise NotABody(f"`{token.text}` belongs to declarations")
        if token.text == "open" and not (index and found[index - 1].is_word("let")):
            raise NotABody("`open` belongs to declarations; within an expression it is `let open`")
        if token.text in _EFFECTS:
            raise NotABody(f"the effect `{token.text}` proves nothing")
        if token.text in _METAPROGRAMS:
            raise NotABody(f"`{token.text}` is refused: a step runs no metaprograms")
        if _GRANTS.search(token.text) and index not in holes:
            raise NotABody(f"`{token.text}` is refused: it takes something for granted")


def _check_tactics(found: list[Token]) -> None:
    """Check that metaprograms stand behind a `by` only, and are made of harmless tactics."""
    end = 0
    for index, token in enumerate(found):
        if token.is_word("by"):
            end = max(end, behind_atom(found, index + 1, len(found)))
        elif index < end:
            if token.kind == "word" and token.text not in _TACTICS:
                raise NotABody(f"`{token.text}` is not among the tactics that a step may use")
        elif token.kind == "word" and _META.search(token.text):
            raise NotABody(f"`{token.text}` is refused: metaprograms stand behind `by` only")
        elif token.is_sign("#") and index + 1 < len(found) and found[index + 1].is_sign("["):
            raise NotABody("a tactic for an argument is refused: metaprograms stand behind `by` only")


def _check_lets(found: list[Token]) -> None:
    """Check that every `let` has its `in` within the same bracket."""
    open_lets = [0]
    cases = 0
    for token in found:
        cases += token.is_word("eliminate", "introduce")
        if token.opens:
            open_lets.append(0)
        elif token.closes:
            if open_lets.pop():
                raise NotABody("a `let` has no `in`")
        elif token.is_word("let"):
            open_lets[-1] += 1
        elif token.is_word("in"):
            open_lets[-1] -= 1
            if open_lets[-1] < 0:
                raise NotABody("an `in` has no `let`")
        elif token.is_word("and") and not open_lets[-1]:
            cases -= 1
            if cases < 0:
                raise NotABody("`and` begins another definition")
    if open_lets[-1]:
        raise NotABody("a `let` has no `in`")


_KEYWORDS = frozenset(
    """
    let rec in match with fun function if then else begin end assert calc by forall exists introduce eliminate try
    as when of requires ensures decreases returns and
    """.split()
)


def _is_application(found: list[Token]) -> bool:
    depth = 0
    for token in found:
        depth -= token.closes
        if depth == 0 and not _is_argument(token):
            return False
        depth += bool(token.opens)
    return True


def _is_argument(token: Token) -> bool:
    """Say whether a token outside brackets may belong to an application."""
    if token.kind == "sign":
        return bool(token.opens) or token.closes or token.text == "."
    return not token.is_word(*_KEYWORDS)
