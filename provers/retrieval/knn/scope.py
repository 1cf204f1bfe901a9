"""The same-theorem rule: which recorded proofs may teach a search, so that none is found in its own proof.

What the data set has of the obligation's own file is never used: of that file the session tells what stands above the
goal, and of the rest nothing may be known. Nor is a proof of what says the same, wherever it stands, nor one from a
file that rests on the obligation's, as far as the names of the lemmas used tell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from lemmata.goal import GoalView
from provers.neural.source import theorem
from provers.retrieval.knn.examples import claim, short
from provers.retrieval.knn.index import Proof


def own_name(view: GoalView) -> str:
    """Return the name of the theorem that is to be proved, without its modules and its place."""
    return short(re.split(r"[#@:]", view.obligation.name)[0])


def allowed(view: GoalView, proofs: Sequence[Proof]) -> list[bool]:
    """Say of each proof whether a search may learn from it.

    Args:
        view: a goal of the search; what its root says can only be compared where it is the root.
        proofs: those of an index.
    """
    path = PurePath(view.obligation.location.file).as_posix()
    own = {proof.file for proof in proofs if _same_file(path, proof.file)}
    later = _resting_on(own, path, proofs)
    name, says = own_name(view), claim(theorem(view))
    root = "".join(str(view.goal.details.get("plain", "")).split()) if view.depth == 0 else ""
    stem = PurePath(path).stem

    def usable(proof: Proof) -> bool:
        if proof.file in own or proof.file in later:
            return False
        if (says and proof.claim == says) or (root and proof.root == root):
            return False
        # A copy of the file, with other folders above it.
        return not (short(proof.theorem) == name and PurePath(proof.file).stem == stem)

    return [usable(proof) for proof in proofs]


def _same_file(path: str, file: str) -> bool:
    return bool(file) and (path == file or path.endswith(f"/{file}") or file.endswith(f"/{path}"))


def _resting_on(own: Iterable[str], path: str, proofs: Sequence[Proof]) -> set[str]:
    """Return the files whose proofs use something of the file at a path, or of files that do."""
    libraries = {proof.file: name for proof in proofs if (name := library(proof))}
    files = {name: file for file, name in libraries.items()}
    # The file itself may have no proof in the data set: then its folder and its name have to do.
    place = f".{'.'.join(PurePath(path).with_suffix('').parts[-2:])}."
    users: dict[str, set[str]] = defaultdict(set)
    found: set[str] = set()
    for proof in proofs:
        for premise in proof.premises:
            used = _file_of(premise, files)
            if used is not None and used != proof.file:
                users[used].add(proof.file)
            elif place in f".{premise}":
                found.add(proof.file)
    work = [*own, *found]
    while work:
        new = users[work.pop()] - found
        found |= new
        work.extend(new)
    return found


def library(proof: Proof) -> str:
    """Return the full name of the library that a proof's file is, empty where its theorem's name does not tell."""
    module = re.sub(r"\.v$", "", proof.file).replace("/", ".")
    place = f".{proof.theorem}".find(f".{module}.") if module else -1
    return proof.theorem[: place + len(module)] if place >= 0 else ""


def _file_of(name: str, files: dict[str, str]) -> str | None:
    while name:
        if name in files:
            return files[name]
        name = name.rpartition(".")[0]
    return None
