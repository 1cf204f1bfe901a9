"""What is common to the uses of a tactic: its text with a word for the kind of each thing that it names.

`rewrite <- IHl, plus_comm in H` at a goal with `IHl` becomes `rewrite <- <hypothesis>, ... in <hypothesis>`. Of a
chain `a; b; c` the first tactic counts, and the last where it needs no arguments and only tidying stands between them:
`induction <variable>; auto`, or else `induction <variable>; ...`.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Tree
from provers.symbolic.coq.views import View

HYPOTHESIS, VARIABLE, LEMMA, TERM, NUMBER = "<hypothesis>", "<variable>", "<lemma>", "<term>", "<number>"

_WORD = re.compile(r"[^\W\d][\w']*")
_HEAD = re.compile(r"[\s(@]*([^\W\d][\w'.]*|\d+)")
_BARE = re.compile(r"@?[^\W\d][\w'.]*|\d+")
_MARK = re.compile(r"\s+(as|in|with|by|using|at|eqn)\b:?|\s*(:=)")
_OPEN, _CLOSED = "([{", ")]}"
_PATTERN = re.compile(r"[\[(]|->|<-|%")
_FOREIGN = re.compile(
    r"""(?:^|[;(|\[])\s*(?:by|move|have|suff|wlog|congr|under)(?![\w'])"""
    r"""|(?<![\w'])(?:apply|case|elim|exact|move)\s*(?:[:/]|=>)|//|/="""
    r"""|(?<![\w'])rewrite\s+(?:-(?!>)|[/{])"""
)

_LEMMAS = frozenset(
    "apply eapply exact eexact simple refine pose assert rewrite erewrite setoid_rewrite specialize".split()
)
"""A name that is no hypothesis is a lemma after these, a term after others."""
_BARE_ONLY = frozenset("assert cut enough set pose remember replace change setoid_replace pattern absurd evar".split())
"""Tactics whose arguments say nothing: they are made up for the goal."""
_AUTOMATION = frozenset("auto eauto intuition firstorder trivial tauto congruence debug".split())
_PREFIXES = (
    "now",
    "try",
    "repeat",
    "do",
    "progress",
    "solve",
    "abstract",
    "rapply",
    "dependent",
    "simple",
    "functional",
)
_KEPT = {
    "rewrite": ("in", "by"),
    "setoid_rewrite": ("in",),
    "apply": ("with", "in"),
    "eapply": ("with", "in"),
    "destruct": ("eqn",),
    "induction": ("using",),
    "auto": ("with", "using"),
    "eauto": ("with", "using"),
    "intuition": ("with", "using"),
}
_KEPT_ELSE = ("in",)
_TIDYING = re.compile(
    r"(?:try )?(?:simpl|cbn|intros?|subst|clear|easy|now|trivial|auto|eauto|discriminate|assumption|congruence|red)\b"
)
"""What may stand in the middle of a chain without changing what the chain is."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names that mean something in one goal only."""

    variables: frozenset[str]
    """Things that are spoken of: what the conclusion quantifies over, and hypotheses that others mention."""
    assumptions: frozenset[str]
    """The other hypotheses."""


def kinds(goal: View) -> dict[str, Tree]:
    """Return the types of the hypotheses by name, in order; a quantified one is kept whole."""
    return {str(name): _type(str(text)) for name, text in goal.view.goal.details.get("hypotheses", ())}


@functools.lru_cache(maxsize=4096)
def _type(text: str) -> Tree:
    return trees.read(text.rpartition(" : ")[2] if text.startswith(":= ") else text)


def names(goal: View) -> Names:
    """Return the names of a goal."""
    given = kinds(goal)
    whole = goal.statement
    mentioned = set(_atoms((*given.values(), *whole.premises, *whole.types, whole.conclusion)))
    variables = set(whole.variables)
    for name, kind in given.items():
        if name in mentioned or (isinstance(kind, str) and kind not in ("False", "True")):
            variables.add(name)
    return Names(frozenset(variables), frozenset(given) - variables)


def foreign(text: str) -> bool:
    """Say whether a step is in the language of SSReflect, which this prover does not speak."""
    return _FOREIGN.search(text) is not None


def template(text: str, known: Names) -> str:
    """Return what a step has in common with others.

    Args:
        text: the step, without its final dot.
        known: the names of the goal at which it is taken.
    """
    parts = _cut(text.strip(), ";")
    first = _one(parts[0], known)
    if len(parts) == 1:
        return first
    end = _one(parts[-1], known)
    tidy = all(_TIDYING.match(part) for part in parts[1:-1])
    return f"{first}; {end}" if tidy and _plain(end) else f"{first}; ..."


def alternatives(text: str, known: Names) -> tuple[str, ...]:
    """Return the templates of a step and of the shorter step that begins it, which leads to the same proof."""
    whole = template(text, known)
    parts = _cut(text.strip(), ";")
    shorter = _one(parts[0], known) if len(parts) > 1 else whole.removeprefix("now ")
    return (whole,) if shorter == whole else (whole, shorter)


def _plain(end: str) -> bool:
    return "<" not in end and "[" not in end and "(" not in end and "..." not in end and len(end) < 20


def _one(text: str, known: Names) -> str:
    text = _unwrapped(text.strip())
    parts = _cut(text, ";")
    if len(parts) > 1:
        return template(text, known)
    found = _WORD.match(text)
    if found is None:
        return "[...]" if text[:1] == "[" else "(...)"
    word, rest = found[0], text[found.end() :].strip()
    if word in _PREFIXES and rest:
        if word == "do":
            rest = rest.split(None, 1)[-1]
        inner = _one(rest, known)
        return f"{word} {inner}"
    if word in ("pose", "assert") and (rest.startswith("proof ") or (word == "assert" and ":=" in rest)):
        lemma = rest.rpartition(":=")[2] if ":=" in rest else rest.removeprefix("proof ")
        return f"pose proof {_kind(lemma, 'pose', known)}"
    if word in _BARE_ONLY:
        return word
    if word == "intros" or word == "intro":
        return f"{word} <pattern>" if _PATTERN.search(rest) else word
    return _with_arguments(word, rest, known)


def _with_arguments(word: str, rest: str, known: Names) -> str:
    first, marks = _marks(rest)
    result = word
    items = [item for item in _cut(first, ",") if item] if first else []
    if items:
        item = items[0]
        if "rewrite" in word:
            item = item.lstrip("!? \t0123456789").lstrip()
            if item.startswith("<-"):
                result = f"{result} <-"
            if item.startswith(("<-", "->")):
                item = item[2:].lstrip("!? ")
        result = f"{result} {_kind(item, word, known)}"
        if len(items) > 1:
            result += ", ..."
    for mark in _KEPT.get(word, _KEPT_ELSE):
        if mark in marks:
            result += _marked(word, mark, marks[mark], known)
    return result


def _marked(word: str, mark: str, value: str, known: Names) -> str:
    if mark == "in":
        return " in *" if value.startswith("*") else " in <hypothesis>"
    if mark == "with" and word in _AUTOMATION:
        return " with *"
    if mark == "using" and word in _AUTOMATION:
        return f" using {_kind(value, 'apply', known)}"
    return f" {mark}"


def _kind(item: str, word: str, known: Names) -> str:
    """Return what kind of thing an argument is."""
    item = _unwrapped(item.strip())
    found = _HEAD.match(item)
    if found is None:
        return TERM
    name, bare = found[1], _BARE.fullmatch(item) is not None
    lemma = word in _LEMMAS
    if name.isdigit():
        return NUMBER if bare else TERM
    if name in ("fun", "forall", "match", "let", "if"):
        return TERM
    if name in known.assumptions and (bare or lemma):
        return HYPOTHESIS
    if name in known.variables and (bare or lemma):
        # What is applied is used as a fact, even when something else mentions it.
        return HYPOTHESIS if lemma and word != "exists" else VARIABLE
    if word in ("unfold", "fold"):
        return "<name>"
    return LEMMA if lemma else TERM


def _marks(rest: str) -> tuple[str, dict[str, str]]:
    """Cut arguments at their keywords: what stands before, and what follows each."""
    found: dict[str, str] = {}
    places: list[tuple[int, int, str]] = []
    padded = f" {rest}"
    depth = 0
    skip = 0
    for at, sign in enumerate(padded):
        depth += (sign in _OPEN) - (sign in _CLOSED)
        if depth == 0 and at >= skip and (sign.isspace() or sign == ":"):
            mark = _MARK.match(padded, at)
            if mark:
                places.append((at, mark.end(), mark[1] or mark[2]))
                skip = mark.end()
    places.append((len(padded), len(padded), ""))
    for (_, end, name), (start, _, _) in itertools.pairwise(places):
        found.setdefault(name, padded[end:start].strip())
    return padded[: places[0][0]].strip(), found


def _cut(text: str, at: str) -> list[str]:
    """Cut a text at a sign that stands outside of brackets."""
    if at not in text:
        return [text]
    found, depth, start = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSED)
        if sign == at and depth == 0:
            found.append(text[start:i].strip())
            start = i + 1
    return [*found, text[start:].strip()]


def _unwrapped(text: str) -> str:
    """Take off brackets around all of a text."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for i, sign in enumerate(text):
            depth += (sign in _OPEN) - (sign in _CLOSED)
            if depth == 0 and i < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text


def _atoms(found: Iterable[Tree]) -> Iterable[str]:
    work = list(found)
    while work:
        tree = work.pop()
        if isinstance(tree, str):
            yield tree
        else:
            work.extend(tree)
