"""What the provers for F* look at: the parameters and the result of what is to be defined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from lemmata.goal import GoalView

_LEMMA = re.compile(r"(?<![\w.'])(?:FStar\.Pervasives\.)?Lemma\b")
_HEAD = re.compile(r"\(?\s*(?:Prims\.|FStar\.\w+\.)?([\w']+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of what is to be defined."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A goal as its details tell it."""

    name: str
    kind: str
    result: str
    explicit: tuple[Parameter, ...]
    scope: tuple[str, ...]
    """Names that the proof so far has bound, nearest last."""
    recursive: bool
    """Whether the body may call what it defines."""
    tail: bool
    """Whether the body may leave holes."""
    present: str
    """The body that stands there, where it has holes; empty otherwise."""

    @classmethod
    def of(cls, view: GoalView) -> Self:
        """Read the details of a goal; what is not there is empty."""
        details = view.goal.details
        parameters = tuple(
            Parameter(str(name), str(kind)) for name, kind, implicit in details.get("parameters", ()) if not implicit
        )
        return cls(
            str(details.get("name", "")),
            str(details.get("kind", "")),
            str(details.get("result", "")),
            parameters,
            tuple(str(name) for name in details.get("scope", ())),
            bool(details.get("recursive", False)),
            bool(details.get("tail", True)),
            str(details.get("present", "")),
        )

    @property
    def names(self) -> set[str]:
        """The names that are taken."""
        return {self.name, *self.scope, *(p.name for p in self.explicit)}

    def call(self, changed: Mapping[str, str]) -> str:
        """Write a call of what is defined, with some parameters changed."""
        arguments = [changed.get(p.name, p.name) for p in self.explicit] or ["()"]
        return " ".join([self.name, *arguments])


@dataclass(frozen=True, slots=True)
class Split:
    """A case analysis."""

    head: str
    branches: tuple[tuple[str, str], ...]
    """What introduces each branch, and what is smaller in it, empty where nothing is."""

    def with_holes(self) -> str:
        """Write it with a hole for each branch."""
        return "\n".join([self.head, *(f"{intro} admit ()" for intro, _ in self.branches)]).lstrip()

    def closed(self, call: Callable[[str], str]) -> str:
        """Write it with a recursive call wherever something is smaller, and `()` elsewhere."""
        lines = [f"{intro} {call(smaller) if smaller else '()'}" for intro, smaller in self.branches]
        return "\n".join([self.head, *lines]).lstrip()


def is_lemma(text: str) -> bool:
    """Say whether a type is a lemma's."""
    return _LEMMA.search(text) is not None


def formula(result: str) -> str:
    """Return what a lemma with a plain statement claims, empty where that is not plain."""
    found = re.fullmatch(r"(?:FStar\.Pervasives\.)?Lemma\s+\((.*)\)", result.strip(), re.S)
    if not found:
        return ""
    text = found[1].strip()
    if text.startswith("ensures"):
        text = text.removeprefix("ensures").strip()
    if re.match(r"requires\b", text) or not _balanced(text):
        return ""
    return text


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            return False
    return depth == 0


def explicit_types(text: str) -> list[str]:
    """Return the types of a definition's explicit parameters, from its `val` or its head; "" where one is not told."""
    text = text.strip()
    if text.startswith(":"):
        parts = _arrows(text[1:])[:-1]
        return [_named(part) for part in parts if not part.strip().startswith(("#", "{|"))]
    found: list[str] = []
    for inside, word in re.findall(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)|(?<![\w#'])([a-z_][\w']*)", _before_colon(text)):
        if word:
            found.append("")
        elif inside.strip() == "":
            found.append("unit")
        elif not inside.lstrip().startswith("#"):
            names, _, kind = inside.partition(":")
            found += [kind.strip()] * max(len(names.split()), 1)
    return found


def _before_colon(text: str) -> str:
    depth = 0
    for at, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if char == ":" and depth == 0:
            return text[:at]
    return text


def _arrows(text: str) -> list[str]:
    parts, depth, begin = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and text.startswith("->", at):
            parts.append(text[begin:at])
            begin = at + 2
        if depth == 0 and _LEMMA.match(text, at):
            break
    return [*parts, text[begin:]]


def _named(part: str) -> str:
    part = part.strip()
    if part.startswith("(") and part.endswith(")") and _balanced(part[1:-1]) and ":" in part:
        part = part[1:-1]
    found = re.match(r"\s*[\w']+\s*:(?!:)\s*(.*?)\s*$", part, re.S)
    return (found[1] if found else part).strip()


def cases(type_: str, name: str, types: Iterable[Mapping[str, Any]], taken: Sequence[str] | set[str]) -> Split | None:
    """Return the case analysis that a parameter's type offers, None where there is none."""
    found = _HEAD.match(type_)
    match found[1] if found else "":
        case "nat":
            return Split("", ((f"if {name} = 0 then", ""), ("else", f"({name} - 1)")))
        case "bool":
            return Split("", ((f"if {name} then", ""), ("else", "")))
        case "list":
            head, tail = fresh("hd", taken), fresh("tl", taken)
            return Split(f"match {name} with", (("| [] ->", ""), (f"| {head} :: {tail} ->", tail)))
        case "option":
            inner = fresh("v", taken)
            return Split(f"match {name} with", (("| None ->", ""), (f"| Some {inner} ->", "")))
        case other:
            return _of_inductive(other, name, types, taken)


def _of_inductive(
    type_: str, name: str, types: Iterable[Mapping[str, Any]], taken: Sequence[str] | set[str]
) -> Split | None:
    known = next((entry for entry in types if entry.get("name") == type_), None)
    if known is None or not 1 <= len(known["constructors"]) <= 8:
        return None
    branches = []
    for constructor, arity in known["constructors"]:
        names = [fresh(f"{name}{k}", taken) for k in range(arity)]
        branches.append((" ".join(["|", constructor, *names, "->"]), names[-1] if names else ""))
    return Split(f"match {name} with", tuple(branches))


def fresh(name: str, taken: Sequence[str] | set[str]) -> str:
    """Return a name like this one that is not taken."""
    while name in taken:
        name += "'"
    return name
