"""The sessions that come with Isabelle, and names that are safe to write into files.

What other sessions postulate, or run, is not looked at; so a proof that rests on one has to allow it by name.
"""

from __future__ import annotations

import re

from lemmata.errors import InputError, Location

GLOBAL = {"Pure": "Pure", "Main": "HOL", "Complex_Main": "HOL", "Eisbach": "HOL-Eisbach", "ZF": "ZF"}
"""Theories that are called by their bare names, and the sessions that hold them."""

SESSIONS = frozenset(
    """
    Pure HOL HOL-Algebra HOL-Analysis HOL-Auth HOL-Bali HOL-Cardinals HOL-Combinatorics
    HOL-Complex_Analysis HOL-Computational_Algebra HOL-Corec_Examples HOL-Data_Structures HOL-Datatype_Examples
    HOL-Decision_Procs HOL-Eisbach HOL-Hahn_Banach HOL-Hoare HOL-Hoare_Parallel HOL-Homology HOL-IMP HOL-IMPP
    HOL-IOA HOL-Imperative_HOL HOL-Induct HOL-Isar_Examples HOL-Lattice HOL-Library HOL-Matrix_LP HOL-MicroJava
    HOL-NanoJava HOL-Nominal HOL-Nonstandard_Analysis HOL-Number_Theory HOL-Prolog HOL-Probability HOL-Proofs
    HOL-Quotient_Examples HOL-Real_Asymp HOL-SET_Protocol HOL-Statespace HOL-TLA HOL-Types_To_Sets HOL-UNITY
    HOL-Unix HOLCF FOL ZF
    """.split()
)
"""Sessions of the distribution whose theories may be imported."""

_THEORY = re.compile(r"[A-Za-z][A-Za-z0-9_']*")
_SESSION = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:\.[A-Za-z][A-Za-z0-9_+\-]*)*")


def session_of(name: str) -> str:
    """Return the session of a theory that is no file of the project, empty where the name does not tell."""
    if name in GLOBAL:
        return GLOBAL[name]
    if name.startswith("~~/src/HOL/"):
        parts = name.split("/")
        return f"HOL-{parts[3]}" if len(parts) > 4 else "HOL"
    return name.partition(".")[0] if "." in name and "/" not in name else ""


def known(name: str) -> bool:
    """Say whether an import surely means a theory of the distribution."""
    if not name.isprintable() or ".." in name:
        return False
    return session_of(name) in SESSIONS and _THEORY.fullmatch(name.rpartition("/")[2].rpartition(".")[2]) is not None


def check_theory(name: str, file: str) -> None:
    """Check that a name is one of a theory, so that a file of that name lies where it should.

    Raises:
        InputError: it is not.
    """
    if not _THEORY.fullmatch(name) or len(name) > 200:
        raise InputError(f"{name[:80]!a} is no name of a theory", location=Location(file))


def check_session(name: str) -> None:
    """Check that a name is one of a session.

    Raises:
        InputError: it is not.
    """
    if not _SESSION.fullmatch(name) or len(name) > 200:
        raise InputError(f"{name[:80]!a} is no name of a session", location=Location("ROOT"))
