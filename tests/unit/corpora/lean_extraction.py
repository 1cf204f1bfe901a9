"""What the tests of Lean's records share."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from corpora.extract import lean
from corpora.extract.lean import Maker
from corpora.records import step_record
from corpora.stages.task import Failure, Part
from provers.neural.training.records import step_record as trained_on

MIT = (
    "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"
    'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY\n'
)


def done(targets: list[Path], seconds: float = 20.0, maker: Maker | None = None) -> Part:
    """Do all the tasks of some targets, one after the other."""
    _, tasks, work = lean.plan(targets, maker, seconds, "jsonl")
    counts: Counter[str] = Counter()
    found: list[dict[str, Any]] = []
    failures: list[Failure] = []
    for task in tasks:
        part = work(task)
        if not isinstance(part, Part):
            part = asyncio.run(part)  # type: ignore[arg-type]
        # Both are added to while the records are read.
        found += [dict(record) for record in part.records]
        counts.update(part.counts)
        failures += part.failures
    for record in found:
        assert step_record(record).to_json() == record
        assert trained_on(record).step == record["step"]
    return Part(found, counts, failures)
