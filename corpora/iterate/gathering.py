"""What the searches of some rounds teach together: one proof of each problem, and what was refused on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora.curate.benchmarks import Benchmarks
from corpora.curate.proofs import Proof, text
from corpora.stages import inputs, lines
from lemmata.verdict import Verdict

STEPS, REJECTED, VALUES, PROOFS = "steps.jsonl", "rejected.jsonl", "values.jsonl", "proofs.jsonl"
FILES = (STEPS, REJECTED, VALUES, PROOFS)


@dataclass(slots=True)
class Gathered:
    """What there is after a round."""

    counts: Counter[str] = field(default_factory=Counter)
    """Of the round's own search."""
    verdicts: Counter[str] = field(default_factory=Counter)


def gather(searches: Sequence[Path], held_back: Benchmarks | None, out: Path) -> Gathered:
    """Write what is to be learnt into a round's folder.

    `steps.jsonl`, `rejected.jsonl` and `values.jsonl` are what the round's own search gave; `proofs.jsonl` has the
    shortest proof of each problem that was found in any round so far.

    Args:
        searches: folders of the searches of all rounds so far, the round's own last; all of the same problems.
        held_back: theorems of which nothing may be learnt.
        out: the round's folder.
    """
    found = Gathered()
    best: dict[str, Sequence[Mapping[str, Any]]] = {}
    proved: set[str] = set()
    for number, search in enumerate(searches, 1):
        last = number == len(searches)
        for record in _records(search):
            name = record["problem"]
            if last:
                found.verdicts[record["verdict"]] += 1
            if record["verdict"] == Verdict.PROVED.value:
                found.counts["newly proved"] += last and name not in proved
                proved.add(name)
            if _learnable(record, held_back):
                steps = record["steps"]
                if steps and (name not in best or len(steps) < len(best[name])):
                    best[name] = steps
            elif last:
                found.counts["problems held back"] += 1
    found.counts["proved so far"] = len(proved)
    own = searches[-1]
    for file, member in ((STEPS, "steps"), (REJECTED, "rejected"), (VALUES, "values")):
        found.counts[member], _ = lines.write(out / file, _members(own, member, held_back))
    # In the order of the problems, whatever round a proof is from.
    names = [record["problem"] for record in _records(own)]
    lines.write(out / PROOFS, (step for name in names for step in best.get(name, ())))
    return found


def _records(search: Path) -> Iterator[dict[str, Any]]:
    return (record for _, record in inputs.records(search))


def _members(search: Path, member: str, held_back: Benchmarks | None) -> Iterator[Mapping[str, Any]]:
    for record in _records(search):
        if _learnable(record, held_back):
            for row in record[member]:
                # Searches call a theorem by its short name, which others may have, too.
                yield {**row, "theorem": record["theorem"]} if member == "rejected" else row


def _learnable(record: Mapping[str, Any], held_back: Benchmarks | None) -> bool:
    """Say whether a problem is none of those that must not be given away."""
    if held_back is None:
        return True
    said = Proof(record["problem"], [record]).statement
    return not (held_back.named(record["theorem"]) or held_back.copy(text(record, "system"), said))
