"""Step records from Lean: files replayed by the REPL, repositories traced by LeanDojo, and its exported data sets."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from checkers.lean import installation, setup
from checkers.lean.installation import Installation
from checkers.lean.project import project
from checkers.lean.repl import Launch
from checkers.process import Supervisor
from corpora.extract import elements
from corpora.lean import benchmark, replay, sources, traces
from corpora.lean.benchmark import Exported
from corpora.lean.sources import Source
from corpora.lean.steps import records
from corpora.stages import lines
from corpora.stages.run import Stage, Work
from corpora.stages.task import Failure, Part, Task
from lemmata.errors import InputError, Location, UsageError
from lemmata.goal import digest
from lemmata.verdict import Limits

SECONDS = 1800.0
"""How long the replay of a file may take unless something else is asked for."""
LIMITS = Limits(memory_bytes=8 << 30, file_bytes=64 << 20)
"""What the process that replays a file may use."""
_REPLAYED = (
    "Each record is one tactic of a proof that people wrote in Lean: the goal before it, the tactic, the goals that it "
    "left, and the full names of what it names. Every tactic was taken again by Lean on its own."
)
_TRACED = (
    "Each record is one tactic of a proof that people wrote in Lean, as LeanDojo traced it: the goal before it, the "
    "tactic, the goals that it left, and the full names of what it names. None was checked again."
)


class Maker(StrEnum):
    """What told of the tactics."""

    REPL = "repl"
    """The Lean REPL, run now."""
    DOJO = "dojo"
    """LeanDojo, run earlier."""


def plan(targets: Sequence[Path], maker: Maker | None, seconds: float, form: str) -> tuple[Stage, list[Task], Work]:
    """Return the stage that extracts some targets, its tasks and what does them.

    Args:
        targets: `.lean` files and folders of them; files and folders of what LeanDojo traced or exported.
        maker: what is read of them; None tells by what there is.
        seconds: how long the replay of a file may take.
        form: of the data.

    Raises:
        InputError: a target does not exist, or holds nothing to read.
        UsageError: some targets are to be replayed and others were traced, or a file is neither.
        BackendMissing: something is to be replayed, and Lean or its REPL is not installed.
    """
    makers = {maker or told_by(target) for target in targets}
    if len(makers) > 1:
        raise UsageError("some of these are sources, and some were traced", hint="extract them one after the other")
    settings: dict[str, Any] = {"targets": [target.absolute().name for target in targets]}
    if makers == {Maker.REPL}:
        found = [source for target in targets for source in sources.sources(_there(target))]
        installed = _launches(found)
        settings |= {
            "from": "repl",
            "timeout": seconds,
            "lean": sorted({lean.version for lean, _ in installed.values()}),
        }
        made = Stage("extract lean", settings, _digests([s.path for s in found]), format=form, about=_REPLAYED)
        return made, [Task(s.key, s, s.path.stat().st_size) for s in found], Replayer(installed, seconds)
    settings["from"] = "dojo"
    whole: list[Source | Exported] = []
    for target in map(_there, targets):
        whole += sources.traced(target) if _is_traced(target) else benchmark.exported(target)
    files = [one.trace if isinstance(one, Source) and one.trace else one.path for one in whole]
    made = Stage("extract lean", settings, _digests(files), format=form, about=_TRACED)
    keys = [one.key if isinstance(one, Source) else f"{number} {one.path.name}" for number, one in enumerate(whole)]
    tasks = [Task(key, one, path.stat().st_size) for key, one, path in zip(keys, whole, files, strict=True)]
    return made, tasks, read


def told_by(target: Path) -> Maker:
    """Return what a target is from: sources are replayed, unless there are traces of them."""
    if _is_traced(_there(target)) or target.suffix in (".json", ".jsonl"):
        return Maker.DOJO
    if target.is_file():
        if target.suffix == ".lean":
            return Maker.REPL
        raise UsageError(f"{target} is neither Lean nor JSON", hint="name .lean files, or what LeanDojo made of them")
    return Maker.REPL if next(target.rglob("*.lean"), None) or not next(target.rglob("*.json"), None) else Maker.DOJO


def _is_traced(target: Path) -> bool:
    if target.is_file():
        return target.name.endswith(sources.TRACE)
    return next(sources.traces(target), None) is not None


def _there(target: Path) -> Path:
    if target.exists():
        return target
    raise InputError("there is no such file or folder", location=Location(str(target)))


def _digests(paths: Sequence[Path]) -> dict[str, str]:
    total = hashlib.sha256()
    for path in paths:
        total.update(digest(path.name, lines.digest(path)).encode())
    return {f"{len(paths)} files": f"sha256:{total.hexdigest()}"}


def _launches(found: Sequence[Source]) -> dict[str, tuple[Installation, Launch]]:
    """Return how the REPL is started for each project, by the project's folder.

    Raises:
        BackendMissing: Lean or the REPL is not installed.
        InputError: a project's lakefile cannot be read.
    """
    launches: dict[str, tuple[Installation, Launch]] = {}
    for source in found:
        root = project(source.path).root
        if root not in launches:
            lean = installation.find(source.path)
            launches[root] = lean, _launch(lean, Path(root) if root else None)
    return launches


def _launch(lean: Installation, root: Path | None) -> Launch:
    command = setup.repl_command(root, lean.version)
    if root is not None and lean.lake:
        return Launch((lean.lake, "env", *command), root)
    sysroot = Path(lean.lean).parent.parent
    known = {"LEAN_SYSROOT": str(sysroot)} if (sysroot / "lib" / "lean").is_dir() else {}
    return Launch(command, root or setup.home(command), known)


class Replayer:
    """Replays sources.

    Args:
        launches: how the REPL is started, by the folder of the project.
        seconds: how long each file may take.
    """

    def __init__(self, launches: dict[str, tuple[Installation, Launch]], seconds: float = SECONDS) -> None:
        self._launches = launches
        self._seconds = seconds

    async def __call__(self, task: Task) -> Part:
        """Return the records of a file; of one that fails, those of the proofs before."""
        source: Source = task.payload
        how = project(source.path)
        label = source.origin.file
        run = replay.Replay(replay.read(source.path, label), label, how.arguments)
        limits = Limits(self._seconds, None, LIMITS.memory_bytes, LIMITS.file_bytes)
        async with Supervisor() as supervisor:
            await run.run(supervisor, self._launches[how.root][1], limits)
        found = run.found
        counts = Counter({"files": 1, "files replayed to the end": int(found.complete)})
        counts["proofs given up by their authors"] += found.unproved
        counts["tactics outside of theorems"] += found.outside
        made = [record.to_json() for record in records(source.origin, found.proofs, counts)]
        return Part(made, +counts, found.failures)


def read(task: Task) -> Part:
    """Return the records of what LeanDojo told of a file, or of a file of a data set."""
    counts: Counter[str] = Counter(files=1)
    if isinstance(task.payload, Exported):
        failures: list[Failure] = []
        return Part(_exported(task.payload, counts, failures), counts, failures)
    source: Source = task.payload
    assert source.trace is not None
    trace = traces.Trace(source.path, source.trace, source.origin.file)
    made = [record.to_json() for record in records(source.origin, trace.proofs(), counts)]
    counts["tactics outside of theorems"] += trace.outside
    return Part(made, +counts, trace.failures)


def _exported(file: Exported, counts: Counter[str], failures: list[Failure]) -> Iterator[dict[str, Any]]:
    """Yield the records of a data set, which need not fit into memory; adds to counts and failures as they come."""
    folder = file.licences
    more = {"split": file.split} if file.split else {}
    found = elements.elements(file.path)
    for origin, proof in elements.sound(file.path, found, lambda value: benchmark.proof(value, folder), failures):
        for record in records(origin, [proof], counts):
            yield {**record.to_json(), **more}
