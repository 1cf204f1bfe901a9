"""Replay: checking a certificate again from scratch, believing nothing that it says of itself."""

from __future__ import annotations

import hashlib
import shlex
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lemmata import certificate as certificates
from lemmata.axioms import allowed_axioms
from lemmata.certificate import Certificate
from lemmata.errors import CertificateError, GraphError, InputError, LemmataError, Location, UsageError
from lemmata.graph import ProofGraph
from lemmata.plugins.wiring import Workbench
from lemmata.step import Step
from lemmata.verdict import Verdict, Verification
from lemmata.workflow.obligation import audit_json, counterexample_artefact
from lemmata.workflow.results import Check, ReplayResult

_CHANGED = "source changed since the certificate was made"


class _Invalid(Exception):
    """A check failed; the later ones would say nothing."""


class _Replay:
    """The checks of one certificate, in order."""

    def __init__(self, bench: Workbench, certificate: Certificate, source: Path | None) -> None:
        self._bench = bench
        self._certificate = certificate
        self._source = source
        self.checks: list[Check] = []
        self.notes: list[str] = []
        self.said: Verification | None = None

    async def run(self) -> None:
        """Make all checks; raise `_Invalid` at the first that fails."""
        self._check("digest", self._digest())
        self._check("steps", self._steps())
        self._check("artefact", self._artefact())
        self._check("source", self._compare_source())
        self._check("axioms", self._axioms())
        self._check("proof", await self._verify())
        self._check("environment", self._environment())

    def _check(self, name: str, problem: str) -> None:
        self.checks.append(Check(name, not problem, problem))
        if problem:
            raise _Invalid(problem)

    def _digest(self) -> str:
        try:
            self._certificate.check_digest()
        except CertificateError as error:
            return error.message
        return ""

    def _steps(self) -> str:
        """Compare the steps with the proof that the graph contains."""
        if self._certificate.verdict is not Verdict.PROVED:
            return ""
        try:
            graph = ProofGraph.from_json(self._certificate.graph)
            graph.check_invariants()
            steps = proof_steps(graph)
        except (CertificateError, GraphError) as error:
            return f"the proof graph is not consistent: {error.message}"
        if steps is None:
            return "the proof graph does not prove its root"
        if not covered(self._certificate.steps, steps):
            return "the steps are not those of the proof graph"
        return ""

    def _artefact(self) -> str:
        certificate = self._certificate
        if certificate.verdict is Verdict.PROVED:
            checker = self._bench.checker(certificate.obligation.system)
            rebuilt = checker.artefact(certificate.obligation, certificate.steps)
        else:
            rebuilt = counterexample_artefact(certificate.counterexample or {})
        return "" if rebuilt == certificate.artefact else "the stored artefact is not what the steps make"

    def _compare_source(self) -> str:
        given, absolute = Path(self._certificate.obligation.location.file), Path(self._certificate.absolute_path)
        if given.name != absolute.name or (given.is_absolute() and given != absolute):
            return f"the certificate names two files, {given} and {absolute}"
        path = self._source or self._on_disk()
        if path is None:
            self.notes.append(f"{self._certificate.obligation.location.file} is gone; the embedded source was checked")
            return ""
        try:
            current = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            why = error.strerror or str(error)
            if self._source is not None:
                raise InputError(
                    f"cannot be read: {why}", hint="check --source", location=Location(str(path))
                ) from error
            self.notes.append(f"{path} cannot be read ({why}); the embedded source was checked")
            return ""
        return "" if current == self._certificate.obligation.source_digest else f"{_CHANGED}: {path}"

    def _on_disk(self) -> Path | None:
        """Return the file that the certificate is about, where it still exists."""
        names = self._certificate.absolute_path, self._certificate.obligation.location.file
        for path in map(Path, names):
            try:
                if path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        return None

    def _axioms(self) -> str:
        """Compare the axioms that the certificate allows with those that whoever replays it allows."""
        try:
            wanted = allowed_axioms(self._certificate.obligation.option("allow_axioms"))
        except UsageError:
            return "the axioms that the certificate allows cannot be read"
        own = self._bench.settings.allow_axioms
        foreign = [] if "*" in own else [name for name in wanted if name not in own]
        if not foreign:
            return ""
        names = " ".join(f"--allow-axioms {shlex.quote(name)}" for name in foreign)
        return f"its proof may rest on axioms that you did not allow; say {names} where you accept them"

    async def _verify(self) -> str:
        certificate = self._certificate
        checker = self._bench.checker(certificate.obligation.system)
        options = self._bench.checking(certificate.obligation.system)
        if again := certificate.environment.get("recheck"):
            options["recheck"] = again
        self.said = await checker.verify(
            certificate.obligation,
            certificate.artefact,
            certificate.verdict.value,
            self._bench.limits(self._bench.settings.timeout),
            options,
        )
        if self.said.verdict is certificate.verdict:
            return ""
        reason = f": {self.said.reason}" if self.said.reason else ""
        return (
            f"the checker does not confirm {certificate.verdict.value!r} but says {self.said.verdict.value!r}{reason}"
        )

    def _environment(self) -> str:
        self.notes += drift(self._certificate.environment, self.said.environment if self.said else {})
        return ""


