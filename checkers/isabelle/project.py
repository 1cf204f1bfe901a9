"""In which session a theory lives: the nearest `ROOT` above it, or what its imports need.

`ROOT` files follow "Session ROOT specifications" in the Isabelle system manual.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checkers.files import read as read_file
from checkers.isabelle import commands
from checkers.isabelle.distribution import GLOBAL, SESSIONS, check_session, check_theory, known, session_of
from checkers.isabelle.tokens import QUOTED, Kind, Token, meaningful
from lemmata.errors import InputError, Location, UsageError

_SIZE_LIMIT = 16 << 20
_MOST_THEORIES = 500
"""Most theories of the project that a theory may import, directly or not."""
_CLAUSES = frozenset(
    """
    chapter chapter_definition description directories document_files document_theories export_classpath export_files
    options sessions theories
    """.split()
)
_HEAVY = ("HOL-Probability", "HOL-Complex_Analysis", "HOL-Analysis", "HOL-Algebra", "HOL-Number_Theory", "HOL-Library")
"""Sessions that hold others of this list, the largest first."""
_STANDARD = frozenset({*GLOBAL.values(), *_HEAVY})


@dataclass(frozen=True, slots=True)
class Imported:
    """A theory of the project that is imported from a file."""

    name: str
    path: str
    digest: str
    """SHA-256 of its text."""


@dataclass(frozen=True, slots=True)
class Project:
    """What a theory is checked with."""

    logic: str
    """The session whose image it starts from."""
    sessions: tuple[str, ...]
    """Further sessions whose theories it uses."""
    directories: tuple[str, ...]
    """Folders with `ROOT` or `ROOTS` files that define those sessions."""
    imports: tuple[Imported, ...]
    """Theories from files, each behind those that it imports."""

    def options(self) -> dict[str, str]:
        """Return it as an obligation's options."""
        imported = [[one.name, one.path, one.digest] for one in self.imports]
        return {
            "logic": self.logic,
            "sessions": json.dumps(self.sessions),
            "directories": json.dumps(self.directories),
            "imports": json.dumps(imported),
        }


@dataclass(frozen=True, slots=True)
class Session:
    """An entry of a `ROOT` file."""

    name: str
    parent: str
    sessions: tuple[str, ...]
    theories: tuple[str, ...]
    """Base names of its theories."""


def of_options(options: Mapping[str, str]) -> Project:
    """Return the project that an obligation's options describe.

    Raises:
        UsageError: they describe none.
    """
    try:
        sessions, folders = (json.loads(options.get(key) or "[]") for key in ("sessions", "directories"))
        imported = [Imported(*map(_text, entry)) for entry in json.loads(options.get("imports") or "[]")]
        names = tuple(map(_text, sessions)), tuple(map(_text, folders))
    except (ValueError, TypeError, RecursionError):
        raise UsageError("the options of this Isabelle obligation make no sense") from None
    return Project(options.get("logic") or "HOL", *names, tuple(imported))


def _text(value: object) -> str:
    if not isinstance(value, str) or any(not char.isprintable() for char in value):
        raise TypeError
    return value


def of_file(path: Path, theory: commands.Theory) -> Project:
    """Find the project of a theory.

    Args:
        path: absolute, of the theory's file.
        theory: its text.

    Raises:
        InputError: a theory that it imports from a file, or a `ROOT`, cannot be read.
    """
    session, folder = _session(path)
    imported: dict[str, Imported] = {}
    outside: list[str] = []
    _gather(path, theory, imported, outside, (path.resolve(),))
    needed = [name for name in dict.fromkeys(map(session_of, outside)) if name]
    if session is not None:
        own = {session.name}
        extra = [name for name in dict.fromkeys([*session.sessions, *needed]) if name not in own | {session.parent}]
        return Project(session.parent, tuple(extra), (str(folder),), tuple(imported.values()))
    logic = next((name for name in _HEAVY if name in needed), "")
    if not logic:
        others = [name for name in needed if name not in ("HOL", "Pure")]
        logic = others[0] if others else "Pure" if needed == ["Pure"] else "HOL"
    return Project(logic, tuple(n for n in needed if n not in (logic, "HOL", "Pure")), (), tuple(imported.values()))


def _gather(
    path: Path, theory: commands.Theory, found: dict[str, Imported], outside: list[str], above: tuple[Path, ...]
) -> None:
    """Collect the theories that one imports: those from files, and the names of the others."""
    for token in theory.header.imports:
        name = token.content
        file = local(path, name)
        if file is None:
            outside.append(name)
            continue
        if file.resolve() in above:
            raise InputError(f"{file.stem} imports itself", location=Location.at(str(path), theory.text, token.start))
        if file.stem in found:
            if found[file.stem].path != str(file):
                place = Location.at(str(path), theory.text, token.start)
                raise InputError(f"two theories are called {file.stem}", location=place, hint="rename one of them")
            continue
        if len(found) + len(above) > _MOST_THEORIES:
            raise InputError(f"more than {_MOST_THEORIES} theories are imported", location=Location(str(path)))
        text = read_file(file, _SIZE_LIMIT)
        _gather(file, commands.read(text, str(file)), found, outside, (*above, file.resolve()))
        found[file.stem] = Imported(file.stem, str(file), digest(text))


