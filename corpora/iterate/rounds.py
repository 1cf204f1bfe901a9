"""Expert iteration, round by round; whatever was done before a run was cut short is not done again.

After Anthony, Tian and Barber, "Thinking Fast and Slow with Deep Learning and Tree Search" (2017), and Polu et al.,
"Formal Mathematics Statement Curriculum Learning" (2022).
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib.util
import itertools
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from corpora.curate import benchmarks as reading
from corpora.curate.benchmarks import Benchmarks
from corpora.curate.filters import Settings as Curation
from corpora.curate.plan import Plan
from corpora.curate.stage import curation
from corpora.export.stage import Target, exporting
from corpora.iterate import gathering, page, problems, searching
from corpora.iterate.problems import Named
from corpora.stages import inputs, lines, writing
from corpora.stages.folder import Folder
from corpora.stages.run import Stage, run
from corpora.stages.task import Listener, Summary, Task
from lemmata.config import Settings
from lemmata.errors import BackendMissing, InputError
from lemmata.plugins.choosing import SYMBOLIC
from lemmata.plugins.wiring import Workbench
from provers.neural import local_loading
from provers.neural.local_loading import INSTALL, libraries, weights_digest
from provers.neural.training.prover import train_prover
from provers.neural.training.records import step_record
from provers.neural.training.settings import Progress
from provers.neural.training.settings import Settings as Training

SCHEMA = "lemmata.round/1"
_NAME = "iterate"
_MODEL, _TRAINED_ON = "model", "train-00000.parquet"


@dataclass(frozen=True, slots=True)
class Iteration:
    """All that an expert iteration depends on, beside its problems."""

    rounds: int
    search: Settings
    """Of the searches, and the seed of everything."""
    training: Training
    base: Path | None = None
    """The checkpoint that each round's training begins with; None is a new model."""
    datasets: tuple[Path, ...] = ()
    """Records that are learnt beside those of the proofs."""
    benchmarks: tuple[Path, ...] = ()
    """Theorems of which nothing may be learnt."""
    trivial_share: float = 0.1
    """As of `corpora.curate.filters.Settings`."""

    @property
    def curation(self) -> Curation:
        """What is taken out before training."""
        return Curation(seed=self.search.seed, trivial_share=self.trivial_share)

    def stage(self, found: Sequence[Named]) -> Stage:
        """Return what the folder's `stage.json` says."""
        training = {name: value for name, value in self.training.to_json().items() if name != "seed"}
        told = {
            "rounds": self.rounds,
            **searching.settled(self.search),
            "training": training,
            "trivial_share": self.trivial_share,
        }
        base = {"base": weights_digest(self.base)} if self.base else {}
        made_from = {
            **problems.inputs(found),
            **base,
            **inputs.digests(self.datasets),
            **reading.digests(self.benchmarks),
        }
        return Stage(_NAME, told, made_from, self.search.seed, about=page.ABOUT)


