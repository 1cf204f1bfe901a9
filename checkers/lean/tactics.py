"""What a step may be: one plain tactic, told from text alone before any backend sees it.

This is the first of two walls. The second is the audit of the compiled file: a command that a library adds, which no
list can know, may get past this one, but neither an axiom nor a changed statement gets past that one.

Tactics and commands are those of the Lean language reference (lean-lang.org/doc/reference/latest), of Batteries and of
Mathlib. Lean reserves the words of commands, so that none of them is a name within a tactic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkers.lean.lexer import Token, TokenKind, terms, tokens
from lemmata.axioms import allowed_axioms
from lemmata.errors import InputError, LemmataError
from lemmata.goal import Obligation

SIZE_LIMIT = 32768
"""Most characters of a step."""


class NotATactic(LemmataError):
    """A step is not one plain tactic, so it is not given to Lean; the message says what it is instead."""


_COMMANDS = frozenset(
    """
    abbrev add_aesop_rules add_decl_doc alias assert_exists assert_not_exists assert_not_imported attribute axiom
    binder_predicate builtin_initialize builtin_simproc class compile_inductive count_heartbeats
    declare_aesop_rule_sets declare_config_elab declare_simp_like_tactic declare_syntax_cat decreasing_by def deriving
    dsimproc elab elab_rules elab_stx end erase_aesop_rules example export extend_docs grind_pattern import include
    inductive infix infixl infixr init_quot initialize initialize_simps_projections instance irreducible_def lemma
    library_note local macro macro_rules meta module mutual namespace noncomputable notation notation3 omit opaque
    partial postfix prefix prelude private proof_wanted protected public recall register_builtin_option register_hint
    register_label_attr register_option register_parser_alias register_simp_attr run_cmd run_elab run_meta scoped seal
    section set_premise_selector show_panel_widgets simproc simproc_decl structure suppress_compilation syntax
    tactic_extension termination_by theorem unif_hint universe universes unsafe unseal unsuppress_compilation variable
    variables whatsnew where
    """.split()
)

_FORBIDDEN = {
    **dict.fromkeys(("sorry", "admit", "sorryAx", "stop"), "it gives the goal up"),
    **dict.fromkeys(("slim_check", "plausible"), "it gives the goal up when it finds no counterexample"),
    **dict.fromkeys(("run_tac", "by_elab", "eval%", "exec", "run_conv"), "it runs a program"),
    **dict.fromkeys(("include_str", "include_bytes", "bv_check", "polyrith"), "it reads files or the network"),
    **dict.fromkeys(("llmstep", "suggest_tactics", "search_proof", "select_premises"), "it asks another program"),
    **dict.fromkeys(
        "throwError throwErrorAt logInfo logInfoAt logWarning logWarningAt logError logErrorAt println!".split(),
        "it is for programs",
    ),
    **dict.fromkeys(("dbg_trace", "dbgTrace", "panic!", "unreachable!", "todo!"), "it is for programs"),
    **dict.fromkeys(("implemented_by", "extern", "csimp", "skipKernelTC"), "it weakens what is checked"),
}
_NATIVE = frozenset(
    """
    native_decide ofReduceBool ofReduceNat reduceBool reduceNat trustCompiler bv_decide bv_decide? nativeDecide
    nativeEqTrue
    """.split()
)
_BELIEVED = frozenset({"*", "Lean.ofReduceBool", "Lean.ofReduceNat", "Lean.trustCompiler"})
"""Axioms by which Lean believes what compiled programs return; whoever allows one allows `native_decide`."""
_HASH_COMMAND = re.compile(
    r"eval|print|check|synth|reduce|exit|guard|help|find|lint|time|where|min|redundant|show|conv"
)
_OPTIONS = frozenset({"maxHeartbeats", "maxRecDepth", "synthInstance.maxHeartbeats", "synthInstance.maxSize"})
_SEARCHES = frozenset(
    """
    hint show_term rw_search propose polyrith canonical says suggestions exact? exact?? apply? rw? rw?? rewrites? simp?
    simp!? simp_all? simp_all!? simpa? dsimp? simp_arith? aesop? decide? norm_num? have? observe? observe? grind? try?
    solve_by_elim? rintro? rcases? ext? congr? infer_instance? omega? positivity? linarith? nlinarith? ring? field_simp?
    """.split()
)
_PAIRS = {")": "(", "]": "[", "}": "{", "⟩": "⟨", "⟧": "⟦", "⟫": "⟪", "›": "‹", "⌋": "⌊", "⌉": "⌈"}
_OPENERS = frozenset(_PAIRS.values()) | {"@["}

# What may not come first in a step, though within one it is fine: it would go on with what stands above.
_INNER = frozenset("at with using from generalizing then else in do only if_pos deriving extends hiding".split())
_STRINGS_WITH_TERMS = frozenset({"s!", "m!", "f!"})
"""Words of Lean itself that read the string directly behind them as one with terms in braces."""
_INNER_SIGNS_ALLOWED = frozenset({"(", "{"})
# What a further line may begin with at the column of the tactic itself, and still belong to it.
_GOES_ON = frozenset(["|", "<;>", *_PAIRS, "then", "else", "at", "with", "using", "from"])


def native(obligation: Obligation) -> bool:
    """Say whether a proof may rest on programs that Lean compiled and ran, as `native_decide` does."""
    return not _BELIEVED.isdisjoint(allowed_axioms(obligation.option("allow_axioms")))


def plain(text: str, *, native: bool = False) -> str:
    """Return a step's canonical text: one plain tactic, its further lines indented relative to its first.

    The tactic may have lines of its own: nested `by` blocks, bullets within them, `calc` steps, alternatives.

    Args:
        text: the step.
        native: whether `native_decide` and its kin are allowed.

    Raises:
        NotATactic: it is anything else: a command, several tactics, a bullet, a comment, an unfinished term, ...
    """
    text = _dedented(text)
    found = checked(text, native=native)
    if not found:
        raise NotATactic("the step is empty")
    _check_start(found[0])
    _check_single(text, found)
    return text


def searches(text: str) -> bool:
    """Say whether a step looks for a proof or a lemma (`exact?`, `simp?`, `hint`, ...) rather than being one."""
    try:
        found = tokens(text)
    except InputError:
        return False
    return any(
        token.kind is TokenKind.WORD and (token.text in _SEARCHES or (not index and token.text.endswith("?")))
        for index, token in enumerate(found)
    )


def checked(text: str, *, native: bool = False) -> list[Token]:
    """Return the tokens of a text that holds nothing but tactics, one or several.

    Args:
        text: one or more tactics.
        native: as for `plain`.

    Raises:
        NotATactic: something in it cannot stand within a tactic, or is refused.
    """
    if len(text) > SIZE_LIMIT:
        raise NotATactic(f"the step is longer than {SIZE_LIMIT} characters")
    for char in text:
        if char != "\n" and not char.isprintable():
            raise NotATactic(f"the character U+{ord(char):04X} is not allowed")
    try:
        found = tokens(text, comments=True)
    except InputError as error:
        raise NotATactic(error.message) from None
    _check_brackets(found)
    for index, token in enumerate(found):
        _check_token(token, found[index + 1 : index + 4], native)
        if token.kind is TokenKind.LITERAL:
            _check_literal(token, found[index - 1] if index else None, native)
    return found


def _dedented(text: str) -> str:
    """Return a text without blanks around it, further lines indented relative to the first."""
    lines = [line.rstrip(" ") for line in text.replace("\r\n", "\n").strip("\n").split("\n")]
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ""
    own = len(lines[0]) - len(lines[0].lstrip(" "))
    further = [len(line) - len(line.lstrip(" ")) for line in lines[1:] if line]
    # A text cut out of a file has lost the blanks of its first line only.
    margin = min([own, *further]) if own else 0
    head = lines[0][own:]
    return "\n".join([head, *(line[margin:] if line else "" for line in lines[1:])])


def _check_brackets(found: Sequence[Token]) -> None:
    open_brackets: list[str] = []
    for token in found:
        if token.kind is not TokenKind.SIGN:
            continue
        if token.text in _OPENERS:
            open_brackets.append(token.text)
        elif token.text in _PAIRS and (not open_brackets or open_brackets.pop() != _PAIRS[token.text]):
            raise NotATactic(f"`{token.text}` closes nothing")
    if open_brackets:
        raise NotATactic(f"`{open_brackets[-1]}` is not closed")


def _check_token(token: Token, after: Sequence[Token], native: bool) -> None:
    match token.kind:
        case TokenKind.COMMENT | TokenKind.DOC:
            raise NotATactic("comments are not allowed in a step")
        case TokenKind.SIGN:
            _check_sign(token, after)
        case TokenKind.WORD:
            _check_word(token, after, native)


def _check_literal(token: Token, before: Token | None, native: bool) -> None:
    """Look into a string with terms; where a string is one only to some parsers, it is refused."""
    if token.text.startswith("'"):
        if '"' in token.text:
            raise NotATactic("a quote as a character")
        return
    if not token.text.startswith('"') or "{" not in token.text:
        return
    if before is None or before.end != token.start or before.text not in _STRINGS_WITH_TERMS:
        raise NotATactic("a brace in a string, where a term could stand")
    inner = terms(token.text)
    if inner is None:
        raise NotATactic("the terms in a string cannot be told")
    for term in inner:
        if '"' in term or "\n" in term:
            raise NotATactic("a string or several lines within the term of a string")
        checked(term, native=native)


def _check_sign(token: Token, after: Sequence[Token]) -> None:
    behind = after[0].text if after and after[0].start == token.end else ""
    if token.text == "@[":
        raise NotATactic("an attribute; those belong to commands")
    if token.text == "`":
        raise NotATactic("a quotation; those are for programs")
    # `#[` is an array and `#s` the size of a finite set, so only known commands are refused.
    if token.text == "#" and _HASH_COMMAND.match(behind):
        raise NotATactic(f"`#{behind}` is a command, not a tactic")
    if token.text in ('"', "«"):
        raise NotATactic(f"`{token.text}` is not closed")


def _check_word(token: Token, after: Sequence[Token], native: bool) -> None:
    last = token.text.rsplit(".", 1)[-1].strip("«»")
    if after and after[0].text == "%" and after[0].start == token.end and f"{token.text}%" in _FORBIDDEN:
        raise NotATactic(f"`{token.text}%` is refused: {_FORBIDDEN[f'{token.text}%']}")
    if token.text in _COMMANDS:
        raise NotATactic(f"`{token.text}` is a command, not a tactic")
    if reason := _FORBIDDEN.get(token.text) or _FORBIDDEN.get(last):
        raise NotATactic(f"`{token.text}` is refused: {reason}")
    if not native and (last in _NATIVE or token.text == "native" or "._native" in token.text):
        raise NotATactic(f"`{token.text}` is refused: it runs a program outside the kernel")
    if token.text == "set_option":
        _check_option(after)
    if token.text == "debug" or token.text.startswith("debug."):
        raise NotATactic(f"`{token.text}` is refused: it weakens what is checked")


def _check_option(after: Sequence[Token]) -> None:
    """Refuse any option but those that bound resources, and these only for one tactic."""
    name = after[0].text if after else ""
    if name not in _OPTIONS:
        raise NotATactic(f"`set_option {name}` is refused; allowed are {', '.join(sorted(_OPTIONS))}")
    if len(after) < 3 or after[1].kind is not TokenKind.NUMBER or after[2].text != "in":
        raise NotATactic(f"`set_option {name}` needs a number and `in` within a tactic")


def _check_start(first: Token) -> None:
    if first.kind is TokenKind.WORD:
        if first.text in _INNER or first.text == "by":
            raise NotATactic(f"a tactic does not start with `{first.text}`")
    elif first.text in ("·", ".", "•"):
        raise NotATactic("a bullet; the structure of the proof is not the step's")
    elif first.text not in _INNER_SIGNS_ALLOWED:
        raise NotATactic(f"a tactic does not start with {first.text[:20]!r}")


def _check_single(text: str, found: Sequence[Token]) -> None:
    """Refuse several tactics one after another, which are several steps."""
    depth = 0
    nested = False
    for token in found:
        first = token.start and text[token.start - 1] == "\n"
        if first and token.text not in _GOES_ON:
            raise NotATactic("more than one tactic; a step is one, with its further lines indented")
        if token.text in _OPENERS:
            depth += 1
        elif token.text in _PAIRS:
            depth -= 1
        elif not depth and token.text in ("by", "=>"):
            nested = True
        elif not depth and token.text == ";" and not nested:
            raise NotATactic("more than one tactic; a step is one")
    if found[-1].text in ("by", ":=", "=>", "<;>", ";", ",", "at", "with", "using", "in", "from"):
        raise NotATactic(f"the step ends with `{found[-1].text}`, so something is missing")
