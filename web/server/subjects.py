"""What can be viewed: tasks in a store, certificates in it, and certificates from elsewhere."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lemmata import certificate as certificates
from lemmata.certificate import Certificate
from lemmata.errors import LemmataError
from lemmata.goal import Obligation
from lemmata.store.browser import Browser
from lemmata.store.records import RunRecord, TaskRecord
from web.server import conversion, proof_text, records
from web.server.timeline import ListedEvents, Timeline

MOST_UPLOADS = 64
_MOST_OPEN = 16
_MOST_OTHERS = 20


class NothingThere(Exception):
    """There is nothing of this name to view."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class _StoredEvents:
    """The events of a task in a store."""

    def __init__(self, browser: Browser, task: int) -> None:
        self._browser = browser
        self._task = task

    def page(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        return self._browser.events(self._task, after, limit)

    def some(self, numbers: Sequence[int]) -> Mapping[int, str]:
        return self._browser.bodies(numbers)


@dataclass(frozen=True, slots=True)
class Subject:
    """One search or certificate, as far as it is known now."""

    id: str
    timeline: Timeline
    obligation: Obligation | None
    task: TaskRecord | None
    run: RunRecord | None
    certificate: Certificate | None
    certificate_id: str | None

    @property
    def live(self) -> bool:
        """Whether a process is at work on it."""
        return _at_work(self.task, self.run)


class Subjects:
    """Finds subjects by their names; safe to use from several threads.

    Args:
        browser: reads a store; None where there is none.
    """

    def __init__(self, browser: Browser | None) -> None:
        self._browser = browser
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, Certificate] = OrderedDict()
        self._read: OrderedDict[str, Certificate] = OrderedDict()
        self._open: OrderedDict[str, Timeline] = OrderedDict()

    def accept(self, text: str, name: str) -> str:
        """Keep a certificate in memory and return its name; raises `CertificateError`."""
        certificate = certificates.loads(text, name)
        timeline = Timeline(ListedEvents(list(conversion.events(certificate))))
        found = f"u{certificate.digest[:16]}"
        with self._lock:
            self._sent[found] = certificate
            self._sent.move_to_end(found)
            self._open[found] = timeline
            while len(self._sent) > MOST_UPLOADS:
                self._open.pop(self._sent.popitem(last=False)[0], None)
        return found

    def find(self, name: str) -> Subject:
        """Return a subject by its name: `t12`, `c5` or `u` and 16 hexadecimal digits.

        Raises:
            NothingThere: there is none.
            LemmataError: it cannot be read.
        """
        if name.startswith("t"):
            return self._task(name)
        certificate = self.certificate(name)
        return Subject(name, self._told(name, certificate), certificate.obligation, None, None, certificate, name)

    def live(self, name: str) -> bool:
        """Say whether a process is at work on a subject; cheap enough to be asked many times a second."""
        task = self._browser.task(int(name[1:])) if self._browser and name.startswith("t") else None
        return _at_work(task, self._browser.run(task.run) if self._browser and task else None)

    def certificate(self, name: str) -> Certificate:
        """Return a certificate by its name; raises as `find`."""
        with self._lock:
            known = self._sent.get(name) or self._read.get(name)
        if known is None:
            known = certificates.loads(self._stored(name), f"certificate {name}")
            with self._lock:
                self._read[name] = known
                while len(self._read) > _MOST_OPEN:
                    self._read.popitem(last=False)
        return known

    def certificate_text(self, name: str) -> str:
        """Return the text of a certificate's file by its name; raises as `find`."""
        with self._lock:
            sent = self._sent.get(name)
        return sent.dumps() if sent is not None else self._stored(name)

    def _stored(self, name: str) -> str:
        text = self._browser.certificate(int(name[1:])) if self._browser and name.startswith("c") else None
        if text is None:
            kept = f"only the newest {MOST_UPLOADS} certificates from elsewhere are kept"
            raise NothingThere(name, kept if name.startswith("u") else "")
        return text

    def _told(self, name: str, certificate: Certificate) -> Timeline:
        with self._lock:
            if name in self._open:
                return self._open[name]
        return self._remember(name, Timeline(ListedEvents(list(conversion.events(certificate)))))

    def _remember(self, name: str, timeline: Timeline) -> Timeline:
        with self._lock:
            timeline = self._open.setdefault(name, timeline)
            self._open.move_to_end(name)
            spare = [key for key in self._open if key not in self._sent]
            for key in spare[: len(spare) - _MOST_OPEN]:
                del self._open[key]
        return timeline

    def _task(self, name: str) -> Subject:
        browser = self._browser
        task = browser.task(int(name[1:])) if browser else None
        if browser is None or task is None:
            raise NothingThere(name)
        with self._lock:
            timeline = self._open.get(name)
        if timeline is None:
            timeline = self._remember(name, Timeline(_StoredEvents(browser, task.id)))
        kept = browser.certificates_of([task.id]).get(task.id)
        certificate = None
        if kept is not None:
            try:
                certificate = self.certificate(f"c{kept.id}")
            except LemmataError:
                # The page shows the search all the same; asked for the certificate itself, it tells what is wrong.
                certificate = None
        obligation = browser.obligation(task.obligation) or (certificate.obligation if certificate else None)
        run = browser.run(task.run)
        return Subject(name, timeline, obligation, task, run, certificate, f"c{kept.id}" if kept else None)

    def others(self, subject: Subject) -> list[dict[str, Any]]:
        """Return other tasks on the same obligation as `Task` documents, newest first."""
        if self._browser is None or subject.obligation is None:
            return []
        own = subject.task.id if subject.task else None
        found = self._browser.tasks_on(subject.obligation.key, _MOST_OTHERS + 1)
        return self.task_documents([task for task in found if task.id != own][:_MOST_OTHERS])

    def task_documents(self, tasks: Sequence[TaskRecord]) -> list[dict[str, Any]]:
        """Return `Task` documents."""
        kept = self._browser.certificates_of([task.id for task in tasks]) if self._browser else {}
        return [_task_document(task, f"c{kept[task.id].id}" if task.id in kept else None) for task in tasks]


