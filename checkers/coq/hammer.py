"""CoqHammer: which tactics need it, and what its searching tactics say should be written instead.

L. Czajka and C. Kaliszyk, "Hammer for Coq: automation for dependent type theory", JAR 61, 2018; the output format is
that of version 1.3.
"""

from __future__ import annotations

import re

from checkers.coq.tactics import uses_hammer

WHY_NOT = "CoqHammer is not installed, or cannot be loaded beside this file"

_SEARCHING = re.compile(r"(?<![\w'.])(?:hammer|best|sauto_best)(?![\w'])")
_INSTEAD = re.compile(
    r"^(?:Replace the hammer tactic with|Try this|Replace the `?best`? tactic with):\s*(.*?)\.?\s*$", re.M | re.S
)
_OPTION = re.compile(r"^(srun) ([a-z]\w*(?: [a-z]\w*)*?)(?= (?:use|unfold|inv|ctrs|db|brefl|ered|l|lq|q)\b[^:]*:|$)")


def needs(text: str) -> bool:
    """Say whether a step can only be run where CoqHammer is loaded."""
    return uses_hammer(text)


def searches(text: str) -> bool:
    """Say whether a step looks for a proof that is to be written down instead of it."""
    return _SEARCHING.search(text) is not None


def found(output: str) -> str:
    """Return what a searching tactic says should replace it, empty where it says nothing."""
    said = _INSTEAD.search(output)
    if said is None:
        return ""
    text = " ".join(said[1].split("\n\n")[0].split()).removesuffix(".")
    # It prints `srun eauto use: ...`, but the grammar wants parentheses around the tactic.
    return _OPTION.sub(r"\1 (\2)", text)


def setup(seconds: int, filtered: tuple[str, ...]) -> list[str]:
    """Return the sentences that set CoqHammer up, after it is loaded.

    Args:
        seconds: limit of each external prover; the step's own limit ends it all.
        filtered: libraries whose lemmas must not be used, because only CoqHammer loaded them.
    """
    return [
        f"Set Hammer ATPLimit {seconds}.",
        "Set Hammer ReconstrLimit 3.",
        *(f"Add Hammer Filter {library}." for library in filtered),
    ]
