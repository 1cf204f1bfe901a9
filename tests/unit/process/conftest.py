"""Children for fault injection, and the check that none of them leaves anything behind."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def _members(group: int) -> list[int]:
    """Processes of a group that run; zombies wait for their parent and do nothing."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == group and state not in "ZX":
            found.append(int(stat.parent.name))
    return found


def _poll(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


@pytest.fixture
def poll() -> Callable[..., bool]:
    """Wait until a condition holds, at most 10 s."""
    return _poll


@pytest.fixture
def group_gone() -> Callable[[int], bool]:
    """Say whether every process of a group is gone, waiting for the kernel to finish."""
    return lambda group: _poll(lambda: not _members(group))


@pytest.fixture
def script() -> Callable[..., list[str]]:
    """Build the command that runs a piece of Python, quickly."""
    return lambda code, *arguments: [sys.executable, "-I", "-S", "-c", code, *arguments]


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def _nothing_leaks() -> Iterator[None]:
    before = _descriptors()
    yield
    assert _descriptors() == before, "a file descriptor leaked"
    with pytest.raises(ChildProcessError):  # no child of ours, running or zombie
        os.waitpid(-1, os.WNOHANG)
