"""How many events a second the store takes, and what one costs the search that emits it.

python benchmarks/store_events.py [EVENTS]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from lemmata.events import StepChecked
from lemmata.store import Store


def main(count: int) -> None:
    """Emit `count` events of a typical size and print the figures as JSON."""
    events = [
        StepChecked(
            goal=number, node=number + 1, prover="atoms", key="0" * 32, step="4:5: x <= n && x >= 0",
            step_kind="clauses", parts=[("4:5", "x <= n", "c"), ("4:5", "x >= 0", "c")], log_probability=-1.5,
            outcome="rejected", message="not inductive", seconds=0.002, subgoals=[],
            notes=[{"part": 0, "accepted": False, "message": "fails in the second round"}], model={"x": 1, "n": 0},
        )
        for number in range(count)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "store.db") as store:
        task = store.add_task(store.start_run(["benchmark"], {}), "a.c", "key", "main", "programs")
        sink = store.sink(task)
        start = time.perf_counter()
        for event in events:
            sink.emit(event)
        emitted = time.perf_counter()
        sink.close()
        stored = time.perf_counter()
        read = sum(1 for _ in store.events(task))
        end = time.perf_counter()
    figures = {
        "events": read,
        "emit_microseconds": round((emitted - start) / count * 1e6, 2),
        "stored_per_second": round(count / (stored - start)),
        "read_per_second": round(read / (end - stored)),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
