"""Which theorem goes where: drawn by hashing, so that a seed says all."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from corpora.curate.lots import lot
from corpora.curate.proofs import Proof, text
from corpora.split.settings import TEST, TRAIN, VALIDATION, Shares, Strategy
from lemmata.errors import UsageError


class Census:
    """What must be known of each theorem of a data set before any can be put somewhere.

    Args:
        strategy: what stays together.
        seed: of the lots.
    """

    def __init__(self, strategy: Strategy, seed: int) -> None:
        self._strategy, self._seed = strategy, seed
        self._units: dict[str, dict[str, None]] = defaultdict(dict)
        self._premises: dict[str, set[str]] = defaultdict(set)

    def add(self, proof: Proof) -> None:
        """Take note of a theorem."""
        self._units[self._unit(proof)][proof.name] = None
        if self._strategy is Strategy.NOVEL_PREMISES:
            for record in proof.records:
                for premise in premises(record):
                    self._premises[premise].add(proof.name)

    def assigned(self, shares: Shares) -> dict[str, str]:
        """Return for each theorem that is kept back whether it is for validation or test.

        Raises:
            UsageError: nothing would be left to train on, or nothing can be kept back.
        """
        names = [name for unit in self._units.values() for name in unit]
        wanted = {TEST: math.ceil(shares.test * len(names)), VALIDATION: math.ceil(shares.validation * len(names))}
        if self._strategy is Strategy.NOVEL_PREMISES:
            return self._novel(wanted)
        order = sorted(self._units, key=lambda unit: (lot(self._seed, "split", unit), unit))
        found: dict[str, str] = {}
        for split, count in wanted.items():
            taken = 0
            while taken < count and order:
                unit = self._units[order.pop(0)]
                taken += len(unit)
                found.update(dict.fromkeys(unit, split))
        if not order:
            raise self._nothing(len(self._units))
        return found

    def _novel(self, wanted: Mapping[str, int]) -> dict[str, str]:
        """Keep back all that uses the rarest premises, as LeanDojo's own split does."""
        aside: dict[str, None] = {}
        rarest = sorted(self._premises, key=lambda p: (len(self._premises[p]), lot(self._seed, "premise", p), p))
        for premise in rarest:
            if len(aside) >= sum(wanted.values()):
                break
            aside.update(dict.fromkeys(sorted(self._premises[premise])))
        if sum(wanted.values()) and not aside:
            raise UsageError("no record names a premise", hint="choose another --by")
        if len(aside) == sum(len(unit) for unit in self._units.values()):
            raise self._nothing(1)
        order = sorted(aside, key=lambda name: (lot(self._seed, "split", name), name))
        # What is kept back beyond the shares is divided as they are.
        tests = math.ceil(len(order) * wanted[TEST] / max(sum(wanted.values()), 1))
        return {name: TEST if place < tests else VALIDATION for place, name in enumerate(order)}

    def _unit(self, proof: Proof) -> str:
        first = proof.records[0]
        match self._strategy:
            case Strategy.FILE:
                return f"{text(first, 'package')}/{text(first, 'file')}"
            case Strategy.PACKAGE:
                return text(first, "package")
            case Strategy.NOVEL_PREMISES:
                return proof.name
            case Strategy.RANDOM:
                return proof.root.key if text(first, "statement") else proof.name

    def _nothing(self, units: int) -> UsageError:
        what = f"with {units} to choose from by {self._strategy.value}, nothing would be left to train on"
        return UsageError(what, hint="keep smaller shares back, choose another --by, or take more data")


def premises(record: Mapping[str, object]) -> Sequence[str]:
    """Return the names of the premises that a record's step uses."""
    found = record.get("premises")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def census(proofs: Iterable[Proof], strategy: Strategy, seed: int) -> Census:
    """Take note of all theorems of a data set."""
    found = Census(strategy, seed)
    for proof in proofs:
        found.add(proof)
    return found


def split_of(name: str, kept_back: Mapping[str, str]) -> str:
    """Return which split a theorem is in."""
    return kept_back.get(name, TRAIN)
