"""What provers may know of the place of a goal: the lemmas in scope, and how the theorems above it were proved.

Only what stands above the goal in its file, and its imports, is there to be seen, because only that was loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkers.coq import goals
from checkers.coq.line import Line
from checkers.coq.loading import Loaded
from checkers.coq.project import Flags
from checkers.coq.toplevel import Interrupted, Reply

SURVEY_SECONDS = 30.0
_MOST_TEXT = 2000
"""A lemma, goal or step longer than this is left out: nothing can be learnt from it at a glance."""

TRIED = tuple(
    """
    lia nia lra nra ring field btauto order nzsimpl fsetdec solve_proper f_equiv discrR ring_simplify field_simplify
    zify nzinduct
    """.split()
)
"""Automation that a file may or may not have imported."""

_SEARCH = ("Unset Printing Notations.", 'Remove Search Blacklist "Private_".')
"""Sentences before asking for the lemmas: the library hides by this word what its own proofs use all the time."""

_ENTRY = re.compile(r"^([^\W\d][\w'.]*):\s+(.*)$", re.S)
_PROVER = re.compile(r"^(?:Proof|Qed|Defined|Admitted|Abort|Save|Restart|Undo|Show|Focus|Unfocus|Optimize|Guarded)\b")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The file above the goal, with what Coq printed after each sentence."""

    loaded: Loaded
    replies: Sequence[Reply]

    def proofs(self) -> list[dict[str, Any]]:
        """Return the proofs above the goal: for each its statement and its steps with the goals they were taken at."""
        found: list[dict[str, Any]] = []
        current: dict[str, Any] | None = None
        before: goals.Printed | None = None
        replies = self.replies[self.loaded.own : self.loaded.own + len(self.loaded.sentences)]
        for sentence, reply in zip(self.loaded.sentences, replies, strict=True):
            seen = goals.display(reply.text)
            now = seen.first if seen is not None and not seen.complete else None
            text = " ".join(sentence.text.split())
            if text[:1].islower() or (before is not None and text[:1] == "("):
                if before is not None and current is not None and len(text) <= _MOST_TEXT:
                    current["steps"].append(_recorded(before, text))
            elif now is not None and not _PROVER.match(text) and text[:1].isalpha() and before is None:
                current = {"statement": now.conclusion[:_MOST_TEXT], "text": text[:_MOST_TEXT], "steps": []}
                found.append(current)
            # Bullets, braces and `Proof` show the goal again or nothing at all.
            if now is not None:
                before = now
            elif seen is not None or re.match(r"(?:Qed|Defined|Admitted|Abort|Save)\b", text):
                before = None
        return [proof for proof in found if proof["steps"]]


def _recorded(goal: goals.Printed, text: str) -> list[Any]:
    hypotheses = [[h.name, h.text] for h in goal.hypotheses if len(h.text) <= _MOST_TEXT]
    return [text.rstrip(". "), goal.conclusion[:_MOST_TEXT], hypotheses]


async def survey(line: Line, around: Surroundings, where: Path) -> tuple[dict[str, Any], frozenset[str]]:
    """Ask Coq what is in scope.

    Returns:
        What provers may know, and the libraries that are loaded. `premises` are pairs of name and statement, without
        notations; `proofs` is as of `Surroundings.proofs`; `tactics`, the automation that is there; `sources`, the
        `.v` files of the libraries loaded, as far as they are there.
    """
    tried = [f"1: assert True by ({tactic})." for tactic in TRIED]
    asks = [*_SEARCH, "Search _.", "Set Printing Notations.", "Print Libraries.", *tried]
    try:
        replies = await line.show(asks, SURVEY_SECONDS)
    except Interrupted:
        replies = []
    known = [
        tactic
        for tactic, reply in zip(TRIED, replies[len(_SEARCH) + 3 :], strict=False)
        if not re.search(r"Syntax error|not found in the current environment", reply.text)
    ]
    found = _entries(replies[len(_SEARCH)].text) if replies else iter(())
    libraries = replies[len(_SEARCH) + 2].text.split()[3:] if replies else []
    context = {
        "premises": [[n, t] for n, t in found if n.rsplit(".", 1)[-1] not in around.loaded.unproved],
        "proofs": around.proofs(),
        "tactics": known,
        "sources": sources(libraries, around.loaded.flags, where),
        "theorem": around.loaded.hole.theorem,
    }
    return context, frozenset(libraries)


def sources(libraries: Sequence[str], flags: Flags, where: Path) -> list[str]:
    """Return the source files of libraries, in their order, leaving out those that have none here."""
    roots = {"Coq": where / "theories", "": where / "user-contrib"}
    arguments = list(flags.arguments)
    for flag, folder, name in zip(arguments, arguments[1:], arguments[2:], strict=False):
        if flag in ("-Q", "-R"):
            roots[name.strip('"')] = Path(folder)
    found = []
    for library in libraries:
        for root in sorted(roots, key=len, reverse=True):
            if root == "" or library.startswith(f"{root}."):
                path = roots[root].joinpath(*library.removeprefix(root).strip(".").split(".")).with_suffix(".v")
                if path.is_file():
                    found.append(str(path))
                break
    return found


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Read the answer to `Search`: a name, a colon and a statement on a line; more indented lines belong to it."""
    entry = ""
    for line in [*text.splitlines(), "_:"]:
        if line[:1].isspace():
            entry += " " + line.strip()
            continue
        found = _ENTRY.match(entry)
        if found and len(entry) <= _MOST_TEXT:
            yield found[1], found[2]
        entry = line
