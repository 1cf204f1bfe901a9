"""What the other modules of a project take for granted that a file refers to, near or far.

F* believes the interface of a module, and its compiled form; an assumption in one is an assumption of whatever uses it.
F*'s own library is not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from checkers.files import read
from checkers.fstar import options
from checkers.fstar.declarations import Source
from checkers.fstar.fragments import module_name
from checkers.fstar.scan import Scanned, scan
from lemmata.errors import InputError

_LARGEST = 16 << 20
_MOST = 2000
"""Modules that are read."""


def granted(
    roots: Collection[Scanned], files: Mapping[str, Collection[Path]], allowed: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    """Look at what the project's modules take for granted.

    Args:
        roots: the file and its interface.
        files: the project's sources by module name.
        allowed: `MODULE`, `MODULE.NAME`, or `*`.

    Returns:
        Why something is not allowed, empty where everything is; and the names of what is allowed.
    """
    seen: set[str] = {module_name(root.source) for root in roots}
    rest = [name for root in roots for name in _mentioned(root.source, files)]
    # These are there without being named.
    rest += [name for name in ("Prims", "FStar.Pervasives", "FStar.Pervasives.Native") if name in files]
    taken: dict[str, None] = {}
    while rest:
        module = rest.pop()
        if module in seen:
            continue
        seen.add(module)
        if len(seen) > _MOST:
            return f"it refers to more than {_MOST} modules of the project", ()
        for file in files[module]:
            try:
                scanned = scan(read(file, _LARGEST), str(file))
            except InputError as error:
                if not {module, "*"} & set(allowed):
                    return f"{file.name}, which it refers to, cannot be read: {error.message}", ()
                taken[module] = None
                continue
            rest += _mentioned(scanned.source, files)
            for name, problem in _granted(scanned, module):
                if not {module, name, "*"} & set(allowed):
                    return f"{problem}; accept it with --allow-axioms {name}", ()
                taken[name] = None
    return "", tuple(taken)


def _granted(scanned: Scanned, module: str) -> Iterator[tuple[str, str]]:
    for found in scanned.assumptions:
        yield f"{module}.{found.name}", f"{module}.{found.name}, to which it refers, is taken for granted"
    if problem := options.problem(scanned.source):
        yield module, f"{module}, to which it refers, sets options: {problem}"


def _mentioned(source: Source, files: Mapping[str, Collection[Path]]) -> list[str]:
    """Return the modules of the project that a source names, in full or within a namespace that it opens."""
    paths = set(_paths(source))
    opened = {
        source.words(d.keyword + 1, d.last).replace(" ", "")
        for d in source.declarations
        if d.kind in ("open", "include")
    }
    spaces = ["", *(f"{name}." for name in opened)]
    found = {f"{space}{path}" for space in spaces for path in paths}
    return sorted(found & files.keys())


def _paths(source: Source) -> Iterator[str]:
    """Yield every dotted name that begins with a capital, and what it begins with."""
    parts: list[str] = []
    dotted = False
    for token in source.tokens:
        if token.kind == "word" and token.text[:1].isupper():
            parts = [*parts, token.text] if dotted else [token.text]
            yield ".".join(parts)
            dotted = False
        elif token.is_sign(".", ".(", "..") and parts:
            dotted = token.text == "."
        else:
            parts, dotted = [], False
