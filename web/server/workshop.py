"""What the viewer asks checkers for: explanations of steps, and certificates checked again."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from lemmata.certificate import Certificate
from lemmata.errors import LemmataError, Location
from lemmata.explanation import Explanation
from lemmata.goal import Obligation
from lemmata.plugins.wiring import Workbench
from lemmata.protocols import Explainer
from lemmata.step import Part, Step, clauses
from lemmata.workflow.replay import replay
from web.server import proof_text
from web.server.records import Event

_EXPLAIN_SECONDS = 20.0
_PATIENCE_SECONDS = 2.0
"""How long a page may wait for what it can do without."""
_MOST_KEPT = 128


class Workshop:
    """Works on one thing of a kind at a time: the machine may be busy with a search.

    Args:
        bench: checkers and settings.
    """

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._explaining = asyncio.Lock()
        self._replaying = asyncio.Lock()
        self._underway: set[asyncio.Task[Explanation | None]] = set()
        self._kept: OrderedDict[tuple[str, ...], Explanation] = OrderedDict()

    async def explain(self, obligation: Obligation, steps: Sequence[Step]) -> Explanation | None:
        """Explain steps; None where the checker has no explanations, or is not installed."""
        key = (obligation.key, *(step.key for step in steps))
        if key in self._kept:
            return self._kept[key]
        async with self._explaining:
            if key in self._kept:
                # Somebody else asked for the same meanwhile.
                return self._kept[key]
            try:
                checker = self._bench.checker(obligation.system)
                if not isinstance(checker, Explainer):
                    return None
                found = await checker.explain(obligation, steps, self._bench.limits(_EXPLAIN_SECONDS))
            except LemmataError as error:
                # A source that its checker refuses has been told of already; the page shows it all the same.
                found = Explanation(note=error.message)
            self._kept[key] = found
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    async def places(self, obligation: Obligation | None) -> Mapping[str, Location]:
        """Return where the parts of steps belong in an obligation's source, by their labels.

        Where that takes long nothing is returned: a page must not wait for it. It is found out all the same, for the
        next time.
        """
        if obligation is None:
            return {}
        task = asyncio.ensure_future(self.explain(obligation, ()))
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        said = task.result() if done else None
        return said.places if said is not None else {}

    async def proof(self, certificate: Certificate) -> dict[str, Any]:
        """Return the proof in a certificate as a `ProofText` document."""
        said = await self.explain(certificate.obligation, certificate.steps)
        text = said.text if said and said.text else certificate.artefact
        return await asyncio.to_thread(proof_text.document, certificate, text)

    async def replay(self, certificate: Certificate) -> dict[str, Any]:
        """Check a certificate again from scratch, as a `Replay` document."""
        async with self._replaying:
            said = await replay(self._bench, certificate)
        return {
            "valid": said.valid,
            "reason": said.reason,
            "seconds": round(said.seconds, 3),
            "checks": [dataclasses.asdict(check) for check in said.checks],
            "notes": list(said.notes),
        }


def step_of(event: Event) -> Step:
    """Return the step of a check's event, only with the parts that the checker kept where it kept any."""
    kept = {note["part"] for note in event.get("notes", ()) if note.get("accepted")}
    parts = tuple(Part(*part) for i, part in enumerate(event.get("parts", ())) if not kept or i in kept)
    if event.get("step_kind") == "clauses":
        return clauses(parts)
    return Step(event.get("step", ""), event.get("step_kind", "tactic"), parts)


def conditions(explanation: Explanation) -> dict[str, Any]:
    """Return the questions of an explanation as `Conditions`."""
    queries = [
        {"title": q.title, "line": q.location.line, "column": q.location.column, "smtlib": q.smtlib}
        for q in explanation.queries
    ]
    return {"queries": queries, "note": explanation.note}
