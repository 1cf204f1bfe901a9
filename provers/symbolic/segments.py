"""A prover of quantified clauses: what holds of all elements in a segment of an array, learned from sampled states.

Segments lie between the loop's counters, their bounds and 0, as in P. Cousot, R. Cousot and F. Logozzo, "A Parametric
Segmentation Functor for Fully Automatic and Scalable Array Content Analysis" (POPL 2011); what holds in them is learned
from the elements seen there, like relations between variables are.
"""

from __future__ import annotations

from lemmata.logic.terms import Term
from lemmata.logic.transition import TransitionSystem
from provers.symbolic import elements
from provers.symbolic.learning import LearningProver, Pools
from provers.symbolic.samples import collect
from provers.symbolic.views import Problem

_BUDGETS = ((0.5, 300_000), (2.0, 1_500_000))
"""Seconds and iterations of sampling, each time that a goal is asked for."""


class SegmentsProver(LearningProver):
    """Proposes what held of array elements, and of single cells, in every state that was seen."""

    name = "segments"
    sizes = (40, 120)
    log_probabilities = (-0.2, -0.8)
    for_each = True
    conditional = False
    """Whether to look at what holds under the program's conditions, too."""

    def wants(self, problem: Problem) -> bool:
        """Say whether there are arrays of mathematical integers."""
        return problem.system.has_arrays and not problem.machine

    def learn(self, system: TransitionSystem, look: int) -> Pools:
        """Return equations and the bounds of counters, then what may hold besides."""
        return learn(system, _BUDGETS[look], self._seed + look, conditional=self.conditional)


class SegmentCasesProver(SegmentsProver):
    """Proposes the same, and what held of the elements for which a comparison of the program is true."""

    name = "segment-cases"
    conditional = True


def learn(system: TransitionSystem, budget: tuple[float, int], seed: int, *, conditional: bool) -> Pools:
    """Return two pools of clauses by loop: equations and the bounds of counters, then what may hold besides.

    Args:
        system: the program.
        budget: seconds and iterations of sampling.
        seed: of the random inputs.
        conditional: whether to look at what holds under conditions, too, which takes longer.
    """
    states = collect(system, *budget, seed)
    first: dict[str, list[Term]] = {}
    second: dict[str, list[Term]] = {}
    for cut in system.loops:
        if states[cut.name]:
            seen = elements.Observed(system, cut, states[cut.name])
            plain = [*cut.facts, *seen.scalar_clauses()]
            exact, loose = seen.element_clauses(conditional=conditional)
            first[cut.name] = [*plain, *exact]
            second[cut.name] = [*plain, *exact, *seen.cell_conditions(), *loose]
    return first, second
