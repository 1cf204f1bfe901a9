"""Examples to learn from: steps that were taken at goals, read from data sets of the schema `lemmata.step/1`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemmata.errors import InputError, Location
from provers.neural.training.records import rows

SCHEMA = "lemmata.step/1"
SYSTEM = "coq"
_LONGEST = 1000
"""A step with more characters than this was made for its own goal only."""

Pairs = tuple[tuple[str, str], ...]
"""Names with their types."""


@dataclass(frozen=True, slots=True)
class Example:
    """A step with the goal at which it was taken."""

    step: str
    conclusion: str
    """Without notations, as far as the record tells; a goal of the search is compared so."""
    hypotheses: Pairs
    theorem: str
    """Its full name, or as much of it as is known."""
    file: str = ""
    statement: str = ""
    """The sentence that states the theorem."""
    index: int = 0
    """Number of steps before it in its proof."""
    premises: tuple[str, ...] = ()
    """Full names of the lemmas and definitions that the step names, as far as they are known."""


def digest(path: Path) -> str:
    """Hash what a data set holds.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None


def examples(path: Path) -> Iterator[Example]:
    """Yield the steps of a data set's Coq proofs; what is of another proof system, or too long, is passed over.

    Args:
        path: JSON lines, or a file ending in `.parquet`.

    Raises:
        InputError: a record is wrong, with its file and line, or the file cannot be read.
        BackendMissing: it is a Parquet file, and pyarrow is not installed.
    """
    try:
        for line, value in rows(path):
            try:
                found = _example(value)
            except (KeyError, TypeError, ValueError) as error:
                what = f"the record has no {error}" if isinstance(error, KeyError) else str(error)
                hint = f"each needs what `lemmata corpus extract` writes, of the schema {SCHEMA}"
                raise InputError(what, hint=hint, location=Location(str(path), line)) from None
            if found is not None:
                yield found
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> InputError:
    hint = "knn:DATASET takes a file of step records: JSON lines or Parquet"
    return InputError(f"cannot be read: {error.strerror}", hint=hint, location=Location(str(path)))


def _example(value: Mapping[str, Any]) -> Example | None:
    if value.get("schema", SCHEMA) != SCHEMA:
        raise ValueError(f"a record of the schema {value['schema']!r}, not {SCHEMA!r}")
    if value["system"] != SYSTEM:
        return None
    plain = bool(value.get("plain"))
    found = Example(
        " ".join(_text(value, "step").split()),
        _text(value, "plain" if plain else "conclusion"),
        _pairs(value["plain_hypotheses" if plain else "hypotheses"]),
        _text(value, "theorem"),
        str(value.get("file", "")),
        str(value.get("statement", "")),
        int(value.get("index", 0)),
        tuple(str(name) for name in value.get("premises", ())),
    )
    return found if found.step and len(found.step) <= _LONGEST else None


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value[name]
    if not isinstance(found, str):
        raise ValueError(f"{name!r} is of type {type(found).__name__}, not text")
    # What no file can hold would come back from the index as something else.
    return found.encode("utf-8", "replace").decode()


def _pairs(value: object) -> Pairs:
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise ValueError("'hypotheses' is no list of pairs of a name and a type")
    return tuple((str(name), str(kind)) for name, kind in value)


def above(context: Mapping[str, Any]) -> Iterator[Example]:
    """Yield the steps of the proofs above a goal in its own file, as its session's context tells them."""
    for number, proof in enumerate(context.get("proofs", ())):
        text = str(proof.get("text", ""))
        name = f"{number}.{name_of(text)}"
        for index, (step, conclusion, hypotheses) in enumerate(proof["steps"]):
            if len(str(step)) <= _LONGEST:
                pairs = tuple((str(own), str(kind)) for own, kind in hypotheses)
                yield Example(str(step), str(conclusion), pairs, name, "", text, index)


_DECLARED = re.compile(
    r"""\s*(?:\#\[[^\]]*\]\s*)*(?:(?:Local|Global|Polymorphic|Monomorphic|Program|Private)\s+)*
        [A-Z][a-z]+\s+([^\W\d][\w']*)""",
    re.X,
)


def name_of(statement: str) -> str:
    """Return the name of the theorem that a sentence states, empty where it has none."""
    found = _DECLARED.match(statement)
    return found[1] if found else ""


def claim(statement: str) -> str:
    """Return what a theorem says, without its kind and name, and without blanks; empty where that cannot be told."""
    found = _DECLARED.match(statement)
    return "".join(statement[found.end() :].split()).strip(".") if found else ""


def short(theorem: str) -> str:
    """Return a theorem's name without its modules."""
    return theorem.rpartition(".")[2]


def hypotheses_of(pairs: Sequence[Sequence[Any]]) -> Pairs:
    """Return a goal's hypotheses as they stand in its details."""
    return tuple((str(pair[0]), str(pair[1])) for pair in pairs if len(pair) == 2)
