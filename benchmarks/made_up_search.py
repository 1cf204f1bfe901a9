"""Made-up searches of any size, as the events that a real one would have emitted."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from lemmata.errors import Location
from lemmata.events import BudgetSpent, Event, GoalExpanded, GoalOpened, SearchStarted, StatusChanged, StepChecked
from lemmata.goal import Obligation
from lemmata.store import Store

_TACTICS = ("induction l", "simpl", "rewrite app_assoc", "destruct x", "auto with *", "apply IHl", "lia", "congruence")
_REFUSED = ("rejected",) * 8 + ("timedout", "crashed")
SOURCE = "Lemma synthetic : True.\nProof.\nAdmitted.\n"


def search(nodes: int, seed: int = 0) -> Iterator[Event]:
    """Yield the events of a search whose graph has so many nodes: goals with steps, half of them refused."""
    draw = random.Random(seed)
    at = time.time()
    provers = ["coq-tactics", "coq-premises", "neural"]
    yield SearchStarted(
        obligation="o",
        system="coq",
        name="synthetic",
        provers=provers,
        policy="best-first",
        budget={"seconds": 60.0},
        at=at,
    )
    yield _goal(0, None, 0, at)
    number, open_goals = 1, [(0, 0)]
    while number < nodes:
        goal, depth = open_goals.pop(draw.randrange(max(len(open_goals) - 200, 0), len(open_goals)))
        yield GoalExpanded(node=goal, prover=draw.choice(provers), proposals=8, seconds=0.01, at=at)
        for tactic in draw.sample(_TACTICS, 6):
            at += 0.0005
            accepted = draw.random() < 0.5 or not open_goals
            fresh = list(range(number + 1, number + 1 + draw.choice((0, 1, 1, 2)))) if accepted else []
            # Now and then a goal is one that was met before.
            shared = [draw.choice(open_goals)[0]] if accepted and open_goals and draw.random() < 0.05 else []
            yield StepChecked(
                goal=goal, node=number, prover=draw.choice(provers), key=str(number), step=f"{tactic}; try lia",
                step_kind="tactic", parts=[], log_probability=-3 * draw.random(),
                message="" if accepted else "Cannot unify.",
                outcome=("open" if fresh or shared else "closed") if accepted else draw.choice(_REFUSED),
                seconds=0.002, subgoals=fresh + shared, notes=[], at=at,
            )  # fmt: skip
            if accepted and not fresh and not shared:
                yield StatusChanged(node=number, status="proved", at=at)
                yield StatusChanged(node=goal, status="proved", at=at)
            for subgoal in fresh:
                yield _goal(subgoal, number, depth + 1, at)
                open_goals.append((subgoal, depth + 1))
            number += 1 + len(fresh)
        if draw.random() < 0.05:
            yield BudgetSpent(
                seconds=at,
                expansions=number,
                checker_calls=number,
                checker_seconds=at,
                open_goals=len(open_goals),
                at=at,
            )


def _goal(node: int, parent: int | None, depth: int, at: float) -> GoalOpened:
    return GoalOpened(
        node=node,
        key=f"g{node}",
        conclusion=f"forall l : list nat, length (rev (l ++ [{node}])) = S (length l)",
        hypotheses=[("A", "Type"), ("l", "list A"), ("IHl", f"length (rev l) = length l + {node} - {node}")],
        parent=parent,
        depth=depth,
        at=at,
    )


def task(store: Store) -> tuple[int, int]:
    """Begin a run on a made-up lemma in a store; return the numbers of the run and of its task."""
    obligation = Obligation("coq", "synthetic", SOURCE, Location(str(Path("synthetic.v")), 1, 7))
    run = store.start_run(["synthetic.v"], {})
    store.keep_obligation(obligation)
    return run, store.add_task(run, "synthetic.v", obligation.key, "synthetic", "coq")
