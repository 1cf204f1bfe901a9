"""Benchmarks that a data set must not give away: their theorems, found up to renaming."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.curate.proofs import text
from corpora.curate.shingles import Near, shingles
from corpora.curate.statements import Statement, statement
from corpora.stages import lines
from lemmata.errors import InputError, Location
from lemmata.goal import digest

_SYSTEMS = {".v": "coq", ".lean": "lean", ".fst": "fstar", ".fsti": "fstar", ".thy": "isabelle"}


@dataclass(frozen=True, slots=True)
class Theorem:
    """A theorem of a benchmark."""

    benchmark: str
    name: str
    """Empty where it has none."""
    file: str
    """Below the library's root; empty where that is not known."""
    statement: str
    system: str
    """Empty where it is not known: then it is read as in whatever system it is compared with."""

    @property
    def title(self) -> str:
        """What it is called in reports."""
        return ":".join(part for part in (self.benchmark, self.file, self.name) if part)


@dataclass(frozen=True, slots=True)
class _Table:
    """The theorems as one system reads them."""

    by_skeleton: Mapping[str, Sequence[tuple[Theorem, Statement]]]
    near: Near


class Benchmarks:
    """The theorems of some benchmarks.

    Args:
        theorems: of the benchmarks.
        near: least overlap of a statement that is told as a near copy.
        seed: of the search for near copies.
    """

    def __init__(self, theorems: Iterable[Theorem], near: float, seed: int) -> None:
        self._theorems = list(theorems)
        self._near, self._seed = near, seed
        self._tables: dict[str, _Table] = {}
        self._named: dict[str, list[Theorem]] = defaultdict(list)
        for theorem in self._theorems:
            if theorem.name and theorem.file:
                self._named[theorem.name].append(theorem)

    def __len__(self) -> int:
        return len(self._theorems)

    def copy(self, system: str, found: Statement) -> str:
        """Return the title of the theorem that a statement is up to renaming, or nothing."""
        known = self._table(system).by_skeleton.get(found.skeleton, ())
        return next((theorem.title for theorem, other in known if found.agrees(other)), "")

    def near(self, system: str, found: Statement) -> tuple[str, float] | None:
        """Return the title of the theorem that a statement is most like, with the overlap, where it is enough."""
        return self._table(system).near.nearest(shingles(found.words, self._seed))

    def named(self, full: str) -> str:
        """Return the title of the theorem with a full name, such as `Coq.Lists.List.rev_involutive`, or nothing."""
        for theorem in self._named.get(full.rpartition(".")[2], ()):
            module = theorem.file.rpartition(".")[0].replace("/", ".")
            if f".{module}." in f".{full}":
                return theorem.title
        return ""

    def _table(self, system: str) -> _Table:
        if system not in self._tables:
            by_skeleton: dict[str, list[tuple[Theorem, Statement]]] = defaultdict(list)
            near = Near(self._near, self._seed)
            for theorem in self._theorems:
                if theorem.system in ("", system):
                    found = statement(system, theorem.statement)
                    by_skeleton[found.skeleton].append((theorem, found))
                    near.keep(theorem.title, shingles(found.words, self._seed))
            self._tables[system] = _Table(by_skeleton, near)
        return self._tables[system]


def read(paths: Sequence[Path]) -> Iterator[Theorem]:
    """Yield the theorems of some benchmarks.

    Args:
        paths: JSON lines with `statement`, perhaps `name`, `file` and `system`; Lean files, or folders of them.

    Raises:
        InputError: there is no theorem in one of them, or one is not as it should be, with its place.
    """
    for path in paths:
        found = _lean(path) if path.is_dir() or path.suffix == ".lean" else _lines(path)
        empty = True
        for theorem in found:
            empty = False
            yield theorem
        if empty:
            hint = "a benchmark is a file of JSON objects with `statement`, or a folder of Lean files"
            raise InputError("there are no theorems", hint=hint, location=Location(str(path)))


def digests(paths: Sequence[Path]) -> dict[str, str]:
    """Return a digest of each benchmark, as `Stage.inputs` holds them; raises as `read`."""
    found = {}
    for number, path in enumerate(paths, 1):
        files = _files(path)
        if not files:
            raise InputError("there is no such file or folder", location=Location(str(path)))
        whole = digest(*(f"{file.name} {lines.digest(file)}" for file in files))
        found[f"benchmark {number} {path.name}"] = f"sha256:{whole}"
    return found


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.lean")) if path.is_dir() else [path] if path.is_file() else []


def _lines(path: Path) -> Iterator[Theorem]:
    for number, entry in lines.read(path):
        said, file = text(entry, "statement"), text(entry, "file")
        if not said.strip():
            hint = "a benchmark is a file of theorems, each with its `statement`"
            raise InputError("the theorem has no 'statement'", hint=hint, location=Location(str(path), number))
        system = text(entry, "system") or _SYSTEMS.get(Path(file).suffix, "")
        yield Theorem(path.name, text(entry, "name"), file, said, system)


def _lean(path: Path) -> Iterator[Theorem]:
    from checkers.lean import scan

    for file in _files(path):
        try:
            source = file.read_text("utf-8", "replace")
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", location=Location(str(file))) from None
        for hole in scan.theorems(source, str(file)):
            yield Theorem(path.name, hole.name, "", source[slice(*hole.statement)], "lean")
