"""Measures premise retrieval: time to index, to load and to search, and memory.

The premises are made up to look like a library's: names and statements of words with a distribution like that of text
(Zipf), about 60 words each. Everything runs in this process on one core; times are processor time. With `--dense`
dense retrieval is measured too, with a matrix of random vectors: what an encoder takes depends on the model.

    python benchmarks/retrieval.py [--premises 100000] [--queries 200] [--dense 384] [--json]
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from provers.retrieval.bm25 import Bm25Index
from provers.retrieval.cache import Cache
from provers.retrieval.premise import Premise
from provers.retrieval.ranking import top
from provers.retrieval.tokens import weighted

_WORDS = """
add mul le lt sub div mod pow neg abs min max sup inf map comp id inv one zero succ pred list append reverse length
filter fold range sum prod union inter diff mem subset image preimage closure interior open closed compact continuous
limit deriv integral measure group ring field module basis span rank det trace matrix vector poly degree root
""".split()
_SIGNS = ["=", "≤", "<", "+", "*", "∈", "→", "↔", "∧", "∀", "∃", "∪"]


class Library:
    """Makes up premises; the same for the same seed."""

    def __init__(self, seed: int, vocabulary: int = 40_000) -> None:
        self._chance = random.Random(seed)
        self._names = ["_".join(self._chance.choices(_WORDS, k=self._chance.randint(1, 3))) for _ in range(vocabulary)]
        self._names += [f"{name}{i % 97}" for i, name in enumerate(self._names)]
        self._steps = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self._names))))

    def name(self) -> str:
        """Return a name, common ones more often."""
        return self._names[bisect.bisect(self._steps, self._chance.random() * self._steps[-1]) % len(self._names)]

    def premise(self, number: int) -> Premise:
        """Return a lemma."""
        words = [
            self._chance.choice(_SIGNS) if i % 3 == 1 else self.name() for i in range(self._chance.randint(10, 50))
        ]
        return Premise(f"Lib.{self.name()}.{self.name()}_{number}", " ".join(words))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what work gives, with its processor time in seconds."""
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def measure(count: int, queries: int, dimensions: int) -> dict[str, Any]:
    """Return the figures."""
    library = Library(1)
    premises = [library.premise(i) for i in range(count)]
    before = peak()
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        index, building = timed(lambda: Bm25Index.build(premises, cache))
        building_peak = peak()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        index, loading = timed(lambda: Bm25Index.build(premises, cache))
        goals = [weighted([(library.premise(0).statement, 1.0)]) for _ in range(queries)]
        index.search(goals[0], 32)
        searching = [timed(lambda goal=goal: index.search(goal, 32))[1] for goal in goals]
    figures: dict[str, Any] = {
        "premises": count,
        "index_seconds": round(building, 2),
        "load_seconds": round(loading, 3),
        "query_ms": figures_of(searching),
        "index_mib": round(size / 2**20, 1),
        "peak_mib_premises": before,
        "peak_mib_indexing": building_peak,
    }
    if dimensions:
        figures["dense_query_ms"] = figures_of(dense(count, dimensions, queries))
        figures["dense_dimensions"] = dimensions
    return figures


def dense(count: int, dimensions: int, queries: int) -> list[float]:
    """Return the processor time of finding the best of a matrix of vectors, once for each query."""
    import numpy as np

    chance = np.random.default_rng(1)
    matrix = chance.standard_normal((count, dimensions), dtype=np.float32)
    wanted = chance.standard_normal((queries, dimensions), dtype=np.float32)
    return [timed(lambda row=row: top(matrix @ row, 32, least=-1e9))[1] for row in wanted]


def figures_of(seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum in milliseconds."""
    ordered = sorted(1000 * value for value in seconds)
    return {
        "median": round(statistics.median(ordered), 2),
        "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
        "most": round(ordered[-1], 2),
    }


def peak() -> int:
    """Return the greatest resident memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--premises", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--dense", type=int, default=0, metavar="DIMENSIONS", help="measure a dense matrix too")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measure(chosen.premises, chosen.queries, chosen.dense)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:20} {value}")


if __name__ == "__main__":
    main()
