"""Definitions of the F* data set as steps.

A session takes the body of a definition as one step, at a goal that is the definition's type; so a definition is a
proof of one step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from checkers.fstar import scan, signature
from checkers.fstar.lexer import tokens
from checkers.fstar.scan import Hole, HoleKind, Scanned
from checkers.fstar.steps import NotABody, plain
from corpora.extract import elements, licences
from corpora.fstar.records import NO_TYPE, Definition
from corpora.records import StepRecord, shown
from lemmata.errors import InputError
from lemmata.goal import Hypothesis

MEMBER = "fstar"
"""The member of a step record that holds, as JSON in a text, what the data set's harness needs to check it."""
LONGEST_GOAL = 16_000
_HEAD = 4000
"""So many characters of what stands above a definition may hold its file's licence."""


class LeftOut(Exception):
    """A definition is no step; the message is a reason to count by."""


def record(found: Definition, licence: str = licences.UNKNOWN) -> StepRecord:
    """Return a definition as a step.

    Args:
        found: the definition.
        licence: of what the data set lies beside, where the file itself names none.

    Raises:
        LeftOut: it is none, with a reason to count by.
    """
    scanned, hole = _scanned(found)
    try:
        body = plain(_without_comments(scanned.source.text[hole.start : hole.end]))
    except (NotABody, InputError):
        raise LeftOut("its body is no step") from None
    statement = signature.statement(scanned, hole)
    if len(statement) > LONGEST_GOAL:
        raise LeftOut("a goal is too long")
    parameters = signature.of_hole(scanned, hole).parameters
    hypotheses = tuple(Hypothesis(parameter.name, parameter.type or "_") for parameter in parameters)
    project, revision, file = (_of(found.source, name) for name in ("project_name", "git_rev", "file_name"))
    place = found.source_range
    head = found.more.get("file_context")
    named = licences.of_text(head[:_HEAD]) if isinstance(head, str) else licences.UNKNOWN
    return StepRecord(
        system="fstar",
        package=project or licences.UNKNOWN,
        version=revision or licences.UNKNOWN,
        licence=licence if named == licences.UNKNOWN else named,
        file=file or found.file_name,
        theorem=found.name,
        statement=" ".join(statement.split()),
        index=0,
        steps=1,
        line=place.line if place else 0,
        column=place.column + 1 if place else 0,
        step=body,
        goal=shown("fstar", statement, hypotheses),
        conclusion=statement,
        hypotheses=tuple((given.name, given.text) for given in hypotheses),
        after=(),
        premises=found.premises,
        # In a text, as the records of several sets have no common columns.
        more={MEMBER: json.dumps(found.to_check(), ensure_ascii=False)},
    )


def _scanned(found: Definition) -> tuple[Scanned, Hole]:
    """Return the text of a definition behind its type, and the definition in it."""
    stated = "" if found.source_type.strip() in ("", NO_TYPE) else found.source_type
    try:
        scanned = scan.scan(f"{stated}\n{found.source_definition}\n", found.file_name)
    except InputError:
        raise LeftOut("it is not F* itself") from None
    name = found.name.rpartition(".")[2]
    holes = [hole for hole in scanned.holes if hole.definition == name]
    whole = [hole for hole in holes if hole.kind is HoleKind.DEFINITION]
    if not whole:
        raise LeftOut("its type is not stated, or it is no function or value")
    if len(whole) > 1:
        raise LeftOut("it is defined twice")
    if len(holes) > 1:
        raise LeftOut("it takes something for granted")
    return scanned, whole[0]


def _without_comments(text: str) -> str:
    for token in reversed(tokens(text)):
        if token.kind == "comment":
            # As an end of line where it was one, as a blank elsewhere.
            text = f"{text[: token.start]} {text[token.end :]}"
    return "\n".join(line for line in text.split("\n") if line.strip())


def _of(source: Mapping[str, Any], name: str) -> str:
    return elements.clean(source.get(name) or "", name)
