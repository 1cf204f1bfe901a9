"""The viewer's application over a store, asked without a network, and searches to put into the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from lemmata.config import Settings
from lemmata.errors import Location
from lemmata.events import (
    BudgetSpent,
    Event,
    GoalExpanded,
    GoalOpened,
    Log,
    SearchFinished,
    SearchStarted,
    StatusChanged,
    StepChecked,
)
from lemmata.goal import Obligation
from lemmata.plugins.wiring import Workbench
from lemmata.store import RunStatus, Store
from web.server.app import Viewer, application
from web.server.assets import Asset
from web.server.guard import Guard, Keys
from web.server.subjects import Subjects
from web.server.workshop import Workshop

PORT = 8123
HOST = f"127.0.0.1:{PORT}"
RIGHT = """#include <assert.h>
int unknown(void);
int main(void) {
    int n = unknown();
    int i = 0;
    if (n < 0) return 0;
    while (i < n) {
        i = i + 1;
    }
    assert(i == n);
    return 0;
}
"""
WRONG = RIGHT.replace("i == n", "i != 3")
PAGE = {"index.html": Asset(b"<!doctype html><title>page</title>", "text/html")}


def step(node: int, goal: int, outcome: str, **more: Any) -> StepChecked:
    """Return the event of a check."""
    values: dict[str, Any] = {
        "prover": "tester",
        "key": f"k{node}",
        "step": f"tactic {node}",
        "step_kind": "tactic",
        "parts": [],
        "log_probability": -0.5,
        "message": "" if outcome in ("closed", "open") else "no such luck",
        "seconds": 0.01,
        "subgoals": [],
        "notes": [],
    }
    return StepChecked(goal=goal, node=node, outcome=outcome, at=100.0 + node, **{**values, **more})


def goal(node: int, parent: int | None, depth: int, conclusion: str = "") -> GoalOpened:
    """Return the event that opens a goal."""
    return GoalOpened(
        node=node,
        key=f"g{node}",
        conclusion=conclusion or f"goal {node}",
        hypotheses=[("H", f"fact {node}")],
        parent=parent,
        depth=depth,
        at=100.0 + node,
    )


STARTED = SearchStarted(
    obligation="o",
    system="coq",
    name="lemma",
    provers=["tester"],
    policy="best-first",
    budget={"seconds": 5.0},
    at=100.0,
)
EVENTS: list[Event] = [
    STARTED,
    goal(0, None, 0, "root ∧ goal"),
    GoalExpanded(node=0, prover="tester", proposals=3, seconds=0.1, at=100.5),
    step(1, 0, "rejected"),
    step(2, 0, "open", subgoals=[3, 4], log_probability=float("-inf")),
    goal(3, 2, 1),
    goal(4, 2, 1),
    step(5, 3, "closed"),
    StatusChanged(node=5, status="proved", at=106.0),
    StatusChanged(node=3, status="proved", at=106.0),
    step(6, 4, "open", subgoals=[3]),
    BudgetSpent(seconds=1.0, expansions=3, checker_calls=4, checker_seconds=0.5, open_goals=1, at=107.0),
    Log(level="warning", message="a prover stumbled", at=107.5),
    StatusChanged(node=6, status="proved", at=108.0),
    StatusChanged(node=4, status="proved", at=108.0),
    StatusChanged(node=2, status="proved", at=108.0),
    StatusChanged(node=0, status="proved", at=108.0),
    SearchFinished(verdict="proved", reason="", seconds=8.0, certificate=None, at=109.0),
]


def record(store: Store, events: Sequence[Event], *, finish: bool = True, name: str = "lemma") -> tuple[int, int]:
    """Record a search and return the numbers of its run and its task."""
    obligation = Obligation("coq", name, "Lemma lemma : True.\nProof. Admitted.\n", Location("f.v", 2, 8))
    run = store.start_run(["f.v"], {})
    store.keep_obligation(obligation)
    task = store.add_task(run, "f.v", obligation.key, name, "coq")
    sink = store.sink(task)
    for event in events:
        sink.emit(event)
    sink.flush()
    if finish:
        store.finish_task(task, "proved", None, 8.0, json.dumps({"stats": {"expansions": 3}}))
        store.finish_run(run, RunStatus.FINISHED)
    return run, task


@dataclass
class Site:
    """The application over a store."""

    store: Store
    app: Guard
    keys: Keys
    subjects: Subjects
    settings: Settings

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of a browser that came by the link."""
        if not hasattr(self, "_cookie"):
            self._cookie = (self.keys.redeem(self.keys.token) or "").partition(";")[0]
        return {"host": HOST, "cookie": self._cookie}

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a path."""
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, *, content: bytes | None = None, **headers: str) -> httpx.Response:
        """Make a request as the page would, with further headers; `drop` names one to leave out."""
        named = {name.replace("_", "-"): value for name, value in headers.items() if name != "drop"}
        sent = {**self.headers, **named}
        sent.pop(headers.get("drop", ""), None)

        async def work() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
                return await client.request(method, path, headers=sent, content=content)

        return asyncio.run(work())

    def json(self, path: str) -> Any:
        """Ask for a document that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def site(store: Store | None, settings: Settings, start: str | None = None) -> Site:
    """Return the application over a store."""
    browser = store.browser() if store else None
    subjects = Subjects(browser)
    keys = Keys(PORT)
    viewer = Viewer(subjects, browser, Workshop(Workbench(settings)), str(settings.store), start)
    return Site(store, Guard(application(viewer, PAGE), keys, [HOST]), keys, subjects, settings)  # type: ignore[arg-type]
