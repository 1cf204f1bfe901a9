"""`lemmata corpus decompose coq` as a stage: long proofs chosen, replayed, cut, and the lemmas compiled."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from checkers.coq.installation import Installation
from checkers.process import Supervisor
from corpora.coq import script
from corpora.coq.library import Source
from corpora.coq.script import Kind
from corpora.coq.walk import IDLE, Proof
from corpora.decompose.lemmas import lemmas
from corpora.decompose.replaying import Replayed, replayed
from corpora.extract.coq import SECONDS, Replay
from corpora.mutate.bench import Bench
from corpora.mutate.compiling import TOP, compiled
from corpora.mutate.ground import Script, ground
from corpora.mutate.known import Known
from corpora.mutate.stage import Chosen, entered, inputs, origin, tasks_of
from corpora.mutate.theorem import Theorem, record
from corpora.stages.run import Stage
from corpora.stages.task import Failure, Part, Task

ABOUT = (
    "Lemmas cut out of long Coq proofs: goals within a proof, with what they need of their context, each with the "
    "steps that prove it (after Yousefzadeh, Cao and Ospanov, A Lean Dataset for International Math Olympiad, TMLR "
    "2025). Each was compiled with its proof, and rests on no axiom that the theorem it was cut out of does not rest "
    "on. `header`, `statement` and `proof` together are a file that compiles."
)
_NOT_PLAIN = "its proof has steps that are not plain ones"
_NOT_THERE = "its proof is not found in the file"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is long."""

    proof: int = 8
    """Steps of a proof that is cut, at least."""
    lemma: int = 3
    """Steps of a lemma's proof, at least."""


def tasks(sources: Sequence[Source], coq: Installation, most: int | None, bounds: Bounds, seed: int) -> list[Task]:
    """Return a task for each file that has long proofs.

    Args:
        sources: files of compiled libraries.
        coq: the Coq that compiled them.
        most: how many theorems are taken; lots decide which. None for all.
        bounds: what is long.
        seed: decides the lots.

    Raises:
        InputError: a file cannot be read.
    """
    every = [
        (source, name)
        for source in sources
        for name, proof in ground(source, coq).proofs.items()
        if _steps(proof, bounds.proof) >= bounds.proof
    ]
    return tasks_of(every, most, seed)


def _steps(proof: Script, least: int) -> int:
    """Return how many steps a proof seems to have; reading short ones is spared."""
    if len(proof.sentences) < least:
        return 0
    return sum(script.read(text, "", False).kind is Kind.STEP for text in proof.sentences)


def stage(
    targets: Sequence[str],
    chosen: Sequence[Task],
    coq: Installation,
    most: int | None,
    bounds: Bounds,
    seed: int,
    form: str,
) -> Stage:
    """Return the stage.

    Args:
        targets: as they were asked for, for the card.
        chosen: its tasks.
        coq: the Coq that is used.
        most: as of `tasks`.
        bounds: what is long.
        seed: decides all lots.
        form: of the data.
    """
    settings = {
        "targets": [target.rstrip("/").rpartition("/")[2] for target in targets],
        "theorems": most,
        "steps of a proof": bounds.proof,
        "steps of a lemma": bounds.lemma,
        "coq": coq.version,
    }
    return Stage("decompose coq", settings, inputs(chosen), seed, form, ABOUT)


class Decomposer:
    """Does a task.

    Args:
        coq: the Coq that is used.
        bounds: what is long.
    """

    def __init__(self, coq: Installation, bounds: Bounds) -> None:
        self._coq = coq
        self._bounds = bounds

    async def __call__(self, task: Task) -> Part:
        """Cut the long proofs of one file.

        Raises:
            InputError: the file is not compiled, or Coq refuses what it imports.
            BackendError: Coq cannot be run.
        """
        wanted: Chosen = task.payload
        base = ground(wanted.source, self._coq)
        counts: Counter[str] = Counter()
        failures: list[Failure] = []
        proofs = await self._proofs(wanted, failures)
        async with Supervisor() as supervisor, contextlib.AsyncExitStack() as stack:
            bench, header = await entered(stack, supervisor, self._coq, base)
            known = Known(bench.premises)
            found: list[Theorem] = []
            for name in wanted.theorems:
                local = await bench.settle(base.proofs[name].around)
                again = await _again(bench, name, proofs.get(name))
                if isinstance(again, Failure):
                    failures.append(again)
                    continue
                new = await lemmas(bench, again, local, self._bounds.lemma, known, counts)
                counts["proofs"] += 1
                counts["proofs that gave nothing"] += not new
                found += new
            result = await compiled(supervisor, self._coq, base.flags(TOP), header, found)
        failures += [Failure(theorem.name, reason, detail) for theorem, reason, detail in result.refused]
        counts["compiled"] += len(result.accepted)
        where = origin(wanted.source)
        return Part([record(theorem, header, where, axioms) for theorem, axioms in result.accepted], counts, failures)

    async def _proofs(self, wanted: Chosen, failures: list[Failure]) -> dict[str, Proof]:
        """Replay the file as far as there are proofs that are wanted."""
        missing = set(wanted.theorems)

        def enough(proof: Proof) -> bool:
            missing.discard(proof.theorem)
            return not missing

        replay = Replay(wanted.source, self._coq, only=frozenset(missing))
        await replay.run(SECONDS, enough)
        failures += [replay.failure] if replay.failure else []
        found: dict[str, Proof] = {}
        for proof in replay.proofs:
            found.setdefault(proof.theorem, proof)
        return found


async def _again(bench: Bench, name: str, proof: Proof | None) -> Replayed | Failure:
    if proof is None or proof.failure or not proof.human:
        return Failure(name, _NOT_THERE)
    if not proof.steps or set(proof.left_out) - {IDLE}:
        return Failure(name, _NOT_PLAIN, ", ".join(sorted(proof.left_out)))
    return await replayed(
        bench, name, proof.steps[0].before.hypotheses, {step.index: step.text for step in proof.steps}
    )
