"""The checker for C programs with loops: invariants found by search, conditions proved by Z3 and again by cvc5."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from checkers.auditing import sha256
from checkers.files import read
from checkers.programs.artefact import write_artefact
from checkers.programs.recheck import SYSTEMS, recheck
from checkers.programs.session import BACKEND, ProgramSession
from checkers.smt.opinions import Opinion, combine
from lemmata.errors import BackendError, InputError, Location, UnsupportedError, UsageError
from lemmata.explanation import Explanation, Query
from lemmata.goal import Obligation
from lemmata.protocols import Launcher, RpcClient
from lemmata.step import Step
from lemmata.verdict import Audit, Availability, Limits, Verdict, Verification

_SIZE_LIMIT = 2 << 20
_PARSE_SECONDS = 30.0
_MEMORY = 2 << 30
_MOST_IDLE = 2
# cvc5 may need much longer than Z3 on a condition; its silence is recorded, so it is not waited for that long, unless
# it has to agree.
_SECOND_SECONDS = 3.0
_SECOND_SHARE = 0.3
_SECOND_GRACE = 1.0
_START_SECONDS = 5.0
_REACH_SECONDS = 10.0


class ProgramChecker:
    """C programs; see `docs/semantics.md` for the subset and its meaning.

    Args:
        launcher: starts child processes.
    """

    name = "programs"
    suffixes = (".c", ".i")

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self._idle: list[RpcClient] = []

    async def probe(self) -> Availability:
        """Say which solvers are installed."""
        try:
            versions = {name: importlib.metadata.version(name) for name in ("z3-solver", "cvc5", "pycparser")}
        except importlib.metadata.PackageNotFoundError as error:
            return Availability(False, detail=f"{error.name} is missing", install=f"pip install {error.name}")
        text = ", ".join(f"{name} {version}" for name, version in versions.items())
        return Availability(True, text, "Z3 proves, cvc5 proves again")

    async def obligations(self, path: Path, options: Mapping[str, str]) -> list[Obligation]:
        """Read a C file and list its functions to verify."""
        text = read(path, int(options.get("max_source_bytes") or _SIZE_LIMIT))
        chosen = tuple(sorted((k, v) for k, v in options.items() if k == "int_width" and v))
        params = {"text": text, "file": str(path), "int_width": options.get("int_width", "")}
        child = await self.launcher.start(["-m", BACKEND], Limits(None, None, _MEMORY))
        try:
            found = await child.request("obligations", params, _PARSE_SECONDS)
        except BackendError as error:
            await child.close()
            raise InputError(f"cannot parse the file: {error.message}", location=Location(str(path))) from None
        except BaseException:
            await child.close()
            raise
        await self._keep(child)
        return [Obligation(self.name, n, text, Location(file, line, column), chosen) for n, file, line, column in found]

    async def _keep(self, child: RpcClient) -> None:
        """Keep a started child for the next session: starting one costs more than most searches."""
        self._idle.append(child)
        if len(self._idle) > _MOST_IDLE:
            await self._idle.pop(0).close()

    async def open(self, obligation: Obligation, limits: Limits) -> ProgramSession:
        """Start a session: one child that checks clauses, one more when it is asked to refute."""
        # A child that only listed obligations holds no state of any proof; one with other limits is not taken over.
        child = self._idle.pop() if self._idle and limits.memory_bytes == _MEMORY else None
        return await ProgramSession.start(self.launcher, obligation, request(obligation), limits, child)

    def artefact(self, obligation: Obligation, steps: Sequence[Step]) -> str:
        """Build the text of the invariants from the steps of a proof."""
        return write_artefact(obligation.name, steps)

    async def verify(
        self, obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Check an artefact in fresh processes: Z3 then cvc5 for a proof, a run for a counterexample."""
        seconds = limits.wall_seconds or 60.0
        params = {**request(obligation), "artefact": artefact, "seconds": seconds}
        if claim != "proved":
            answer = await self._once("checkers.programs.verifier", "refuted", params, limits, seconds)
            return _judge_run(answer, self._environment({}, obligation))
        patience = seconds if options.get("require_both") else min(seconds * _SECOND_SHARE, _SECOND_SECONDS)
        # cvc5's process is started while Z3 works: it only waits for the conditions.
        second = await self.launcher.start(["-m", "checkers.smt.second"], limits)
        try:
            answer = await self._once("checkers.programs.verifier", "prove", params, limits, seconds)
            queries = [c["text"] for c in answer["conditions"]]
            try:
                body = {"queries": queries, "seconds": patience}
                said = await second.request("check", body, patience + _SECOND_GRACE)
            except BackendError as error:
                failed = {"answer": "error", "detail": error.message, "seconds": 0.0}
                said = {"answers": [failed] * len(queries), "cvc5": "failed"}
        finally:
            await second.close()
        found = self._judge_proof(answer, said, options, obligation)
        if found.verdict is Verdict.PROVED and (options.get("emit") or options.get("recheck")):
            found = await self._with_theorems(found, params, limits, options)
        return found

    async def _with_theorems(
        self, found: Verification, params: Mapping[str, Any], limits: Limits, options: Mapping[str, str]
    ) -> Verification:
        """Write the conditions for other proof assistants, and have one of them prove them where that is asked for."""
        again = options.get("recheck", "")
        if again and again not in SYSTEMS:
            raise UsageError(f"nothing can be checked again with {again!r}", hint=f"say {', '.join(SYSTEMS)}")
        wanted = list(dict.fromkeys(filter(None, [again, *options.get("emit", "").split(",")])))
        seconds = limits.wall_seconds or 60.0
        try:
            said = await self._once(
                "checkers.programs.verifier", "theorems", {**params, "systems": wanted}, limits, seconds
            )
        except UnsupportedError as error:
            # What cannot be written is so in every one of them.
            if again:
                return dataclasses.replace(found, verdict=Verdict.UNKNOWN, reason=f"{again}: {error.message}")
            unwritten = (Audit(f"theorems for {system}", "unknown", error.message) for system in wanted)
            return dataclasses.replace(found, audits=(*found.audits, *unwritten))
        files = {f"{system}/{file['name']}": file["text"] for system, file in said["files"].items()}
        found = dataclasses.replace(found, attachments={**found.attachments, **files})
        if not again:
            return found
        file = said["files"][again]
        rechecked = await recheck(file["text"], file["name"], said["names"], limits)
        found = dataclasses.replace(
            found,
            audits=(*found.audits, *rechecked.audits),
            environment={**found.environment, "recheck": again, again: rechecked.version},
        )
        if not rechecked.reason:
            return found
        why = f"{again} does not prove the conditions: {rechecked.reason}"
        return dataclasses.replace(found, verdict=Verdict.UNKNOWN, reason=why)

    async def reachability(
        self, obligation: Obligation, artefact: str, limits: Limits
    ) -> Sequence[tuple[Location, Audit]]:
        """Find out whether the assertions of a proved program are ever reached, in a fresh process."""
        seconds = limits.wall_seconds or _REACH_SECONDS
        params = {**request(obligation), "artefact": artefact, "seconds": seconds}
        said = await self._once("checkers.programs.verifier", "reached", params, limits, seconds)
        found = []
        for line, column, reach, spent in said["claims"]:
            details = {"reached": "a run reaches it", "never": "the assertion can never be reached"}
            detail = details.get(reach, f"no run that reaches the assertion was found in {spent:.1f} s")
            command = f"reachability of the assertion at {line}:{column}"
            audit = Audit(command, "passed" if reach == "reached" else "unknown", detail, "", round(spent, 4))
            found.append((Location(obligation.location.file, line, column), audit))
        return found

    async def explain(self, obligation: Obligation, steps: Sequence[Step], limits: Limits) -> Explanation:
        """Return the verification conditions of the steps' clauses, and the program annotated with them."""
        seconds = limits.wall_seconds or _PARSE_SECONDS
        params = {**request(obligation), "artefact": self.artefact(obligation, steps)}
        said = await self._once("checkers.programs.verifier", "explain", params, limits, seconds)
        file = obligation.location.file
        return Explanation(
            tuple(Query(c["name"], Location(file, c["line"], c["column"]), c["text"]) for c in said["conditions"]),
            {label: Location(file, *place) for label, place in said["loops"].items()},
            said["annotated"],
            "; ".join(f"left out: {why}" for why in said["refused"]),
        )

    async def _once(self, module: str, method: str, params: Mapping[str, Any], limits: Limits, seconds: float) -> Any:
        child = await self.launcher.start(["-m", module], limits)
        try:
            return await child.request(method, params, seconds + _START_SECONDS)
        finally:
            await child.close()

    def _judge_proof(
        self, answer: Mapping[str, Any], second: Mapping[str, Any], options: Mapping[str, str], obligation: Obligation
    ) -> Verification:
        conditions, others, version = answer["conditions"], second["answers"], second["cvc5"]
        if len(others) != len(conditions):
            raise BackendError("cvc5 did not answer every question")
        audits: list[Audit] = [Audit(f"annotation: {n}", "unknown", "not checked") for n in answer["notes"]]
        opinions = []
        for condition, other in zip(conditions, others, strict=True):
            name = condition["name"]
            opinions.append(Opinion(name, condition["answer"], other["answer"], condition["detail"]))
            digest = sha256(condition["text"])
            audits.append(_audit(f"z3 {answer['z3']}: {name}", condition, digest))
            audits.append(_audit(f"cvc5 {version}: {name}", other, digest))
        verdict, reason = combine(opinions, require_both=bool(options.get("require_both")))
        digits = max(2, len(str(len(conditions))))
        files = {f"{i:0{digits}}-{c['label']}.smt2": c["text"] for i, c in enumerate(conditions)}
        environment = self._environment({"z3": answer["z3"], "cvc5": version}, obligation)
        return Verification(verdict, reason, tuple(audits), environment, None, {**answer["attachments"], **files})

    def _environment(self, versions: Mapping[str, str], obligation: Obligation) -> dict[str, str]:
        width = obligation.option("int_width")
        return {
            "checker": self.name,
            "lemmata": importlib.metadata.version("lemmata"),
            "pycparser": importlib.metadata.version("pycparser"),
            "semantics": f"machine integers, int has {width} bits" if width else "mathematical integers",
            **versions,
        }  # fmt: skip


