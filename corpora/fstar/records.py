"""Records of the F* data set: a definition with its type, and all that is needed to check it again.

Two forms are read and written. Insight files, as FStarLang/fstar_dataset makes them (`fstar_harness.py`, `Definition`
and `InsightFile`), are an object for each module: `defs`, `dependencies`, and where it comes from (`source`). The
published set (microsoft/FStarDataSet and FStarDataSet-V2) has each definition by itself, with `source` and
`file_context` in it, and calls `premises` `ideal_premises`. Lines count from 1, columns from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpora.extract import elements

NO_TYPE = "<UNK>"
"""Stands for a type that the source does not state."""
_PREMISES, _PUBLISHED = "premises", "ideal_premises"
_VCONFIG: Mapping[str, type] = {
    **dict.fromkeys(("initial_fuel", "max_fuel", "initial_ifuel", "max_ifuel", "z3rlimit", "z3rlimit_factor"), int),
    **dict.fromkeys(("z3seed", "quake_lo", "quake_hi"), int),
    **dict.fromkeys(("z3cliopt", "z3smtopt"), list),
}
"""Options whose values are looked at; the others are kept as they are."""


@dataclass(frozen=True, slots=True)
class Range:
    """Where a definition stands."""

    line: int
    """From 1; 0 where it is not known."""
    column: int
    """From 0, as F* counts."""
    end_line: int
    end_column: int
    more: Mapping[str, Any] = field(default_factory=dict)
    """Its other members, such as `file_name`."""

    def to_json(self) -> dict[str, Any]:
        """Return it as the record holds it."""
        own = {
            "start_line": self.line,
            "start_col": self.column,
            "end_line": self.end_line,
            "end_col": self.end_column,
        }
        return {**own, **self.more}


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition."""

    file_name: str
    name: str
    """With its modules."""
    source_type: str
    """The `val`; empty, or `<UNK>`, where there is none."""
    source_definition: str
    """The `let`."""
    opens_and_abbrevs: tuple[Mapping[str, Any], ...]
    """What is open there, and abbreviated: `{"open"}` or `{"abbrev", "full_module"}` in insight files."""
    vconfig: Mapping[str, Any] | None
    """Options of the solver."""
    premises: tuple[str, ...]
    """Full names of what the definition refers to."""
    effect: str
    source_range: Range | None
    published: bool
    """Whether it is in the form of the published set."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """The other members, as they are."""

    def to_json(self) -> dict[str, Any]:
        """Return the record in the form that it was read in."""
        found: dict[str, Any] = {
            "file_name": self.file_name,
            "name": self.name,
            "source_type": self.source_type,
            "source_definition": self.source_definition,
            "opens_and_abbrevs": [dict(entry) for entry in self.opens_and_abbrevs],
            "vconfig": None if self.vconfig is None else dict(self.vconfig),
            _PUBLISHED if self.published else _PREMISES: list(self.premises),
            "effect": self.effect,
        }
        if self.source_range is not None:
            found["source_range"] = self.source_range.to_json()
        return {**found, **self.more}

    def to_check(self) -> dict[str, Any]:
        """Return what the data set's own harness needs to check it (`DefinitionToCheck` and `should_ignore`)."""
        stated, whole = self.more.get("original_source_type"), self.more.get("definition")
        return {
            "file_name": self.file_name,
            "name": self.name,
            "opens_and_abbrevs": [_opened(entry) for entry in self.opens_and_abbrevs],
            "vconfig": None if self.vconfig is None else dict(self.vconfig),
            # In the published set, the other one is made for prompts.
            "source_type": stated if isinstance(stated, str) else self.source_type,
            "source_definition": self.source_definition,
            "interleaved": self.more.get("interleaved") is True,
            "definition": whole if isinstance(whole, str) else self.source_definition,
        }

    @property
    def source(self) -> Mapping[str, Any]:
        """Where it comes from: `project_name`, `file_name`, `git_rev`, `git_url`, as far as it says."""
        found = self.more.get("source")
        return found if isinstance(found, dict) else {}


def definition(value: Mapping[str, Any]) -> Definition:
    """Read a definition; members that are not known are kept.

    Raises:
        ValueError: one line says what is missing or wrong.
    """
    given = dict(value)
    if _PREMISES in given and _PUBLISHED in given:
        raise ValueError(f"the record has both {_PREMISES!r} and {_PUBLISHED!r}")
    published = _PUBLISHED in given
    found = Definition(
        file_name=elements.text(given, "file_name"),
        name=elements.text(given, "name"),
        source_type=elements.text(given, "source_type"),
        source_definition=elements.text(given, "source_definition"),
        opens_and_abbrevs=_opens(given.get("opens_and_abbrevs", [])),
        vconfig=_vconfig(given.get("vconfig")),
        premises=elements.texts(given, _PUBLISHED if published else _PREMISES),
        effect=elements.text(given, "effect", ""),
        source_range=_range(given.get("source_range")),
        published=published,
    )
    if not found.name.strip(".") or not found.source_definition.strip():
        raise ValueError("the record has no name, or no definition")
    if not isinstance(source := given.get("source", {}), dict | None):
        raise ValueError("'source' is no object")
    for name, member in (source or {}).items():
        elements.clean(member or "", name)
    known = {*found.to_json(), _PREMISES, _PUBLISHED, "source_range"}
    return Definition(
        **{name: getattr(found, name) for name in Definition.__slots__ if name != "more"},
        more={name: member for name, member in given.items() if name not in known},
    )


def _opens(value: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ValueError("'opens_and_abbrevs' is no list of objects")
    for entry in value:
        for name, member in entry.items():
            if not isinstance(member, bool | None):
                elements.clean(member, name)
    return tuple(value)


def _opened(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as insight files have it: some sets say with true or false whether it is an abbreviation."""
    module = entry.get("full_module")
    if not isinstance(entry.get("abbrev"), bool) or not isinstance(module, str):
        return dict(entry)
    short = entry.get("short_module")
    return {"abbrev": short, "full_module": module} if entry["abbrev"] and isinstance(short, str) else {"open": module}


def _vconfig(value: Any) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError("'vconfig' is no object")
    for name, kind in _VCONFIG.items():
        if name in value and type(value[name]) is not kind:
            raise ValueError(f"{name!r} of 'vconfig' is no {'list' if kind is list else 'number'}")
    for name in ("z3cliopt", "z3smtopt"):
        elements.texts(value, name)
    return value


def _range(value: Any) -> Range | None:
    if value is None:
        return None
    names = ("start_line", "start_col", "end_line", "end_col")
    if not isinstance(value, dict) or not all(type(value.get(n)) is int and value[n] >= 0 for n in names):
        raise ValueError("'source_range' is no range of lines and columns")
    more = {name: member for name, member in value.items() if name not in names}
    return Range(value["start_line"], value["start_col"], value["end_line"], value["end_col"], more)
