"""Joining the answers of two independent solvers to one verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lemmata.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Opinion:
    """Two answers (`sat`, `unsat`, `unknown`, `error`) to one question; proved means unsat."""

    name: str
    first: str
    second: str
    detail: str = ""


def combine(opinions: Sequence[Opinion], *, require_both: bool) -> tuple[Verdict, str]:
    """Decide whether all conditions are unsatisfiable.

    Args:
        opinions: Z3's and cvc5's answers for each condition.
        require_both: an unknown of the second solver makes the verdict unknown.

    Returns:
        `proved`; `error` where the solvers contradict each other; otherwise `unknown`, with the reason.
    """
    for o in opinions:
        if {o.first, o.second} == {"sat", "unsat"}:
            return Verdict.ERROR, f"the solvers disagree on the {o.name}: z3 says {o.first}, cvc5 says {o.second}"
    for o in opinions:
        if o.first != "unsat":
            why = "does not hold" if o.first == "sat" else "is not decided"
            detail = " ".join(o.detail.split())[:300]
            return Verdict.UNKNOWN, f"the {o.name} {why}{': ' + detail if detail else ''}"
    if require_both:
        for o in opinions:
            if o.second != "unsat":
                return Verdict.UNKNOWN, f"cvc5 does not decide the {o.name}"
    return Verdict.PROVED, ""
