"""Step records made up of lemmas, for the tests of what is done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpora.curate.plan import Plan
from corpora.records import StepRecord
from corpora.stages import lines
from corpora.stages.run import run
from corpora.stages.task import Summary
from lemmata.errors import Location
from lemmata.events import Event, SearchFinished, SearchStarted
from lemmata.goal import Obligation
from lemmata.store import Store


def proof(
    name: str,
    statement: str,
    steps: Sequence[str],
    *,
    file: str = "Some/File.v",
    package: str = "made-up",
    premises: Mapping[int, Sequence[str]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the records of a proof in which each step leaves one goal and the last none."""
    goals = [f"⊢ {statement} at {number}" for number in range(len(steps))]
    module = file.removesuffix(".v").replace("/", ".")
    return [
        StepRecord(
            system="coq",
            package=package,
            version="1",
            licence="MIT",
            file=file,
            theorem=f"Lib.{module}.{name}",
            statement=f"Lemma {name} : {statement}",
            index=number,
            steps=len(steps),
            line=10 + number,
            column=3,
            step=step,
            goal=goals[number],
            conclusion=statement if number == 0 else goals[number][2:],
            hypotheses=(),
            after=tuple(goals[number + 1 : number + 2]),
            premises=tuple((premises or {}).get(number, ())),
            more=more or {},
        ).to_json()
        for number, step in enumerate(steps)
    ]


def dataset(path: Path, *proofs: Iterable[Mapping[str, Any]]) -> Path:
    """Write records to a file."""
    lines.write(path, (record for records in proofs for record in records))
    return path


def library(count: int, package: str = "made-up") -> list[list[dict[str, Any]]]:
    """Return proofs of theorems that have little in common, four a file, with common premises and some of their own."""
    words = ["apple", "birch", "cedar", "dune", "elm", "fir", "grove", "hazel", "iris", "juniper", "kelp", "larch"]
    found = []
    for number in range(count):
        first, second, third = (words[(number * step + number // 12) % len(words)] for step in (1, 5, 7))
        statement = f"forall x : {first}{number}, {second} x {number} -> {third} (S x) = {first} {number * 7}"
        steps = ["intros x H", f"rewrite {second}_{number}, {first} in H", f"apply {third}_{number} with {number}"]
        used = {
            1: [f"Lib.Base.{second}_{number % 9}"],
            2: [f"Lib.Base.{first}", *([f"Lib.Rare.r{number}"] if number % 5 == 0 else [])],
        }
        file = f"Part/F{number // 4}.v"
        found.append(proof(f"thm{number}", statement, steps, file=file, package=package, premises=used))
    return found


def carried_out(plan: Plan, out: Path) -> Summary:
    """Run a stage."""
    return run(plan.stage, out, plan.tasks, plan.work, finish=plan.finish, write=plan.write)


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    return [row for _, row in lines.read(path)]


def keep_search(path: Path, name: str, events: Sequence[Event], system: str = "coq") -> None:
    """Put a search that proved a theorem into a store."""
    obligation = Obligation(system, name, f"Lemma {name}.", Location("x.v"))
    with Store.open(path) as store:
        store.keep_obligation(obligation)
        task = store.add_task(store.start_run(["x.v"], {}), f"x.v:{name}", obligation.key, name, system)
        sink = store.sink(task)
        start = SearchStarted(
            obligation=obligation.key, system=system, name=name, provers=["p"], policy="best", budget={}
        )
        end = SearchFinished(verdict="proved", reason="", seconds=1.0, certificate=None)
        for event in (start, *events, end):
            sink.emit(event)
        sink.close()
