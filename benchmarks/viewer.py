"""How the viewer's page bears large and fast searches, in headless Chromium.

python benchmarks/viewer.py graph [NODES]     first paint, frames a second while panning and zooming, memory
python benchmarks/viewer.py live [RATE]       input delay while a search emits RATE events a second, state at the end

It needs the Python package `playwright` and a Chromium, the one on the PATH or what CHROMIUM names.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from chromium import FLAGS, PATH, SIZE
from made_up_search import search, task

from lemmata.store import RunStatus, Store


@contextlib.contextmanager
def served(store: Path, *what: str) -> Iterator[str]:
    """Run `lemmata view` on a store and yield its link."""
    command = [sys.executable, "-m", "lemmata", "view", *what, "--store", str(store), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextlib.contextmanager
def opened() -> Iterator[Any]:
    """Yield an empty page of a fresh Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=FLAGS)
        page = browser.new_page(viewport=SIZE)
        yield page
        browser.close()


def renderer_bytes(page: Any) -> int:
    """Return the resident size of the page's largest renderer process."""
    sizes = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes()
                if b"--type=renderer" in command:
                    sizes.append(int((entry / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    return max(sizes, default=0)


FRAMES = """() => new Promise((done) => {
  const times = [];
  const tick = (now) => { times.push(now); if (window.__stop) done(times); else requestAnimationFrame(tick); };
  window.__stop = false;
  requestAnimationFrame(tick);
})"""


def frames(page: Any, move: Any) -> list[float]:
    """Return the frames' lengths in milliseconds while `move` moves the mouse."""
    page.evaluate("() => { window.__frames = (" + FRAMES + ")(); }")
    move()
    page.evaluate("() => { window.__stop = true; }")
    times = page.evaluate("() => window.__frames")
    return [after - before for before, after in pairwise(times)]


def graph(nodes: int) -> dict[str, Any]:
    """Measure a finished search of so many nodes, all of them shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with Store.open(path) as store:
            run, number = task(store)
            sink = store.sink(number)
            for event in search(nodes):
                sink.emit(event)
            store.finish_task(number, "unknown", "time budget spent (60 s)", 60.0, "{}")
            store.finish_run(run, RunStatus.FINISHED)
        with served(path) as link, opened() as page:
            page.goto(link)
            page.wait_for_selector("h1")
            address = link.partition("/?")[0]
            began = time.monotonic()
            page.goto(f"{address}/#/view/t{number}")
            page.reload()
            page.wait_for_function("() => Number(document.querySelector('[data-nodes]')?.dataset.nodes ?? 0) > 0")
            first = page.evaluate("() => performance.now()") / 1000
            page.wait_for_function(
                f"() => Number(document.querySelector('[data-nodes]').dataset.total) >= {nodes}", timeout=60_000
            )
            loaded = time.monotonic() - began
            page.get_by_role("button", name="Show all", exact=True).click()
            page.wait_for_function(
                f"() => Number(document.querySelector('[data-nodes]').dataset.nodes) >= {nodes}", timeout=60_000
            )
            box = page.locator("canvas[data-tree]").bounding_box()
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

            def pan() -> None:
                page.mouse.move(x, y)
                page.mouse.down()
                for i in range(120):
                    page.mouse.move(x + 150 * ((i // 10) % 3 - 1), y + (i % 20) * 12 - 120)
                page.mouse.up()

            def zoom() -> None:
                page.mouse.move(x, y)
                for i in range(120):
                    page.mouse.wheel(0, -120 if (i // 30) % 2 == 0 else 120)

            page.keyboard.press("f")
            results = {"pan, all in sight": frames(page, pan), "zoom": frames(page, zoom)}
            for _ in range(8):
                page.mouse.wheel(0, -240)
            page.wait_for_timeout(300)
            results["pan, labels in sight"] = frames(page, pan)
            return {
                "nodes": nodes,
                "first_paint_seconds": round(first, 2),
                "all_loaded_seconds": round(loaded, 2),
                "frames_per_second": {
                    name: round(1000 / statistics.median(lengths), 1) for name, lengths in results.items()
                },
                "slowest_tenth_ms": {
                    name: round(statistics.quantiles(lengths, n=10)[-1], 1) for name, lengths in results.items()
                },
                "renderer_mib": renderer_bytes(page) >> 20,
            }


DELAYS = """() => {
  window.__delays = [];
  for (const type of ["keydown", "pointerdown", "wheel", "mousemove"])
    addEventListener(type, (event) => window.__delays.push(performance.now() - event.timeStamp), { capture: true });
}"""


def live(rate: int, seconds: float = 20.0) -> dict[str, Any]:
    """Measure a search that emits so many events a second while somebody uses the page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with Store.open(path) as store:
            run, number = task(store)
            sink = store.sink(number)
            emitted = nodes = 0

            def work() -> None:
                nonlocal emitted, nodes
                began = time.monotonic()
                for event in search(10**9):
                    sink.emit(event)
                    emitted += 1
                    nodes += event.kind in ("goal_opened", "step_checked")
                    ahead = emitted / rate - (time.monotonic() - began)
                    if ahead > 0.02:
                        time.sleep(ahead)
                    if time.monotonic() - began > seconds:
                        break
                sink.flush()
                store.finish_task(number, "unknown", "time budget spent", seconds, "{}")
                store.finish_run(run, RunStatus.FINISHED)

            with served(path) as link, opened() as page:
                page.goto(link)
                page.wait_for_selector("h1")
                searching = threading.Thread(target=work)
                searching.start()
                page.goto(f"{link.partition('/?')[0]}/#/view/t{number}")
                page.wait_for_selector("canvas[data-tree]")
                page.evaluate(DELAYS)
                box = page.locator("canvas[data-tree]").bounding_box()
                i = 0
                while searching.is_alive():
                    i += 1
                    page.mouse.move(box["x"] + 50 + i % 300, box["y"] + 100 + i % 200)
                    page.mouse.wheel(0, 60 if i % 2 else -60)
                    page.keyboard.press("ArrowDown")
                    page.wait_for_timeout(50)
                searching.join()
                delays = page.evaluate("() => window.__delays")
                shown = "() => { const d = document.querySelector('[data-nodes]').dataset; return d.total; }"
                page.wait_for_function("() => !document.querySelector('.live')", timeout=30_000)
                page.wait_for_timeout(1000)
                end = page.evaluate(shown)
                page.reload()
                with contextlib.suppress(Exception):
                    page.wait_for_function(f"() => document.querySelector('[data-nodes]')?.dataset.total === '{end}'")
                return {
                    "events_per_second": round(emitted / seconds),
                    "inputs": len(delays),
                    "input_delay_ms": {
                        "median": round(statistics.median(delays), 1),
                        "95 %": round(statistics.quantiles(delays, n=20)[-1], 1),
                        "most": round(max(delays), 1),
                    },
                    "nodes": nodes,
                    "nodes_at_the_end": int(end),
                    "nodes_after_reload": int(page.evaluate(shown)),
                    "renderer_mib": renderer_bytes(page) >> 20,
                }


def main(arguments: list[str]) -> None:
    """Print the figures as JSON."""
    what, number = arguments[0] if arguments else "graph", int(arguments[1]) if len(arguments) > 1 else 0
    print(json.dumps(graph(number or 50_000) if what == "graph" else live(number or 2_000), indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
