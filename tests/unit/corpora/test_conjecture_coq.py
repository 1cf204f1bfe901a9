"""Conjectures about a small library, decided with a real Coq."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from coq_library import compiled

from checkers.coq import installation
from checkers.process import Supervisor
from corpora.conjecture.deciding import Decided, Decider
from corpora.conjecture.ideas import Guess, ideas, stated
from corpora.conjecture.partners import Partners
from corpora.coq import library
from corpora.mutate.bench import Bench
from corpora.mutate.ground import Ground, ground
from lemmata.api import load_settings
from lemmata.cli import corpus_mutation
from lemmata.plugins.wiring import Workbench
from lemmata.verdict import Verdict

pytestmark = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Coq")
SYMBOLIC = load_settings({"provers": "symbolic", "jobs": 1})


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("small"))


def _ground(source: Path) -> Ground:
    coq = installation.find()
    return ground(library.sources([str(source)], coq)[0], coq)


def test_every_way_of_guessing_makes_sense_somewhere(source: Path) -> None:
    async def work() -> dict[Guess, set[str]]:
        coq = installation.find()
        base = _ground(source)
        found: dict[Guess, set[str]] = {guess: set() for guess in Guess}
        async with Supervisor() as supervisor, Bench(supervisor, coq, base.header, base.flags("Lemmata.Made")) as bench:
            partners = Partners(bench.premises)
            for name in ("even_sum", "sum_double", "twice_mul", "twice_grows"):
                target = await bench.target(f"Small.Twice.{name}")
                assert target is not None
                tried = dict.fromkeys(Guess, 0)
                for idea in ideas(target, partners, 0):
                    tried[idea.guess] += 1
                    if tried[idea.guess] > 8 and idea.partner not in ("even_sum", "twice_grows"):
                        continue
                    if forms := await stated(bench, target, idea):
                        found[idea.guess].add(forms.plain.conclusion)
        return found

    found = asyncio.run(work())
    assert "forall n m : nat, Nat.Even (Init.Nat.add n m)" in found[Guess.DROP]
    converse = "forall (n m : nat) (_ : Nat.Even (Init.Nat.add n m)), good (Init.Nat.add n m)"
    assert converse in found[Guess.CONVERSE]
    for guess in set(Guess) - {Guess.MODEL}:
        assert found[guess], guess


def test_the_search_proves_and_refutes(source: Path) -> None:
    statements = (
        "forall n m : nat, good n -> good m -> Nat.Even (n + m)",
        "forall n : nat, twice n = n",
        "good nonsense",
    )

    async def work() -> list[Decided]:
        coq = installation.find()
        base = _ground(source)
        async with Supervisor() as supervisor, Workbench(SYMBOLIC, minimise=False) as search:
            bench = Bench(supervisor, coq, base.header, base.flags("Lemmata.Made"))
            async with Decider(search, supervisor, coq, bench.obligation, 10.0) as decider:
                return [await decider.decide(statement) for statement in statements]

    proved, refuted, nonsense = asyncio.run(work())
    assert proved.verdict is Verdict.PROVED
    assert proved.steps
    assert proved.structured
    assert refuted.verdict is Verdict.DISPROVED
    assert refuted.instance == "n := 1"
    assert nonsense == Decided(Verdict.UNKNOWN)


def test_what_is_kept_compiles_alone(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    # One theorem of which some guesses are true and some are not.
    code = corpus_mutation.conjecture_coq(
        [str(source)], out, theorems=1, most=5, timeout=4.0, provers="symbolic", seed=7, quiet=True
    )
    assert code == 0
    records: list[dict[str, Any]] = [json.loads(line) for line in (out / "data.jsonl").read_text().splitlines()]
    assert records
    assert {one["label"] for one in records} <= {"proved", "disproved"}
    assert len({one["key"] for one in records}) == len(records)
    for one in records[:3]:
        file = tmp_path / "alone.v"
        file.write_text("".join([one["header"], one["statement"], "\n", one["proof"], "\n"]))
        command = ["coqc", "-Q", str(source.parent), "Small", str(file)]
        made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert made.returncode == 0, (one["statement"], made.stderr)
        trivial = f"{one['header']}Goal {one['statement'].partition(' : ')[2]}\nProof. Fail solve [ auto ]. Abort.\n"
        file.write_text(trivial)
        assert subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0


def test_when_its_time_is_over_nothing_more_is_guessed(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert corpus_mutation.conjecture_coq([str(source)], out, minutes=0.0, provers="symbolic", quiet=True) == 0
    assert (out / "data.jsonl").read_text() == ""
    assert "theorems left for lack of time" in (out / "README.md").read_text()
