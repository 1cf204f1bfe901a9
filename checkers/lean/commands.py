"""The commands of a Lean file, told from its tokens: where each begins and ends, and which scopes are open around it.

Which commands there are depends on what a file imports; those of Lean, Batteries and Mathlib are known here. A command
ends where the next one begins, so an unknown command belongs to the one above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.lean.lexer import Lines, Token, TokenKind
from lemmata.errors import InputError, Location

DECLARING = frozenset(
    "theorem lemma example def abbrev instance opaque axiom inductive structure class irreducible_def".split()
)
MODIFIERS = frozenset(
    "private protected public noncomputable unsafe partial nonrec meta local scoped computable".split()
)
HEADER = frozenset({"module", "prelude", "import"})

# Reserved words: in no term or tactic, so they begin a command wherever they stand.
_ANYWHERE = frozenset("theorem def axiom inductive abbrev".split())
# In no term or tactic at the start of a line, however far it is indented.
_INDENTED = frozenset("example lemma instance namespace section end mutual variable structure class opaque".split())
# Commands at the first column of a line; indented, some of them are tactics or names.
_OUTERMOST = frozenset(
    """
    add_aesop_rules add_decl_doc add_tactic_doc alias assert_exists assert_no_cycle assert_not_exists
    assert_not_imported attribute binder_predicate builtin_initialize builtin_simproc compile_def%
    compile_inductive count_heartbeats
    declare_aesop_rule_sets declare_command_config_elab declare_config_elab declare_simp_like_tactic
    declare_syntax_cat deprecated_module deriving dsimproc elab elab_rules erase_aesop_rules export grind_pattern
    gen_injective_theorems% import include infix infixl infixr init_quot initialize initialize_simps_projections
    irreducible_def library_note macro macro_rules module norm_cast_add_elim notation notation3 omit open postfix
    prefix prelude proof_wanted recall recommended_spelling register_builtin_option register_error_explanation
    register_hint register_label_attr register_option register_parser_alias register_simp_attr run_cmd run_elab
    run_meta seal set_option set_premise_selector show_panel_widgets simproc simproc_decl suppress_compilation syntax
    tactic_extension unif_hint universe unseal unsuppress_compilation variable? whatsnew
    """.split()
)
# What `... in` may follow, so that they stand before another command.
_IN = frozenset(
    "open set_option variable include omit attribute universe local scoped count_heartbeats whatsnew".split()
)
_OPENERS = frozenset({"(", "[", "{", "⟨", "@[", "⟦", "⟪", "‹", "⌊", "⌈"})
_CLOSERS = frozenset({")", "]", "}", "⟩", "⟧", "⟫", "›", "⌋", "⌉"})

# A part of a name: quoted stretches, and what else is no dot; behind the last dot it may be empty.
_PART = re.compile(r"(?:^|(?<=\.))(?:«[^»]*»?|[^.«])*(?=\.|$)")
_LONGEST_ATTRIBUTE = 1000
"""Tokens of the attributes before one keyword."""
_MOST_SCOPES = 100
_LONGEST_SCOPES = 2000
"""Characters of the names of all scopes around a command; nobody writes names so long."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a file."""

    tokens: tuple[Token, ...]
    """All of them, with documentation, attributes, modifiers and `open ... in`."""
    head: int
    """Which token is its keyword."""
    scopes: tuple[tuple[str, str], ...]
    """What is open around it, outermost first: `namespace`, `section` or `mutual`, and its name."""
    block: tuple[int, int]
    """Where it begins and ends; within `mutual`, where the whole block does."""

    @property
    def keyword(self) -> str:
        """Its keyword, such as `theorem`."""
        return self.tokens[self.head].text

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces around it, outermost first."""
        return tuple(name for kind, name in self.scopes if kind == "namespace")


def depths(tokens: Sequence[Token]) -> list[int]:
    """Return how many brackets are open before each token; one that closes nothing is overlooked."""
    depth = 0
    result = []
    for token in tokens:
        if token.text in _CLOSERS and depth:
            depth -= 1
        result.append(depth)
        if token.text in _OPENERS:
            depth += 1
    return result


def commands(text: str, tokens: Sequence[Token], file: str = "") -> list[Command]:
    """Split the tokens of a file, without comments, into commands.

    What stands before the first command belongs to it.

    Raises:
        InputError: namespaces or sections are nested too deeply, or have names too long.
    """
    lines = Lines(text)
    heads = _heads(tokens, lines)
    starts = [0, *(_beginning(tokens, heads[i], heads[i - 1] + 1) for i in range(1, len(heads)))]
    pieces: list[tuple[list[Token], int]] = []
    joined: list[Token] = []
    for number, head in enumerate(heads):
        until = starts[number + 1] if number + 1 < len(heads) else len(tokens)
        piece = [*joined, *tokens[starts[number] : until]]
        joined = []
        if piece[-1].text == "in" and _before_another(tokens, starts[number], head) and number + 1 < len(heads):
            joined = piece
        else:
            pieces.append((piece, len(piece) - (until - head)))
    return _scoped(pieces, text, file)


def _before_another(tokens: Sequence[Token], start: int, head: int) -> bool:
    """Say whether a command may end with `in`: an `open` or the like, or one that begins with `#`."""
    return tokens[head].text in _IN or tokens[head].text == "#" or tokens[start].text in _IN


def _heads(tokens: Sequence[Token], lines: Lines) -> list[int]:
    """Return the positions of the keywords that begin commands."""
    heads: list[int] = []
    depth = 0
    line_before = 0
    for index, token in enumerate(tokens):
        line, column = lines.place(token.start)
        first = line != line_before
        line_before = lines.place(token.end - 1)[0] if "\n" in token.text else line
        if token.text in _CLOSERS:
            depth = max(depth - 1, 0)
        elif token.text in _OPENERS:
            depth += 1
        if first and column == 1 and _outermost(tokens, index):
            depth = 0
            heads.append(index)
        elif not depth and _indented(tokens, index, first):
            heads.append(index)
        else:
            continue
        if len(heads) > 1 and _continues(tokens, heads[-2], index):
            heads.pop()
    return heads


def _outermost(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    match token.kind:
        case TokenKind.WORD:
            return token.text in _OUTERMOST or token.text in _ANYWHERE or token.text in _INDENTED
        case TokenKind.SIGN:
            after = tokens[index + 1] if index + 1 < len(tokens) else token
            return token.text == "#" and after.start == token.end and after.kind is TokenKind.WORD
        case TokenKind.DOC:
            return token.text.startswith("/-!")
    return False


def _indented(tokens: Sequence[Token], index: int, first: bool) -> bool:
    token = tokens[index]
    if token.kind is not TokenKind.WORD:
        return False
    if token.text in _ANYWHERE:
        return True
    if token.text not in _INDENTED and token.text not in _OUTERMOST:
        return False
    # Behind modifiers or an attribute it is where a line starts that these count.
    start = _beginning(tokens, index, 0)
    if start < index:
        return tokens[index - 1].text != "local" or token.text in DECLARING or token.text in _OUTERMOST
    if not first or token.text not in _INDENTED:
        return False
    if token.text == "lemma":
        return index + 1 < len(tokens) and tokens[index + 1].kind is TokenKind.WORD
    return True


def _continues(tokens: Sequence[Token], head: int, index: int) -> bool:
    """Say whether a keyword belongs to the command whose keyword stands directly before it, like `class inductive`."""
    if index - head == 1:
        return tokens[head].text in ("class", "deriving", "recall", "abbrev", "noncomputable", "alias", "export")
    return tokens[head].text == "deriving" and tokens[index].text == "instance"


def _beginning(tokens: Sequence[Token], head: int, least: int) -> int:
    """Return where the modifiers, attributes and documentation before a keyword begin."""
    index = head
    while index > least:
        before = tokens[index - 1]
        if before.text in MODIFIERS or before.kind is TokenKind.DOC:
            if before.text.startswith("/-!"):
                break
            index -= 1
        elif before.text == "]" and (opening := _attribute(tokens, index - 1, least)) >= 0:
            index = opening
        else:
            break
    return index


def _attribute(tokens: Sequence[Token], closing: int, least: int) -> int:
    """Return where the `@[` is that a bracket closes, -1 where it closes another bracket."""
    depth = 0
    for index in range(closing, max(least, closing - _LONGEST_ATTRIBUTE) - 1, -1):
        text = tokens[index].text
        if text == "]":
            depth += 1
        elif text in ("[", "@["):
            depth -= 1
            if not depth:
                return index if text == "@[" else -1
    return -1


def _scoped(pieces: Sequence[tuple[list[Token], int]], text: str, file: str) -> list[Command]:
    """Make the commands, following what `namespace`, `section`, `mutual` and `end` do."""
    scopes: list[tuple[str, str]] = []
    result: list[Command] = []
    mutual: list[int] = []  # where the commands of each open `mutual` begin in the result
    for piece, head in pieces:
        keyword = piece[head].text
        operand = piece[head + 1].text if head + 1 < len(piece) and piece[head + 1].kind is TokenKind.WORD else ""
        if keyword == "end":
            _leave(scopes, operand)
        result.append(Command(tuple(piece), head, tuple(scopes), (piece[0].start, piece[-1].end)))
        match keyword:
            case "namespace":
                scopes += [("namespace", part) for part in parts(operand)]
                _check_nesting(scopes, text, file, piece[head])
            case "section":
                scopes += [("section", part) for part in parts(operand) or ("",)]
                _check_nesting(scopes, text, file, piece[head])
            case "mutual":
                mutual.append(len(result) - 1)
                scopes.append(("mutual", ""))
                _check_nesting(scopes, text, file, piece[head])
            case "end" if len(mutual) > sum(kind == "mutual" for kind, _ in scopes):
                _widen(result, mutual.pop())
    return result


def _check_nesting(scopes: Sequence[tuple[str, str]], text: str, file: str, keyword: Token) -> None:
    """Refuse scopes that would make the names of what stands in them grow with the file."""
    if len(scopes) > _MOST_SCOPES or sum(len(name) for _, name in scopes) > _LONGEST_SCOPES:
        raise InputError(
            "namespaces and sections are nested too deeply",
            hint=f"at most {_MOST_SCOPES} levels are read, with names of {_LONGEST_SCOPES} characters together",
            location=Location.at(file, text, keyword.start),
        )


def _leave(scopes: list[tuple[str, str]], name: str) -> None:
    count = max(len(parts(name)), 1)
    names = tuple(scope for _, scope in scopes[-count:])
    if not name or names == parts(name):
        del scopes[-count:]


def _widen(result: list[Command], first: int) -> None:
    """Let every command of a `mutual` block tell where the block begins and ends."""
    block = result[first].block[0], result[-1].block[1]
    for index in range(first, len(result)):
        old = result[index]
        result[index] = Command(old.tokens, old.head, old.scopes, block)


def parts(name: str) -> tuple[str, ...]:
    """Split a name at its dots, save those within «quotes»."""
    return tuple(_PART.findall(name)) if "«" in name else tuple(name.split(".")) if name else ()
