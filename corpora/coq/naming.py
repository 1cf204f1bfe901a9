"""Full names: where in its library a file's sentence stands, and what the names of a step mean there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from checkers.coq import commands
from checkers.coq.sentences import Token, tokens, words
from checkers.coq.toplevel import Reply
from corpora.coq.script import first_word

_MODULE = re.compile(r"Module(?:\s+Type|\s+Import|\s+Export)?\s+([^\W\d][\w']*)")
_SECTION = re.compile(r"Section\s+([^\W\d][\w']*)")
_NAME = re.compile(r"[^\W\d][\w']*(?:\.[^\W\d][\w']*)*")
_WORD = re.compile(r"[^\W\d][\w']*")
_LOCATED = re.compile(r"^(?:Constant|Inductive|Constructor|Notation|Primitive) (\S+)", re.M)
_KEYWORDS = frozenset(
    """
    _ as at by do else end eqn exists exists2 fix cofix for forall fun if in is let match Prop return Set SProp struct
    then Type using where with try repeat progress first solve once abstract constr ltac type of value body eval
    goal context lazymatch multimatch reverse fresh now idtac fail
    """.split()
)
"""Words that are no names in a step."""
_BEFORE_TACTIC = frozenset("try repeat progress first solve once abstract do now time".split())
"""Tactics whose argument is one."""
_AFTER_PATTERN = frozenset({";", "in", "by", "using", "with", "at", "eqn", ":=", ","})
_BINDERS = frozenset({"fun", "forall", "exists", "exists2"})
_DEFINE_WHAT_THEY_SAY = frozenset(
    """
    Lemma Theorem Corollary Remark Fact Proposition Property Example Definition Fixpoint CoFixpoint Let Axiom Axioms
    Parameter Parameters Variable Variables Hypothesis Hypotheses Context Conjecture Notation Infix Ltac Tactic Hint
    Arguments Open Close Set Unset Opaque Transparent Proof Qed Defined Admitted Abort Check Print Eval Compute Show
    Search About Locate Bind Delimit Reserved Coercion Existing Goal Implicit Create Strategy Unshelve Fail Succeed
    """.split()
)
"""Commands after which names mean what they meant, but for names that stand in them."""
_MODIFIERS = re.compile(
    r"(?:#\[[^\]]*\]\s*|(?:Local|Global|Polymorphic|Monomorphic|Cumulative|NonCumulative|Time)\s+)+"
)


class Scope:
    """The modules and sections that are open.

    Args:
        top: the file's own logical name.
    """

    def __init__(self, top: str) -> None:
        self._path: list[tuple[str, bool]] = [(name, False) for name in top.split(".")]
        """Names from the outermost, and whether each is a section."""

    def pass_by(self, text: str) -> None:
        """Take note of a sentence that Coq has accepted, given without comments."""
        text = text[found.end() :] if (found := _MODIFIERS.match(text)) else text
        word = first_word(text)
        if word == "Section" and (found := _SECTION.match(text)):
            self._path.append((found[1], True))
        elif word == "Module" and (found := _MODULE.match(text)) and not commands.bodies(words(text)):
            self._path.append((found[1], False))
        elif word == "End" and self._path:
            self._path.pop()

    @property
    def in_section(self) -> bool:
        """Whether a section is open."""
        return any(section for _, section in self._path)

    def named(self, name: str) -> str:
        """Return the full name that something defined here has once all sections are closed."""
        return ".".join([*(part for part, section in self._path if not section), name])

    def closed(self, full: str) -> str:
        """Return the name that something has once the sections that are open are closed."""
        parts = full.split(".")
        depth = 0
        while depth < min(len(parts) - 1, len(self._path)) and parts[depth] == self._path[depth][0]:
            depth += 1
        kept = [part for part, (_, section) in zip(parts, self._path[:depth], strict=False) if not section]
        return ".".join([*kept, *parts[depth:]])


class Names:
    """What names mean, asked once as long as it stays the same."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def pass_by(self, text: str) -> None:
        """Take note of a command that Coq has accepted, given without comments: names may mean something else now."""
        text = text[found.end() :] if (found := _MODIFIERS.match(text)) else text
        if first_word(text) not in _DEFINE_WHAT_THEY_SAY:
            self._known.clear()
            return
        said = set(_WORD.findall(text))
        for name in [name for name in self._known if name.rsplit(".", 1)[-1] in said]:
            del self._known[name]

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Return the names that have to be asked for, each once."""
        return [name for name in dict.fromkeys(names) if name not in self._known]

    @staticmethod
    def question(name: str) -> str:
        """Return the sentence that asks what a name means."""
        return f"Locate Term {name}."

    def answered(self, names: Sequence[str], replies: Sequence[Reply], scope: Scope) -> None:
        """Take the answers to questions."""
        for name, reply in zip(names, replies, strict=True):
            # The first is what the name means here; a section's variable has no full name.
            found = None if reply.failed else _LOCATED.match(reply.text)
            self._known[name] = scope.closed(found[1]) if found else ""

    def full(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the full names of those that are known to have one, each once."""
        return tuple(dict.fromkeys(full for name in names if (full := self._known.get(name, ""))))


