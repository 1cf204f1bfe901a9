"""How fast Coq steps are checked: `python benchmarks/coq_session.py [steps|search|toplevel|memory]`, all by default.

`steps`: cheap tactics through a session. `search`: the whole engine with the real provers for ten seconds, the steps it
checks and the share of the session's time that goes into replaying. `toplevel`: what
`coqtop -emacs` alone can do. `memory`: resident size of the workbench over 200 theorems in one process (some minutes).
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from checkers.coq import installation
from checkers.coq.checker import CoqChecker
from checkers.coq.session import CoqSession
from checkers.coq.toplevel import Toplevel
from checkers.process import Supervisor
from lemmata.api import load_settings, prove
from lemmata.events import Event
from lemmata.outcome import Open
from lemmata.plugins.wiring import Workbench
from lemmata.step import Step
from lemmata.verdict import Limits

LEMMA = "app_assoc"
CHEAP = (
    "reflexivity",
    "assumption",
    "discriminate",
    "simpl",
    "f_equal",
    "split",
    "left",
    "exact I",
    "congruence",
    "auto",
)
SECONDS = 5.0
LIMITS = Limits(wall_seconds=10.0, memory_bytes=4 << 30)


def source() -> Path:
    """Return the file that the lemmas are from."""
    return installation.find().where / "theories" / "Lists" / "List.v"


class Sink:
    """Takes the events of a search and forgets them."""

    def emit(self, event: Event) -> None:
        """Forget an event."""
        del event


async def steps() -> None:
    """Cheap tactics on the goals that induction leaves, one goal after another."""
    async with Supervisor() as supervisor:
        checker = CoqChecker(supervisor)
        session = await checker.open(await checker.select(source(), LEMMA, {}), LIMITS)
        assert isinstance(session, CoqSession)
        outcome = await session.apply(session.root, Step("induction l"), LIMITS)
        assert isinstance(outcome, Open), outcome
        began, count = time.monotonic(), 0
        before = session.spent
        while time.monotonic() - began < SECONDS:
            for goal in outcome.subgoals:
                for tactic in CHEAP:
                    await session.apply(goal, Step(tactic), LIMITS)
                    count += 1
        took, after = time.monotonic() - began, session.spent
        await session.close()
    replaying = (after.replaying - before.replaying) / took
    print(f"cheap tactics on {LEMMA}: {count / took:.0f} steps a second; {replaying:.0%} of the time for going back")


async def search() -> None:
    """The engine with every prover; what is proved at once is searched again without believing it."""
    async with Workbench(load_settings({})) as bench:
        checker = bench.checker("coq")
        assert isinstance(checker, CoqChecker)
        for name in ("in_app_or", "rev_involutive", "nth_error_split", "NoDup_remove", "firstn_skipn_rev"):
            obligation = await checker.select(source(), name, {})
            session = await checker.open(obligation, bench.limits(10))
            began = time.monotonic()

            async def verify(found: object) -> object:
                return await checker.verify(obligation, checker.artefact(obligation, found), "proved", LIMITS, {})  # type: ignore[arg-type] # noqa: B023

            found = await bench.search(
                obligation,
                session,
                seconds=10,
                sink=Sink(),
                cache=None,
                verify=verify,  # type: ignore[arg-type]
                verify_refutation=verify,  # type: ignore[arg-type]
            )
            took, spent = time.monotonic() - began, session.spent
            await session.close()
            busy = spent.checking + spent.replaying
            print(
                f"search on {name}: {found.verdict.value} in {took:.1f} s; {spent.checks} steps, "
                f"{spent.checks / took:.0f} a second, {spent.checks / max(busy, 1e-9):.0f} for each second of Coq; "
                f"{spent.replaying / max(busy, 1e-9):.1%} of Coq's time for replaying {spent.replayed} sentences; "
                f"loading {spent.loading:.2f} s"
            )


TACTICS = ("reflexivity", "discriminate", "exact I", "simpl", "idtac")
STATEMENT = "Goal forall (a b : nat), a + 0 = b -> b = a."


async def toplevel() -> None:
    """Tactics from the same state, without a session around."""
    found = installation.find()
    async with Supervisor() as supervisor:
        from checkers.coq.project import Flags

        coq = await Toplevel.start(supervisor, found, Flags((), "Top"), LIMITS, 60)
        (_, start) = await coq.run([STATEMENT, "1: intros a b H."], 10)
        began, count = time.monotonic(), 0
        while time.monotonic() - began < SECONDS / 2:
            for tactic in TACTICS:
                await coq.run([f"BackTo {start.state}.", f"1: {tactic}."], 10)
                count += 1
        print(f"coqtop -emacs: {count / (time.monotonic() - began):.0f} tactics a second")
        await coq.close()


def memory(theorems: int = 200) -> None:
    """Small theorems one after the other in one process."""
    tiny = [
        f"Theorem t{i} : forall n m : nat, n = m -> m + {i % 3} = n + {i % 3}.\nAdmitted.\n" for i in range(theorems)
    ]
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        # One file each, as all in one would make the file grow with the number of theorems.
        for i, text in enumerate(tiny):
            path = Path(folder) / f"T{i}.v"
            path.write_text(text)
            (result,) = prove(path, timeout=10)
            if result.verdict.value != "proved":
                print(f"{path.name}: {result.verdict.value} {result.reason}")
            sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20)
    middle = sizes[len(sizes) // 2]
    print(
        f"resident size, {theorems} theorems: {sizes[4]:.0f} MiB after 5, {middle:.0f} half-way, {sizes[-1]:.0f} last"
    )


def main(wanted: list[str]) -> None:
    """Run the parts that are wanted."""
    parts: dict[str, Callable[[], None]] = {
        "steps": lambda: asyncio.run(steps()),
        "search": lambda: asyncio.run(search()),
        "toplevel": lambda: asyncio.run(toplevel()),
        "memory": memory,
    }
    for name in wanted or parts:
        print(f"# {name}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        parts[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
