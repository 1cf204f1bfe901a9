"""A whole run: several targets, several obligations at once, results in the order of the targets."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lemmata.errors import BackendError, InputError, LemmataError, Location, StoreError
from lemmata.events import Event
from lemmata.goal import Obligation
from lemmata.plugins.wiring import Workbench
from lemmata.protocols import EventSink
from lemmata.verdict import Verdict
from lemmata.workflow import peers, results, targets
from lemmata.workflow.listener import Listener
from lemmata.workflow.obligation import Decision, decide
from lemmata.workflow.patch import Patched, Patches
from lemmata.workflow.results import Result

if TYPE_CHECKING:
    from lemmata.workflow.recorder import Recorder

_CLEAN_UP_SECONDS = 10.0


@dataclass
class Report:
    """What a run found out."""

    results: list[Result] = field(default_factory=list)
    """In the order of the targets, and of the obligations in each."""
    interrupted: bool = False
    error: LemmataError | None = None
    """What went wrong with the run itself, a full disk for example; the results hold all the same."""
    seconds: float = 0.0
    patched: list[Patched] = field(default_factory=list)
    """What became of the source files that proofs were to be written into."""

    @property
    def exit_code(self) -> int:
        """The worst of the results' exit codes and the run's own error; 130 where it was interrupted."""
        if self.interrupted:
            return 130
        errors = [self.error, *(patched.error for patched in self.patched)]
        own = [results.failed("", error) for error in errors if error is not None]
        return results.exit_code([*self.results, *own])


@dataclass(frozen=True, slots=True)
class _Item:
    """A target still to be read, or one obligation of a target that was read."""

    target: int
    number: int = 0
    obligation: Obligation | None = None


class _ForListener:
    """An event sink that tells the listener whose event it is."""

    def __init__(self, listener: Listener, item: _Item, next_sink: EventSink | None) -> None:
        self._listener = listener
        self._job = (item.target, item.number)
        self._next = next_sink

    def emit(self, event: Event) -> None:
        """Hand an event to the store and to the listener."""
        if self._next is not None:
            self._next.emit(event)
        self._listener.happened(self._job, event)


class Run:
    """Works on targets until all are done or it is told to stop.

    Args:
        bench: checkers, provers and settings.
        names: the targets, `FILE[:SELECTOR]`; repeated ones count once.
        listener: follows the run.
        recorder: where it is written down; None keeps nothing.
        folder: where certificates go; None writes none.
        peers: tactics to try alone on each obligation, after ours.
        patches: collects the proofs that are to be written into the source files.
    """

    def __init__(
        self,
        bench: Workbench,
        names: Sequence[str],
        listener: Listener,
        *,
        recorder: Recorder | None = None,
        folder: Path | None = None,
        peers: Sequence[str] = (),
        patches: Patches | None = None,
    ) -> None:
        self._bench = bench
        self._names = list(dict.fromkeys(names))
        self._listener = listener
        self._recorder = recorder
        self._folder = folder
        self._peers = peers
        self._patches = patches
        self._stop = asyncio.Event()
        self._queue: asyncio.PriorityQueue[tuple[int, int, int, _Item]] = asyncio.PriorityQueue()
        self._order = itertools.count()
        self._pending: dict[tuple[int, int], _Item] = {}
        self._open: Counter[int] = Counter()
        """How many items of each target are not done."""
        self._found: dict[tuple[int, int], Result] = {}
        self._error: LemmataError | None = None

    def stop(self) -> None:
        """End the run soon; what is not done becomes `unknown`."""
        self._stop.set()

    async def run(self) -> Report:
        """Do the work; return what was found out, also when it was stopped."""
        began = time.monotonic()
        self._listener.planned(len(self._names))
        for target in range(len(self._names)):
            self._put(_Item(target), urgent=False)
        done = asyncio.create_task(self._queue.join())
        stopped = asyncio.create_task(self._stop.wait())
        tasks = [done, stopped, *(asyncio.create_task(self._work()) for _ in range(max(self._bench.settings.jobs, 1)))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_CLEAN_UP_SECONDS)
        interrupted = bool(self._pending)
        for item in sorted(self._pending.values(), key=lambda item: (item.target, item.number)):
            self._report(item, self._interrupted(item))
        self._end(interrupted)
        found = [self._found[key] for key in sorted(self._found)]
        return Report(found, interrupted, self._error, time.monotonic() - began)

    def _put(self, item: _Item, *, urgent: bool) -> None:
        self._pending[item.target, item.number] = item
        self._open[item.target] += 1
        # Obligations of a target that was read come before targets that were not: results appear soonest.
        self._queue.put_nowait((0 if urgent else 1, item.target, next(self._order), item))

    async def _work(self) -> None:
        while True:
            *_, item = await self._queue.get()
            name = self._names[item.target]
            what = item.obligation
            try:
                await (self._read(item, name) if what is None else self._decide(item, name, what))
            except LemmataError as error:
                self._fail(item, _failed(name, what, error))
            except Exception as error:  # noqa: BLE001 - one obligation that goes wrong must not end the others
                self._fail(item, _failed(name, what, _internal(error)))
            self._queue.task_done()

    async def _read(self, item: _Item, name: str) -> None:
        target = targets.parse(name)
        check_size(target.path, self._bench.settings.max_source_bytes)
        checker = self._bench.checker_for(target.path)
        chosen = await targets.read(checker, target, self._bench.options(checker.name))
        del self._pending[item.target, item.number]
        for number, obligation in enumerate(chosen):
            self._put(_Item(item.target, number, obligation), urgent=True)
        self._open[item.target] -= 1

    async def _decide(self, item: _Item, name: str, obligation: Obligation) -> None:
        recorder = self._recorder
        earlier = recorder.earlier(name, obligation) if recorder else None
        if earlier is not None:
            if self._patches is not None:
                self._patches.add(earlier, None)
            self._report(item, earlier)
            return
        self._listener.started((item.target, item.number), f"{Path(obligation.location.file).name}:{obligation.name}")
        task = recorder.begin(name, obligation) if recorder else None
        stored = recorder.sink(task) if recorder and task is not None else None
        cache = None
        history: list[Event] = []
        if recorder and task is not None:
            cache = recorder.cache(await self._bench.environment(obligation.system))
            history = recorder.history(task)
        decision = await decide(
            self._bench,
            name,
            obligation,
            sink=_ForListener(self._listener, item, stored),
            cache=cache,
            history=history,
            folder=self._folder,
        )
        if recorder and task is not None:
            self._keep(recorder, task, decision)
        if self._patches is not None:
            self._patches.add(decision.result, decision.certificate)
        said = await peers.compare(self._bench, obligation, self._peers)
        self._report(item, dataclasses.replace(decision.result, peers=said))

    def _keep(self, recorder: Recorder, task: int, decision: Decision) -> None:
        try:
            if decision.certificate is not None and decision.path is not None:
                recorder.keep(task, decision.certificate, decision.path)
            recorder.finish(task, decision.result)
        except StoreError as error:
            # The result is no less true for not being written down: report it, and the trouble once at the end.
            self._error = self._error or error

    def _fail(self, item: _Item, result: Result) -> None:
        if self._recorder is not None:
            try:
                self._recorder.fail(self._names[item.target], item.obligation, result)
            except StoreError as error:
                self._error = self._error or error
        self._report(item, result)

    def _end(self, interrupted: bool) -> None:
        if self._recorder is None:
            return
        try:
            self._recorder.end(interrupted=interrupted)
        except StoreError as error:
            self._error = self._error or error

    def _report(self, item: _Item, result: Result) -> None:
        key = (item.target, item.number)
        self._pending.pop(key, None)
        self._open[item.target] -= 1
        self._found[key] = result
        self._listener.finished(key, result, last=self._open[item.target] == 0)

    def _interrupted(self, item: _Item) -> Result:
        what = item.obligation
        return Result(
            self._names[item.target],
            what.name if what else None,
            what.system if what else None,
            Verdict.UNKNOWN,
            "interrupted",
            location=what.location if what else None,
            exit_code=Verdict.UNKNOWN.exit_code,
        )


def check_size(path: Path, most: int) -> None:
    """Raise `InputError` where a source file is larger than `most` bytes or cannot be looked at."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", location=Location(str(path))) from error
    if size > most:
        raise InputError(
            f"{size} bytes is more than the {most} bytes a source file may have",
            hint="split the file, or raise the setting max_source_bytes",
            location=Location(str(path)),
        )


def _failed(name: str, what: Obligation | None, error: LemmataError) -> Result:
    return results.failed(name, error, obligation=what.name if what else None, system=what.system if what else None)


def _internal(error: Exception) -> BackendError:
    if os.environ.get("LEMMATA_DEBUG") == "1":
        traceback.print_exception(error, file=sys.stderr)
    text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return BackendError(f"internal error: {text}", hint="please report it; LEMMATA_DEBUG=1 shows where it happened")