def mentioned(step: str, local: frozenset[str]) -> list[str]:
    """Return what a step may name: its names but for tactics, keywords, local names and those that it binds itself.

    Args:
        step: a plain step.
        local: hypotheses before and after it.
    """
    reader = _Reader()
    found = [name for name in map(reader.named, *zip(*_around(list(_joined(step))), strict=True)) if name]
    return [name for name in dict.fromkeys(found) if name not in local and name not in reader.bound]


def _around(items: list[tuple[str, bool]]) -> Iterator[tuple[str, bool, str, str]]:
    """Yield each word or sign, whether it is a name, and what stands before and after it."""
    texts = ["", *(text for text, _ in items), ""]
    for place, (text, is_name) in enumerate(items):
        yield text, is_name, texts[place], texts[place + 2]


class _Reader:
    """Goes over a step and tells the names of things from those of tactics and variables."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        """What the step binds: a name is taken as bound everywhere in it, which is a rare mistake."""
        self._head = True
        """Whether a tactic may begin here."""
        self._brackets: list[bool] = []
        """Whether tactics may stand in each open bracket."""
        self._matches = 0
        self._binding = ""
        """`names` behind `fun` and its like, `type` behind a colon there, `pattern` behind `intros`, `as` or `=>`."""

    def named(self, text: str, is_name: bool, before: str, after: str) -> str:
        """Take the next word or sign; return it where it names something that is not local."""
        name = ""
        if is_name and text not in _KEYWORDS:
            # In a pattern of SSReflect, a slash stands before a lemma.
            pattern = self._binding == "pattern" and before != "/"
            if self._binding == "names" or pattern or (before == "(" and after == ":="):
                self.bound.add(text)
            elif not self._head and before not in ("?", "%"):
                name = text
        if not (self._head and text == "exists"):
            self._bind(text)
        self._head = self._begins(text, before)
        return name

    def _begins(self, text: str, before: str) -> bool:
        outside = all(self._brackets)
        match text:
            case "(" | "[":
                self._brackets.append(self._head)
                return self._head
            case ")" | "]":
                self._brackets = self._brackets[:-1]
                return False
            case ";" | "|" | ">":
                return outside
            case "match" | "lazymatch" | "multimatch":
                self._matches += self._head
                return False
            case "=>":
                return outside and self._matches > 0
            case "by":
                return outside
        return self._head and (text in _BEFORE_TACTIC or (text.isdigit() and before == "do"))

    def _bind(self, text: str) -> None:
        introduces = text == "as" or (self._head and text in ("intro", "intros"))
        if introduces or (text == "=>" and not self._matches and all(self._brackets)):
            self._binding = "pattern"
        elif text in _BINDERS:
            self._binding = "names"
        elif text == ":" and self._binding == "names":
            self._binding = "type"
        elif text == ")" and self._binding == "type":
            self._binding = "names"
        elif self._binding == "pattern":
            self._binding = "" if text in _AFTER_PATTERN else "pattern"
        elif text in (",", "=>", ":=", ";"):
            self._binding = ""


def _joined(step: str) -> Iterator[tuple[str, bool]]:
    """Yield the words and signs of a step, qualified names as one; strings are left out."""
    held: Token | None = None
    name = ""
    for token in tokens(step):
        behind = held is not None and held.start + len(held.text) == token.start
        if held is not None and f"{held.text}{token.text}" in (":=", "=>") and behind:
            yield f"{held.text}{token.text}", False
            held = None
            continue
        if name and token.text == "." and behind:
            name, held = f"{name}.", token
            continue
        if name.endswith(".") and token.kind == "word" and behind and _WORD.fullmatch(token.text):
            name, held = f"{name}{token.text}", token
            continue
        if name:
            yield name.rstrip("."), True
            name = ""
        elif held is not None:
            yield held.text, False
        held = None
        if token.kind == "string":
            continue
        held = token
        name = token.text if token.kind == "word" and _WORD.fullmatch(token.text) else ""
    if name:
        yield name.rstrip("."), True
    elif held is not None:
        yield held.text, False
