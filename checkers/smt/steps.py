"""The steps that an SMT goal takes: which solver to ask, and with which settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lemmata.errors import InputError

_BOOLEAN = re.compile("true|false")
_SEED = re.compile("0|[1-9][0-9]{0,8}")
_ALLOWED = {
    "tactic": re.compile(
        "smt|sat|default|qflia|qfnia|qfnra|qfnra-nlsat|qfbv|qfaufbv|qflra|lia|nra|ufbv|bv|fm|nlsat|qfuf"
    ),
    "smt.arith.solver": re.compile("[26]"),
    "smt.arith.nl": _BOOLEAN,
    "smt.arith.random_initial_value": _BOOLEAN,
    "smt.auto_config": _BOOLEAN,
    "smt.case_split": re.compile("[0-6]"),
    "smt.ematching": _BOOLEAN,
    "smt.mbqi": _BOOLEAN,
    "smt.phase_selection": re.compile("[0-6]"),
    "smt.qi.eager_threshold": re.compile("[1-9][0-9]{0,3}[.]0"),
    "smt.random_seed": _SEED,
    "smt.relevancy": re.compile("[0-2]"),
    "smt.restart_strategy": re.compile("[0-4]"),
    "smt.string_solver": re.compile("seq|auto"),
    "sat.random_seed": _SEED,
    "nlsat.seed": _SEED,
}
"""Settings that change how Z3 searches and nothing else; none reads or writes a file."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step, understood."""

    solver: str
    """`z3` or `cvc5`."""
    settings: tuple[tuple[str, str], ...] = ()
    """Z3's parameters; `tactic` is the tactic that answers the question."""


def understand(text: str) -> Attempt:
    """Read a step: `auto`, `cvc5`, or `z3:` followed by `NAME=VALUE` settings between blanks.

    Raises:
        InputError: it is anything else, or sets what a step may not set.
    """
    if text == "auto":
        return Attempt("z3")
    if text == "cvc5":
        return Attempt("cvc5")
    if not text.startswith("z3:"):
        raise InputError("a step is auto, cvc5 or z3:NAME=VALUE ...")
    settings: dict[str, str] = {}
    for word in text.removeprefix("z3:").split(" "):
        name, _, value = word.partition("=")
        if name not in _ALLOWED or not _ALLOWED[name].fullmatch(value) or name in settings:
            raise InputError(f"a step may not set {word[:80]!r}")
        settings[name] = value
    return Attempt("z3", tuple(settings.items()))
