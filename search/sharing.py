"""How the checking is shared among provers: by what their steps have come to so far (UCB1, Auer et al., 2002)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from search.state import ProverStats

_FLOOR = -3.0
"""No prover is put further behind than this, in nats: what has not worked yet may still work on another goal."""


class Sharing:
    """A bandit over provers; an arm's reward is that the checker accepts a step.

    Args:
        provers: what each prover's steps came to; looked at whenever it is asked.
        weight: how much it counts; 0 leaves the order to the provers' own estimates.
    """

    def __init__(self, provers: Mapping[str, ProverStats], weight: float) -> None:
        self._provers = provers
        self._weight = weight

    def bonus(self, name: str) -> float:
        """Return what to add to the log-probability of a prover's proposals, in nats: 0 for the best."""
        if not self._weight or name not in self._provers or len(self._provers) < 2:
            return 0.0
        total = sum(stats.tries for stats in self._provers.values())
        best = max(_promise(stats, total) for stats in self._provers.values())
        return self._weight * max(math.log(_promise(self._provers[name], total) / best), _FLOOR)


def _promise(stats: ProverStats, total: int) -> float:
    """Return an upper bound of how likely a prover's next step is to be accepted; the less is known, the higher."""
    rate = (stats.accepted + 1) / (stats.tries + 2)
    return min(rate + math.sqrt(math.log(total + 1) / (2 * (stats.tries + 1))), 1.0)
