"""From synchronous callers, the commands and the Python API, to the asynchronous work and back."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lemmata.config import Settings
from lemmata.errors import UsageError
from lemmata.plugins import engines
from lemmata.plugins.wiring import Workbench
from lemmata.workflow import conditions, patch, targets
from lemmata.workflow.listener import Listener, Silence
from lemmata.workflow.replay import replay
from lemmata.workflow.results import ReplayResult
from lemmata.workflow.run import Report, Run

if TYPE_CHECKING:
    from lemmata.certificate import Certificate
    from lemmata.store import Store

LAST = "last"
"""Stands for the last unfinished run where the number of a run to resume is asked for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one invocation asks for beside the settings."""

    minimise: bool = True
    use_store: bool = True
    write: bool = True
    """Whether to write certificate files."""
    resume: str | None = None
    """Number of the run to go on with, or `LAST`."""
    patch: bool = False
    """Whether to write the proofs into the source files at the end; an interrupted run writes none."""
    peers: tuple[str, ...] = ()
    """Tactics or engines to try alone on each obligation, for comparison."""
    begun: Callable[[int], None] | None = None
    """Called with the number of the run in the store, before any work."""
    signals: bool = False
    """Whether SIGINT and SIGTERM end the run with what it has found so far."""


def prove(names: Sequence[str], settings: Settings, plan: Plan, listener: Listener | None = None) -> Report:
    """Work on targets.

    Args:
        names: the targets; none at all where a run is resumed, which knows its own.
        settings: what the user has set.
        plan: the rest.
        listener: follows the run.

    Raises:
        LemmataError: the run cannot even begin: an unusable store, a prover that does not exist.
    """
    if settings.emit_smt2 is not None:
        conditions.prepare(settings.emit_smt2)
    if not names and plan.resume is None:
        raise UsageError("no targets", hint="name a file: FILE[:SELECTOR]")
    if not plan.use_store:
        if plan.resume is not None:
            raise UsageError("--resume needs the store", hint="leave out --no-store")
        return asyncio.run(_prove(list(names), settings, plan, listener or Silence(), None))
    from lemmata.store import Store

    with Store.open(settings.store) as store:
        return asyncio.run(_prove(list(names), settings, plan, listener or Silence(), store))


async def _prove(names: list[str], settings: Settings, plan: Plan, listener: Listener, store: Store | None) -> Report:
    recorder = None
    if store is not None:
        from lemmata.workflow import recorder as recording

        if plan.resume is not None:
            earlier = recording.find(store, _number(plan.resume))
            names = names or list(earlier.targets)
            recorder = recording.Recorder.resume(store, earlier.run)
        else:
            recorder = recording.Recorder.start(store, names, settings.to_json())
    async with Workbench(settings, minimise=plan.minimise) as bench:
        bench.check()
        await _check_peers(bench, names, plan.peers)
        if recorder is not None and plan.begun is not None:
            plan.begun(recorder.run)
        patches = None
        if plan.patch:
            patch.check(bench, names)
            patches = patch.Patches(bench)
        folder = settings.out if plan.write else None
        run = Run(bench, names, listener, recorder=recorder, folder=folder, peers=plan.peers, patches=patches)
        with _stopping(run.stop) if plan.signals else contextlib.nullcontext():
            report = await run.run()
        if patches is not None and not report.interrupted:
            report.patched = await patches.write()
        return report


async def _check_peers(bench: Workbench, names: Sequence[str], peers: tuple[str, ...]) -> None:
    """Raise `UsageError` where a peer cannot be meant, before any work is done; tactics are only known when tried."""
    if not peers:
        return
    systems = {bench.checker_for(targets.parse(name).path).name for name in names}
    if len(systems) == 1 and engines.serves(system := systems.pop()):
        await bench.engines.check(system, peers)


def _number(text: str) -> int | None:
    if text == LAST:
        return None
    if not text.isdecimal():
        raise UsageError(f"{text!r} is not the number of a run", hint="say --resume alone for the last one")
    return int(text)


@contextlib.contextmanager
def _stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Turn the signals that ask to end into a call of `stop`; further ones change nothing, the end is near."""
    loop = asyncio.get_running_loop()
    wanted = (signal.SIGINT, signal.SIGTERM)
    for number in wanted:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in wanted:
            loop.remove_signal_handler(number)


def check_again(
    certificates: Sequence[Path | Certificate],
    settings: Settings,
    *,
    source: Path | None = None,
    each: Callable[[ReplayResult], None] | None = None,
) -> list[ReplayResult]:
    """Replay certificates, one after the other.

    Args:
        certificates: certificates or their paths.
        settings: `timeout` limits each verification, in seconds.
        source: compare with this file instead of the ones the certificates were made from.
        each: called with each result as it comes.
    """

    async def work() -> list[ReplayResult]:
        found = []
        async with Workbench(settings) as bench:
            for certificate in certificates:
                found.append(await replay(bench, certificate, source=source))
                if each is not None:
                    each(found[-1])
        return found

    return asyncio.run(work())
