"""Programs that are asked for their version, and are none."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checkers.asking import AskFailed, answer
from checkers.coq import installation as coq
from checkers.fstar import installation as fstar
from checkers.lean import installation as lean
from lemmata.errors import BackendMissing


def test_an_answer_comes_back() -> None:
    assert answer(["echo", "Lean 4.9.0"]) == "Lean 4.9.0\n"
    assert answer(["sh", "-c", "echo loud >&2; echo ok"]) == "ok\n"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["yes"], "more than 1000 bytes"),
        (["sh", "-c", "yes >&2"], "more than 1000 bytes"),
        (["sleep", "30"], "no answer within 0.3 s"),
        (["sh", "-c", "echo bad luck; exit 3"], "failed: bad luck"),
        (["sh", "-c", "printf 'bad\\033[31m luck'; exit 3"], r"failed: bad\?\[31m luck"),
        (["/nowhere/lean"], "does not run: No such file or directory"),
    ],
)
def test_what_gives_no_answer_is_ended(command: list[str], why: str) -> None:
    began = time.monotonic()
    with pytest.raises(AskFailed, match=why) as failed:
        answer(command, 0.3, 1000)
    assert "\n" not in str(failed.value)
    assert time.monotonic() - began < 10


def test_a_child_that_keeps_the_stream_does_not_keep_us() -> None:
    assert answer(["sh", "-c", "sleep 60 & echo ok"], 30.0) == "ok\n"


@pytest.mark.parametrize("name", ["lean", "fstar.exe", "coqc"])
def test_a_flood_is_no_version(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in {name, "coqtop"}:
        (tmp_path / program).write_text("#!/bin/sh\nexec yes\n")
        (tmp_path / program).chmod(0o755)
    for variable in ("LEAN_SYSROOT", "ELAN_HOME", "FSTAR_EXE", "FSTAR_HOME", "COQBIN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    finders: dict[str, Callable[[], object]] = {"lean": lean.find, "fstar.exe": fstar.find, "coqc": coq.find}
    with pytest.raises(BackendMissing, match="writes more than"):
        finders[name]()
