"""Files replayed by the Lean REPL: the tactics of their proofs, each with the goals at which it was taken.

The request is `{path, allTactics}`; its answer lists every tactic that was elaborated, also those inside others
(`README.md` and `REPL/Main.lean` of leanprover-community/repl).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from checkers.lean import scan
from checkers.lean.goals import several
from checkers.lean.repl import Launch, Repl
from checkers.lean.replies import CommandReply, Refusal, Traced
from checkers.process import Supervisor
from corpora.lean.records import TacticRecord
from lemmata.errors import BackendError, InputError, Location
from lemmata.verdict import Limits

LIMITS = Limits(wall_seconds=600.0, memory_bytes=8 << 30)
"""What the process that replays a file may use."""
_NO_GOALS = "no goals"
_UNPRINTED = "<failed to pretty print>"


async def trace(
    supervisor: Supervisor, launch: Launch, path: Path, limits: Limits = LIMITS, *, name: str = ""
) -> list[TacticRecord]:
    """Return the tactics of a file in the order of the file.

    Args:
        supervisor: starts the REPL.
        launch: how.
        path: the file.
        limits: of the process; its wall time is for the whole file.
        name: how the REPL is told to find the file, from where it works; its absolute path by default.

    Raises:
        InputError: the file cannot be read, or Lean finds an error in it.
        BackendError: the REPL cannot be run, or takes too long.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    repl = Repl(supervisor, launch, limits)
    try:
        request = {"path": name or str(path.absolute()), "allTactics": True}
        reply = await repl.ask(request, limits.wall_seconds)
    finally:
        await repl.close()
    if isinstance(reply, Refusal):
        raise InputError(f"Lean cannot read this file: {reply.message}", location=Location(str(path)))
    if not isinstance(reply, CommandReply):
        raise BackendError("the Lean REPL: it answers a file as if it were a tactic")
    if reply.error is not None:
        place = Location(str(path), reply.error.start.line, reply.error.start.column + 1)
        raise InputError(f"Lean refuses this: {reply.error.data}", location=place)
    return records(reply.tactics, text, str(path))


def records(tactics: Sequence[Traced], text: str, file: str) -> list[TacticRecord]:
    """Turn what the REPL tells of a file's tactics into records; what is no tactic of its own is left out.

    Args:
        tactics: from its answer.
        text: the file's text.
        file: its name.

    Raises:
        InputError: the text cannot be scanned.
    """
    theorems = sorted(scan.theorems(text, file), key=lambda hole: hole.declaration)
    starts = [hole.declaration[0] for hole in theorems]
    lines = _line_starts(text)
    found = []
    for tactic in tactics:
        # The steps of a `calc`, for example, are reported beside it, where nothing is left to prove.
        if tactic.goals in ("", _NO_GOALS) or tactic.tactic in ("", _UNPRINTED) or tactic.tactic[0].isspace():
            continue
        line, column = tactic.start.line, tactic.start.column
        offset = lines[min(line, len(lines)) - 1] + column
        at = bisect_right(starts, offset) - 1
        inside = at >= 0 and offset < theorems[at].declaration[1]
        found.append(
            TacticRecord(
                file,
                theorems[at].full if inside else "",
                line,
                column + 1,
                tactic.tactic,
                tuple(several(tactic.goals)),
                tactic.constants,
            )
        )
    return sorted(found, key=lambda record: (record.line, record.column))


def _line_starts(text: str) -> list[int]:
    return [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
