"""A real Chromium on the real server, over searches that really ran."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from web.server import assets

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZE = {"width": 1280, "height": 800}
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say why nothing here can run, where that is so."""
    missing = None
    if CHROMIUM is None:
        missing = "Chromium is not installed (apt-get install chromium)"
    elif not (assets.FOLDER / "app.js").is_file():
        missing = "the viewer's page is not built (make web)"
    for item in items:
        if missing and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=missing))


@dataclass
class Viewer:
    """A running `lemmata view`."""

    link: str
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        """Return where the server is, without the token."""
        return self.link.partition("/?")[0]


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's is seen or touched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEMMATA_") and name != "DISPLAY"}
    return {**kept, "XDG_DATA_HOME": str(folder / "data"), "HOME": str(folder), "NO_COLOR": "1"}


@contextlib.contextmanager
def viewing(folder: Path, *arguments: str) -> Iterator[Viewer]:
    """Run `lemmata view` on the store in a folder."""
    command = [sys.executable, "-m", "lemmata", "view", "--no-browser", "--store", str(folder / "store.db"), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(folder))
    try:
        assert process.stdout is not None
        yield Viewer(process.stdout.readline().strip(), process)
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def prove(folder: Path, *arguments: str | Path, code: int = 0) -> None:
    """Run `lemmata prove` into the store in a folder."""
    command = [
        sys.executable,
        "-m",
        "lemmata",
        "prove",
        "--store",
        str(folder / "store.db"),
        "--out",
        str(folder / "out"),
    ]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == code, done.stderr


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages that must not complain: no error, nothing asked of another host, nothing that the policy forbids."""
    contexts: list[Any] = []
    trouble: list[str] = []

    def new(**options: Any) -> Any:
        context = browser.new_context(viewport=SIZE, accept_downloads=True, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda m: trouble.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
        return page

    yield new
    for context in contexts:
        context.close()
    assert trouble == []


RIGHT = """#include <assert.h>
int unknown(void);
int main(void) {
    int n = unknown();
    int i = 0;
    if (n < 0) return 0;
    while (i < n) {
        i = i + 1;
    }
    assert(i == n);
    return 0;
}
"""
LEMMAS = r"""Require Import List.
Import ListNotations.

Lemma both (A B : Prop) : A -> B -> (A /\ B) /\ (B /\ A).
Proof.
Admitted.

Lemma app_twice (l : list nat) : (l ++ []) ++ [] = l.
Proof.
Admitted.
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store: run 1 proved a program, run 2 disproved one, run 3 proved it again, run 4 is Coq's."""
    where = tmp_path_factory.mktemp("viewed")
    (where / "right.c").write_text(RIGHT)
    (where / "wrong.c").write_text(RIGHT.replace("i == n", "i != 3"))
    prove(where, where / "right.c")
    prove(where, where / "wrong.c", code=1)
    prove(where, where / "right.c", "--policy", "cumulative")
    if shutil.which("coqc"):
        (where / "lemmas.v").write_text(LEMMAS)
        prove(where, where / "lemmas.v", "--timeout", "20")
    return where


@pytest.fixture
def page(folder: Path, new_page: Callable[..., Any]) -> Iterator[Any]:
    """A page on a server of its own over that store, as links work once."""
    with viewing(folder) as running:
        opened = new_page()
        opened.goto(running.link)
        opened.address = running.address
        yield opened