def digest(text: str) -> str:
    """Return the digest of a theory's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def local(path: Path, name: str) -> Path | None:
    """Return the file that an import of the theory at `path` names; None where it is of some session.

    A qualified name `Session.Theory` is one of the theory's own session where a file `Theory.thy` stands beside it.
    """
    if not name or name.startswith(("~~", "$", "~")) or name in GLOBAL:
        return None
    plain = name.removesuffix(".thy") if name.endswith(".thy") else name
    beside = path.parent / f"{plain}.thy"
    try:
        if beside.is_file():
            return beside.resolve()
    except (OSError, ValueError):
        return None  # no name of a file
    head, _, last = plain.rpartition(".")
    if head and re.fullmatch(r"[A-Za-z][\w']*", last):
        session, folder = _session(path)
        if session is not None and folder is not None and head == session.name:
            return next(iter(sorted(folder.rglob(f"{last}.thy"))), None)
    return None


def header(theory: commands.Theory, names: Collection[str], prefix: str = "") -> str:
    """Return a theory's text up to its `begin`, with the imports that are files called by their bare names.

    Args:
        theory: the theory.
        names: of the theories that are imported from files.
        prefix: stands before each of them, such as a folder's name with `/`.
    """
    text = theory.text[: theory.header.end]
    for token in reversed(theory.header.imports):
        name = token.content.removesuffix(".thy")
        last = name.rpartition("/")[2]
        own = last if last in names else last.rpartition(".")[2]
        if _is_copied(name, names):
            text = f'{text[: token.start]}"{prefix}{own}"{text[token.end :]}'
    return text


def _is_copied(name: str, names: Collection[str]) -> bool:
    last = name.rpartition("/")[2]
    own = last if last in names else last.rpartition(".")[2]
    return own in names and not name.startswith(("~", "$")) and session_of(name) not in _STANDARD


def foreign(theory: commands.Theory, names: Collection[str]) -> list[str]:
    """Return what a theory imports beside files of the project and theories of the distribution.

    Args:
        theory: the theory.
        names: of the theories that are imported from files.
    """
    imported = [token.content.removesuffix(".thy") for token in theory.header.imports]
    others = [name for name in imported if not _is_copied(name, names) and not known(name)]
    return [session_of(name) or name for name in others]


def check(project: Project, theory: str, file: str) -> None:
    """Check the names of a project before anything is written under them.

    Args:
        project: as it came from an obligation.
        theory: name of the theory itself.
        file: its file, for messages.

    Raises:
        InputError: one is no name, or two theories have the same.
    """
    check_theory(theory, file)
    names = [theory, *(one.name for one in project.imports)]
    for one in project.imports:
        check_theory(one.name, file)
    if len(set(names)) < len(names):
        raise InputError("two theories have the same name", location=Location(file))
    for session in (project.logic, *project.sessions):
        check_session(session)


def folders(project: Project) -> tuple[str, ...]:
    """Return the folders that define its sessions, none where the distribution does."""
    return () if SESSIONS.issuperset((project.logic, *project.sessions)) else project.directories


def copies(project: Project) -> dict[str, str]:
    """Return the texts of the imported theories by name, as they are checked.

    Raises:
        InputError: one cannot be read or is not what it was when the obligation was made.
    """
    texts: dict[str, str] = {}
    for one in project.imports:
        path = Path(one.path)
        check_theory(one.name, one.path)
        text = read_file(path, _SIZE_LIMIT)
        if digest(text) != one.digest:
            raise InputError(f"{one.name} has changed since", location=Location(one.path), hint="prove it again")
        theory = commands.read(text, one.path)
        texts[one.name] = header(theory, [other.name for other in project.imports]) + text[theory.header.end :]
    return texts


def _session(path: Path) -> tuple[Session | None, Path | None]:
    """Return the session that lists a theory, in the nearest `ROOT` above it, with the folder of that."""
    for folder in path.parents:
        root = folder / "ROOT"
        if root.is_file():
            text = read_file(root, _SIZE_LIMIT)
            entries = sessions(text, str(root))
            named = [entry for entry in entries if path.stem in entry.theories]
            chosen = named[0] if named else entries[0] if len(entries) == 1 else None
            return chosen, folder
    return None, None


def sessions(text: str, file: str) -> list[Session]:
    """Read the entries of a `ROOT` file.

    Raises:
        InputError: a comment, string or cartouche does not end.
    """
    found: list[Session] = []
    words = meaningful(text, file)
    starts = [i for i, token in enumerate(words) if token.kind is Kind.WORD and token.text == "session"]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        entry = words[start + 1 : end]
        if entry:
            found.append(_entry(entry))
    return found


def _entry(words: Sequence[Token]) -> Session:
    clauses: dict[str, list[str]] = {}
    current: list[str] = []
    parent, depth = "", 0
    for position, token in enumerate(words):
        depth += (token.text == "[") - (token.text == "]")
        if depth:
            continue
        if token.kind is Kind.WORD and token.text in _CLAUSES:
            current = clauses.setdefault(token.text, [])
        elif token.text == "=" and not clauses and not parent:
            parent = words[position + 1].content if position + 1 < len(words) else ""
        elif token.kind is Kind.WORD or token.kind in QUOTED:
            current.append(token.content)
    theories = [name.rpartition("/")[2].rpartition(".")[2] for name in clauses.get("theories", [])]
    return Session(words[0].content, parent or "Pure", tuple(clauses.get("sessions", [])), tuple(theories))
