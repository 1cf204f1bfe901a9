r"""What an Isabelle goal is about, told from its text: symbols, free names, the outermost connective."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lemmata.goal import GoalView

_WORD = re.compile(r"(?<![\w'.\\<^?])[^\W\d_][\w']*(?:\.[^\W\d_][\w']*)*")
_APPLIED = re.compile(
    r"(?:^|[(\[{,;=<>+*/|&~:#@!-]|\\<[A-Za-z]+>|\.)\s*([^\W\d_][\w']*(?:\.[\w']+)*)\s+(?!(?:mod|div|dvd|then|else|of|in|where)\b)(?=[\w(\[\"])"
)
_STATED = re.compile(r'"([^"]*)"|\\<open>(.*?)\\<close>|‹([^›]*)›', re.S)
_ARITHMETIC = re.compile(r"(?:^|\s)(?:\+|-|\*|<|>|<=|>=|\\<le>|\\<ge>|≤|≥|div|mod|dvd|Suc)(?:\s|$)|\d")
_BOUND = re.compile(r"(?:\\<forall>|\\<exists>!?|\\<And>|\\<lambda>|∀|∃!?|⋀|λ|%)\s*((?:[^\W\d][\w']*\s*)+)\.")
_CONNECTIVES = (
    (r"\\<longrightarrow>|⟶|-->", "implies"),
    (r"\\<longleftrightarrow>|⟷|<->", "iff"),
    (r"\\<and>|∧|&", "and"),
    (r"\\<or>|∨|\|", "or"),
    (r"\\<subseteq>|⊆|<=", "subset"),
    (r"=", "equation"),
)
_KEYWORDS = frozenset(
    "lemma theorem corollary proposition fixes assumes shows obtains and if then else let in case of where for div mod "
    "dvd Suc True False THE SOME LEAST ALL EX".split()
)


@dataclass(frozen=True)
class Shape:
    """An Isabelle goal as provers look at it."""

    view: GoalView

    @cached_property
    def text(self) -> str:
        """The goal without what quotes a statement."""
        text = self.view.goal.conclusion
        quoted = [next(filter(None, found), "") for found in _STATED.findall(text)]
        return " ".join(quoted) if quoted else text

    @cached_property
    def conclusion(self) -> str:
        """The conclusion of the first goal."""
        found = str(self.view.goal.details.get("conclusion", ""))
        quoted = [next(filter(None, part), "") for part in _STATED.findall(found)]
        return quoted[-1] if quoted else found

    @cached_property
    def connective(self) -> str:
        """The outermost connective of the conclusion, empty where it is none of the usual ones."""
        text = self.conclusion.strip()
        if re.match(r"\\<forall>|∀|ALL ", text):
            return "forall"
        if re.match(r"\\<exists>|∃|EX ", text):
            return "exists"
        if re.match(r"\\<not>|¬|~", text):
            return "not"
        flat = _outermost(text)
        return next((name for pattern, name in _CONNECTIVES if re.search(pattern, flat)), "")

    @cached_property
    def arithmetic(self) -> bool:
        """Whether numbers and their operations occur."""
        return _ARITHMETIC.search(self.text) is not None

    @cached_property
    def names(self) -> list[str]:
        """Everything that is called by name, in order, each once."""
        return [name for name in dict.fromkeys(_WORD.findall(self.text)) if name not in _KEYWORDS]

    @cached_property
    def variables(self) -> list[str]:
        """Names that are likely free variables: short, never applied to anything, and not bound."""
        applied = set(_APPLIED.findall(self.text))
        bound = {name for group in _BOUND.findall(self.text) for name in group.split()}
        known = set(self.listed("functions")) | set(self.listed("definitions")) | set(self.listed("predicates"))
        taken = applied | bound | known
        return [name for name in self.names if len(name) <= 3 and name not in taken and name[0].islower()]

    def listed(self, key: str) -> Sequence[str]:
        """Return names from the session's context."""
        context: Mapping[str, Any] = self.view.context
        found = context.get(key, ())
        return [str(name) for name in found] if isinstance(found, list | tuple) else []

    def used(self, key: str) -> list[str]:
        """Return those names of the context that occur in the goal."""
        words = set(self.names) | {name.rpartition(".")[2] for name in self.names}
        return [name for name in self.listed(key) if name in words]


def _outermost(text: str) -> str:
    """Return a text without what stands in brackets."""
    kept: list[str] = []
    depth = 0
    for char in text:
        depth -= char in ")]}" and depth > 0
        kept.append(char if not depth else " ")
        depth += char in "([{"
    return "".join(kept)
