"""Which open goal comes next: the policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from search.frontier import Frontier


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a policy knows of an open goal."""

    node: int
    cost: float
    """Negative log-probability of the best path from the root, summed over its steps."""
    depth: int
    """Number of steps on that path."""
    scores: tuple[float | None, ...] = ()
    """Each critic's estimate of the log-probability that the goal is provable, None where it has said nothing yet."""

    @property
    def score(self) -> float | None:
        """The average of the critics' estimates, where there is one."""
        said = [score for score in self.scores if score is not None]
        return sum(said) / len(said) if said else None


class Queue(Protocol):
    """The open goals that one prover has not been asked about."""

    def push(self, candidate: Candidate) -> None:
        """Put a goal in, or take note of what changed about it."""
        ...

    def pop(self) -> int | None:
        """Take out the next goal; None where there is none."""
        ...

    def discard(self, node: int) -> None:
        """Take a goal out, if it is there."""
        ...

    def __len__(self) -> int:
        """Return the number of goals."""
        ...


class Policy(Protocol):
    """An order of exploration."""

    @property
    def name(self) -> str:
        """What settings and events call it."""
        ...

    def queue(self) -> Queue:
        """Return a new empty queue."""
        ...


def blend(heuristic: float, score: float | None, weight: float) -> float:
    """Mix a heuristic key with a critic's log-probability, where there is one."""
    return heuristic if score is None else (1.0 - weight) * heuristic - weight * score


class _Keyed:
    def __init__(self, policy: LengthNormalised | Cumulative) -> None:
        self._policy = policy
        self._frontier = Frontier()

    def push(self, candidate: Candidate) -> None:
        self._frontier.push(candidate.node, self._policy.key(candidate))

    def pop(self) -> int | None:
        return self._frontier.pop()

    def discard(self, node: int) -> None:
        self._frontier.discard(node)

    def __len__(self) -> int:
        return len(self._frontier)


@dataclass(frozen=True, slots=True)
class LengthNormalised:
    """Cumulative log-probability divided by depth^alpha, the default (Xin et al., BFS-Prover, 2025)."""

    alpha: float = 0.5
    """0 explores by probability alone; the greater, the more readily a deep path is followed."""
    critic_weight: float = 0.5
    """Share of the critics' estimate in the key, from 0 to 1."""
    name: str = "best-first"

    def key(self, candidate: Candidate) -> float:
        """Return the key of a goal; smaller comes first."""
        heuristic = candidate.cost / max(candidate.depth, 1) ** self.alpha
        return blend(heuristic, candidate.score, self.critic_weight)

    def queue(self) -> Queue:
        """Return a new empty queue."""
        return _Keyed(self)


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Cumulative log-probability (Yang et al., LeanDojo/ReProver, NeurIPS 2023)."""

    name: str = "cumulative"

    def key(self, candidate: Candidate) -> float:
        """Return the key of a goal; smaller comes first."""
        return candidate.cost

    def queue(self) -> Queue:
        """Return a new empty queue."""
        return _Keyed(self)


@dataclass(frozen=True, slots=True)
class Ageing:
    """Success probability with ageing, so that nothing starves (after Limperg and From, Aesop, CPP 2023)."""

    rate: float = 0.1
    """How much of a goal's negative log-probability is forgiven each time that another goal is taken."""
    name: str = "ageing"

    def queue(self) -> Queue:
        """Return a new empty queue."""
        return _Aged(self.rate)


class _Aged:
    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._frontier = Frontier()
        self._born: dict[int, int] = {}
        self._taken = 0

    def push(self, candidate: Candidate) -> None:
        # All goals age at one rate: a handicap for late arrival orders them as growing ages would, and never changes.
        born = self._born.setdefault(candidate.node, self._taken)
        self._frontier.push(candidate.node, candidate.cost + self._rate * born)

    def pop(self) -> int | None:
        self._taken += 1
        node = self._frontier.pop()
        if node is not None:
            self._born.pop(node, None)
        return node

    def discard(self, node: int) -> None:
        self._frontier.discard(node)
        self._born.pop(node, None)

    def __len__(self) -> int:
        return len(self._frontier)


@dataclass(frozen=True, slots=True)
class MultiQueue:
    """Takes turns between orders of exploration (multi-perspective search: MPS-Prover, 2025).

    There is a queue for each critic's estimate, one for the length-normalised log-probability, and one for the least
    depth. A goal of which a critic has said nothing yet is in the other queues only.
    """

    alpha: float = 0.5
    """As for `LengthNormalised`."""
    name: str = "multi-queue"

    def keys(self, candidate: Candidate) -> Sequence[float | None]:
        """Return one key for each queue, smaller comes first; None where the goal is not in it."""
        heuristic = candidate.cost / max(candidate.depth, 1) ** self.alpha
        return (*(None if s is None else -s for s in candidate.scores), heuristic, float(candidate.depth))

    def queue(self) -> Queue:
        """Return a new empty queue."""
        return _RoundRobin(self)


class _RoundRobin:
    def __init__(self, policy: MultiQueue) -> None:
        self._policy = policy
        self._frontiers: list[Frontier] = []
        self._turn = 0

    def push(self, candidate: Candidate) -> None:
        keys = self._policy.keys(candidate)
        # How many critics there are shows in the first goal.
        self._frontiers = self._frontiers or [Frontier() for _ in keys]
        for frontier, key in zip(self._frontiers, keys, strict=True):
            if key is not None:
                frontier.push(candidate.node, key)

    def pop(self) -> int | None:
        for _ in self._frontiers:
            node = self._frontiers[self._turn].pop()
            self._turn = (self._turn + 1) % len(self._frontiers)
            if node is not None:
                self.discard(node)
                return node
        return None

    def discard(self, node: int) -> None:
        for frontier in self._frontiers:
            frontier.discard(node)

    def __len__(self) -> int:
        # Every goal has a depth.
        return len(self._frontiers[-1]) if self._frontiers else 0