def proof_steps(graph: ProofGraph) -> list[Step] | None:
    """Return the steps of the cheapest proof that a graph contains, root first; None where it contains none."""
    proof = graph.cheapest_proof()
    return None if proof is None else [graph.step(number).effective for number in proof.order()]


def covered(steps: Sequence[Step], proof: Sequence[Step]) -> bool:
    """Say whether steps are those of a proof, in order, each as it is or with parts left out by the minimiser."""
    left = iter(proof)
    return all(any(_from(step, candidate) for candidate in left) for step in steps)


def _from(step: Step, whole: Step) -> bool:
    if step.key == whole.key:
        return True
    return (
        step.kind == whole.kind
        and bool(whole.parts)
        and step == whole.keeping(step.parts)
        and set(step.parts) <= set(whole.parts)
    )


def drift(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return a sentence for each thing in which two environments differ."""
    names: Sequence[str] = sorted({*then, *now})
    return [
        f"{name} was {then.get(name, 'absent')}, now {now.get(name, 'absent')}"
        for name in names
        if then.get(name) != now.get(name)
    ]


async def replay(bench: Workbench, certificate: Path | Certificate, *, source: Path | None = None) -> ReplayResult:
    """Check a certificate again.

    Args:
        bench: checkers and settings; `timeout` limits the verification, in seconds.
        certificate: a certificate or the path of one.
        source: compare the embedded source with this file instead of the one it was made from.

    Returns:
        The result; a certificate that is not well-formed gives one that is not valid.
    """
    began = time.monotonic()
    name = str(certificate) if isinstance(certificate, Path) else certificate.obligation.location.file
    try:
        loaded = certificates.load(certificate) if isinstance(certificate, Path) else certificate
    except LemmataError as error:
        return _unread(name, error, began)
    work = _Replay(bench, loaded, source)
    reason: str | None = None
    code = 0
    try:
        await work.run()
    except _Invalid as problem:
        reason, code = str(problem), 1
    except LemmataError as error:
        reason, code = str(error).removeprefix("error: "), error.exit_code
    return ReplayResult(
        name,
        valid=reason is None,
        reason=reason,
        target=loaded.obligation.location.file,
        obligation=loaded.obligation.name,
        system=loaded.obligation.system,
        claim=loaded.verdict.value,
        seconds=time.monotonic() - began,
        checks=tuple(work.checks),
        notes=tuple(work.notes),
        audit=audit_json(work.said) if work.said else None,
        exit_code=code,
    )


def _unread(name: str, error: LemmataError, began: float) -> ReplayResult:
    return ReplayResult(
        name,
        valid=False,
        reason=error.message + (f"; {error.hint}" if error.hint else ""),
        seconds=time.monotonic() - began,
        checks=(Check("digest", False, error.message),),
        exit_code=error.exit_code,
    )
