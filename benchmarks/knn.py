"""How long the k-NN prover takes on a data set of recorded steps, and how often it proposes what was recorded.

    python benchmarks/knn.py STEPS.jsonl

makes the index of a file of step records (`lemmata.step/1`) in a cache of its own, opens it again, and asks about
goals drawn from it, each as if it stood in its own file: of that file only what stands above counts. A hit is the very
text of the recorded step among the proposals; other steps may do as well, so this says more of changes than of use.
Times are processor time, in this process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from lemmata.goal import Goal, GoalView, Location, Obligation
from provers.retrieval.cache import Cache
from provers.retrieval.knn import examples
from provers.retrieval.knn.examples import Example, short
from provers.retrieval.knn.index import Index
from provers.retrieval.knn.prover import KnnProver

RANKS = (1, 5, 10, 20, 40, 80)


def asked(example: Example, above: Sequence[Example], number: int) -> GoalView:
    """Return the goal at which a step was taken, with the proofs that stand above it in its file."""
    proofs: dict[str, dict[str, object]] = {}
    for other in above:
        if other.theorem != example.theorem:
            proof = proofs.setdefault(other.theorem, {"text": other.statement, "steps": []})
            proof["steps"].append([other.step, other.conclusion, other.hypotheses])  # type: ignore[attr-defined]
    details = {"plain": example.conclusion, "hypotheses": example.hypotheses}
    place = Location(f"/{example.file}", number, 1)
    obligation = Obligation("coq", short(example.theorem), f"{example.statement}\n(* {number} *)", place)
    context = {"proofs": list(proofs.values()), "premises": []}
    return GoalView(Goal("coq", example.conclusion, details=details), obligation, example.index, (), context)


def measure(path: Path, queries: int, seed: int) -> dict[str, object]:
    """Return the figures."""
    every = list(examples.examples(path))
    files: dict[str, list[int]] = {}
    for number, example in enumerate(every):
        files.setdefault(example.file, []).append(number)
    drawn = random.Random(seed).sample(range(len(every)), min(queries, len(every)))
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))

        def opened() -> float:
            begin = time.process_time()
            Index.cached(examples.digest(path), lambda: examples.examples(path), cache)
            return time.process_time() - begin

        made, mapped = opened(), opened()
        size = sum(entry.stat().st_size for entry in Path(folder).rglob("*") if entry.is_file())
        prover = KnnProver(str(path), cache)
        first, later, ranks = [], [], []
        for number in drawn:
            example = every[number]
            above = [every[other] for other in files[example.file] if other < number]
            view = asked(example, above, number)
            for taken in (first, later):
                begin = time.process_time()
                (found,) = asyncio.run(prover.propose([view], max(RANKS)))
                taken.append(time.process_time() - begin)
            texts = [proposal.step.text for proposal in found]
            ranks.append(texts.index(example.step) if example.step in texts else len(texts) + max(RANKS))
    return {
        "steps": len(every),
        "index_seconds": round(made, 2),
        "open_seconds": round(mapped, 2),
        "index_mib": round(size / 2**20, 1),
        "query_ms_median": round(1000 * statistics.median(later), 1),
        "query_ms_p95": round(1000 * sorted(later)[int(0.95 * len(later))], 1),
        "first_query_of_a_theorem_ms_median": round(1000 * statistics.median(first), 1),
        "hits": {rank: round(sum(place < rank for place in ranks) / len(ranks), 3) for rank in RANKS},
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main(arguments: Sequence[str]) -> int:
    """Run the script; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python benchmarks/knn.py", description="Measure the k-NN prover.")
    parser.add_argument("steps", type=Path, help="file of step records")
    parser.add_argument("--queries", type=int, default=300, help="goals asked about (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the goals drawn")
    given = parser.parse_args(arguments)
    print(json.dumps(measure(given.steps, given.queries, given.seed), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
