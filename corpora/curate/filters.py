"""What is taken out of a data set, proof by proof, with the reason and a witness for each record."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from corpora.curate import trivial
from corpora.curate.benchmarks import Benchmarks
from corpora.curate.difficulty import Efforts, difficulty
from corpora.curate.lots import lot, share
from corpora.curate.proofs import Proof, head, identity, proofs, text
from corpora.curate.shingles import Near, Shingles, shingles
from corpora.stages.task import Record

COPY, DERIVED, DUPLICATE, NEAR = "benchmark theorem", "derived from a benchmark theorem", "duplicate", "near duplicate"
HEAD, FILE = "enough of this tactic", "enough of this file"
Source = Callable[[], Iterator[Record]]
"""Gives the records from the beginning, each time it is called."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is taken out."""

    seed: int = 0
    near: float = 0.8
    """Least overlap of two proofs that are near duplicates, above 0; above 1 keeps them all."""
    near_benchmark: float = 0.6
    """Least overlap of a statement that is reported, not removed, as a near copy of a benchmark theorem."""
    trivial_share: float = 0.1
    """Share of the steps closed by one automatic tactic that is kept, 0 to 1, so that ends of proofs are learnt too."""
    most_per_head: int | None = None
    """How many steps may begin with the same tactic."""
    most_per_file: int | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A record that is taken out."""

    record: str
    reason: str
    witness: str

    def to_json(self) -> dict[str, str]:
        """Return it as a line of `removed.jsonl`."""
        return {"record": self.record, "reason": self.reason, "witness": self.witness}


@dataclass(frozen=True, slots=True)
class NearCopy:
    """A theorem that is kept although it is much like one of a benchmark."""

    theorem: str
    benchmark: str
    overlap: float

    def to_json(self) -> dict[str, Any]:
        """Return it as a line of `near.jsonl`."""
        return {"theorem": self.theorem, "benchmark": self.benchmark, "overlap": round(self.overlap, 4)}


Found = Mapping[str, Any] | Removal | NearCopy
"""A record that is kept, or something to report."""


def curated(source: Source, settings: Settings, benchmarks: Benchmarks | None, efforts: Efforts) -> Iterator[Found]:
    """Yield what is kept of a data set and what is taken out, in the order of the data set.

    Args:
        source: the records; those of one theorem follow each other.
        settings: what is taken out.
        benchmarks: what the data set must not give away.
        efforts: what searches spent on theorems.
    """
    leaked = _leaked(source, benchmarks) if benchmarks else {}
    caps = _Caps.of(source, settings, benchmarks, leaked) if settings.most_per_head or settings.most_per_file else None
    for found in _filtered(source, settings, benchmarks, leaked):
        if isinstance(found, Removal | NearCopy):
            yield found
        elif caps is not None and (over := caps.over(found)):
            yield Removal(identity(found), *over)
        else:
            name = (text(found, "theorem") or text(found, "name")).rpartition(".")[2]
            steps = found.get("steps")
            effort = efforts.get((text(found, "system"), name))
            yield {**found, "difficulty": difficulty(steps if isinstance(steps, int) else 1, effort)}


def _leaked(source: Source, benchmarks: Benchmarks) -> dict[str, str]:
    """Return the theorems that a benchmark has, too: the title there for each name here."""
    found = {}
    for proof in proofs(source()):
        name = text(proof.records[0], "theorem") or text(proof.records[0], "name")
        if title := benchmarks.named(name) or benchmarks.copy(proof.system, proof.statement):
            found[proof.name] = title
            found[name] = title
    return found


def _filtered(
    source: Source, settings: Settings, benchmarks: Benchmarks | None, leaked: Mapping[str, str]
) -> Iterator[Found]:
    copies = _Copies(settings)
    for proof in proofs(source()):
        if title := leaked.get(proof.name):
            yield from _all(proof, COPY, title)
        elif benchmarks and (title := _origin(proof, benchmarks, leaked)):
            yield from _all(proof, DERIVED, title)
        elif near := copies.near(proof):
            yield from _all(proof, NEAR, near)
        else:
            if benchmarks and (like := benchmarks.near(proof.system, proof.statement)):
                yield NearCopy(proof.name, *like)
            yield from _steps(proof, copies, settings)


def _all(proof: Proof, reason: str, witness: str) -> Iterator[Removal]:
    return (Removal(identity(record), reason, witness) for record in proof.records)


def _origin(proof: Proof, benchmarks: Benchmarks, leaked: Mapping[str, str]) -> str:
    """Return the title of the benchmark theorem that a theorem was made from, or nothing."""
    origin = proof.records[0].get("origin")
    names = origin.get("from") if isinstance(origin, dict) else None
    above = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return next((title for name in above if (title := leaked.get(name) or benchmarks.named(name))), "")


def _steps(proof: Proof, copies: _Copies, settings: Settings) -> Iterator[Found]:
    for record in proof.records:
        name = identity(record)
        why = trivial.why(record)
        if why == trivial.NO_EFFECT or (why and share(settings.seed, "trivial", name) >= settings.trivial_share):
            yield Removal(name, why, text(record, "step"))
        elif first := copies.same(record, proof.name):
            yield Removal(name, DUPLICATE, first)
        else:
            yield record


class _Copies:
    """What has been seen of a data set."""

    def __init__(self, settings: Settings) -> None:
        self._seed = settings.seed
        self._near = Near(settings.near, settings.seed) if settings.near <= 1.0 else None
        self._last: tuple[str, Shingles] | None = None
        self._seen: dict[bytes, tuple[str, Any]] = {}

    def near(self, proof: Proof) -> str:
        """Return an earlier theorem with nearly the same statement and proof, with the overlap; keep it otherwise."""
        if self._near is None:
            return ""
        words = list(proof.root.words)
        for record in proof.records:
            words += (text(record, "step") or text(record, "proof")).split()
        found = shingles(words, self._seed)
        like = self._near.nearest(found)
        # The same theorem again is the rest of it, in a data set that was put into another order.
        if like is None or like[0] == proof.name:
            self._near.keep(proof.name, found)
            return ""
        return f"{like[0]} {like[1]:.3f}"

    def same(self, record: Record, theorem: str) -> str:
        """Return an earlier record with the same goal and step, or the same statement and proof; keep it otherwise."""
        parts = [text(record, name) for name in ("system", "goal", "step")]
        if not parts[1]:
            parts += [text(record, name) for name in ("statement", "proof")]
        plain = "\0".join(" ".join(part.split()) for part in parts).encode("utf-8", "replace")
        first = self._seen.setdefault(blake2b(plain, digest_size=12).digest(), (theorem, record.get("index")))
        if first == (theorem, record.get("index")):
            return ""
        return first[0] if first[1] is None else f"{first[0]}#{first[1]}"


@dataclass(slots=True)
class _Caps:
    """Which records stay where there are too many of a kind: those with the lowest lots."""

    seed: int
    heads: dict[str, int] = field(default_factory=dict)
    """The highest lot that stays, for tactics of which there are too many."""
    files: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, settings: Settings, benchmarks: Benchmarks | None, leaked: Mapping[str, str]) -> _Caps:
        """Find out what stays, from all that nothing else takes out."""
        caps = cls(settings.seed)
        if settings.most_per_head:
            kept = _filtered(source, settings, benchmarks, leaked)
            caps.heads = caps._highest(kept, settings.most_per_head, _head)
        if settings.most_per_file:
            kept = (
                found
                for found in _filtered(source, settings, benchmarks, leaked)
                if not isinstance(found, Removal | NearCopy) and not caps.over(found)
            )
            caps.files = caps._highest(kept, settings.most_per_file, _file)
        return caps

    def _highest(self, kept: Iterator[Found], most: int, kind: Callable[[Record], str]) -> dict[str, int]:
        lowest: dict[str, list[int]] = defaultdict(list)
        full: dict[str, int] = {}
        for found in kept:
            if isinstance(found, Removal | NearCopy) or not (name := kind(found)):
                continue
            mine = -lot(self.seed, identity(found))
            if len(lowest[name]) < most:
                heapq.heappush(lowest[name], mine)
            else:
                heapq.heappushpop(lowest[name], mine)
                full[name] = 0
        return {name: -lowest[name][0] for name in full}

    def over(self, record: Record) -> tuple[str, str] | None:
        """Return the reason and the kind of which there is enough without a record."""
        mine = lot(self.seed, identity(record))
        for kinds, name, reason in ((self.heads, _head(record), HEAD), (self.files, _file(record), FILE)):
            if name in kinds and mine > kinds[name]:
                return reason, name
        return None


def _head(record: Record) -> str:
    return head(text(record, "step"))


def _file(record: Record) -> str:
    return "/".join(part for part in (text(record, "package"), text(record, "file")) if part)
