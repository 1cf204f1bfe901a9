"""What a step may be: one plain tactic sentence, told from text alone before any backend sees it.

This is the first of two walls. The second is Coq itself: a session sends a step, and verification compiles it, behind
the goal selector `1:`, after which Coq's grammar admits tactics and queries only. So a command that a plugin adds,
which no list can know, still has no effect.

The lexical rules are those of the reference manual, "Lexical conventions": a sentence ends with a dot that a blank or
the end of the text follows, strings double their quotes, comments nest.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from lemmata.errors import LemmataError

SIZE_LIMIT = 8192
"""Most characters of a step."""


class NotATactic(LemmataError):
    """A step is not one plain tactic sentence, so it is not given to Coq; the message says what it is instead."""


# The first words of all commands of Coq 8.16 to Rocq 9.x (the manual's "Command index"), of the control words that may
# stand before one, and of CoqHammer. The grammar has one in lower case, `infoH`.
_COMMANDS = frozenset(
    """
    Abort About Accumulate Add Admit Admitted All Arguments Assumption Attributes Axiom Axioms Back BackTo Bind
    Bullet Canonical Cd Check Class Close CoFixpoint CoInductive Coercion Collection Combined Comments Compute
    Conjecture Conjectures Constraint Context Corollary Create Cumulative Debug Declare Defined Definition Delimit
    Dependent Derive Disable Drop Elpi Enable End Equations Eval Example Existential Existing Export Extract
    Extraction Fact Fail Final Fixpoint Focus From Function Functional Generalizable Generate Global Goal Grab
    Guarded Hammer Hammer_cleanup Hammer_export Hammer_objects Hammer_plugin_version Hammer_print Hammer_transform
    Hammer_version Hint HintDb Hypotheses Hypothesis Identity Implicit Import Include Inductive Infix Info Initialize
    Inline Inspect Instance Instructions Lemma Let Library Load Local Locate Ltac Ltac2 ML MetaCoq MetaRocq Mode
    Module Monomorphic Morphism NoInline NonCumulative Next Notation Number Numeral Obligation Obligations Opaque
    Open Optimize Parameter Parameters Parametric Polymorphic Predict Preterm Primitive Print Private Profile Program
    Proof Property Proposition Prove Pwd Qed Quit Record Recursive Redirect Reduction Register Relation Remark Remove
    Require Reserved Reset Restart Rewrite Rules Save Scheme Scope Search SearchAbout SearchHead SearchPattern
    SearchRewrite Section Separate Set Setoid Show Solve Sort Sorts Strategy String Structure SubClass Succeed
    Symbol Symbols Tactic Test TestCompile Theorem Time Timeout Transparent Type Typeclasses Undelimit Undo Unfocus
    Unfocused Universe Universes Unset Unshelve Validate Variable Variables Variant Verbose infoH
    """.split()
)

_UNCHECKED = "it closes a goal with a term that is checked only at the end of the proof"
_FORBIDDEN = {
    "admit": "it gives the goal up",
    "give_up": "it gives the goal up",
    "native_compute": "it runs a program outside the kernel",
    "native_cast_no_check": "it runs a program outside the kernel",
    "vm_cast_no_check": _UNCHECKED,
    "exact_no_check": _UNCHECKED,
    "change_no_check": _UNCHECKED,
}

# Quotations of plugins: what stands in them follows other lexical rules.
_QUOTATIONS = frozenset({"lp", "elpi", "coq", "rocq"})

_PAIRS = {")": "(", "]": "[", "}": "{"}
_WORD = re.compile(r"[^\W\d][\w']*")
_SELECTOR = re.compile(r"(all|par)\s*:(?!=)")
_BLANKS = " \t\r\n"

_HAMMER = frozenset(
    """
    hammer predict sauto hauto qauto cauto lauto fcrush hcrush hecrush hfcrush ecrush scrush qcrush qecrush qfcrush
    best sbest hbest sblast qblast srun sdone strivial sfirstorder sintuition scongruence ssimpl qsimpl csimpl
    simp_hyps simple_splitting eager_inverting eager_inverting_dep forward_reasoning sunfolding
    sdestruct sdepdestruct sinvert sdepinvert seinvert sedepinvert srewrite bool_reflect breflect bsimpl
    """.split()
)
# What may stand before a tactic within a tactic; elsewhere the words above are names.
_BEFORE_TACTIC = frozenset({"", ";", "[", "|", "(", ">", "+", "=>", "try", "do", "repeat", "solve", "first", "by"})
_BEFORE_TACTIC_TOO = frozenset({"progress", "once", "exactly_once", "abstract", "time", "tryif", "then", "else", "in"})


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: str
    """`word`, `string` or `sign`."""


def plain(text: str) -> str:
    """Return a step's canonical text: one plain tactic sentence without its final dot, blanks normalised.

    Raises:
        NotATactic: it is anything else: a command, several sentences, a bullet, a goal selector, a comment, ...
    """
    if len(text) > SIZE_LIMIT:
        raise NotATactic(f"the step is longer than {SIZE_LIMIT} characters")
    text = text.strip(_BLANKS)
    if text.endswith("."):
        text = text[:-1].rstrip(_BLANKS)
    canonical, tokens = _read(text)
    if not tokens:
        raise NotATactic("the step is empty")
    _check_start(canonical, tokens[0])
    for token in tokens:
        if token.kind == "word" and token.text in _FORBIDDEN:
            raise NotATactic(f"`{token.text}` is refused: {_FORBIDDEN[token.text]}")
    for token, after in itertools.pairwise(tokens):
        if token.text in _QUOTATIONS and after.text == ":":
            raise NotATactic(f"`{token.text}:` opens a quotation of a plugin")
    if _names_a_constant(tokens):
        raise NotATactic("`abstract ... using` declares a constant, which may hide another one from what follows")
    return canonical


def uses_hammer(text: str) -> bool:
    """Say whether a step uses a tactic of CoqHammer, and so needs `From Hammer Require Import Tactics.`."""
    try:
        _, tokens = _read(text.strip(_BLANKS).removesuffix("."))
    except NotATactic:
        return False
    before = ""
    for token in tokens:
        head = before in _BEFORE_TACTIC or before in _BEFORE_TACTIC_TOO or before.isdigit()
        if token.kind == "word" and token.text in _HAMMER and head:
            return True
        before = token.text
    return False


def _names_a_constant(tokens: list[_Token]) -> bool:
    """Say whether a `using` may belong to an `abstract`: it stands behind one, within the same brackets."""
    abstracts = [False]
    for token in tokens:
        if token.text in ("(", "[", "{"):
            abstracts.append(False)
        elif token.text in (")", "]", "}"):
            abstracts.pop()
        elif token.text in ("abstract", "transparent_abstract"):
            abstracts[-1] = True
        elif token.text == ";":
            abstracts[-1] = False
        elif token.text == "using" and abstracts[-1]:
            return True
    return False


def _check_start(text: str, first: _Token) -> None:
    if first.kind == "word":
        if first.text in _COMMANDS:
            raise NotATactic(f"`{first.text}` is a command, not a tactic")
        if _SELECTOR.match(text):
            raise NotATactic("a goal selector; a step works on its own goal only")
    elif first.text in ("-", "+", "*"):
        raise NotATactic("a bullet; the structure of the script is not the step's")
    elif first.text in ("{", "}"):
        raise NotATactic("a brace; the structure of the script is not the step's")
    elif first.text == "#":
        raise NotATactic("an attribute; those belong to commands")
    elif text.startswith("[>") or first.text == "(":
        pass
    elif first.text in ("[", "!") or first.text.isdigit():
        raise NotATactic("a goal selector; a step works on its own goal only")
    else:
        raise NotATactic(f"a tactic does not start with {first.text[:20]!r}")


def _read(text: str) -> tuple[str, list[_Token]]:
    """Split a sentence into tokens, and normalise its blanks.

    Raises:
        NotATactic: it is not one sentence, or not well-formed.
    """
    out: list[str] = []
    tokens: list[_Token] = []
    open_brackets: list[str] = []
    i = 0
    while i < len(text):
        char = text[i]
        if char == '"':
            end = _string_end(text, i)
            token = _Token(text[i:end], "string")
        elif char in _BLANKS:
            if out[-1:] != [" "]:
                out.append(" ")
            i += 1
            continue
        elif not char.isprintable() or char.isspace():
            raise NotATactic(f"the character U+{ord(char):04X} is not allowed")
        else:
            word = _WORD.match(text, i)
            token = _Token(word.group(), "word") if word else _Token(_sign(text, i), "sign")
        _check_sign(token, text, i, open_brackets)
        out.append(token.text)
        tokens.append(token)
        i += len(token.text)
    if open_brackets:
        raise NotATactic(f"`{open_brackets[-1]}` is not closed")
    return "".join(out), tokens


def _sign(text: str, start: int) -> str:
    if text.startswith("=>", start):
        return "=>"
    end = start
    while end < len(text) and text[end].isdigit():
        end += 1
    return text[start : max(end, start + 1)]


def _check_sign(token: _Token, text: str, start: int, open_brackets: list[str]) -> None:
    if token.kind == "string":
        if any(not c.isprintable() and c not in _BLANKS for c in token.text):
            raise NotATactic("a string with control characters")
        return
    after = text[start + len(token.text) : start + len(token.text) + 1]
    match token.text, after:
        case ("(", "*") | ("*", ")"):
            raise NotATactic("comments are not allowed in a step")
        case (".", "."):
            raise NotATactic("`..` and `...` are not allowed")
        case (".", "" | " " | "\t" | "\r" | "\n"):
            raise NotATactic("more than one sentence")
        case (("(" | "[" | "{"), _):
            open_brackets.append(token.text)
        case ((")" | "]" | "}"), _):
            if not open_brackets or open_brackets.pop() != _PAIRS[token.text]:
                raise NotATactic(f"`{token.text}` closes nothing")


def _string_end(text: str, start: int) -> int:
    end = text.find('"', start + 1)
    if end < 0:
        raise NotATactic("a string is not closed")
    return end + 1
