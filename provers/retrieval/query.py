"""A goal as a query: its words with their weights, without the names that mean something in it only."""

from __future__ import annotations

from lemmata.goal import GoalView
from provers.retrieval.tokens import weighted

_CONCLUSION, _HYPOTHESIS = 1.0, 0.4
_MOST_HYPOTHESES = 24


def query(view: GoalView) -> dict[str, float]:
    """Return the words of a goal: the conclusion's count in full, the hypotheses' less, the latest ones' only."""
    goal = view.goal
    details = goal.details
    above = [(h.name, h.text) for h in goal.hypotheses]
    conclusion = goal.conclusion
    if goal.system == "coq":
        # Coq's lemmas are told without notations, so goals have to be compared without them too.
        conclusion = str(details.get("plain") or conclusion)
        pairs = details.get("hypotheses", ())
        above = [(str(p[0]), str(p[1])) for p in pairs if len(p) == 2] or above
    elif goal.system == "fstar":
        conclusion = str(details.get("result") or conclusion)
        pairs = details.get("parameters", ())
        above = [(str(p[0]), str(p[1])) for p in pairs if len(p) >= 2] or above
    local = frozenset(name for name, _ in above)
    texts = [(conclusion, _CONCLUSION), *((text, _HYPOTHESIS) for _, text in above[-_MOST_HYPOTHESES:])]
    return weighted(texts, local)
