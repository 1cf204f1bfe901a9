"""A store with searches in it, and the viewer's application over it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from sites import EVENTS, RIGHT, WRONG, Site, record, site

from lemmata.config import Settings
from lemmata.store import Store
from lemmata.workflow import launch


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Site]:
    """A site over a store with one recorded search, made up so that everything occurs in it."""
    settings = Settings(store=tmp_path / "store.db")
    with Store.open(settings.store) as store:
        record(store, EVENTS)
        yield site(store, settings)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in which two programs were proved for real, one of them wrong."""
    where = tmp_path_factory.mktemp("searched")
    for name, text in (("right.c", RIGHT), ("wrong.c", WRONG)):
        (where / name).write_text(text)
    settings = dataclasses.replace(Settings(), store=where / "store.db", out=where / "out", timeout=20.0)
    report = launch.prove([str(where / "right.c"), str(where / "wrong.c")], settings, launch.Plan())
    assert [result.verdict.value for result in report.results] == ["proved", "disproved"]
    return where


@pytest.fixture
def searched(folder: Path) -> Iterator[Site]:
    """A site over that store."""
    settings = dataclasses.replace(Settings(), store=folder / "store.db", out=folder / "out")
    with Store.open(settings.store) as store:
        yield site(store, settings)
