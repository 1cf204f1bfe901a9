"""Makes the pictures of the viewer that README and documentation show: real searches on the examples, in Chromium.

Run by `make screenshots`; it needs Coq and Chromium (/usr/bin/chromium or what CHROMIUM names).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1280, "height": 760}
OVERFLOW = """int unknown_int(void);

int main(void)
{
    int low = unknown_int(), high = unknown_int();
    if (low < 0 || high < low)
        return 0;
    int middle = (low + high) / 2;
    assert(low <= middle && middle <= high);
}
"""


def lemmata(*arguments: str, store: Path) -> list[str]:
    """Return the command line of a command on a store."""
    return [sys.executable, "-m", "lemmata", *arguments, "--store", str(store)]


def search(folder: Path) -> Path:
    """Prove the examples in a store of their own."""
    store = folder / "store.db"
    (folder / "average.c").write_text(OVERFLOW)
    for arguments in (
        ["examples/programs/nested.c"],
        ["--int-width", "32", str(folder / "average.c")],
        ["--timeout", "20", "examples/coq/Lists.v"],
    ):
        command = lemmata("prove", *arguments, "--out", str(folder / "out"), store=store)
        subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
    return store


def take(page: Any, address: str) -> None:
    """Go through the page and take the pictures."""

    def view(name: str, tab: str, *keys: str) -> None:
        page.goto(f"{address}/#/view/{name}")
        page.wait_for_function("() => Number(document.querySelector('[data-nodes]')?.dataset.nodes ?? 0) > 0")
        page.get_by_role("tree").focus()
        for key in keys:
            page.keyboard.press(key)
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(600)

    view("t5", "Goal", "Home", "w", "w")
    page.screenshot(path=IMAGES / "goal.png")
    view("t5", "Proof", "Home")
    page.screenshot(path=IMAGES / "proof.png")
    view("t1", "Source", "Home", "w")
    page.screenshot(path=IMAGES / "program.png")
    view("t2", "Counterexample", "Home")
    page.get_by_role("button", name="Last").click()
    page.screenshot(path=IMAGES / "counterexample.png")
    page.emulate_media(color_scheme="dark")
    view("t7", "Goal", "Home")
    page.get_by_role("button", name="Fit").click()
    page.wait_for_timeout(600)
    page.screenshot(path=IMAGES / "failed-dark.png")


def main() -> None:
    """Make all pictures."""
    from playwright.sync_api import sync_playwright

    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        store = search(Path(folder))
        command = lemmata("view", "--no-browser", store=store)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, sync_playwright() as playwright:
            assert server.stdout is not None
            link = server.stdout.readline().strip()
            path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport=SIZE)
            page.goto(link)
            take(page, link.partition("/?")[0])
            browser.close()
            server.terminate()


if __name__ == "__main__":
    main()