def _at_work(task: TaskRecord | None, run: RunRecord | None) -> bool:
    return task is not None and task.finished is None and run is not None and run.alive


def _task_document(task: TaskRecord, certificate: str | None) -> dict[str, Any]:
    return {"id": f"t{task.id}", **_of_task(task), "certificate": certificate}


def describe(subject: Subject, places: Mapping[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a subject as a `View`.

    Args:
        subject: what to describe.
        places: locations of the parts of steps, by their labels.
        others: `Task` documents.
    """
    task, certificate, obligation = subject.task, subject.certificate, subject.obligation
    result = _result(task)
    proved = certificate is not None and certificate.verdict.value == "proved"
    where = result.get("location") or {}
    return {
        "id": subject.id,
        "kind": "task" if task else "certificate",
        "live": subject.live,
        **(_of_task(task) if task else _of_certificate(certificate) if certificate else {}),
        "obligation": _source(obligation, where.get("file")) if obligation else None,
        "counterexample": result.get("counterexample") or (certificate.counterexample if certificate else None),
        "stats": result.get("stats") or None,
        "axioms": (result.get("audit") or {}).get("axioms"),
        "certificate": _facts(certificate, subject.certificate_id) if certificate else None,
        "proof": proved,
        "winning": _winning(certificate) if proved and certificate else None,
        "loops": {label: {"line": place.line, "column": place.column} for label, place in places.items()},
        "others": others,
    }


def _of_task(task: TaskRecord) -> dict[str, Any]:
    names = ("name", "target", "system", "run", "started", "finished", "verdict", "reason", "seconds")
    return {"key": task.obligation, **{name: getattr(task, name) for name in names}}


def _of_certificate(certificate: Certificate) -> dict[str, Any]:
    """Return the same as `_of_task`, as far as a certificate says."""
    obligation = certificate.obligation
    return {
        "key": certificate.key,
        "name": obligation.name,
        "target": obligation.location.file,
        "system": obligation.system,
        "verdict": certificate.verdict.value,
        "seconds": certificate.provenance.seconds,
        **dict.fromkeys(("run", "started", "finished", "reason")),
    }


def _result(task: TaskRecord | None) -> dict[str, Any]:
    try:
        found = json.loads(task.result) if task and task.result else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _source(obligation: Obligation, file: str | None) -> dict[str, Any]:
    return {
        # The same text may have been proved under several names.
        "file": file or obligation.location.file,
        "line": obligation.location.line,
        "column": obligation.location.column,
        "source": obligation.source,
        "language": proof_text.LANGUAGES.get(obligation.system, "text"),
    }


def _facts(certificate: Certificate, name: str | None) -> dict[str, Any]:
    provenance = certificate.provenance
    return {
        "id": name,
        "verdict": certificate.verdict.value,
        "created": provenance.created,
        "version": provenance.version,
        "provers": list(provenance.provers),
        "seconds": records.number(provenance.seconds),
        "environment": dict(certificate.environment),
        "audits": [
            {"command": a.command, "result": a.result, "detail": a.detail, "seconds": records.number(a.seconds)}
            for a in certificate.audits
        ],
        "digest": certificate.digest,
    }


def _winning(certificate: Certificate) -> list[int]:
    """Return the nodes of the proof: the graph of a certificate holds nothing else."""
    found = {node for node, _ in proof_text.origins(certificate)}
    goals = {step["goal"] for step in certificate.graph.get("steps", ()) if step["node"] in found}
    return sorted(found | goals)
