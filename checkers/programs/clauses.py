"""Invariant clauses: from the text that a prover proposes to a term over a loop's variables, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from checkers.programs.acsl import Names, parse_predicate
from checkers.programs.recursion import RESULT
from lemmata.errors import InputError, LemmataError, Location
from lemmata.logic.parse import parse
from lemmata.logic.terms import Term, free, var
from lemmata.logic.transition import Cut, TransitionSystem
from lemmata.step import Part

# A clause longer than this is no help to anybody and can choke the solver's parser.
_LONGEST = 20_000


def read_clause(part: Part, cut: Cut, visible: Mapping[str, str], machine: bool) -> Term:
    """Parse one clause.

    Args:
        part: the clause; its label is the loop's name.
        cut: the loop.
        visible: program names visible at the loop, with the variables they stand for.
        machine: bit-vectors rather than integers.

    Raises:
        LemmataError: it is not a clause over this loop's variables.
    """
    if len(part.text) > _LONGEST:
        raise InputError(f"the clause is longer than {_LONGEST} characters")
    if any(ord(c) < 32 and c not in "\n\t" for c in part.text):
        raise InputError("the clause holds a control character")
    sorts = {v.name: v.sort for v in cut.variables}
    if part.language == "smtlib":
        term = parse(part.text, sorts)
    elif part.language == "c":
        signs = {v.name: v.signed for v in cut.variables}

        def lookup(text: str) -> tuple[Term, bool] | None:
            name = text if text in sorts else visible.get(text, text)
            if name not in sorts:
                return None
            return var(name, sorts[name]), signs[name]

        names = Names(lookup)
        if cut.kind == "return":
            # Here a clause relates two moments, as a postcondition does.
            names = Names(lookup, lambda text: lookup(f"\\old({text})") or lookup(text), lookup(RESULT))
        term = parse_predicate(part.text, names, Location("clause", 1, 1), machine)
    else:
        raise InputError(f"unknown clause language '{part.language}'")
    unknown = free(term).keys() - sorts.keys()
    if unknown:
        raise InputError(f"unknown name '{min(unknown)}' in a clause")
    return term


def read_clauses(
    parts: Iterable[Part], system: TransitionSystem, visible: Mapping[str, Mapping[str, str]], machine: bool
) -> tuple[dict[int, tuple[str, Term]], dict[int, str]]:
    """Parse clauses.

    Returns:
        By position: the loop and term of each good clause, and the reason why each other one is refused.
    """
    loops = {c.name: c for c in system.loops}
    good: dict[int, tuple[str, Term]] = {}
    bad: dict[int, str] = {}
    for i, part in enumerate(parts):
        cut = loops.get(part.label)
        if cut is None:
            bad[i] = f"there is no loop or recursive function '{part.label}'"
            continue
        try:
            good[i] = part.label, read_clause(part, cut, visible.get(part.label, {}), machine)
        except LemmataError as error:
            bad[i] = error.message
        except RecursionError:
            bad[i] = "nested too deeply"
    return good, bad
