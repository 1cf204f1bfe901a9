"""Which conjectures a conjecturer should learn from, and how much each of them counts.

The criteria are those of K. Dong and T. Ma, "STP: Self-play LLM Theorem Provers with Iterative Conjecturing and
Proving", ICML 2025: a conjecture teaches most when it is barely provable, elegant, makes use of what it was made from,
and is like what cannot be proved yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

BARELY = 0.25
"""The share of attempts that may succeed where a conjecture is barely provable."""
DULL = 0.2
"""The share of conjectures that are dropped as the least elegant."""


def barely_provable(pass_rate: float, most: float = BARELY) -> bool:
    """Say whether a conjecture is proved now and then, but not too often.

    Args:
        pass_rate: the share of attempts that succeeded; see `pass_rates` for a search that makes only one.
        most: the greatest share that still counts.
    """
    return 0.0 < pass_rate <= most


def pass_rates(efforts: Sequence[int]) -> list[float]:
    """Return what stands for the share of attempts that succeed where a search makes one attempt at each conjecture.

    That is the share of the proved conjectures that took at least as much effort: the hardest quarter has 0.25 or less.

    Args:
        efforts: goals that the search looked at, for each conjecture.
    """
    return [sum(other >= effort for other in efforts) / len(efforts) for effort in efforts]


def elegance(statement: str, proof: str) -> float:
    """Return the length of the shortest known proof over that of the statement.

    A long statement with a short proof says little in many words.
    """
    return len(proof) / max(len(statement), 1)


def elegant(scores: Sequence[float], share: float = DULL) -> list[bool]:
    """Return for each score whether it is above the lowest ones, of which there is such a share."""
    dropped = set(sorted(range(len(scores)), key=lambda number: (scores[number], number))[: int(share * len(scores))])
    return [number not in dropped for number in range(len(scores))]


def uses(steps: Collection[str], lemma: str) -> bool:
    """Say whether a proof names a lemma; what it was made from should not be beside the point."""
    last = lemma.rpartition(".")[2]
    return any(last in step.replace(".", " ").replace(",", " ").replace(")", " ").split() for step in steps)


def weights(conjectures: Sequence[Collection[str]], unproved: Sequence[Collection[str]]) -> list[float]:
    """Return weights that bring the proved conjectures as near as can be to the statements that are still unproved.

    Among all weightings, giving each unproved statement's share to the conjecture nearest to it has the least
    Wasserstein distance from the unproved statements. Nearness is the overlap of symbols (Jaccard), where the paper
    takes a model's embeddings.

    Args:
        conjectures: the symbols of each.
        unproved: likewise.

    Returns:
        A weight for each conjecture, all together 1; equal ones where nothing is unproved.
    """
    if not conjectures:
        return []
    if not unproved:
        return [1 / len(conjectures)] * len(conjectures)
    found = [0.0] * len(conjectures)
    sets = [frozenset(symbols) for symbols in conjectures]
    for wanted in map(frozenset, unproved):
        overlaps = [len(own & wanted) / max(len(own | wanted), 1) for own in sets]
        found[overlaps.index(max(overlaps))] += 1 / len(unproved)
    return found
