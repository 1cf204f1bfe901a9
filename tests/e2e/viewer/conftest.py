"""A real Chromium on the real server, over searches that really ran."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import LEMMAS, RIGHT, prove, viewing
from chromium import FLAGS, PATH, SIZE

from web.server import assets


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say why nothing here can run, where that is so."""
    missing = None
    if PATH is None:
        missing = "Chromium is not installed (apt-get install chromium)"
    elif not (assets.FOLDER / "app.js").is_file():
        missing = "the viewer's page is not built (make web)"
    for item in items:
        if missing and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for all tests of a module, and no longer: its driver keeps an event loop running."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open pages that must not complain: no error, nothing asked of another host, nothing that the policy forbids."""
    contexts: list[Any] = []
    pages: list[Any] = []
    trouble: list[str] = []

    def new(**options: Any) -> Any:
        context = browser.new_context(viewport=SIZE, accept_downloads=True, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        # What this page may complain about.
        page.allowed = []
        pages.append(page)
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("console", lambda m: trouble.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
        return page

    yield new
    for context in contexts:
        context.close()
    allowed = [text for page in pages for text in page.allowed]
    assert [line for line in trouble if not any(text in line for text in allowed)] == []


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
