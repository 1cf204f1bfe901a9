"""What LeanDojo traced of a file: `X.ast.json`, which its Lean program writes while the project is built.

`tactics` holds for each tactic of a sequence the goals before and after it and where it stands, in bytes from 0;
`premises` each constant that is named in the file, with the place, in lines from 1 and code points from 0;
`commandASTs` is passed over (`src/lean_dojo/data_extraction/ExtractData.lean` of lean-dojo/LeanDojo).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.lean import scan
from checkers.lean.lexer import Lines
from corpora.extract import elements
from corpora.lean.steps import Proof, Tactic, states
from corpora.stages.task import Failure
from lemmata.errors import InputError, Location

_TACTICS = "tactics"
_PREMISES = "premises"
_NEAR = 200


@dataclass(frozen=True, slots=True)
class _Traced:
    start: int
    end: int
    before: str
    after: str


class Trace:
    """One traced file.

    Args:
        source: the `.lean` file.
        trace: the `.ast.json` file.
        label: the name of the source in messages.

    Raises:
        InputError: one of them cannot be read.
    """

    def __init__(self, source: Path, trace: Path, label: str) -> None:
        try:
            raw = source.read_bytes()
            self._text = raw.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read it: {error}", location=Location(label)) from None
        self._label = label
        self._bytes = _Bytes(raw)
        self._lines = Lines(self._text)
        self._rows = [0, *(at + 1 for at, char in enumerate(self._text) if char == "\n")]
        self.failures: list[Failure] = []
        self.outside = 0
        """Tactics that are in no theorem."""
        self._tactics: dict[tuple[int, int], _Traced] = {}
        self._named: list[tuple[int, int, str]] = []
        self._read(trace)

    def _read(self, trace: Path) -> None:
        for name, place, value in elements.members(trace, (_TACTICS, _PREMISES)):
            try:
                if not isinstance(value, dict):
                    raise ValueError(value if isinstance(value, str) else "this is no list of objects")
                if name == _TACTICS:
                    self._add_tactic(value)
                else:
                    self._add_premise(value)
            except ValueError as error:
                self.failures.append(Failure(f"{trace.name}:{place.line}", elements.MALFORMED, str(error)))
                if len(self.failures) >= elements.MOST_FAILURES:
                    raise InputError(f"{elements.MOST_FAILURES} of its records are malformed", location=place) from None

    def _add_tactic(self, value: dict[str, Any]) -> None:
        start, end = (self._bytes.offset(_number(value, name)) for name in ("pos", "endPos"))
        if start >= end:
            raise ValueError("the tactic ends before it begins")
        before, after = elements.text(value, "stateBefore"), elements.text(value, "stateAfter")
        # What a macro stands for is told with the macro's place, behind the macro itself.
        if not self._rule(start):
            self._tactics.setdefault((start, end), _Traced(start, end, before, after))

    def _rule(self, start: int) -> bool:
        """Say whether something stands among the rules of a `rw`, which are told beside it as if they were tactics."""
        before = self._text[max(start - _NEAR, 0) : start].rstrip()[-1:]
        return before in ("[", ",", "←") or self._text[start : start + 1] == "]"

    def _add_premise(self, value: dict[str, Any]) -> None:
        name = elements.text(value, "fullName")
        pos, end = value.get("pos"), value.get("endPos")
        if pos is None or end is None:
            return
        if not isinstance(pos, dict) or not isinstance(end, dict):
            raise ValueError("a place is no object")
        first, last = (self._offset(_number(at, "line"), _number(at, "column")) for at in (pos, end))
        self._named.append((first, last, name))

    def _offset(self, line: int, column: int) -> int:
        if not 1 <= line <= len(self._rows):
            raise ValueError(f"the file has no line {line}")
        return self._rows[line - 1] + column

    def proofs(self) -> Iterator[Proof]:
        """Yield the proofs that are traced, in the order of the file."""
        theorems = sorted(scan.theorems(self._text, self._label), key=lambda hole: hole.declaration)
        starts = [hole.declaration[0] for hole in theorems]
        found: dict[int, list[_Traced]] = {}
        for tactic in sorted(self._tactics.values(), key=lambda tactic: (tactic.start, -tactic.end)):
            at = bisect_right(starts, tactic.start) - 1
            if at >= 0 and tactic.start < theorems[at].declaration[1]:
                found.setdefault(at, []).append(tactic)
            else:
                self.outside += 1
        self._named.sort()
        for at, tactics in found.items():
            hole = theorems[at]
            statement = " ".join(self._text[slice(*hole.statement)].split())
            yield Proof(hole.full or hole.name, statement, tuple(map(self._tactic, tactics)))

    def _tactic(self, traced: _Traced) -> Tactic:
        line, column = self._lines.place(traced.start)
        text = self._text[traced.start : traced.end]
        # A tactic of several lines has lost the blanks of its first one.
        text = " " * (column - 1) + text if "\n" in text else text
        first = bisect_left(self._named, (traced.start, 0, ""))
        last = bisect_left(self._named, (traced.end, 0, ""))
        constants = tuple(name for _, end, name in self._named[first:last] if end <= traced.end)
        return Tactic(line, column, text, states(traced.before), states(traced.after), constants)


class _Bytes:
    """Finds the code point at an offset in bytes."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._ascii = raw.isascii()
        self._known = (0, 0)

    def offset(self, at: int) -> int:
        if not 0 <= at <= len(self._raw):
            raise ValueError(f"the source has no byte {at}")
        if self._ascii:
            return at
        # Places come more or less in order: it is enough to count on from the last one.
        known, count = self._known if self._known[0] <= at else (0, 0)
        try:
            count += len(self._raw[known:at].decode("utf-8"))
        except UnicodeDecodeError:
            raise ValueError(f"byte {at} is within a character") from None
        self._known = (at, count)
        return count


def _number(value: dict[str, Any], name: str) -> int:
    found = value.get(name)
    if type(found) is not int or found < 0:
        raise ValueError(f"{name!r} is no number from 0")
    return found
