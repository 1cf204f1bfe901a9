"""What the side that is trained on gives away of the side that is kept back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from corpora.curate.proofs import Proof, proofs, text
from corpora.split.assigning import premises
from corpora.split.settings import SPLITS, TEST, TRAIN, VALIDATION
from corpora.stages.task import Record
from lemmata.workflow.table import cell

SCHEMA = "lemmata.leakage/1"
_EXAMPLES = 10
_SHORTEST = 2
"""Steps that a proof must have to be called the same as another: `auto` alone is no coincidence."""
KINDS = {
    "statement": "theorems with the same statement, up to renaming, as one that is trained on",
    "origin": "theorems from which one that is trained on was made",
    "proof": f"proofs of {_SHORTEST} steps or more with the same steps as one that is trained on",
    "goal": "records with a goal that is trained on, too",
}


@dataclass(slots=True)
class _Trained:
    """What is trained on; texts are kept as hashes."""

    statements: dict[bytes, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    proofs: dict[bytes, str] = field(default_factory=dict)
    goals: dict[bytes, str] = field(default_factory=dict)
    premises: set[str] = field(default_factory=set)

    def add(self, proof: Proof) -> None:
        self.statements.setdefault(_hash(proof.root.key), proof.name)
        origin = proof.records[0].get("origin")
        above = origin.get("from") if isinstance(origin, dict) else None
        for name in above if isinstance(above, list) else ():
            if isinstance(name, str):
                self.origins.setdefault(name, proof.name)
        if len(proof.records) >= _SHORTEST:
            self.proofs.setdefault(_steps(proof), proof.name)
        for record in proof.records:
            self.goals.setdefault(_hash(text(record, "goal")), proof.name)
            self.premises.update(premises(record))


@dataclass(slots=True)
class _Kept:
    """What is counted of one of the sides that are kept back."""

    theorems: int = 0
    records: int = 0
    found: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    premises: set[str] = field(default_factory=set)
    novel: int = 0
    """Proofs with a premise that is not trained on."""

    def add(self, proof: Proof, trained: _Trained) -> None:
        self.theorems += 1
        self.records += len(proof.records)
        self._note("statement", proof, trained.statements.get(_hash(proof.root.key)))
        self._note("origin", proof, trained.origins.get(text(proof.records[0], "theorem")))
        if len(proof.records) >= _SHORTEST:
            self._note("proof", proof, trained.proofs.get(_steps(proof)))
        used: set[str] = set()
        for record in proof.records:
            if text(record, "goal"):
                self._note("goal", proof, trained.goals.get(_hash(text(record, "goal"))))
            used.update(premises(record))
        self.premises |= used
        self.novel += not used <= trained.premises

    def _note(self, kind: str, proof: Proof, witness: str | None) -> None:
        if witness is None:
            return
        self.found[kind] += 1
        if len(self.examples[kind]) < _EXAMPLES:
            self.examples[kind].append({"kept": proof.name, "trained": witness})

    def to_json(self, trained: _Trained) -> dict[str, Any]:
        known = len(self.premises & trained.premises)
        return {
            "theorems": self.theorems,
            "records": self.records,
            "leaks": {kind: {"count": self.found[kind], "examples": self.examples[kind]} for kind in KINDS},
            "premises": {"used": len(self.premises), "also_trained": known},
            "proofs_with_a_novel_premise": self.novel,
        }


def report(source: Iterable[Record], again: Iterable[Record]) -> dict[str, Any]:
    """Return what leaks.

    Args:
        source: the records with their `split`.
        again: the same from the beginning; what is trained on must be known first.
    """
    trained = _Trained()
    theorems = records = 0
    for proof in proofs(source):
        if text(proof.records[0], "split") == TRAIN:
            trained.add(proof)
            theorems += 1
            records += len(proof.records)
    kept = {name: _Kept() for name in SPLITS if name != TRAIN}
    for proof in proofs(again):
        if (side := kept.get(text(proof.records[0], "split"))) is not None:
            side.add(proof, trained)
    sides = {name: side.to_json(trained) for name, side in kept.items()}
    return {"schema": SCHEMA, TRAIN: {"theorems": theorems, "records": records}, **sides}


def markdown(found: Mapping[str, Any]) -> str:
    """Return the report for people to read."""
    lines = ["# Leakage", "", "| | train | validation | test |", "|---|---:|---:|---:|"]
    sides = [found[VALIDATION], found[TEST]]
    for what in ("theorems", "records"):
        lines.append(f"| {what} | " + " | ".join(f"{found[name][what]:,}" for name in SPLITS) + " |")
    for kind, meaning in KINDS.items():
        lines.append(f"| {meaning} | | " + " | ".join(f"{side['leaks'][kind]['count']:,}" for side in sides) + " |")
    rows = {
        "premises used": [side["premises"]["used"] for side in sides],
        "of these also used in training": [side["premises"]["also_trained"] for side in sides],
        "proofs with a premise never used in training": [side["proofs_with_a_novel_premise"] for side in sides],
    }
    lines += [f"| {what} | | {numbers[0]:,} | {numbers[1]:,} |" for what, numbers in rows.items()]
    for name, side in ((VALIDATION, found[VALIDATION]), (TEST, found[TEST])):
        for kind, meaning in KINDS.items():
            if examples := side["leaks"][kind]["examples"]:
                lines += ["", f"## {name}: {meaning}", "", "| kept back | trained on |", "|---|---|"]
                lines += [f"| {cell(pair['kept'])} | {cell(pair['trained'])} |" for pair in examples]
    return "\n".join(lines) + "\n"


def _steps(proof: Proof) -> bytes:
    return _hash("\0".join(" ".join(text(record, "step").split()) for record in proof.records))


def _hash(what: str) -> bytes:
    return blake2b(what.encode("utf-8", "replace"), digest_size=12).digest()
