"""The script that makes `provers/symbolic/coq/counts.json`: how often which tactic is used at which kind of goal.

    python -m corpora.coq.counts --out provers/symbolic/coq/counts.json PACKAGE_DIR...

replays the files of installed libraries (folders of Coq's `user-contrib`) and counts the steps of their proofs. The
standard library is refused, and a theorem that has the statement of one of the standard library's is left out, so that
nothing is learnt from a proof that a benchmark may ask for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from checkers.coq import installation
from checkers.coq.installation import Installation
from checkers.coq.scan import HoleKind, holes
from checkers.process import Supervisor
from corpora.coq import replay
from lemmata.errors import InputError, LemmataError, Location, UsageError
from lemmata.goal import Goal, GoalView, Obligation
from provers.symbolic.coq.counts import OTHER, SCHEMA
from provers.symbolic.coq.shapes import shapes
from provers.symbolic.coq.templates import alternatives, foreign, names
from provers.symbolic.coq.views import View

LEAST = 8
"""A template that is counted less often is counted with the rest."""
MOST_STEPS = 400
"""How many steps of a file count: no library shall speak for all."""
MOST_FILES = 28
"""How many files of a library are replayed."""
_KEYWORD = re.compile(r"^.*?\b[A-Z][a-z]+ +[^\W\d][\w']*")
_NOWHERE = Obligation("coq", "", "", Location(""))


def chosen(root: Path, most: int) -> list[Path]:
    """Return the files of a library that hold proofs, `most` of them at most, spread evenly in alphabetical order."""
    found = [path for path in sorted(root.rglob("*.v")) if "Qed." in path.read_text("utf-8", "replace")]
    if len(found) <= most:
        return found
    return [found[number * len(found) // most] for number in range(most)]


def claim(statement: str) -> str:
    """Return what a theorem says, without its kind and name, in one line."""
    return _KEYWORD.sub("", " ".join(statement.split()), count=1).strip(". ")


def reserved(theories: Path) -> frozenset[str]:
    """Return what the theorems of the standard library say: nothing that says the same is counted."""
    found: set[str] = set()
    for path in sorted(theories.rglob("*.v")):
        source = path.read_text("utf-8", "replace")
        try:
            every = holes(source, str(path))
        except InputError:
            continue
        found |= {claim(source[slice(*hole.statement)]) for hole in every if hole.kind is HoleKind.THEOREM}
    return frozenset(found - {""})


class Tally:
    """Steps, counted as they come.

    Args:
        left_out: claims whose proofs are not counted, as of `reserved`.
    """

    def __init__(self, left_out: frozenset[str] = frozenset()) -> None:
        self._left_out = left_out
        self._templates: Counter[str] = Counter()
        self._shapes: dict[str, Counter[str]] = defaultdict(Counter)
        self.libraries: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, library: str, proofs: Iterable[Mapping[str, Any]], most: int = MOST_STEPS) -> None:
        """Count the proofs of one file, the first ones, until they have `most` steps."""
        mine = self.libraries[library]
        mine["files"] += 1
        enough = mine["steps"] + most
        for proof in proofs:
            if mine["steps"] >= enough:
                break
            if claim(str(proof["text"])) in self._left_out:
                mine["proofs_of_standard_theorems"] += 1
            elif any(foreign(str(text)) for text, _, _ in proof["steps"]):
                mine["proofs_in_ssreflect"] += 1
            else:
                mine["proofs"] += 1
                mine["steps"] += len(proof["steps"])
                for text, conclusion, hypotheses in proof["steps"]:
                    self._step(text, seen(conclusion, hypotheses))

    def _step(self, text: str, goal: View) -> None:
        kind = shapes(goal)
        for template in alternatives(text, names(goal)):
            self._templates[template] += 1
            for answer in kind:
                self._shapes[answer][template] += 1

    def data(self, sources: Sequence[Mapping[str, str]], skipped: Mapping[str, str], least: int) -> dict[str, Any]:
        """Return what the data file holds."""
        merged: Counter[str] = Counter()
        for template, count in self._templates.items():
            merged[template if count >= least else OTHER] += count
        number = {template: place for place, template in enumerate(sorted(merged))}
        return {
            "schema": SCHEMA,
            "sources": [{**source, **self.libraries[source["library"]]} for source in sources],
            "skipped": dict(skipped),
            "totals": dict(sum(self.libraries.values(), Counter())),
            "templates": dict(merged),
            "shapes": {answer: _pairs(found, number) for answer, found in self._shapes.items()},
        }


def _pairs(counted: Counter[str], number: Mapping[str, int]) -> list[int]:
    """Return a template's number and its count, and so on; what was counted once says nothing and is left out."""
    merged: Counter[int] = Counter()
    for template, count in counted.items():
        merged[number.get(template, number.get(OTHER, 0))] += count
    return [part for pair in sorted(merged.items()) if pair[1] > 1 for part in pair]


