"""A prover that proposes the steps of similar goals in the proofs above: nearest neighbours, with names carried over.

After L. Blaauwbroek, J. Urban and H. Geuvers, "The Tactician", CICM 2020: the proofs that stand above a theorem are the
best teachers for it. What is added is the analogy of names: where the proof of `add_lt_mono_l` uses `add_le_l`, the
proof of `add_lt_mono_r` may use `add_le_r`.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provers.symbolic.coq import scripts, trees
from provers.symbolic.coq.prover import TacticProver
from provers.symbolic.coq.trees import Tree
from provers.symbolic.coq.views import Known, View
from provers.symbolic.tactics import Move

_NEIGHBOURS = 40
_SECONDS = 0.6
_NAME = re.compile(r"(?<![\w'.?])[^\W\d][\w']*(?:\.[^\W\d][\w']*)*")


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken at a goal above."""

    text: str
    hypotheses: tuple[tuple[str, Tree], ...]
    features: frozenset[str]
    proof: int
    place: int
    """Number of steps before it in its proof."""


class Memory:
    """The steps of the proofs above a goal.

    Args:
        context: the session's, with `proofs`.
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.taken: list[Taken] = []
        self.names: list[str] = []
        self.theorem = str(context.get("theorem", ""))
        self.known = {trees.last(str(name)) for name, _ in context.get("premises", ())}
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, proof in enumerate(context.get("proofs", ())):
            self.names.append(scripts.names_of(str(proof.get("text", ""))))
            for place, (text, conclusion, hypotheses) in enumerate(proof["steps"]):
                self._add(str(text), str(conclusion), hypotheses, number, place)
        total = max(len(self.taken), 1)
        self.idf = {f: math.log(1 + total / len(found)) for f, found in self._postings.items()}
        above = [
            (name, tuple(str(step[0]) for step in proof["steps"]))
            for name, proof in zip(self.names, context.get("proofs", ()), strict=True)
        ]
        self.followed = scripts.Followed(scripts.related(context, above))
        self.frequent = Counter(_shape(step.text) for step in self.taken)

    def _add(self, text: str, conclusion: str, hypotheses: Sequence[Sequence[str]], proof: int, place: int) -> None:
        whole = trees.statement(conclusion)
        local = {str(name) for name, _ in hypotheses} | set(whole.variables)
        read = tuple((str(name), trees.read(str(kind))) for name, kind in hypotheses)
        found: set[str] = set()
        for tree in (*whole.premises, *whole.types, whole.conclusion):
            found |= trees.features(tree, local)
        for _, kind in read:
            found |= {"h:" + feature for feature in trees.features(kind, local)}
        step = Taken(text, read, frozenset(found), proof, place)
        for feature in found:
            self._postings[feature].append(len(self.taken))
        self.taken.append(step)

    def nearest(self, features: Mapping[str, float], most: int) -> list[tuple[float, Taken]]:
        """Return the steps taken at the goals most similar to one with these features, with similarities up to 1."""
        scores: dict[int, float] = defaultdict(float)
        for feature, weight in features.items():
            for number in self._postings.get(feature, ()):
                scores[number] += self.idf[feature] * weight
        mine = sum(self.idf.get(f, 5.0) * w for f, w in features.items())
        ranked = []
        for number, shared in scores.items():
            theirs = sum(self.idf[f] * (0.5 if f.startswith("h:") else 1.0) for f in self.taken[number].features)
            recent = number / max(len(self.taken), 1)
            ranked.append((shared / (mine + theirs - shared + 1e-9) * (0.85 + 0.15 * recent), number))
        ranked.sort(reverse=True)
        return [(score, self.taken[number]) for score, number in ranked[:most]]


class NeighboursProver(TacticProver):
    """Proposes what was done at similar goals above."""

    name = "coq-neighbours"

    def __init__(self) -> None:
        self._memories: Known[Memory] = Known(Memory)

    def moves_on(self, goal: View) -> Iterator[Move]:
        """Return the steps taken at the goals most like this one."""
        for text, likely in self._moves(goal, self._memories.of(goal.view)):
            yield text, likely, _SECONDS

    def _moves(self, goal: View, memory: Memory) -> Iterator[tuple[str, float]]:
        yield from self._followed(goal, memory)
        for rank, (score, step) in enumerate(memory.nearest(goal.features, _NEIGHBOURS)):
            likely = -0.3 - 0.06 * rank - 2.0 * (1 - score)
            for text, price in self._variants(goal, memory, step):
                yield text, min(likely - price, 0.0)
                for piece, more in pieces(text):
                    yield piece, likely - price - more
        for shape, count in memory.frequent.most_common(13):
            if not shape:
                continue
            yield shape, -2.0 - math.log(max(len(memory.taken), 1) / count) * 0.5

    def _followed(self, goal: View, memory: Memory) -> Iterator[tuple[str, float]]:
        """Propose the next steps of the scripts that are being followed."""
        followed = memory.followed
        after = goal.view.goal.details.get("after")
        for number, place, price in followed.next(None if after is None else str(after), goal.view.depth):
            script = followed.scripts[number]
            text = script.steps[place]
            for written in (*analogies(text, script.name, memory.theorem, memory.known), text):
                followed.offer(written, number, place)
                yield written, -0.2 - price

    def _variants(self, goal: View, memory: Memory, step: Taken) -> Iterator[tuple[str, float]]:
        """Write a step as it would be written here: with this goal's names, and with names by analogy."""
        text = step.text
        renamed = _renamed(text, step, goal)
        yield renamed, 0.0
        if renamed != text:
            yield text, 0.4
        for analogous in analogies(renamed, memory.names[step.proof], memory.theorem, memory.known):
            yield analogous, -0.1