def request(obligation: Obligation) -> dict[str, Any]:
    """Return what every child process is told about an obligation.

    Raises:
        InputError: its options are none of this checker's.
    """
    if dict(obligation.options).keys() - {"int_width"} or obligation.option("int_width") not in ("", "32", "64"):
        raise InputError(f"the options {dict(obligation.options)} mean nothing to the checker of programs")
    return {
        "text": obligation.source,
        "file": obligation.location.file,
        "name": obligation.name,
        "int_width": obligation.option("int_width"),
    }


def _audit(command: str, answer: Mapping[str, Any], digest: str) -> Audit:
    result = {"unsat": "passed", "sat": "failed"}.get(answer["answer"], answer["answer"])
    return Audit(command, result, answer["detail"], digest, round(answer["seconds"], 4))


def _judge_run(answer: Mapping[str, Any], environment: Mapping[str, str]) -> Verification:
    status, failure = answer["status"], answer["failure"]
    audit = Audit("run of the counterexample", "passed" if answer["matches"] else "failed", f"{status}: {failure}")
    if status in ("violated", "undefined") and answer["exact"] and answer["matches"]:
        reason = f"{failure['message']} at {failure['line']}:{failure['column']}"
        missing = answer["unwitnessed"]
        audits = (audit, Audit("witness for SV-COMP", "unknown", missing)) if missing else (audit,)
        return Verification(Verdict.DISPROVED, reason, audits, environment, None, answer["attachments"])
    why = "it rests on a value that the semantics leaves open" if not answer["exact"] else f"the run is {status}"
    if answer["exact"] and not answer["matches"]:
        why = "its run differs from what it says"
    return Verification(Verdict.UNKNOWN, f"the counterexample does not hold: {why}", (audit,), environment)