class Watcher(Protocol):
    """Follows an iteration."""

    def staged(self, number: int, name: str) -> AbstractContextManager[Listener]:
        """Take note that a part of a round begins; return what follows it."""
        ...

    def trained(self, number: int, at: Progress) -> None:
        """Take note of how far a training is."""
        ...

    def ended(self, record: dict[str, Any]) -> None:
        """Take note of what came of a round."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    rounds: Sequence[dict[str, Any]]
    """What is known of each that has ended."""
    finished: bool
    already: int = 0
    """How many an earlier run had ended."""


class _Interrupted(Exception):
    """Somebody asked to stop."""


def iterate(given: Sequence[str], what: Iteration, out: Path, watcher: Watcher, jobs: int = 1) -> Outcome:
    """Search, learn, search again, until all rounds are done.

    The last round is one in which nothing can be learnt, if there is one.

    Args:
        given: the problems, as of `corpora.iterate.problems.named`.
        what: the rest.
        out: where everything goes; a run that was cut short goes on there.
        watcher: follows the run.
        jobs: how many problems are worked on at once.

    Raises:
        UsageError: the folder is another iteration's, or another run is at work in it.
        InputError: a problem, a data set or a benchmark cannot be read.
        BackendMissing: a library that training needs is not installed.
        StoreError: the folder cannot be written to.
    """
    bench = Workbench(what.search)
    bench.check()
    if what.base is not None:
        # By its whole path, as a name might be one of the hub's.
        local_loading.folder(str(what.base.absolute()))
    for dataset in what.datasets:
        _check(dataset)
    found = problems.named(given, bench)
    stage = what.stage(found)
    with Folder.held(out, stage.identity()) as folder:
        if folder.end is not None:
            rounds = [record for _, record in inputs.records(out)]
            return Outcome(rounds, True, len(rounds))
        require()
        ended = itertools.takewhile(lambda number: _key(number) in folder.done, range(1, what.rounds + 1))
        earlier = [_read(folder, number) for number in ended]
        tasks = asyncio.run(_tasks(found, what.search))
        work = _Rounds(what, stage, problems.inputs(found), tasks, folder, watcher, jobs)
        work.rounds += earlier
        with contextlib.suppress(_Interrupted, KeyboardInterrupt):
            work.run()
            return Outcome(work.rounds, True, len(earlier))
        return Outcome(work.rounds, False, len(earlier))


def require() -> None:
    """Raise `BackendMissing` where a library is missing that is needed after hours of searching."""
    libraries()
    writing.arrow()
    if importlib.util.find_spec("accelerate") is None:
        raise BackendMissing("training needs accelerate", hint=INSTALL)


def _check(dataset: Path) -> None:
    """Raise `InputError` where a record cannot be learnt: a training tells only after a search."""
    for place, record in inputs.records(dataset):
        try:
            step_record(record)
        except ValueError as error:
            raise InputError(str(error), location=place) from None


async def _tasks(found: Sequence[Named], settings: Settings) -> list[Task]:
    async with Workbench(settings) as bench:
        return await problems.tasks(found, bench)


def _key(number: int) -> str:
    return f"round-{number}"


def _read(folder: Folder, number: int) -> dict[str, Any]:
    ((_, record),) = lines.read(folder.part(_key(number)))
    return record


class _Rounds:
    """The rounds of an iteration, in its folder."""

    def __init__(
        self,
        what: Iteration,
        stage: Stage,
        digests: dict[str, str],
        tasks: Sequence[Task],
        folder: Folder,
        watcher: Watcher,
        jobs: int,
    ) -> None:
        self._what = what
        self._stage = stage
        self._digests = digests
        self._tasks = tasks
        self._folder = folder
        self._watcher = watcher
        self._jobs = jobs
        theorems = list(reading.read(what.benchmarks))
        self._held_back = Benchmarks(theorems, what.curation.near_benchmark, what.search.seed) if theorems else None
        self.rounds: list[dict[str, Any]] = []

    def run(self) -> None:
        """Do the rounds that are left."""
        while len(self.rounds) < self._what.rounds and (not self.rounds or self.rounds[-1]["model"]):
            number = len(self.rounds) + 1
            record = self._round(number)
            _, digest = lines.write(self._folder.part(_key(number)), [record])
            self._folder.note({"task": _key(number), "outcome": "done", "digest": digest})
            self.rounds.append(record)
            self._watcher.ended(record)
            page.write(self._folder.path, self._stage.identity(), self.rounds)
        self._folder.finish(page.write(self._folder.path, self._stage.identity(), self.rounds))

    def _round(self, number: int) -> dict[str, Any]:
        """Do a round; return what is to be said of it."""
        place = self._place(number)
        place.mkdir(exist_ok=True)
        search = self._search(number)
        gathered = gathering.gather(
            [self._place(one) / "search" for one in range(1, number + 1)], self._held_back, place
        )
        made_from = [*self._what.datasets, place / gathering.PROOFS]
        curated = self._planned(number, "curate", curation(made_from, self._what.curation, self._what.benchmarks))
        self._planned(number, "export", exporting(Target.STEPS, [place / "curate"], self._what.search.seed))
        counts = gathered.counts
        return {
            "schema": SCHEMA,
            "round": number,
            "problems": search.tasks,
            "proved": gathered.verdicts["proved"],
            "newly proved": counts["newly proved"],
            "proved so far": counts["proved so far"],
            "disproved": gathered.verdicts["disproved"],
            "failed": search.failed,
            "held back": counts["problems held back"],
            "steps": counts["steps"],
            "rejected": counts["rejected"],
            "values": counts["values"],
            "records": curated.records,
            **self._train(number),
            "files": {name: lines.digest(place / name) for name in gathering.FILES},
        }

    def _place(self, number: int) -> Path:
        return self._folder.path / _key(number)

    def _search(self, number: int) -> Summary:
        settings, learnt, names = self._what.search, {}, {}
        if number > 1:
            model = self._place(number - 1) / _MODEL
            prover = f"transformers:{model.absolute()}"
            settings = dataclasses.replace(settings, provers=(*(settings.provers or (SYMBOLIC,)), prover))
            names[prover] = f"{_key(number - 1)}/{_MODEL}"
            learnt[names[prover]] = weights_digest(model)
        place = self._place(number) / "search"
        stage = searching.stage(self._what.search, self._digests, learnt)
        with (
            self._watcher.staged(number, "search") as listener,
            searching.Searcher(settings, place / searching.CERTIFICATES, names) as work,
            _handlers(),
        ):
            return _done(run(stage, place, self._tasks, work, jobs=self._jobs, listener=listener))

    def _planned(self, number: int, name: str, plan: Plan) -> Summary:
        place = self._place(number) / name
        with self._watcher.staged(number, name) as listener, _handlers():
            return _done(
                run(plan.stage, place, plan.tasks, plan.work, finish=plan.finish, write=plan.write, listener=listener)
            )

    def _train(self, number: int) -> dict[str, Any]:
        """Train a model on what was exported; return what is to be said of it."""
        data = self._place(number) / "export" / _TRAINED_ON
        if not data.exists():
            return {"model": None}
        manifest = train_prover(
            [data],
            self._place(number) / _MODEL,
            self._what.base,
            self._what.training,
            resume=True,
            report=lambda at: self._watcher.trained(number, at),
        )
        body = manifest.training
        return {
            "trained on": body["records"]["train"],
            "held out": body["records"]["held_out"],
            "held-out loss": body["held_out"]["loss"],
            "held-out exact match": body["held_out"]["exact_match"],
            "model": body["weights"],
        }


def _done(summary: Summary) -> Summary:
    if not summary.finished:
        raise _Interrupted
    return summary


@contextlib.contextmanager
def _handlers() -> Iterator[None]:
    """Put the handler of SIGTERM back at the end: stages leave none, and a training is to be ended in our way."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        # Outside of the main thread there is none to put back.
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGTERM, before)
