"""Records by the theorems that they belong to: what is taken out or put aside together."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpora.curate.statements import Statement, statement
from corpora.stages.task import Record


@dataclass(frozen=True, slots=True)
class Proof:
    """The records of one theorem that follow each other in a data set."""

    name: str
    """Its package, file and name, in one text."""
    records: Sequence[Record]

    @property
    def system(self) -> str:
        """Whose notation it is in."""
        return text(self.records[0], "system")

    @property
    def statement(self) -> Statement:
        """What the theorem says, by its text."""
        return statement(self.system, text(self.records[0], "statement"))

    @property
    def root(self) -> Statement:
        """What the theorem says, by its first goal where that is known: the text leaves types to be guessed."""
        first = self.records[0]
        conclusion = text(first, "conclusion")
        if first.get("index") != 0 or not conclusion:
            return self.statement
        rows = first.get("hypotheses")
        above = [row for row in rows if isinstance(row, list) and len(row) == 2] if isinstance(rows, list) else []
        binders = " ".join(f"({name} : {said})" for name, said in above if not str(said).startswith(":="))
        return statement(self.system, f"forall {binders}, {conclusion}" if binders else conclusion)


def proofs(records: Iterable[Record]) -> Iterator[Proof]:
    """Put records together that follow each other and are of the same theorem."""
    for name, group in itertools.groupby(records, theorem):
        yield Proof(name, list(group))


def theorem(record: Record) -> str:
    """Return what names a record's theorem: package, file and name."""
    place = [text(record, "package"), text(record, "file")]
    return f"{'/'.join(part for part in place if part)}:{text(record, 'theorem') or text(record, 'name')}"


def identity(record: Record) -> str:
    """Return what names a record: its theorem and which of its steps it is."""
    index = record.get("index")
    return theorem(record) if index is None else f"{theorem(record)}#{index}"


def text(record: Record, member: str) -> str:
    """Return a member of a record that is a text, the empty one where there is none."""
    value = record.get(member)
    return value if isinstance(value, str) else ""


def head(step: str) -> str:
    """Return the word that a step begins with, such as `rewrite`; behind `now`, `try` and the like the next one."""
    words = step.replace("(", " ").replace(";", " ; ").split()
    while len(words) > 1 and (words[0] in _PREFIXES or words[0].isdigit()):
        words.pop(0)
    return words[0].rstrip(".,") if words else ""


_PREFIXES = frozenset("now try repeat progress solve timeout by ( do".split())
