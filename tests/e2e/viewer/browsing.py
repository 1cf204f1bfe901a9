"""Real servers over real searches, for a real Chromium."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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


@contextlib.contextmanager
def proving_in_sight(folder: Path, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `lemmata prove --view` into the store in a folder; yield its process and the link it prints."""
    command = [sys.executable, "-m", "lemmata", "prove", "--view", "--store", str(folder / "store.db")]
    process = subprocess.Popen(
        [*command, *map(str, arguments)], env=environment(folder), cwd=folder, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        link = next(line for line in process.stderr if "token=" in line)
        yield process, link[link.index("http") :].strip()
    finally:
        process.kill()
        process.wait()


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
