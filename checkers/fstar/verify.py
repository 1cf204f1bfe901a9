"""Verification of an F* proof: the only place where `proved` comes from.

Five audits must agree: the artefact is the source with nothing but a plain body in the hole, beside nothing that is
taken for granted; it states what the source states; `fstar.exe` accepts it, in a fresh process and with escape hatches
made errors; it accepts it with a true lemma below the proof; and it refuses it with a false one there, which tells that
F* checks at all at that place, and that nothing above proves everything.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.metadata
import secrets
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from checkers.auditing import concluded, of_text, sha256
from checkers.fstar import artefact as artefacts
from checkers.fstar import dependencies, fragments, installation, signature
from checkers.fstar.artefact import NotTheSource
from checkers.fstar.granted import Granted, first_of, judge, proof_of, signature_of
from checkers.fstar.project import compiled_with
from checkers.fstar.runs import LENIENT, STRICT, FileRun, Workspace
from checkers.fstar.scan import Hole, HoleKind, Scanned, find, scan
from checkers.runs import of_run
from lemmata.axioms import allowed_axioms
from lemmata.errors import InputError
from lemmata.goal import Obligation
from lemmata.verdict import Audit, Limits, Verdict, Verification

_AUDITS = 5
_INSIDE = "a plain body in the hole, beside nothing that is granted"
_STRICT_HERE = '#set-options "--report_assumes error --warn_error @272@296@335"\n'
_CONTROL = """
#push-options "--z3rlimit 1 --fuel 0 --ifuel 0"
let {name} () : Lemma (ensures {claim}) = ()
#pop-options
"""


async def verify(
    obligation: Obligation, artefact: str, claim: str, limits: Limits, options: Mapping[str, str]
) -> Verification:
    """Check from scratch that an artefact proves its obligation.

    Args:
        obligation: what is to be proved; its options say how the file is compiled.
        artefact: the source with the proof in it.
        claim: `proved`; nothing else can be shown.
        limits: of each process.
        options: `allow_axioms` is a JSON list of names that may be taken for granted, or `"*"`; the obligation's own
            options count too.

    Returns:
        The claim or `unknown`, with the reason; a bad artefact is no error.

    Raises:
        BackendError: F* is missing or cannot be started.
        LemmataError: the obligation itself, or an option, makes no sense.
    """
    found = await asyncio.to_thread(installation.find)
    settings = {**options, **dict(obligation.options)}
    flags = compiled_with(obligation)
    environment = {
        "checker": "fstar",
        "lemmata": importlib.metadata.version("lemmata"),
        "fstar": found.version,
        "solvers": " ".join(found.solvers),
        "flags": " ".join(flags.command()),
    }
    if claim != "proved":
        return Verification(Verdict.UNKNOWN, "F* proofs cannot be refuted", (), environment)
    file = Path(obligation.location.file)
    interface = obligation.option("interface") if file.suffix == ".fst" else ""
    with tempfile.TemporaryDirectory(prefix="lemmata-fstar-") as folder:
        space = Workspace(Path(folder).resolve(), found, flags, limits, file.absolute(), interface)
        work = _Verifying(space, obligation, artefact, frozenset(allowed_axioms(settings.get("allow_axioms", ""))))
        audits = await work.audits()
    verdict, reason = concluded(audits, Verdict.PROVED, count=_AUDITS)
    return Verification(verdict, reason, tuple(audits), environment, None, {file.name: artefact}, work.axioms)


class _Verifying:
    """The verification of one artefact."""

    def __init__(self, space: Workspace, obligation: Obligation, artefact: str, allowed: frozenset[str]) -> None:
        self._space = space
        self._obligation = obligation
        self._artefact = artefact
        self._allowed = allowed
        self._file = obligation.location.file
        self._scanned, self._hole = find(obligation.source, obligation.name, self._file)
        self.axioms: tuple[str, ...] | None = None
        """Names of what the file takes for granted above the proof, None as long as they are not known."""

    async def audits(self) -> list[Audit]:
        """Make all audits, up to the first that fails; where the text is wrong already, nothing is run."""
        began = time.monotonic()
        problem, found, granted = await asyncio.to_thread(self._text)
        if found is None or granted is None or problem:
            return [of_text(self._artefact, began, ok=False, detail=problem, inside=_INSIDE)]
        self.axioms = granted.above
        detail = f"granted above: {', '.join(granted.above)}" if granted.above else ""
        text = of_text(self._artefact, began, ok=True, detail=detail, inside=_INSIDE)
        stated = self._statement(found)
        if stated.result != "passed":
            return [text, stated]
        return [text, stated, *await self._runs(found, granted)]

    def _text(self) -> tuple[str, Scanned | None, Granted | None]:
        if problem := self._space.flags.problem:
            return problem, None, None
        try:
            found, _ = artefacts.take_apart(self._obligation.source, self._hole, self._artefact, self._file)
            interface = scan(self._space.interface, f"{self._file}i") if self._space.interface else None
        except NotTheSource as error:
            return error.message, None, None
        except InputError as error:
            return f"the interface cannot be read: {error.message}", None, None
        granted = judge(found, self._hole, interface, fragments.module_name(found.source), self._allowed)
        roots = [found, *([interface] if interface else [])]
        problem, elsewhere = dependencies.granted(roots, self._space.sources(), self._allowed)
        granted = dataclasses.replace(granted, above=(*granted.above, *elsewhere))
        return granted.problem or problem, found, granted

    def _statement(self, found: Scanned) -> Audit:
        command = "statement: as the source has it"
        wanted = signature.statement(self._scanned, self._hole)
        shown = _stated(found, self._hole)
        if not wanted or shown != wanted:
            return Audit(command, "failed", f"{shown[:200]} is not {wanted[:200]}", sha256(shown))
        return Audit(command, "passed", wanted, sha256(shown))

    async def _runs(self, found: Scanned, granted: Granted) -> list[Audit]:
        name = f"lemmata_control_{secrets.token_hex(8)}"
        strict = STRICT if not (granted.above or granted.beside) else LENIENT
        rest = STRICT if strict is STRICT and not granted.below else LENIENT
        try:
            async with asyncio.TaskGroup() as group:
                whole = group.create_task(self._space.run(self._artefact, *rest))
                true = group.create_task(self._space.run(self._copy(found, granted, name, "True"), *strict))
                false = group.create_task(self._space.run(self._copy(found, granted, name, "False"), *strict))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        program = f"fstar.exe {self._space.installation.version}"
        options = " ".join(strict)
        audits = [
            of_run(f"{program} {' '.join(rest)}: the whole file", whole.result()),
            of_run(f"{program} {options}: the proof, with a true lemma below it", true.result()),
        ]
        if all(audit.result == "passed" for audit in audits):
            audits.append(_refused(f"{program} {options}: the proof, with a false lemma below it", false.result()))
        return audits

    def _copy(self, found: Scanned, granted: Granted, name: str, claim: str) -> str:
        """Return the artefact with a lemma below the proof, cut off there where something is granted further down."""
        source = found.source
        own = proof_of(found, self._hole)
        end = source.end(own)
        text = source.text[:end] + _CONTROL.format(name=name, claim=claim)
        if not granted.below:
            text += source.text[end:]
        if granted.above and not granted.beside:
            # What is granted above is allowed; in the proof itself nothing is.
            at = source.start(first_of(found, self._hole))
            text = f"{text[:at]}\n{_STRICT_HERE}{text[at:]}"
        return text


def _stated(found: Scanned, hole: Hole) -> str:
    """Return the statement of the proof in an artefact."""
    source = found.source
    parts = []
    if val := signature_of(found, hole):
        parts.append(source.words(val.keyword, val.last))
    if hole.kind not in (HoleKind.VAL, HoleKind.ASSUME_VAL):
        binding = proof_of(found, hole).bindings[hole.binding]
        parts.append(source.words(binding.first, binding.equals))
    return "\n".join(parts)


def _refused(command: str, run: FileRun) -> Audit:
    seconds = round(run.seconds, 3)
    if run.refused:
        return Audit(command, "passed", "refused, as it should be", run.digest, seconds)
    if run.ok:
        detail = "F* accepts a false lemma there: what is above proves everything, or nothing is checked"
        return Audit(command, "failed", detail, run.digest, seconds)
    return Audit(command, "unknown", f"the false lemma was not refused: {run.error}", run.digest, seconds)
