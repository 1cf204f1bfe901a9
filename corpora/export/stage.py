"""`lemmata corpus export` as a stage: a folder in the format that a trainer reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from corpora.curate.lots import share
from corpora.curate.plan import Plan, source
from corpora.curate.proofs import proofs, text
from corpora.export import folder, reprover, rows, searches
from corpora.export.rows import Row
from corpora.fstar import exporting as exporting_fstar
from corpora.split.settings import SPLITS, TEST, TRAIN, VALIDATION, Shares
from corpora.stages import inputs, lines
from corpora.stages.run import Stage
from corpora.stages.task import Part, Record, Task
from lemmata.errors import UsageError
from provers.critics.examples import stored

_MOST_SEARCHES = 1_000_000


class Target(StrEnum):
    """A format."""

    STEPS = "steps"
    """The records themselves, for `lemmata train prover` and everyone else."""
    CHAT = "chat"
    """Chats that end with a step, for supervised fine-tuning."""
    REPROVER = "reprover"
    """LeanDojo's benchmark format."""
    PREFERENCES = "preferences"
    """Steps that led to a proof and steps refused on the same goal, for DPO; needs a store."""
    VALUES = "values"
    """Goals with how likely they are provable, for `lemmata train critic`."""
    PAIRS = "pairs"
    """Goals with premises, or programs with invariants, right and wrong ones, for `lemmata train ranker`."""
    FSTAR = "fstar"
    """The F* data set's format, of records that were extracted from it."""


_ABOUT = {
    Target.STEPS: "Steps of proofs: `lemmata train prover FOLDER/train-00000.parquet` reads them.",
    Target.CHAT: "Chats that end with a step of a proof, for supervised fine-tuning.",
    Target.REPROVER: "Theorems with their tactics as LeanDojo writes them; places are those of first and last steps.",
    Target.PREFERENCES: "A step that led to a proof and one that the checker refused, on the same goal.",
    Target.VALUES: "Goals with the logarithm of the probability that they are provable.",
    Target.PAIRS: "Problems with candidates, right and wrong ones.",
    Target.FSTAR: "Definitions in F* as the harness of the F* data set checks them.",
}
_OF_RECORDS: dict[Target, Callable[[Record], Iterator[Row]]] = {
    Target.STEPS: rows.steps,
    Target.CHAT: rows.chat,
    Target.VALUES: rows.values,
}
_OF_SEARCHES: dict[Target, Callable[[searches.Search, int], Iterator[Row]]] = {
    Target.PREFERENCES: searches.preferences,
    Target.VALUES: lambda search, _: searches.values(search),
    Target.PAIRS: lambda search, _: searches.pairs(search),
}


def exporting(target: Target, datasets: Sequence[Path], seed: int = 0) -> Plan:
    """Return the stage for records; each is in the split that it names, and else trained on.

    Args:
        target: the format.
        datasets: the records; those of one theorem follow each other.
        seed: of the lots that choose wrong premises.

    Raises:
        UsageError: the format is not made of records.
    """
    again = source(datasets)
    if target is Target.REPROVER:
        return _reprover(datasets)
    if target is Target.FSTAR:
        stage = _stage(target, inputs.digests(datasets), 0)
        return Plan(stage, [Task("all")], lambda _: Part(exporting_fstar.rows(again())), None, exporting_fstar.write)
    if target is Target.PREFERENCES:
        raise UsageError(
            "preferences are made of what searches tried", hint="say --store .lemmata/store.db, for example"
        )

    def work(_: Task) -> Part:
        make = _OF_RECORDS.get(target) or rows.pairs(rows.statements(again()), seed)
        return Part({"split": _split(record), **row} for record in again() for row in make(record))

    return Plan(_stage(target, inputs.digests(datasets), seed), [Task("all")], work, None, folder.write)


def exporting_searches(target: Target, store: Path, shares: Shares = Shares(), seed: int = 0) -> Plan:  # noqa: B008 - immutable
    """Return the stage for the searches of a store, which are put into splits by the theorem's name.

    Args:
        target: the format.
        store: of earlier runs.
        shares: of the theorems that are kept back.
        seed: of all lots.

    Raises:
        UsageError: the format is not made of searches.
        StoreError: there is no store.
    """
    make = _OF_SEARCHES.get(target)
    if make is None:
        raise UsageError(f"{target.value} are not made of searches", hint="name a data set instead of a store")

    def work(_: Task) -> Part:
        # The newest come first in a store.
        return Part(
            {"split": _drawn(searches.theorem(search[2]) or search[1], shares, seed), **row}
            for search in stored(store, _MOST_SEARCHES)
            for row in make(search, seed)
        )

    found = {"1 store": lines.digest(store)}
    stage = _stage(target, found, seed)
    stage = dataclasses.replace(stage, settings={**stage.settings, **dataclasses.asdict(shares)})
    return Plan(stage, [Task("all")], work, None, folder.write)


def _reprover(datasets: Sequence[Path]) -> Plan:
    again = source(datasets)
    order = {split: place for place, split in enumerate(SPLITS)}

    def work(_: Task) -> Part:
        corpus = reprover.Corpus.of(again(), again())
        # A pass for each split, as its file is one list.
        return Part(
            {"split": split, "theorem": reprover.theorem(proof, corpus)}
            for split in sorted(order, key=lambda name: order[name])
            for proof in proofs(again())
            if _split(proof.records[0]) == split
        )

    def write(found: Iterator[Record], out: Path) -> Sequence[str]:
        corpus = reprover.Corpus.of(again(), again())
        return reprover.write(((text(row, "split"), row["theorem"]) for row in found), corpus, out)

    return Plan(_stage(Target.REPROVER, inputs.digests(datasets), 0), [Task("all")], work, None, write)


def _stage(target: Target, digests: dict[str, str], seed: int) -> Stage:
    return Stage(
        name="export", settings={"to": target.value}, inputs=digests, seed=seed, format="parquet", about=_ABOUT[target]
    )


def _split(record: Record) -> str:
    found = text(record, "split")
    return found if found in SPLITS else TRAIN


def _drawn(name: str, shares: Shares, seed: int) -> str:
    at = share(seed, "split", name)
    return TEST if at < shares.test else VALIDATION if at < shares.test + shares.validation else TRAIN
