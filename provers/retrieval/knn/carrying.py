"""Carrying a recorded step over to another goal: its hypotheses, bound variables, new names and lemmas.

Hypotheses and variables are replaced by those of the goal whose types are most alike, names that a step introduces by
fresh ones, and lemmas that go by another name where the goal stands by that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provers.retrieval.knn import aligning, features
from provers.retrieval.knn.examples import Example, Pairs, short
from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Tree

NAME = re.compile(r"(?<![\w'.?])[^\W\d][\w']*(?:\.[^\W\d][\w']*)*")
_WORDS = r"(?:in|by|with|at|as|using|eqn|into|then|else|if|let|fun|forall|match|end|return)\b"
_INTRODUCED = re.compile(
    rf"""\b(?:intros?|as)\s+(?P<pattern>(?:(?!{_WORDS})[^\W\d][\w']*|[\s\[\]|(),&?%*!]|->|<-)+)
      | \beqn\s*:\s*(?P<equation>[^\W\d][\w']*)
      | \b(?:assert|enough|set|pose|remember|evar|cut)\s*\(\s*(?P<name>[^\W\d][\w']*)\s*:""",
    re.X,
)
_SAME_HEAD, _SAME_NAME, _LATE = 0.4, 0.15, 0.05
_LEAST = 0.1
"""Hypotheses less alike than this do not stand for one another."""
_MISSING = 0.7
"""What a name costs that is not in scope; some abbreviations are there without being told of."""
_ELSEWHERE = 0.1
"""How much less likely a lemma of this file is meant to go by another name."""
_MOST_LEMMAS = 2
_TACTIC = re.compile(
    r"(?:^|[;\[|]|\b(?:now|try|repeat|by|first|solve|progress|once|do\s+\d+|then|else|all\s*:))[\s(]*([^\W\dA-Z][\w']*)"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What carrying a step over needs of the goal at which it was taken."""

    step: str
    hypotheses: Pairs
    """Those that the step names."""
    variables: Pairs
    """What the conclusion quantifies over, as far as the step names it."""
    premises: tuple[str, ...]
    index: int
    form: int = 0
    """That of the conclusion, 0 where it has none."""
    symbols: tuple[str, ...] = ()
    """The conclusion's names in their order."""

    def written(self) -> list[Any]:
        """Return this as JSON values."""
        return [self.step, self.hypotheses, self.variables, self.premises, self.index, self.form, self.symbols]

    @classmethod
    def read(cls, value: Any) -> Recorded:
        """Make it of the JSON values again."""
        step, hypotheses, variables, premises, index, form, symbols = value
        return cls(step, _pairs(hypotheses), _pairs(variables), tuple(premises), index, form, tuple(symbols))


def _pairs(value: Any) -> Pairs:
    return tuple((name, kind) for name, kind in value)


def recorded(example: Example) -> Recorded:
    """Keep of an example what carrying its step over needs."""
    named = set(NAME.findall(example.step))
    whole = features.statement(example.conclusion)
    # An unnamed type is one that is too long to be worth anything.
    types = dict(zip(whole.variables, whole.types, strict=False))
    hypotheses = tuple(pair for pair in example.hypotheses if pair[0] in named)
    variables = tuple((name, trees.write(types.get(name, ""))) for name in whole.variables if name in named)
    form, symbols = aligning.form(example.conclusion)
    return Recorded(example.step, hypotheses, variables, example.premises, example.index, form, symbols)


@dataclass(frozen=True, slots=True)
class Names:
    """The lemmas and definitions in scope, by the last part of their names; and the words that are tactics."""

    full: frozenset[str]
    by_last: Mapping[str, tuple[str, ...]]
    tactics: frozenset[str] = frozenset()

    @classmethod
    def of(cls, context: Mapping[str, Any], tactics: frozenset[str] = frozenset()) -> Names:
        """Read a session's context."""
        found: dict[str, list[str]] = defaultdict(list)
        for entry in context.get("premises", ()):
            found[short(str(entry[0]))].append(str(entry[0]))
        every = frozenset(name for names in found.values() for name in names)
        return cls(every, {last: tuple(names) for last, names in found.items()}, tactics)


@dataclass(slots=True)
class Target:
    """A goal that steps are carried over to.

    Args:
        conclusion: without notations.
        hypotheses: names and types.
        names: what is in scope.
    """

    conclusion: str
    hypotheses: Pairs
    names: Names
    modules: frozenset[str] = field(init=False)
    """Those whose members the goal speaks of."""
    form: int = field(init=False)
    symbols: tuple[str, ...] = field(init=False)
    _given: dict[str, tuple[Tree, frozenset[str]]] = field(init=False)
    _bound: dict[str, tuple[Tree, frozenset[str]]] = field(init=False)

    def __post_init__(self) -> None:
        whole = features.statement(self.conclusion)
        self._given = {name: _about(features.kind(text)) for name, text in self.hypotheses}
        self._bound = {name: _about(tree) for name, tree in zip(whole.variables, whole.types, strict=False)}
        self.form, self.symbols = aligning.form(self.conclusion)
        spoken = NAME.findall(" ".join([self.conclusion, *(text for _, text in self.hypotheses)]))
        self.modules = frozenset(name.rpartition(".")[0] for name in spoken if "." in name)

    def carried(self, step: Recorded, *, near: bool = False) -> Iterator[tuple[str, float]]:
        """Yield a step as it may be written here, with how much less it fits than it did there, from 0 to 1.

        Args:
            step: what was done elsewhere.
            near: it was done above in the same file, where lemmas go by the names that they have here; not all that
                are in scope are among those that the session tells.
        """
        new = introduced(step.step)
        like = aligning.aligned(step.symbols, self.symbols) if step.form == self.form != 0 else {}
        # What a step names was there: `destruct H as [H E]` takes `H` apart and then reuses its name.
        bound = [pair for pair in step.variables if pair[0] not in new]
        # Case analysis and induction do the same to what is bound and to what is given.
        wanted = {
            name: self._standing(like.get(name, ""))
            or self._fitting(name, text, first)
            or self._fitting(name, text, second)
            for pairs, first, second in (
                (step.hypotheses, self._given, self._bound),
                (bound, self._bound, self._given),
            )
            for name, text in pairs
        }
        chosen = self._chosen(wanted)
        if chosen is None:
            return
        swaps, loss = chosen
        swaps |= self._fresh(new, swaps)
        for other in self._analogous(step, aligning.renaming(like), {*swaps, *new}):
            yield _swapped(other, swaps), min(loss, 1.0)
        if near:
            yield _swapped(step.step, swaps), min(loss, 1.0)
            loss += _ELSEWHERE
        for written, more in self._renamed(step, swaps):
            yield written, min(loss + more, 1.0)
        # The second choice, where only one thing had to be chosen.
        if len(wanted) == 1:
            name, choices = next(iter(wanted.items()))
            for other, score in choices[1:3]:
                there = {**swaps, name: other}
                for written, more in [(_swapped(step.step, there), 0.0)] if near else self._renamed(step, there):
                    yield written, min(0.25 + (1 - score) + more, 1.0)

    def _standing(self, name: str) -> list[tuple[str, float]]:
        """Return what stands where a name stands in a goal of the same form, if it is a variable or a hypothesis."""
        return [(name, 1.0)] if name in self._given or name in self._bound else []

    def _analogous(self, step: Recorded, changes: Mapping[str, str], settled: Collection[str]) -> Iterator[str]:
        """Yield a step with what stands in this goal where other names stand in its own, if there is any such.

        Args:
            step: was taken at a goal of the same form.
            changes: names by the last parts of those that they stand for.
            settled: names that are no constants.
        """
        if not changes:
            return

        def other(found: re.Match[str]) -> str:
            name = found[0]
            if name in settled:
                return name
            if (own := short(name)) in changes:
                return changes[own]
            parts = "_".join(short(changes[part]) if part in changes else part for part in own.split("_"))
            return name.removesuffix(own) + parts if parts in self.names.by_last else name

        text = aligning.signs(NAME.sub(other, step.step), changes)
        if text != step.step:
            yield text

    def _fitting(
        self, name: str, text: str, mine: Mapping[str, tuple[Tree, frozenset[str]]]
    ) -> list[tuple[str, float]]:
        """Return what may stand for a name, the most alike first, with its likeness."""
        tree, about = _about(features.kind(text))
        found = []
        for place, (own, (kind, theirs)) in enumerate(mine.items()):
            likeness = len(about & theirs) / max(len(about | theirs), 1) if kind != tree else 1.0
            likeness += _SAME_HEAD * (trees.head(kind) == trees.head(tree)) + _SAME_NAME * (own == name)
            likeness += _LATE * (place + 1) / len(mine)
            if likeness >= _LEAST + _LATE:
                found.append((own, min(likeness, 1.0), likeness))
        found.sort(key=lambda entry: -entry[2])
        return [(own, score) for own, score, _ in found]

    def _chosen(self, wanted: Mapping[str, list[tuple[str, float]]]) -> tuple[dict[str, str], float] | None:
        """Choose for each name another one of those left; None where one is left without."""
        swaps: dict[str, str] = {}
        loss = 0.0
        for name, choices in wanted.items():
            free = [(own, score) for own, score in choices if own not in swaps.values()]
            if not free:
                return None
            swaps[name], score = free[0]
            loss += 0.5 * (1 - score)
        return swaps, loss

    def _fresh(self, new: list[str], swaps: Mapping[str, str]) -> dict[str, str]:
        """Name again what a step introduces under a name that is taken."""
        taken = {*self._given, *swaps.values()}
        found = {}
        for name in new:
            if name in self._given and name not in swaps:
                stem = name.rstrip("0123456789'")
                found[name] = next(n for i in range(len(taken) + 1) if (n := f"{stem}{i}") not in taken)
                taken.add(found[name])
        return found

    def _renamed(self, step: Recorded, swaps: Mapping[str, str]) -> Iterator[tuple[str, float]]:
        """Yield a step with names swapped and with its lemmas as they are called here."""
        settled = {*swaps, *introduced(step.step), *(name for name, _ in (*step.hypotheses, *step.variables))}
        used = {short(premise) for premise in step.premises}
        called: dict[str, list[str]] = {}
        missing = 0
        for name in dict.fromkeys(NAME.findall(step.step)):
            if name in settled or name in self.names.full or name in self.names.tactics:
                continue
            others = self._called(name)
            if others:
                called[name] = others
            elif short(name) in used or "_" in name or "." in name:
                missing += 1
        for choice in range(max(map(len, called.values()), default=1)):
            full = {**swaps, **{name: others[min(choice, len(others) - 1)] for name, others in called.items()}}
            yield _swapped(step.step, full), 0.1 * choice + _MISSING * missing

    def _called(self, name: str) -> list[str]:
        """Return what is called like a name but for its modules; members of modules that the goal speaks of first."""
        others = self.names.by_last.get(short(name), ())
        ranked = sorted(others, key=lambda other: (other.rpartition(".")[0] not in self.modules, len(other), other))
        return ranked[:_MOST_LEMMAS]


def _swapped(step: str, names: Mapping[str, str]) -> str:
    return NAME.sub(lambda found: names.get(found[0], found[0]), step)


def tactics(step: str) -> list[str]:
    """Return the words of a step that stand where tactics stand, in order."""
    return list(dict.fromkeys(_TACTIC.findall(step)))


def introduced(step: str) -> list[str]:
    """Return the names that a step gives to what is new."""
    found: dict[str, None] = {}
    for match in _INTRODUCED.finditer(step):
        found |= dict.fromkeys(NAME.findall(match["pattern"] or match["equation"] or match["name"] or ""))
    return list(found)


def _about(tree: Tree) -> tuple[Tree, frozenset[str]]:
    return tree, frozenset(trees.features(tree))
