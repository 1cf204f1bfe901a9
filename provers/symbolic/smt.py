"""A prover for SMT goals: the solvers themselves, in the settings that most often help."""

from __future__ import annotations

from collections.abc import Sequence

from lemmata.goal import GoalView
from lemmata.step import Proposal, Step

_PORTFOLIO = (
    ("auto", 0.0),
    ("cvc5", -0.5),
    ("z3:smt.arith.solver=2", -1.0),
    ("z3:smt.random_seed=7", -1.5),
    ("z3:tactic=smt", -2.0),
    ("z3:smt.mbqi=false smt.auto_config=false", -2.5),
    ("z3:smt.case_split=3 smt.relevancy=0", -3.0),
)
_NONLINEAR = ("z3:tactic=qfnra-nlsat", -0.8)


class SmtProver:
    """Proposes to ask Z3 as it is first, then cvc5, then Z3 with other settings."""

    name = "smt-portfolio"
    systems = ("smt",)

    async def propose(self, goals: Sequence[GoalView], n: int) -> list[list[Proposal]]:
        """Propose what was not tried on each goal."""
        return [self._propose(view)[:n] for view in goals]

    async def close(self) -> None:
        """There is nothing to release."""

    def _propose(self, view: GoalView) -> list[Proposal]:
        if view.goal.system != "smt":
            return []
        portfolio = [*_PORTFOLIO]
        if "NRA" in str(view.context.get("logic", "")):
            portfolio.insert(1, _NONLINEAR)
        tried = set(view.tried)
        proposals = [Proposal(Step(text), likely, self.name) for text, likely in portfolio]
        return [p for p in proposals if p.step.key not in tried]
