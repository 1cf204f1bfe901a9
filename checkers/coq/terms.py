"""What a statement may be that somebody else wrote: one plain term, told from text alone before Coq sees it.

Coq may be given such a text within brackets: none of its sentences can end there, and no command can begin.
"""

from __future__ import annotations

import itertools

from checkers.coq.sentences import tokens
from checkers.coq.tactics import NotATactic, plain
from lemmata.errors import LemmataError

_QUOTATIONS = frozenset({"ltac", "ltac1", "ltac2", "constr", "open_constr", "uconstr", "preterm"})
"""What stands in one is a program, which may run for ever."""
_BEFORE = "exact "


class NotATerm(LemmataError):
    """A text is not one plain term, so it is not given to Coq; the message says what it is instead."""


def term(text: str) -> str:
    """Return a term's canonical text, blanks normalised; it may have had a dot at its end.

    Whether it makes sense, Coq has to say.

    Raises:
        NotATerm: it is anything else: several sentences, something with a comment, brackets that do not match, ...
    """
    if not text.strip(" \t\r\n."):
        raise NotATerm("the term is empty")
    try:
        # A tactic that takes any term: what holds for the tactics of others is to hold here.
        found = plain(_BEFORE + text).removeprefix(_BEFORE)
    except NotATactic as error:
        raise NotATerm(error.message.replace("the step", "the term").replace("a step", "a term")) from None
    for token, after in itertools.pairwise(tokens(found)):
        if token.text in _QUOTATIONS and after.text == ":":
            raise NotATerm(f"`{token.text}:` opens a program")
    return found
