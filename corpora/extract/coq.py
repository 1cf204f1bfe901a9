"""Step records from Coq sources: every file replayed in a process of its own."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence

from checkers.coq.goals import Printed
from checkers.coq.installation import Installation
from checkers.coq.sentences import Lines, split
from checkers.coq.toplevel import Toplevel
from checkers.process import Supervisor
from corpora.coq.library import Source
from corpora.coq.walk import Proof, Refused, Walk, Wanted, nothing
from corpora.records import StepRecord, shown
from corpora.stages import lines
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Task
from lemmata.errors import BackendError, BackendMissing, InputError, Location
from lemmata.goal import digest
from lemmata.verdict import Limits

SECONDS = 600.0
"""How long the replay of a file may take unless something else is asked for."""
LIMITS = Limits(memory_bytes=4 << 30, file_bytes=64 << 20)
"""What the process that replays a file may use."""
START_SECONDS = 60.0
ABOUT = (
    "Each record is one step of a proof that people wrote in Coq: the goal before it, the step, the goals that it "
    "left, and the full names of what it names. Every step was replayed by Coq."
)


def stage(targets: Sequence[str], sources: Sequence[Source], coq: Installation, seconds: float, form: str) -> Stage:
    """Return the stage that extracts some files.

    Args:
        targets: as they were asked for, for the card.
        sources: the files.
        coq: the Coq that replays them.
        seconds: how long each may take.
        form: of the data.
    """
    total = hashlib.sha256()
    for source in sources:
        total.update(digest(source.label, lines.digest(source.path)).encode())
    inputs = {f"{len(sources)} Coq files": f"sha256:{total.hexdigest()}"}
    named = [target if "/" not in target else target.rstrip("/").rpartition("/")[2] for target in targets]
    settings = {"targets": named, "timeout": seconds, "coq": coq.version}
    return Stage("extract coq", settings, inputs, format=form, about=ABOUT)


def tasks(sources: Sequence[Source]) -> list[Task]:
    """Return a task for each file."""
    return [Task(source.label, source, source.path.stat().st_size) for source in sources]


class Extractor:
    """Replays files.

    Args:
        coq: the Coq that does.
        seconds: how long each may take.
    """

    def __init__(self, coq: Installation, seconds: float = SECONDS) -> None:
        self._coq = coq
        self._seconds = seconds

    async def __call__(self, task: Task) -> Part:
        """Return the records of a file; of one that fails, those of the proofs before."""
        replay = Replay(task.payload, self._coq)
        await replay.run(self._seconds)
        return replay.part()


class Replay:
    """One file, replayed.

    Args:
        source: the file.
        coq: the Coq that replays it.
        wanted: steps to try beside those of the file.
        only: theorems whose proofs are of interest, all by default; as of `Walk`.

    Raises:
        InputError: it is no text, or no sequence of sentences.
    """

    def __init__(
        self, source: Source, coq: Installation, wanted: Wanted = nothing, only: frozenset[str] | None = None
    ) -> None:
        self._source = source
        self._coq = coq
        self._wanted = wanted
        self._only = only
        self.text = _read(source)
        self._sentences = split(self.text)
        self._lines = Lines(self.text)
        self.proofs: list[Proof] = []
        self.failure: Failure | None = None
        """Why the file was not replayed to its end."""

    async def run(self, seconds: float, enough: Callable[[Proof], bool] = lambda _proof: False) -> None:
        """Replay the file.

        Args:
            seconds: how long that may take.
            enough: given each proof as it ends, says whether nothing behind it is of interest.

        Raises:
            BackendMissing: Coq cannot be run at all.
        """
        flags = self._source.flags(self._coq)
        walk: Walk | None = None
        async with Supervisor() as supervisor:
            try:
                async with asyncio.timeout(seconds):
                    coq = await Toplevel.start(supervisor, self._coq, flags, LIMITS, START_SECONDS)
                    walk = Walk(coq, self._sentences, flags.top, self._wanted, self._only)
                    async for proof in walk.proofs():
                        self.proofs.append(proof)
                        if enough(proof):
                            break
            except TimeoutError:
                self._failed("timeout", f"the replay takes over {seconds:g} s", walk)
            except Refused as error:
                self._failed("Coq refuses a sentence", error.message, walk)
            except BackendMissing:
                raise
            except BackendError as error:
                self._failed("Coq died", error.message, walk)

    def line(self, proof: Proof) -> int:
        """Return the line where a proof's statement begins."""
        return self._lines.place(proof.opened.start)[0]

    def _failed(self, reason: str, message: str, walk: Walk | None) -> None:
        start = self._sentences[walk.at].start if walk and walk.at < len(self._sentences) else 0
        self.failure = Failure(str(Location(self._source.label, *self._lines.place(start))), reason, message)

    def part(self) -> Part:
        """Return the records of the proofs, with what became of the others."""
        counts: Counter[str] = Counter({"files": 1, "files replayed to the end": int(self.failure is None)})
        failures = [self.failure] if self.failure else []
        found: list[dict[str, object]] = []
        for proof in self.proofs:
            if not proof.human:
                counts["proofs given up by their authors"] += 1
                continue
            counts["proofs"] += 1
            if proof.failure:
                where = Location(self._source.label, *self._lines.place((proof.failed_at or proof.opened).start))
                failures.append(Failure(f"{where} {proof.theorem}", "Coq refuses a step", proof.failure))
                continue
            counts["proofs replayed"] += 1
            counts["steps"] += proof.count
            counts["steps recorded"] += len(proof.steps)
            for reason, number in proof.left_out.items():
                counts[f"steps left out: {reason}"] += number
            found += (record.to_json() for record in self.records(proof))
        if self.failure:
            # Everything behind the failure; a `Qed` in a comment or a string is no sentence.
            counts["proofs"] += (missed := self._missed())
            counts["proofs not reached"] += missed
        return Part(found, counts, failures)

    def _missed(self) -> int:
        """Return how many proofs end behind the last one that was reached."""
        ends = [
            one for one in self._sentences if one.text.split(".", 1)[0].split(" ", 1)[0] in ("Qed", "Defined", "Save")
        ]
        return max(len(ends) - sum(proof.human for proof in self.proofs), 0)

    def records(self, proof: Proof) -> list[StepRecord]:
        """Return the records of a proof that was replayed."""
        package = self._source.package
        found = []
        for taken, premises in zip(proof.steps, proof.premises, strict=True):
            line, column = self._lines.place(taken.sentence.start)
            record = StepRecord(
                system="coq",
                package=package.name,
                version=package.version,
                licence=package.licence,
                file=self._source.label,
                theorem=proof.theorem,
                statement=proof.statement,
                index=taken.index,
                steps=proof.count,
                line=line,
                column=column,
                step=taken.text,
                goal=shown_goal(taken.before),
                conclusion=taken.before.conclusion,
                hypotheses=tuple((given.name, given.text) for given in taken.before.hypotheses),
                after=tuple(map(shown_goal, taken.after)),
                premises=premises,
                plain=taken.plain.conclusion,
                plain_hypotheses=tuple((given.name, given.text) for given in taken.plain.hypotheses),
            )
            found.append(record)
        return found


def shown_goal(goal: Printed) -> str:
    """Return a goal as records hold it."""
    return shown("coq", goal.conclusion, goal.hypotheses)


def _read(source: Source) -> str:
    try:
        return source.path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read it: {error}", location=Location(source.label)) from None
