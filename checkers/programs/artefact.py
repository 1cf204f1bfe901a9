"""The final artefact of a program proof: the invariant of each loop, as JSON text that people can read and edit."""

from __future__ import annotations

import json
from collections.abc import Sequence

from lemmata.errors import InputError
from lemmata.step import Part, Step
from lemmata.strict_json import parse

FORMAT = "lemmata.invariants/1"


def write_artefact(function: str, steps: Sequence[Step]) -> str:
    """Write the invariants that the steps of a proof make up; the same steps always give the same text."""
    parts = sorted({p for step in steps for p in step.parts})
    loops: dict[str, list[dict[str, str]]] = {}
    for part in parts:
        loops.setdefault(part.label, []).append({"clause": part.text, "language": part.language})
    return json.dumps({"format": FORMAT, "function": function, "invariants": loops}, indent=1, sort_keys=True) + "\n"


def read_artefact(text: str) -> dict[str, list[Part]]:
    """Read invariants by loop; raise `InputError` on anything that `write_artefact` would not write."""
    try:
        data = parse(text)
    except ValueError as error:
        raise InputError(f"the artefact is not JSON: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("invariants"), dict):
        raise InputError(f"the artefact is not of the format {FORMAT}")
    found: dict[str, list[Part]] = {}
    for loop, clauses in data["invariants"].items():
        if not isinstance(clauses, list):
            raise InputError("the artefact's clauses are malformed")
        for clause in clauses:
            if not isinstance(clause, dict) or not all(isinstance(clause.get(k), str) for k in ("clause", "language")):
                raise InputError("the artefact's clauses are malformed")
            found.setdefault(loop, []).append(Part(loop, clause["clause"], clause["language"]))
    return found
