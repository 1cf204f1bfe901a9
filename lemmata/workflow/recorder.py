"""What a run writes down while it goes on, so that a killed one can be continued."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.certificate import Certificate
from lemmata.errors import UsageError
from lemmata.events import Event
from lemmata.goal import Obligation
from lemmata.protocols import EventSink, OutcomeCache
from lemmata.store import RunStatus, Store
from lemmata.store.store import run_fingerprint
from lemmata.verdict import Verdict
from lemmata.workflow.results import Result

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resumed:
    """What an earlier run was about."""

    run: int
    targets: tuple[str, ...]
    settings: Mapping[str, Any]


def find(store: Store, run: int | None) -> Resumed:
    """Return the run to resume.

    Args:
        store: where it was recorded.
        run: its number; None is the last one that did not finish.

    Raises:
        UsageError: there is no such run.
    """
    if run is None:
        record = store.latest_unfinished_run()
        if record is None:
            raise UsageError("there is no unfinished run to resume", hint="start a new run without --resume")
    else:
        record = next((candidate for candidate in store.runs() if candidate.id == run), None)
        if record is None:
            raise UsageError(f"there is no run {run}", hint="start a new run without --resume")
    return Resumed(record.id, record.command, record.settings)


class Recorder:
    """Records one run in a store.

    Args:
        store: an open store; the caller closes it.
        run: number of the run in it.
    """

    def __init__(self, store: Store, run: int) -> None:
        self._store = store
        self.run = run
        self._earlier = store.finished(run)

    @classmethod
    def start(cls, store: Store, targets: Sequence[str], settings: Mapping[str, Any]) -> Recorder:
        """Begin a new run on these targets."""
        return cls(store, store.start_run(targets, settings, fingerprint=run_fingerprint(targets, settings)))

    @classmethod
    def resume(cls, store: Store, run: int) -> Recorder:
        """Go on with an unfinished run; raise `UsageError` where that cannot be done."""
        store.resume_run(run)
        return cls(store, run)

    def earlier(self, target: str, obligation: Obligation) -> Result | None:
        """Return the result that this run had found before it was interrupted, if it is still there to use."""
        text = self._earlier.get((target, obligation.key))
        if text is None:
            return None
        try:
            body = json.loads(text)
            result = Result.from_json({**body, "resumed": True})
        except (ValueError, KeyError, TypeError) as error:
            _LOG.warning("an earlier result cannot be read and is found anew: %s", error)
            return None
        if result.certificate and not Path(result.certificate).is_file():
            return None
        return result

    def begin(self, target: str, obligation: Obligation) -> int:
        """Note that work on an obligation begins and return its task's number."""
        self._store.keep_obligation(obligation)
        return self._store.add_task(self.run, target, obligation.key, obligation.name, obligation.system)

    def history(self, task: int) -> list[Event]:
        """Return what an earlier attempt at a task did, in order; empty for a new task."""
        return [event for _, event in self._store.events(task)]

    def sink(self, task: int) -> EventSink:
        """Return where the task's events go."""
        return self._store.sink(task)

    def cache(self, environment: str) -> OutcomeCache:
        """Return the cache of step outcomes for a checker's environment."""
        return self._store.outcome_cache(environment)

    def keep(self, task: int, certificate: Certificate, path: Path) -> None:
        """Keep a copy of a certificate."""
        self._store.add_certificate(task, certificate.key, path, certificate.dumps())

    def finish(self, task: int, result: Result) -> None:
        """Note a result; what went wrong is tried again by a resumed run."""
        if result.verdict is Verdict.ERROR:
            self._store.fail_task(task, result.reason, result.seconds)
        else:
            text = json.dumps(result.to_json(), default=str)
            self._store.finish_task(task, result.verdict.value, result.reason, result.seconds, text)

    def fail(self, target: str, obligation: Obligation | None, result: Result) -> None:
        """Note that an obligation, or a whole target that could not be read, went wrong."""
        known = (obligation.key, obligation.name, obligation.system) if obligation else ("", Path(target).name, "")
        where = f"{result.location}: " if result.location and result.location.line else ""
        self._store.fail_task(self._store.add_task(self.run, target, *known), f"{where}{result.reason}", result.seconds)

    def end(self, *, interrupted: bool) -> None:
        """Note how the run ended."""
        self._store.finish_run(self.run, RunStatus.INTERRUPTED if interrupted else RunStatus.FINISHED)
