"""Premises read from a file of a whole library, and which of them a place in it can see.

The format is that of LeanDojo's `corpus.jsonl` (Yang et al., "LeanDojo", NeurIPS 2023): one source file a line, with
`path`, `imports` (paths) and `premises`, each with `full_name`, `code`, `start` and `end` (line and column from 1).
A premise can be used where its file is imported, directly or not, or where it stands above in the same file.
"""

from __future__ import annotations

import bisect
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location
from provers.retrieval.premise import Premise


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a corpus."""

    path: str
    imports: tuple[str, ...]
    premises: tuple[Premise, ...]


class Corpus:
    """The premises of a library.

    Args:
        files: its files, each path once; imports that are none of them are left out.
    """

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self._numbers = {file.path: number for number, file in enumerate(files)}
        self._modules = {_module(path): path for path in self._numbers}
        self._imports = [[self._numbers[p] for p in file.imports if p in self._numbers] for file in files]
        # Sets of files are bits of whole numbers: a library has thousands of files with as many imports each.
        self._reached: dict[int, int] = {}
        self._mask: tuple[int, Any] | None = None
        self.premises: list[Premise] = []
        self._files: list[int] = []
        for number, file in enumerate(files):
            self._reached[number] = self._reachable([number])
            closure = _key(self._reached[number] & ~(1 << number))
            for found in file.premises:
                self.premises.append(Premise(found.name, found.statement, file.path, found.position, closure))
                self._files.append(number)

    @classmethod
    def load(cls, path: Path) -> Corpus:
        """Read a corpus.

        Raises:
            InputError: it cannot be read, or a line is not what the format says.
        """
        files = []
        seen: set[str] = set()
        try:
            with path.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        file = _file(line, Location(str(path), number))
                        if file.path not in seen:
                            files.append(file)
                        seen.add(file.path)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"the corpus cannot be read: {error}", location=Location(str(path))) from None
        return cls(files)

    def file_of(self, path: str) -> str | None:
        """Return the file of the corpus that a path means: itself, or the longest one that it ends with."""
        parts = Path(path).as_posix().split("/")
        return next((p for i in range(len(parts)) if (p := "/".join(parts[i:])) in self._numbers), None)

    def modules(self, names: Iterable[str]) -> list[str]:
        """Return the files of modules such as `Mathlib.Data.Nat.Basic`; those that are not there are left out."""
        return [self._modules[name] for name in names if name in self._modules]

    def _reachable(self, numbers: Iterable[int]) -> int:
        """Return files with everything that they import, directly or not; imports may go in circles."""
        found = 0
        work = list(numbers)
        while work:
            number = work.pop()
            if number in self._reached:
                found |= self._reached[number]
            elif not found >> number & 1:
                found |= 1 << number
                work.extend(self._imports[number])
        return found

    def accessible(self, imports: Iterable[str], file: str | None = None, above: tuple[int, int] = (0, 0)) -> Any:
        """Say of each premise whether it can be used at a place (numpy, booleans).

        Args:
            imports: files of the corpus that are imported there.
            file: the file of the corpus that the place is in, None where it is in none of them.
            above: line and column where the theorem begins; in its own file only what ends before it is accessible.
        """
        own = None if file is None else self._numbers[file]
        direct = [self._numbers[path] for path in imports if path in self._numbers]
        seen = self._reachable([*direct, *(self._imports[own] if own is not None else ())])
        if own is not None:
            # A file that imports itself in a circle sees no more of itself than stands above.
            seen &= ~(1 << own)
        if self._mask is None or self._mask[0] != seen:
            self._mask = seen, self._spread(seen)
        mask = self._mask[1].copy()
        if own is not None:
            first, last = bisect.bisect_left(self._files, own), bisect.bisect_right(self._files, own)
            for place in range(first, last):
                mask[place] = (0, 0) < self.premises[place].position <= above
        return mask

    def _spread(self, seen: int) -> Any:
        import numpy as np

        raw = seen.to_bytes(len(self._numbers) // 8 + 1, "little")
        files = np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="little").astype(bool)
        return files[np.asarray(self._files, dtype=np.int64)]


def _key(files: int) -> str:
    return hashlib.blake2b(files.to_bytes(files.bit_length() // 8 + 1, "little"), digest_size=8).hexdigest()


def _module(path: str) -> str:
    return path.rsplit(".", 1)[0].replace("/", ".")


def _file(line: str, location: Location) -> SourceFile:
    try:
        body = json.loads(line)
        path = str(body["path"])
        premises = tuple(_premise(path, value) for value in body["premises"])
        return SourceFile(path, tuple(str(name) for name in body["imports"]), premises)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise InputError(
            f"this is no file of a corpus: {type(error).__name__}: {error}",
            hint="each line needs path, imports and premises, as LeanDojo writes them",
            location=location,
        ) from None


def _premise(path: str, value: Mapping[str, Any]) -> Premise:
    line, column = value["end"]
    return Premise(str(value["full_name"]), str(value["code"]), path, (int(line), int(column)))
