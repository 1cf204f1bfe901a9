"""`lemmata corpus conjecture coq` as a stage: guesses about theorems, decided by the search, compiled in the end."""

from __future__ import annotations

import contextlib
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.coq.installation import Installation
from checkers.process import Supervisor
from corpora.conjecture import filters
from corpora.conjecture.asking import Conjecturers, Patience
from corpora.conjecture.deciding import Decided, Decider
from corpora.conjecture.ideas import Idea, ideas, stated
from corpora.conjecture.partners import Partners
from corpora.mutate.bench import UNKNOWN, Bench, Target
from corpora.mutate.compiling import TOP, compiled
from corpora.mutate.ground import Ground, ground
from corpora.mutate.judging import Fault, Statement, fault, written
from corpora.mutate.known import Known
from corpora.mutate.stage import Chosen, distinct, entered, inputs, origin
from corpora.mutate.theorem import Theorem, record
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Record, Task
from lemmata.config import Settings
from lemmata.plugins.wiring import Workbench
from lemmata.verdict import Verdict
from provers.symbolic.coq import trees

_ABOUT = (
    "Conjectures made from the theorems of a library {how} (after Dong and Ma, STP, ICML 2025), and decided by "
    "Lemmata's search. `label` is `proved` or `disproved`: the proof is that of the conjecture, or of its negation, "
    "and was compiled in a fresh process. `selected` says whether the paper's filters keep a conjecture for training a "
    "conjecturer, `weight` how much it counts there."
)
_UNDECIDED = "undecided"
_LATE = "theorems left for lack of time"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is guessed about each theorem."""

    conjectures: int = 10
    """Most that are given to the search."""
    tries: int = 80
    """Most guesses that are looked at."""
    seconds: float = 3.0
    """For the search on one conjecture."""
    minutes: float | None = None
    """After which nothing more is guessed, in one run of the stage; None is no limit."""
    conjecturers: tuple[str, ...] = ()
    """Models that guess first, each `NAME:MODEL`."""


def stage(
    targets: Sequence[str],
    chosen: Sequence[Task],
    coq: Installation,
    most: int | None,
    bounds: Bounds,
    settings: Settings,
    form: str,
) -> Stage:
    """Return the stage; arguments as of `corpora.mutate.stage.stage`, the seed and the provers are in the settings."""
    told = {
        "targets": [target.rstrip("/").rpartition("/")[2] for target in targets],
        "theorems": most,
        "conjectures for each": bounds.conjectures,
        "tries for each": bounds.tries,
        "seconds for each conjecture": bounds.seconds,
        "minutes": bounds.minutes,
        "provers": None if settings.provers is None else list(settings.provers),
        "coq": coq.version,
        # A folder from before there was this setting is still its stage's.
        **({"conjecturers": list(bounds.conjecturers)} if bounds.conjecturers else {}),
    }
    about = _ABOUT.format(how="with a model" if bounds.conjecturers else "without a model")
    return Stage("conjecture coq", told, inputs(chosen), settings.seed, form, about)


class Conjecturer:
    """Does a task.

    Args:
        coq: the Coq that is used.
        bounds: how much is guessed about each theorem.
        settings: what the search is run with, and the seed.
    """

    def __init__(self, coq: Installation, bounds: Bounds, settings: Settings) -> None:
        self._coq = coq
        self._bounds = bounds
        self._settings = settings
        self._end = math.inf if bounds.minutes is None else time.monotonic() + 60 * bounds.minutes
        self._patience = Patience()

    async def __call__(self, task: Task) -> Part:
        """Guess about the theorems of one file, and decide.

        Raises:
            InputError: the file is not compiled, or Coq refuses what it imports.
            BackendError: Coq cannot be run.
        """
        wanted: Chosen = task.payload
        if time.monotonic() >= self._end:
            return Part((), {_LATE: len(wanted.theorems)})
        base = ground(wanted.source, self._coq)
        async with contextlib.AsyncExitStack() as stack:
            supervisor = await stack.enter_async_context(Supervisor())
            bench, header = await entered(stack, supervisor, self._coq, base)
            search = await stack.enter_async_context(Workbench(self._settings, minimise=False))
            decider = await stack.enter_async_context(
                Decider(search, supervisor, self._coq, bench.obligation, self._bounds.seconds)
            )
            models = await self._models(stack, wanted, base)
            work = _Work(bench, decider, models, self._bounds, self._settings.seed, self._end)
            for name in wanted.theorems:
                if work.late:
                    work.counts[_LATE] += 1
                else:
                    await work.about(name)
            if models is not None:
                work.counts += models.counts
                work.failures += models.failures
            return await self._part(work, wanted, base, header, supervisor)

    async def _models(self, stack: contextlib.AsyncExitStack, wanted: Chosen, base: Ground) -> Conjecturers | None:
        names, most = self._bounds.conjecturers, self._bounds.tries
        if not names:
            return None
        models = Conjecturers(names, self._settings, self._patience, wanted.source, base, most, self._end)
        return await stack.enter_async_context(models)

    async def _part(
        self, work: _Work, wanted: Chosen, base: Ground, header: tuple[str, ...], supervisor: Supervisor
    ) -> Part:
        result = await compiled(supervisor, self._coq, base.flags(TOP), header, [made for made, _ in work.decided])
        labels = {made.name: found for made, found in work.decided}
        where = origin(wanted.source)
        records: list[Record] = []
        for theorem, axioms in result.accepted:
            found = labels[theorem.name]
            work.counts[f"{found.verdict.value}: {theorem.rule}"] += 1
            told = {"label": found.verdict.value, "expansions": found.expansions}
            records.append({**record(theorem, header, where, axioms), **told})
        records += [{"key": key, "statement": text, "label": _UNDECIDED} for key, text in work.open]
        failures = [Failure(theorem.name, reason, detail) for theorem, reason, detail in result.refused]
        return Part(records, work.counts, [*work.failures, *failures])


class _Work:
    """The guesses about the theorems of one file."""

    def __init__(
        self, bench: Bench, decider: Decider, models: Conjecturers | None, bounds: Bounds, seed: int, end: float
    ) -> None:
        self._bench = bench
        self._end = end
        self._decider = decider
        self._models = models
        self._bounds = bounds
        self._seed = seed
        self._partners = Partners(bench.premises)
        self._known = Known(bench.premises)
        self.decided: list[tuple[Theorem, Decided]] = []
        self.open: list[tuple[str, str]] = []
        """The statements that were not decided, with their keys."""
        self.counts: Counter[str] = Counter()
        self.failures: list[Failure] = []

    @property
    def late(self) -> bool:
        """Whether the stage's time is over."""
        return time.monotonic() >= self._end

    async def about(self, name: str) -> None:
        """Guess about a theorem, and decide."""
        target = await self._bench.target(name)
        if target is None:
            self.failures.append(Failure(name, UNKNOWN))
            return
        self.counts["theorems"] += 1
        count = 0
        told = [] if self._models is None else await self._models.about(self._bench, target, self._partners)
        for idea in [*told, *ideas(target, self._partners, self._seed)][: self._bounds.tries]:
            if count >= self._bounds.conjectures or self.late:
                return
            sensible = await self._sensible(target, idea)
            if sensible is not None:
                count += 1
                await self._decide(target, idea, *sensible)

    async def _sensible(self, target: Target, idea: Idea) -> tuple[Statement, str] | None:
        """Return a guess as it is written down, with its key; None where it is not worth a search."""
        forms = await stated(self._bench, target, idea)
        if forms is None:
            self.counts["dropped: makes no sense"] += 1
            return None
        statement = await written(self._bench, forms)
        why: str | None = None
        key = ""
        if statement is None:
            why = "cannot be written down"
        elif not (key := self._known.add(statement.plain)):
            why = "known"
        else:
            made_from = (target.name, *([idea.partner] if idea.partner else []), *idea.beside)
            found = await fault(self._bench, statement, made_from)
            if found is None and await self._bench.holds(statement.path, f"intros; apply (@{target.name}); assumption"):
                found = Fault.RESTATES
            why = found.value if found else None
        if why is not None or statement is None:
            self.counts[f"dropped: {why}"] += 1
            return None
        return statement, key

    async def _decide(self, target: Target, idea: Idea, statement: Statement, key: str) -> None:
        found = await self._decider.decide(statement.text)
        if found.verdict is Verdict.UNKNOWN:
            self.counts[f"{_UNDECIDED}: {idea.guess.value}"] += 1
            self.open.append((key, statement.text))
            return
        partner = await self._bench.full_name(idea.partner) if idea.partner else ""
        made_from = (target.full, partner or idea.partner) if idea.partner else (target.full,)
        proved = found.verdict is Verdict.PROVED
        wanted = "_".join([target.name.rpartition(".")[2], *idea.guess.value.split(), *([] if proved else ["fails"])])
        details = {} if proved else {"conjecture": statement.text, "instance": found.instance}
        details |= idea.told
        theorem = Theorem(
            self._known.name(wanted),
            statement.text if proved else f"~ ({statement.text})",
            found.steps,
            idea.guess.value,
            made_from,
            key,
            rests=False,
            details=details,
            structured=found.structured,
        )
        self.decided.append((theorem, found))


