"""LeanDojo's exported data sets: an array of theorems, each with `traced_tactics` and the goals before and after them.

Forms as of `scripts/generate-benchmark-lean4.ipynb` of lean-dojo/LeanDojo: `url`, `commit`, `file_path`, `full_name`,
`start` and `end` (line and column, from 1), and for each tactic `tactic`, `annotated_tactic` (its text and the places
of the constants that it names), `state_before` and `state_after`. Folders are `STRATEGY/{train,val,test}.json`, with
the licences of the repositories in `licenses/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpora.extract import elements, licences
from corpora.lean.steps import Origin, Proof, Tactic, states
from corpora.split.settings import TEST, TRAIN, VALIDATION
from lemmata.errors import InputError, Location

_SPLITS = {"train": TRAIN, "val": VALIDATION, "test": TEST}
_PREFERRED = "random"
"""The strategy that is read of a folder with several: each of them splits the same theorems."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file of an exported data set."""

    path: Path
    split: str
    """Empty where the file's name is none of a split."""

    @property
    def licences(self) -> Path:
        """The folder of the repositories' licences."""
        return next((f for f in (up / "licenses" for up in self.path.absolute().parents[:2]) if f.is_dir()), Path())


def exported(target: Path) -> list[Exported]:
    """Return the files of an exported data set.

    Args:
        target: one file, the folder of a strategy, or the folder of all of them.

    Raises:
        InputError: there are none.
    """
    if target.is_file():
        return [Exported(target, _SPLITS.get(target.stem, ""))]
    for folder in (target, target / _PREFERRED, *sorted(path for path in target.glob("*/") if path.is_dir())):
        found = [Exported(folder / f"{name}.json", split) for name, split in _SPLITS.items()]
        if there := [file for file in found if file.path.is_file()]:
            return there
    raise InputError("there are no files train.json, val.json or test.json here", location=Location(str(target)))


def proof(value: dict[str, Any], folder: Path) -> tuple[Origin, Proof]:
    """Read a theorem.

    Args:
        value: the object.
        folder: of the licences.

    Raises:
        ValueError: one line says what is wrong.
    """
    url = elements.text(value, "url", "")
    name = url.rstrip("/").rpartition("/")[2].removesuffix(".git") or licences.UNKNOWN
    tactics = value.get("traced_tactics")
    if not isinstance(tactics, list):
        raise ValueError("'traced_tactics' is no list")
    line, column = _place(value.get("start"))
    found = Proof(elements.text(value, "full_name"), "", tuple(_tactic(tactic, line, column) for tactic in tactics))
    commit = elements.text(value, "commit", "") or licences.UNKNOWN
    # A name from outside: no way out of the folder.
    licence = licences.of_file(folder / name) if folder.name and name not in (".", "..") else licences.UNKNOWN
    return Origin(name, commit, licence, elements.text(value, "file_path")), found


def _tactic(value: Any, line: int, column: int) -> Tactic:
    if not isinstance(value, dict):
        raise ValueError("a tactic is no object")
    return Tactic(
        line,
        column,
        elements.text(value, "tactic"),
        states(elements.text(value, "state_before")),
        states(elements.text(value, "state_after")),
        _names(value.get("annotated_tactic")),
    )


def _names(value: Any) -> tuple[str, ...]:
    """Return the constants that a tactic names; a tactic that was not annotated names none."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[1], list):
        raise ValueError("'annotated_tactic' is no pair of a text and a list")
    if not all(isinstance(item, dict) for item in value[1]):
        raise ValueError("a premise is no object")
    return tuple(dict.fromkeys(elements.text(item, "full_name") for item in value[1]))


def _place(value: Any) -> tuple[int, int]:
    if value is None:
        return 0, 0
    if not isinstance(value, list) or len(value) != 2 or not all(type(n) is int and n >= 0 for n in value):
        raise ValueError("'start' is no line and column")
    return value[0], value[1]
