"""What searches teach: which goals were proved, and which clauses held, read from their events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lemmata.errors import StoreError
from lemmata.events import Event, GoalExpanded, GoalOpened, StatusChanged, StepChecked, from_json

if TYPE_CHECKING:
    from lemmata.store.browser import Browser

_PAGE = 2000
_MOST_TASKS = 500


@dataclass(frozen=True, slots=True)
class GoalExample:
    """A goal, and whether it was proved."""

    system: str
    conclusion: str
    hypotheses: tuple[tuple[str, str], ...]
    depth: int
    proved: bool


@dataclass(frozen=True, slots=True)
class ClauseExample:
    """A loop invariant proposed for a program, and whether it held."""

    problem: str
    candidate: str
    held: bool


def goal_examples(system: str, events: Iterable[Event]) -> list[GoalExample]:
    """Return the goals of one search that say something: those proved, and those worked on in vain.

    A goal that nobody was asked about, or that was no longer needed, says nothing.
    """
    opened: dict[int, GoalOpened] = {}
    asked: set[int] = set()
    last: dict[int, str] = {}
    for event in events:
        match event:
            case GoalOpened():
                opened[event.node] = event
            case GoalExpanded():
                asked.add(event.node)
            case StatusChanged():
                last[event.node] = event.status
            case _:
                pass
    found = []
    for node, goal in opened.items():
        status = last.get(node, "open")
        if status == "proved" or (node in asked and status in ("open", "failed")):
            above = tuple((str(name), str(text)) for name, text in goal.hypotheses)
            found.append(GoalExample(system, goal.conclusion, above, goal.depth, status == "proved"))
    return found


def clause_examples(problem: str, events: Iterable[Event]) -> list[ClauseExample]:
    """Return the clauses that were checked in one search, each once; one that ever held counts as such.

    Args:
        problem: the program's text.
        events: of the search on it.
    """
    held: dict[str, bool] = {}
    for event in events:
        if isinstance(event, StepChecked) and event.step_kind == "clauses":
            for note in event.notes:
                place = note.get("part")
                if isinstance(place, int) and 0 <= place < len(event.parts):
                    text = event.parts[place][1]
                    held[text] = held.get(text, False) or note.get("accepted") is True
    return [ClauseExample(problem, text, value) for text, value in held.items()]


def stored(path: Path, most_tasks: int = _MOST_TASKS) -> Iterator[tuple[str, str, list[Event]]]:
    """Yield the proof system, the source text and the events of the searches in a store, the newest runs first.

    Args:
        path: of the store.
        most_tasks: number of searches after which it ends.

    Raises:
        StoreError: the store cannot be read.
    """
    # Here, because SQLAlchemy takes long to import and most critics are loaded to judge, not to learn.
    from lemmata.store import Store

    if not path.is_file():
        raise StoreError(f"there is no store {path}", hint="run `lemmata prove` first, or name another one")
    with Store.open(path) as store:
        browser = store.browser()
        left = most_tasks
        before: int | None = None
        while left and (runs := browser.runs(before, 50)):
            before = runs[-1].id
            for run in runs:
                after = 0
                while left and (tasks := browser.tasks(run.id, after, min(left, 100))):
                    after = tasks[-1].id
                    left -= len(tasks)
                    for task in tasks:
                        obligation = browser.obligation(task.obligation)
                        yield task.system, obligation.source if obligation else "", _events(browser, task.id)


def _events(browser: Browser, task: int) -> list[Event]:
    found: list[Event] = []
    after = 0
    while page := browser.events(task, after, _PAGE):
        after = page[-1][0]
        for _, body in page:
            try:
                found.append(from_json(body))
            except ValueError:
                # Written by another version: the others are as good without it.
                continue
    return found
