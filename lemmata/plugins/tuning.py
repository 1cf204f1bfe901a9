"""How to search in each proof system: backends differ a thousandfold in what a step costs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Tuning:
    """Settings of the search; the defaults are those for few and expensive steps."""

    batch: int = 1
    """Most goals in one question to a prover; more of them make a slow prover's answer on one wait for all."""
    width: int = 16
    """Most proposals wanted for each goal."""
    concurrency: int = 2
    """Most steps at the session at once."""
    stagger: float = 0.15
    """Head start of each prover over the next, in seconds."""
    delays: Mapping[str, float] = field(default_factory=dict)
    """By a prover's name, the part of the time budget before which it is only asked when nothing else is under way."""
    least: Mapping[str, float] = field(default_factory=dict)
    """By a prover's name, the time budget in seconds under which it is not worth asking at all."""
    refuter_delay: float | None = None
    """The same for the search for a counterexample; None makes it follow the provers in their order."""
    step_share: float = 0.2
    """Part of the time budget that one step may take, so that a large one does not use up that of all others."""
    step_floor: float = 1.0
    """Seconds that a step may take however small the budget is."""
    step_ceiling: float = 20.0
    """Seconds that a step may not exceed however large the budget is, unless its prover asks for more."""
    stickiness: float | None = None
    """Nats by which a proposal for the goal checked last may be worse than the best; None leaves it to the engine."""
    goal_weight: float = 0.0
    """How much a goal's own path cost counts in the order in which proposals are checked."""
    verify_floor: float = 10.0
    """Seconds that verifying proofs may take however small the budget is."""
    policy: str = "best-first"
    """Order of exploration where the settings say `default`."""

    def step_seconds(self, seconds: float) -> float:
        """Return the limit of one step, in seconds, in a search with a budget of `seconds`."""
        return min(max(seconds * self.step_share, self.step_floor), self.step_ceiling)


@functools.cache
def tuning(system: str) -> Tuning:
    """Return the settings for a proof system; the defaults where it has none of its own."""
    return _BY_SYSTEM.get(system, Tuning())


_BY_SYSTEM: Mapping[str, Tuning] = MappingProxyType(
    {
        # Many tactics a second on one toplevel, which holds one state at a time; nearly all are rejected at once.
        "coq": Tuning(
            width=80,
            concurrency=1,
            stagger=0.0,
            # What plain tactics can do should be done before; the hammer itself asks external provers for many seconds.
            delays=MappingProxyType({"coq-sauto": 0.4, "coq-hammer": 0.4}),
            # Most theorems are true: what is proved at once comes first. Who made a mistake does not want to wait.
            refuter_delay=0.1,
            least=MappingProxyType({"coq-hammer": 25.0}),
            # Large files take their time to compile, and are compiled several times.
            verify_floor=120.0,
            step_share=0.1,
            step_floor=0.5,
            step_ceiling=5.0,
            # Going back to a goal means replaying its steps; a step is as good as the whole path that it ends.
            stickiness=2.0,
            goal_weight=0.5,
        ),
        # Most programs need what the one says at once; the other keeps a core busy for seconds.
        "programs": Tuning(
            delays=MappingProxyType({"atoms": 0.0, "abduction": 0.2, "decision-trees": 0.3, "cvc5-sygus": 0.4}),
        ),
        # One process; what runs out of time costs loading the imports again.
        "lean": Tuning(
            width=60,
            concurrency=1,
            stagger=0.0,
            step_share=0.1,
            step_floor=2.0,
            step_ceiling=10.0,
            stickiness=1.0,
            goal_weight=0.5,
            # Mathlib alone takes long to load, and the file is compiled more than once.
            verify_floor=300.0,
        ),
        "fstar": Tuning(
            width=40,
            concurrency=1,
            stagger=0.0,
            step_floor=5.0,
            step_ceiling=30.0,
            stickiness=1.0,
            goal_weight=0.5,
            verify_floor=180.0,
        ),
        # Every step is a theory of its own, which the server checks from its imports on.
        "isabelle": Tuning(
            width=30,
            concurrency=1,
            stagger=0.0,
            delays=MappingProxyType({"isabelle-sledgehammer": 0.3}),
            least=MappingProxyType({"isabelle-sledgehammer": 25.0}),
            refuter_delay=0.5,
            step_floor=5.0,
            step_ceiling=40.0,
            goal_weight=0.5,
            verify_floor=300.0,
        ),
    }
)
