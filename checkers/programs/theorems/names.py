"""Names that every one of the proof assistants takes for a variable."""

from __future__ import annotations

import re

# What begins a command, is a keyword or an infix, in Coq, Lean, F* or Isabelle/HOL.
_RESERVED = frozenset(
    "abstract admit also and as assert assume at attributes axiom begin bool by calc case class cofix constant "
    "decreases def default deriving div do dvd effect elif else end ensures example exception exists exists2 "
    "export extends false finally fix fixes for forall friend from fun function global have hide if import in "
    "include inductive infix infixl infixr initialize inline instance int irreducible is layered_effect lemma let "
    "local macro match mod module mut mutual namespace nat new next no noeq nomatch noncomputable nonrec not "
    "notation o obtain of op opaque open or partial postfix prefix private proof prop protected quote rec "
    "reflectable reifiable reify requires return rfl scoped section set show sorry struct structure sub_effect "
    "suffices syntax termination_by then theorem theory this to total true try type unfold universe unless "
    "unopteq unsafe using val variable when where while with ".split()
)


PLACE = "place"
"""Begins the names of variables bound over array indices; no variable that is named here begins like that."""


class Names:
    """Makes names that differ from each other and from all reserved words."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def fresh(self, wish: str) -> str:
        """Return a name like the one wished for: a small letter, then letters, digits and single underscores."""
        base = re.sub(r"[^A-Za-z0-9]+", "_", wish).strip("_")
        if not base or base[0].isdigit():
            base = f"v{base}"
        # A capital begins a constructor in F*; Isabelle's own infixes are capitals too.
        base = base[0].lower() + base[1:]
        if base.startswith(PLACE):
            base = f"v_{base}"
        if base in _RESERVED:
            base += "0"
        name, number = base, 1
        while name in self._taken or name in _RESERVED:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name
