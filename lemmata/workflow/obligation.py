"""One obligation from end to end: session, search, final verification, certificate."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata import certificate as certificates
from lemmata.certificate import Certificate
from lemmata.errors import BackendError, Location, StoreError
from lemmata.events import Event
from lemmata.goal import Obligation
from lemmata.plugins.tuning import tuning
from lemmata.plugins.wiring import Workbench, proof_graph
from lemmata.protocols import Checker, EventSink, OutcomeCache, Reaching, Scripted
from lemmata.step import Step
from lemmata.verdict import Audit, Limits, Verdict, Verification
from lemmata.workflow import conditions
from lemmata.workflow.attribution import Attribution, places
from lemmata.workflow.results import Result

_VERIFY_SECONDS = 10.0
"""A proof that was found in time gets at least this long to be verified, beside the time of the search."""
_GRACE_SECONDS = 30.0
_REACH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Decision:
    """A result, and the certificate that goes with it."""

    result: Result
    certificate: Certificate | None = None
    path: Path | None = None


class _Verifier:
    """Has final artefacts checked and remembers what the checker said of each: the only source of verdicts."""

    def __init__(self, checker: Checker, obligation: Obligation, limits: Limits, options: Mapping[str, str]) -> None:
        self._checker = checker
        self._obligation = obligation
        self._limits = limits
        self._options = options
        self._said: dict[tuple[str, str], Verification] = {}

    async def proof(self, steps: Sequence[Step]) -> Verification:
        """Verify the proof that these steps make."""
        return await self._verify(self._checker.artefact(self._obligation, steps), "proved")

    async def refutation(self, counterexample: Mapping[str, Any]) -> Verification:
        """Verify a counterexample."""
        return await self._verify(counterexample_artefact(counterexample), "disproved")

    async def _verify(self, artefact: str, claim: str) -> Verification:
        said = await self._checker.verify(self._obligation, artefact, claim, self._limits, self._options)
        self._said[artefact, claim] = said
        return said

    def confirmed(self, artefact: str, verdict: Verdict) -> Verification:
        """Return the verification that accepted this very artefact; raise `BackendError` where there is none."""
        said = self._said.get((artefact, verdict.value))
        if said is None or said.verdict is not verdict:
            raise BackendError("the search reported a result that the checker never confirmed", hint="please report it")
        return said


def counterexample_artefact(counterexample: Mapping[str, Any]) -> str:
    """Return the artefact of a counterexample: its canonical JSON text."""
    return json.dumps(counterexample, sort_keys=True, indent=1)


async def decide(
    bench: Workbench,
    target: str,
    obligation: Obligation,
    *,
    sink: EventSink,
    cache: OutcomeCache | None = None,
    history: Sequence[Event] = (),
    folder: Path | None = None,
) -> Decision:
    """Search for a proof or a counterexample and have it verified.

    Args:
        bench: checkers, provers and settings.
        target: the target as the user wrote it.
        obligation: what to prove.
        sink: gets the events of the search.
        cache: outcomes of earlier searches.
        history: events of an attempt that was cut short.
        folder: where the certificate and the native files go; None writes nothing.

    Raises:
        LemmataError: the obligation cannot be worked on, or the certificate cannot be written.
    """
    timeout = bench.settings.timeout
    began = time.monotonic()
    base = Result(target, obligation.name, obligation.system, Verdict.UNKNOWN, location=obligation.location)
    if timeout <= 0:
        return Decision(_unknown(base, f"time budget {timeout:g} s spent", began))
    try:
        # Opening the session, the search and the verification keep limits of their own; this is for a backend that does
        # not answer at all.
        async with asyncio.timeout(2 * (timeout + _verify_seconds(bench, obligation)) + _GRACE_SECONDS):
            return await _search(bench, base, obligation, sink, cache, history, folder, began)
    except TimeoutError:
        return Decision(_unknown(base, f"time budget {timeout:g} s spent, and a backend did not answer", began))


async def _search(
    bench: Workbench,
    base: Result,
    obligation: Obligation,
    sink: EventSink,
    cache: OutcomeCache | None,
    history: Sequence[Event],
    folder: Path | None,
    began: float,
) -> Decision:
    settings = bench.settings
    checker = bench.checker(obligation.system)
    limits = bench.limits(_verify_seconds(bench, obligation))
    await bench.require(obligation.system)
    verifier = _Verifier(checker, obligation, limits, bench.checking(obligation.system))
    origins = Attribution(sink)
    session = await checker.open(obligation, bench.limits(settings.timeout))
    try:
        found = await bench.search(
            obligation,
            session,
            seconds=settings.timeout,
            sink=origins,
            cache=cache,
            verify=verifier.proof,
            verify_refutation=verifier.refutation,
            history=history,
            verify_seconds=_verify_seconds(bench, obligation),
        )
    finally:
        await session.close()
    stats = dict(found.stats)
    match found.verdict:
        case Verdict.PROVED:
            artefact = checker.artefact(obligation, found.steps)
            counterexample = None
        case Verdict.DISPROVED:
            counterexample = dict(found.counterexample or {})
            artefact = counterexample_artefact(counterexample)
        case verdict:
            reason = found.reason
            if again := bench.checking(obligation.system).get("recheck"):
                reason += f" (with --recheck {again})"
            result = dataclasses.replace(_unknown(base, reason, began), verdict=verdict, stats=stats)
            return Decision(dataclasses.replace(result, exit_code=verdict.exit_code))
    said = verifier.confirmed(artefact, found.verdict)
    audits = said.audits
    warnings: tuple[Mapping[str, Any], ...] = ()
    if found.verdict is Verdict.PROVED and settings.require_reachable and isinstance(checker, Reaching):
        seen = await _reachability(checker, obligation, artefact, bench.limits(_REACH_SECONDS))
        audits += tuple(audit for _, audit in seen)
        warnings = tuple(_warning(place, audit) for place, audit in seen if audit.result != "passed")
    said = dataclasses.replace(said, audits=audits)
    seconds = time.monotonic() - began
    certificate = certificates.build(
        obligation,
        found.verdict,
        environment=said.environment,
        graph=proof_graph(found) if counterexample is None else {},
        steps=found.steps if counterexample is None else (),
        artefact=artefact,
        counterexample=counterexample,
        audits=said.audits,
        provers=origins.provers(found.steps),
        model=origins.model(found.steps),
        seed=settings.seed,
        seconds=round(seconds, 3),
    )
    path, theorems = _write(folder, certificate, said) if folder else (None, {})
    smt2 = settings.emit_smt2 if counterexample is None else None
    emitted = conditions.write(smt2, certificate, said.attachments) if smt2 else ()
    proof = None
    if counterexample is None:
        proof = origins.proof(found.steps, places(obligation, session.context))
        if isinstance(checker, Scripted):
            proof["text"] = checker.script(obligation, found.steps)
    result = dataclasses.replace(
        base,
        verdict=found.verdict,
        reason=found.reason or None,
        seconds=seconds,
        certificate=str(path) if path else None,
        proof=proof,
        counterexample=counterexample,
        audit=audit_json(said),
        theorems=theorems,
        conditions=emitted,
        warnings=warnings,
        stats=stats,
        exit_code=found.verdict.exit_code,
    )
    return Decision(result, certificate, path)


async def _reachability(
    checker: Reaching, obligation: Obligation, artefact: str, limits: Limits
) -> Sequence[tuple[Location, Audit]]:
    """Have the assertions of a proof looked at; that this fails is no reason to doubt the proof."""
    try:
        return await checker.reachability(obligation, artefact, limits)
    except BackendError as error:
        audit = Audit(
            "reachability of the assertions",
            "unknown",
            f"whether the assertions are reached cannot be found out: {error.message}",
        )
        return [(obligation.location, audit)]


def _warning(place: Location, audit: Audit) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column, "message": audit.detail}


def _verify_seconds(bench: Workbench, obligation: Obligation) -> float:
    """Return how long a proof that a search finds may take to be verified, in seconds; all have twice that."""
    checking = bench.checking(obligation.system)
    systems = [obligation.system, *filter(None, [checking.get("recheck")])]
    return max(bench.settings.timeout, *(tuning(system).verify_floor for system in systems))


def _unknown(base: Result, reason: str, began: float) -> Result:
    return dataclasses.replace(
        base, reason=reason, seconds=time.monotonic() - began, exit_code=Verdict.UNKNOWN.exit_code
    )


def audit_json(said: Verification) -> dict[str, Any]:
    """Return what a verification did as the `audit` member of a result."""
    checks = [dataclasses.asdict(audit) for audit in said.audits]
    axioms = {} if said.axioms is None else {"axioms": list(said.axioms)}
    return {"checks": checks, "environment": dict(said.environment), **axioms}


def _write(folder: Path, certificate: Certificate, said: Verification) -> tuple[Path, dict[str, str]]:
    """Write a certificate and the native files beside it.

    Returns:
        The certificate's path, and by proof assistant that of the theorems that were written for it. These have a
        folder of their own, as most systems want a file to be called like the module in it.
    """
    path = folder / certificates.file_name(certificate.obligation)
    stem = path.name.removesuffix(certificates.SUFFIX)
    certificate.save(path)
    theorems: dict[str, str] = {}
    for name, text in said.attachments.items():
        system, _, file = name.rpartition("/")
        beside = folder / f"{stem}.{Path(system).name}" / file if system else folder / f"{stem}.{file}"
        try:
            beside.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(text, "utf-8", "surrogateescape")
        except OSError as error:
            raise StoreError(
                f"cannot write {beside}: {error.strerror or error}", hint="free some space, or choose another --out"
            ) from error
        if system:
            theorems[system] = str(beside)
    return path, theorems
