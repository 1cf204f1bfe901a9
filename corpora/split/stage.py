"""`lemmata corpus split` as a stage: the records with their `split`, and a report of what leaks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from corpora.curate.plan import Plan, source
from corpora.curate.proofs import proofs
from corpora.split import leakage
from corpora.split.assigning import census, split_of
from corpora.split.settings import Shares, Strategy
from corpora.stages import inputs, lines, writing
from corpora.stages.run import Stage
from corpora.stages.task import Part, Record, Task

_ABOUT = (
    "Records with `split`: train, validation or test; all records of a theorem are on one side. `leakage.md` and "
    "`leakage.json` say what the side that is trained on gives away of the others."
)


def splitting(
    datasets: Sequence[Path],
    strategy: Strategy = Strategy.RANDOM,
    shares: Shares = Shares(),  # noqa: B008 - immutable
    seed: int = 0,
    format: str = "jsonl",  # noqa: A002
) -> Plan:
    """Return the stage.

    Args:
        datasets: the records; those of one theorem follow each other.
        strategy: what stays together.
        shares: of the theorems that are kept back.
        seed: of the lots.
        format: of the data file.
    """
    stage = Stage(
        name="split",
        settings={"by": strategy.value, **dataclasses.asdict(shares)},
        inputs=inputs.digests(datasets),
        seed=seed,
        format=format,
        about=_ABOUT,
    )
    again = source(datasets)

    def work(_: Task) -> Part:
        kept_back = census(proofs(again()), strategy, seed).assigned(shares)
        rows = (
            {**record, "split": split_of(proof.name, kept_back)}
            for proof in proofs(again())
            for record in proof.records
        )
        return Part(rows)

    def write(records: Iterator[Record], folder: Path) -> Sequence[str]:
        names = writing.writer(format)(records, folder)
        paths = [folder / name for name in names]
        found = leakage.report(source(paths)(), source(paths)())
        lines.text(folder / "leakage.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        lines.text(folder / "leakage.md", leakage.markdown(found))
        return (*names, "leakage.json", "leakage.md")

    return Plan(stage, [Task("all")], work, None, write)
