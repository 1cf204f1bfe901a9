"""LeanDojo's benchmark format, which ReProver trains on: theorems with their tactics, and the corpus of premises.

The names are those of LeanDojo's `generate-benchmark-lean4.ipynb`. Records know no more of a theorem's place than where
its first step stands, so `start` and `end` of theorems and premises are that place; which file imports which is taken
from who uses whose premises.
"""

from __future__ import annotations

import graphlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from corpora.curate.proofs import Proof, proofs, text
from corpora.split.assigning import premises
from corpora.split.settings import TEST, TRAIN, VALIDATION
from corpora.stages import lines
from corpora.stages.task import Record

_NAMES = {TRAIN: "train.json", VALIDATION: "val.json", TEST: "test.json"}
_DONE = "no goals"


@dataclass(slots=True)
class Corpus:
    """The theorems of a data set, which may be premises, and their files."""

    places: dict[str, tuple[str, list[int], str]] = field(default_factory=dict)
    """For each theorem its file, its place there, and what it says."""
    imports: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record], again: Iterable[Record]) -> Corpus:
        """Read a data set, twice from its beginning."""
        corpus = cls()
        for proof in proofs(records):
            first = proof.records[0]
            corpus.places[text(first, "theorem")] = path(first), _place(first), text(first, "statement")
            corpus.imports.setdefault(path(first), set())
        for record in again:
            for premise in premises(record):
                if premise in corpus.places and (file := corpus.places[premise][0]) != path(record):
                    corpus.imports[path(record)].add(file)
        return corpus

    def files(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of `corpus.jsonl`, each file behind those that it imports."""
        defined: dict[str, list[dict[str, Any]]] = {file: [] for file in self.imports}
        for name, (file, place, said) in self.places.items():
            if said:
                defined[file].append({"full_name": name, "code": said, "start": place, "end": place, "kind": "theorem"})
        done: set[str] = set()
        for file in self._order():
            # Where two files seem to import each other, a name was resolved wrongly: the later one does.
            yield {"path": file, "imports": sorted(self.imports[file] & done), "premises": defined[file]}
            done.add(file)

    def _order(self) -> list[str]:
        graph = {file: sorted(above) for file, above in sorted(self.imports.items())}
        while True:
            try:
                return list(graphlib.TopologicalSorter(graph).static_order())
            except graphlib.CycleError as error:
                cycle = error.args[1]
                graph[cycle[1]] = [file for file in graph[cycle[1]] if file != cycle[0]]


def theorem(proof: Proof, corpus: Corpus) -> dict[str, Any]:
    """Return a theorem as LeanDojo writes it."""
    first = proof.records[0]
    return {
        "url": text(first, "package"),
        "commit": text(first, "version"),
        "file_path": path(first),
        "full_name": text(first, "theorem"),
        "start": _place(first),
        "end": _place(proof.records[-1]),
        "traced_tactics": [_tactic(record, corpus) for record in proof.records],
    }


def _tactic(record: Record, corpus: Corpus) -> dict[str, Any]:
    step = text(record, "step")
    known = [(name, *corpus.places[name][:2]) for name in premises(record) if name in corpus.places]
    annotated, marked = _annotated(step, known)
    after = record.get("after")
    return {
        "tactic": step,
        "annotated_tactic": [annotated, marked],
        "state_before": text(record, "goal"),
        "state_after": "\n\n".join(str(goal) for goal in after) if isinstance(after, list) and after else _DONE,
    }


def _annotated(step: str, known: Sequence[tuple[str, str, list[int]]]) -> tuple[str, list[dict[str, Any]]]:
    """Mark the names of premises in a tactic as `<a>name</a>`; each mark has its entry, in their order."""
    by_last = {name.rpartition(".")[2]: (name, file, place) for name, file, place in known}
    marked: list[dict[str, Any]] = []

    def mark(found: re.Match[str]) -> str:
        premise = by_last.get(found.group().rpartition(".")[2])
        if premise is None or not f".{premise[0]}".endswith(f".{found.group()}"):
            return found.group()
        name, file, place = premise
        marked.append({"full_name": name, "def_path": file, "def_pos": place, "def_end_pos": place})
        return f"<a>{found.group()}</a>"

    return re.sub(r"[^\W\d][\w']*(?:\.[^\W\d][\w']*)*", mark, step), marked


def write(theorems: Iterable[tuple[str, dict[str, Any]]], corpus: Corpus, folder: Path) -> Sequence[str]:
    """Write `train.json`, `val.json`, `test.json` and `corpus.jsonl`, a theorem at a time.

    Args:
        theorems: each with its split, in the order of the splits.
        corpus: of all of them.
        folder: where.
    """
    waiting = iter(theorems)
    following = next(waiting, None)
    names = []
    for split, name in _NAMES.items():

        def fill(file: BinaryIO, split: str = split) -> None:
            nonlocal following
            file.write(b"[")
            between = b"\n"
            while following is not None and following[0] == split:
                file.write(between + json.dumps(following[1], ensure_ascii=False).encode("utf-8", "backslashreplace"))
                between = b",\n"
                following = next(waiting, None)
            file.write(b"\n]\n")

        lines.written(folder / name, fill)
        names.append(name)
    lines.write(folder / "corpus.jsonl", corpus.files())
    return (*names, "corpus.jsonl")


def path(record: Record) -> str:
    """Return where a record's file lies in its package."""
    return text(record, "file") or "unknown"


def _place(record: Record) -> list[int]:
    return [number if isinstance(number := record.get(name), int) else 1 for name in ("line", "column")]