def written(data: Mapping[str, Any]) -> str:
    """Return the data file's text: sorted, an entry a line."""
    lines = []
    for key in sorted(data):
        value = data[key]
        if isinstance(value, dict) and value:
            inner = [f"{_json(name)}: {_json(value[name])}" for name in sorted(value)]
            lines.append(f"{_json(key)}: {{\n" + ",\n".join(inner) + "\n}")
        else:
            lines.append(f"{_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def seen(conclusion: str, hypotheses: Sequence[Sequence[str]]) -> View:
    """Return a goal as provers look at it.

    Args:
        conclusion: without notations.
        hypotheses: names and types.
    """
    details = {"plain": conclusion, "hypotheses": hypotheses}
    return View(GoalView(Goal("coq", conclusion, (), "", details), _NOWHERE))


async def replayed(
    roots: Sequence[Path], most: int, kept: Path | None, log: TextIO
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Replay libraries.

    Args:
        roots: their folders.
        most: number of files of each.
        kept: where each file's proofs are written as a line of JSON as soon as they are known; files that are there
            already are not replayed again.
        log: gets a line about each file.

    Returns:
        For each file that Coq read, its library and proofs; for the others, why not.
    """
    coq = installation.find()
    known = {(entry["library"], entry["file"]): entry for entry in _entries(kept)}
    found: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    async with Supervisor() as supervisor:
        for root in roots:
            for path in chosen(root, most):
                key = (root.name, path.relative_to(root).as_posix())
                entry = known.get(key) or await _replay(supervisor, coq, path, root)
                if key not in known and kept is not None:
                    with kept.open("a", encoding="utf-8") as out:
                        out.write(json.dumps(entry, ensure_ascii=False) + "\n")
                if "reason" in entry:
                    skipped["/".join(key)] = entry["reason"]
                else:
                    found.append(entry)
                print(*key, entry.get("reason", f"{len(entry.get('proofs', ()))} proofs"), file=log, flush=True)
    return found, skipped


async def _replay(supervisor: Supervisor, coq: Installation, path: Path, root: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"library": root.name, "file": path.relative_to(root).as_posix()}
    try:
        return {**entry, "proofs": await replay.proofs(supervisor, coq, path, root)}
    except LemmataError as error:
        return {**entry, "reason": " ".join(error.message.split())[:200]}


def _entries(kept: Path | None) -> Iterator[dict[str, Any]]:
    if kept is None or not kept.exists():
        return
    for line in kept.read_text("utf-8").splitlines():
        yield json.loads(line)


def source(root: Path, coq: Installation) -> dict[str, str]:
    """Return a library's name, and the package and version that brought it, as far as dpkg knows.

    Raises:
        UsageError: it is the standard library, or no library at all.
    """
    root = root.resolve()
    standard = ((coq.where / "theories").resolve(), (coq.where / "user-contrib" / "Stdlib").resolve())
    if any(root.is_relative_to(folder) or folder.is_relative_to(root) for folder in standard):
        raise UsageError(f"{root} is the standard library", hint="give folders of other libraries")
    some = next(iter(sorted(root.rglob("*.v"))), None)
    if some is None:
        raise UsageError(f"{root} holds no Coq sources", hint="give the folder of a library, such as .../Flocq")
    package = _asked("dpkg-query", "--search", str(some)).partition(":")[0]
    version = _asked("dpkg-query", "--show", "--showformat=${Version}", package) if package else ""
    return {"library": root.name, "package": package or "unknown", "version": version or "unknown"}


def _asked(*command: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def main(arguments: Sequence[str], out: TextIO, log: TextIO) -> int:
    """Run the script; returns its exit code: 0, or 2 for wrong usage or a missing Coq."""
    parser = argparse.ArgumentParser(prog="python -m corpora.coq.counts", description="Count the steps of libraries.")
    parser.add_argument("roots", metavar="PACKAGE_DIR", type=Path, nargs="+", help="folder of a library")
    parser.add_argument("--out", type=Path, required=True, help="the data file")
    parser.add_argument("--steps", type=Path, help="where replayed proofs are kept, and taken from, as lines of JSON")
    parser.add_argument("--most", type=int, default=MOST_FILES, help="files of a library (default: %(default)s)")
    parser.add_argument("--least", type=int, default=LEAST, help="uses of a template (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        coq = installation.find()
        sources = [source(root, coq) for root in given.roots]
        found, skipped = asyncio.run(replayed(given.roots, given.most, given.steps, log))
        tally = Tally(reserved(coq.where / "theories"))
    except LemmataError as error:
        print(error, file=log)
        return 2
    for entry in found:
        tally.add(entry["library"], entry["proofs"])
    data = {**tally.data(sources, skipped, given.least), "coq": coq.version}
    given.out.write_text(written(data), "utf-8")
    print(json.dumps(data["totals"], sort_keys=True), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout, sys.stderr))
