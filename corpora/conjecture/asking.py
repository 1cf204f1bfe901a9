"""Models as conjecturers: what they are asked about a theorem, and what of their answers may be a statement.

After K. Dong and T. Ma, "STP: Self-play LLM Theorem Provers with Iterative Conjecturing and Proving", ICML 2025. They
are hosted as the provers of the search are, in processes of their own, with the same settings and within the same
budget. Nothing that they say is believed, and one that fails costs its own guesses only.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from checkers import files
from checkers.coq.terms import NotATerm, term
from corpora.conjecture.ideas import Guess, Idea
from corpora.conjecture.partners import Partners
from corpora.coq.library import Source
from corpora.mutate.bench import Bench, Target
from corpora.mutate.ground import MOST_BYTES, Ground
from corpora.stages.task import Failure
from lemmata.config import Settings
from lemmata.errors import LemmataError, Location, UsageError
from lemmata.goal import GoalView
from lemmata.plugins.choosing import choose
from lemmata.plugins.wiring import Workbench
from provers.neural import conjecturing
from provers.symbolic.coq import trees
from provers.symbolic.coq.library import Library

if TYPE_CHECKING:
    from lemmata.protocols import Prover
    from lemmata.step import Proposal

SILENT = "a conjecturer did not answer"
"""Why a model's guesses are missing, as failures say it."""
_PARTNERS = 3
"""Lemmas of each kind that fit together with a theorem, and are told."""
_LEMMAS = 12
"""Most lemmas that are told."""
_LONGEST_LEMMA = 400
_TOLD = ("revision", "prompt")
"""What a record tells of where a model's statement comes from, beside how the model was named."""
_IN_VAIN = 3
"""So many questions in a row a model may leave unanswered before it is asked no more."""


def check(names: Sequence[str]) -> None:
    """Make sure, before any work is done, that models can be asked for conjectures.

    Args:
        names: `NAME:MODEL` each, as of `--prover`.

    Raises:
        UsageError: there is no such prover, or it writes no statements.
        LemmataError: its settings make no sense, or what it needs is not installed.
    """
    for chosen in choose(names):
        if not hasattr(chosen.kind, "check_conjecturer") or not chosen.serves("coq"):
            hint = "name a model that writes what it is asked for: openai:MODEL, transformers:DIR or vllm:MODEL"
            raise UsageError(f"the prover {chosen.name} makes no conjectures", hint=hint)
        chosen.kind.check_conjecturer(chosen.model)


class Patience:
    """What is known of the models in one run of a stage, whose tasks share it."""

    def __init__(self) -> None:
        self._in_vain: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()

    def over(self, name: str) -> bool:
        """Say whether a model is not asked any more."""
        return self._in_vain[name] >= _IN_VAIN

    def answered(self, name: str) -> None:
        """Take note that a model works."""
        self._in_vain[name] = 0

    def failed(self, name: str, message: str) -> list[Failure]:
        """Take note that a model did not answer; return what is to be told of it, each reason once."""
        self._in_vain[name] += 1
        if (name, message) in self._told:
            return []
        self._told.add((name, message))
        return [Failure(name, SILENT, message)]


class Conjecturers:
    """The models that are asked about the theorems of one file; an async context manager.

    Args:
        names: `NAME:MODEL` each.
        settings: what they are hosted with, and the seed.
        patience: shared by all files of a run.
        source: the file.
        base: what its theorems stand on.
        most: guesses that one model may make about a theorem.
        end: when the time is over, by `time.monotonic`.

    Raises:
        InputError: the file cannot be read.
    """

    def __init__(
        self,
        names: Sequence[str],
        settings: Settings,
        patience: Patience,
        source: Source,
        base: Ground,
        most: int,
        end: float,
    ) -> None:
        self._hosts = Workbench(dataclasses.replace(settings, provers=tuple(names)))
        self._patience = patience
        self._text = files.read(source.path, MOST_BYTES)
        self._file = source.label
        self._base = base
        self._most = most
        self._end = end
        self._library: Library | None = None
        self.counts: Counter[str] = Counter()
        self.failures: list[Failure] = []

    async def __aenter__(self) -> Conjecturers:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hosts.close()

    async def about(self, bench: Bench, target: Target, partners: Partners) -> list[Idea]:
        """Return what the models guess about a theorem; where one fails, that is counted.

        Args:
            bench: has in scope what they may speak of.
            target: the theorem.
            partners: the lemmas in scope.

        Raises:
            BackendError: Coq cannot be run.
        """
        asked = [one for one in self._hosts.provers("coq") if not self._patience.over(one.name)]
        if not asked:
            return []
        lemmas = await self._lemmas(bench, target, partners)
        view = conjecturing.question(
            target.full.rpartition(".")[2], target.pretty, self._text, self._place(target), lemmas
        )
        answers = await asyncio.gather(*(self._ask(one, view) for one in asked))
        beside = tuple(name for name, _ in lemmas)
        return [
            idea
            for one, proposals in zip(asked, answers, strict=True)
            for idea in self._ideas(one.name, proposals, beside)
        ]

    def _ideas(self, name: str, proposals: Sequence[Proposal], beside: tuple[str, ...]) -> Iterator[Idea]:
        for proposal in proposals:
            self.counts[f"statements of {name}"] += 1
            try:
                text = term(proposal.step.text)
            except NotATerm:
                self.counts["dropped: not one term"] += 1
                continue
            told = {key: proposal.provenance[key] for key in _TOLD if key in proposal.provenance}
            # A star next to a bracket would begin a comment.
            yield Idea(Guess.MODEL, statement=f"( {text} )", beside=beside, told={"conjecturer": name, **told})

    async def _ask(self, prover: Prover, view: GoalView) -> list[Proposal]:
        left = self._end - time.monotonic()
        found: list[Proposal] = []
        try:
            async with asyncio.timeout(left if math.isfinite(left) else None):
                (found,) = await prover.propose([view], self._most)
            self._patience.answered(prover.name)
        except TimeoutError:
            """The stage's time is over."""
        except LemmataError as error:
            self.failures += self._patience.failed(prover.name, error.message)
        if not found:
            self.counts[f"theorems about which {prover.name} said nothing"] += 1
        return found

    async def _lemmas(self, bench: Bench, target: Target, partners: Partners) -> list[tuple[str, str]]:
        """Return lemmas to combine a theorem with: those that fit together with it, and those that are like it."""
        if self._library is None:
            self._library = Library({"premises": bench.premises})
        whole = trees.statement(target.closed)
        features: set[str] = set()
        for tree in (*whole.premises, *whole.types, whole.conclusion):
            features |= trees.features(tree, whole.variables)
        names = [
            *(name for name, _ in itertools.islice(partners.following(target), _PARTNERS)),
            *(name for name, _ in itertools.islice(partners.continuing(target), _PARTNERS)),
            *(found.name for _, found in self._library.relevance(dict.fromkeys(features, 1.0), 2 * _LEMMAS)),
        ]
        told: list[tuple[str, str]] = []
        for name in dict.fromkeys(names):
            if len(told) < _LEMMAS and name not in (target.name, target.full) and "Private_" not in name:
                made = await bench.stated(f"ltac:(let t := type of @{name} in exact t)")
                if made is not None and len(made[1].pretty.conclusion) <= _LONGEST_LEMMA:
                    told.append((name, made[1].pretty.conclusion))
        return told

    def _place(self, target: Target) -> Location:
        script = self._base.proofs.get(target.full)
        return Location(self._file, 1 if script is None else script.line, 1)