def _renamed(text: str, step: Taken, goal: View) -> str:
    """Put this goal's hypotheses in the place of those that a step names, by likeness of their types."""
    theirs = dict(step.hypotheses)
    used = [name for name in dict.fromkeys(_NAME.findall(text)) if name in theirs]
    if not used:
        return text
    mine = goal.hypotheses
    free = list(mine)
    chosen: dict[str, str] = {}
    for name in used:
        if name in mine and trees.head(mine[name]) == trees.head(theirs[name]):
            chosen[name] = name
            continue
        want = trees.features(theirs[name], theirs)
        ranked = sorted(
            (name2 for name2 in free if name2 not in chosen.values()),
            key=lambda other: (
                trees.head(mine[other]) != trees.head(theirs[name]),
                -len(want & trees.features(mine[other], mine)),
            ),
        )
        if ranked:
            chosen[name] = ranked[0]
    return _NAME.sub(lambda found: chosen.get(found[0], found[0]), text)


def analogies(text: str, theirs: str, ours: str, known: set[str]) -> Iterator[str]:
    """Carry the difference between two theorems' names over to the lemmas that a step names."""
    a, b = theirs.split("_"), ours.split("_")
    if not theirs or theirs == ours or not a or not b:
        return
    swaps: dict[str, str] = {}
    if len(a) == len(b):
        swaps = {x: y for x, y in zip(a, b, strict=True) if x != y}
    else:
        gone, come = [x for x in a if x not in b], [y for y in b if y not in a]
        if len(gone) == len(come) == 1:
            swaps = {gone[0]: come[0]}
    if not swaps or len(swaps) > 2:
        return

    def swapped(name: str) -> str:
        module, dot, short = name.rpartition(".")
        new = "_".join(swaps.get(part, part) for part in short.split("_"))
        return module + dot + new if new != short and new in known else name

    changed = _NAME.sub(lambda found: swapped(found[0]), text)
    if changed != text:
        yield changed


def pieces(text: str) -> Iterator[tuple[str, float]]:
    """Return parts of a compound step that may do alone."""
    for word in ("now ", "try "):
        if text.startswith(word) and ";" not in text:
            yield text.removeprefix(word), 0.7
    if text.startswith(("now rewrite ", "rewrite ")) and "," in text and ";" not in text and " in " not in text:
        verb, items = "rewrite ", text.split("rewrite ", 1)[1]
        depth, start = 0, 0
        for i, sign in enumerate(items):
            depth += sign in "([{"
            depth -= sign in ")]}"
            if sign == "," and depth == 0:
                yield verb + items[:i], 0.5
                if start:
                    yield verb + items[start:i].strip(), 1.0
                start = i + 1
    first = _first(text)
    if first and first != text:
        yield first, 0.5


def _first(text: str) -> str:
    """Return what stands before the first semicolon outside of brackets."""
    depth = 0
    for i, sign in enumerate(text):
        depth += sign in "([{"
        depth -= sign in ")]}"
        if sign == ";" and depth == 0:
            return text[:i].strip()
    return text


def _shape(text: str) -> str:
    """Return a step that needs no names as it is; others count as nothing in particular."""
    return text if len(_NAME.findall(text)) <= 2 else ""