def weighed(records: Iterator[Record], counts: Counter[str]) -> Iterator[Record]:
    """Keep each conjecture once, say what the paper's filters and weights make of it, and leave out the undecided."""
    kept = list(distinct(records, counts))
    proved = [one for one in kept if one["label"] == Verdict.PROVED.value]
    scores = [filters.elegance(one["statement"], one["proof"]) for one in proved]
    rates = filters.pass_rates([one["expansions"] for one in proved])
    unproved = [_symbols(one) for one in kept if one["label"] == _UNDECIDED]
    loads = filters.weights([_symbols(one) for one in proved], unproved)
    told: dict[Any, dict[str, Any]] = {}
    for one, score, keep, rate, load in zip(proved, scores, filters.elegant(scores), rates, loads, strict=True):
        fine = keep and filters.barely_provable(rate) and _used(one)
        told[one["key"]] = {"elegance": round(score, 4), "selected": fine, "weight": round(load, 6)}
    for one in kept:
        if one["label"] != _UNDECIDED:
            yield {**one, **told.get(one["key"], {})}


def _symbols(one: Record) -> set[str]:
    return {token for token in trees.tokens(one["statement"]) if token[0].isalpha()} - {one.get("name")}


def _used(one: Record) -> bool:
    return any(filters.uses(one["steps"], name) for name in one["origin"]["from"])
