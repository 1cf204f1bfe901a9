r"""Formal text as words for BM25.

A name counts as a whole and by its parts, so that `Nat.add_comm` is found by `add_comm`, `nat`, `add` and `comm`; and
symbols count like words, as `≤`, `\<and>` or `<->` say more of a lemma than most names. What is left out tells no two
lemmas apart: brackets, separators, and names that only variables have.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

VERSION = "1"
"""Changes with the words that a text gives: indexes made by another version are not used."""
LONGEST = 4000
"""So many characters of a text count."""

_TOKEN = re.compile(
    r"""\\<\^?[A-Za-z]+>                        # a symbol of Isabelle
      | [^\W\d](?:[\w'✝]|[.](?=[^\W\d]))*[!?]?  # a name, with its modules
      | \d+
      | [!\#$%&*+/<=>@^|~:?;.\\-]+               # an operator of ASCII signs
      | [^\s\w()\[\]{},'"`⟨⟩«»✝]                # any other sign counts alone
    """,
    re.X,
)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\dA-Z_]+|\d+|[^\W_]")
_VARIABLE = re.compile(r"[a-zα-κμ-ορ-ω]\d*'*✝?")
_SEPARATORS = frozenset((":", ";", ".", "..", ":=", "?", "forall", "∀", "fun", "λ", "in", "with"))


@functools.lru_cache(1 << 17)
def parts(name: str) -> tuple[str, ...]:
    """Return the words that a token counts as: itself without its modules, and its parts in lower case."""
    if _VARIABLE.fullmatch(name) or name in _SEPARATORS:
        return ()
    if not (name[0].isalpha() or name[0] == "_"):
        return (name,)
    last = name.rpartition(".")[2].strip("'?!✝")
    cut = tuple(part.lower() for part in _PART.findall(name))
    return cut if cut == (last.lower(),) else (last, *cut)


def words(text: str, local: frozenset[str] = frozenset()) -> list[str]:
    """Return the words of a formal text, in order.

    Args:
        text: a goal or statement in any system's notation.
        local: names that mean nothing elsewhere, such as those of hypotheses; they are left out.
    """
    return [part for token in _TOKEN.findall(text[:LONGEST]) if token not in local for part in parts(token)]


def weighted(texts: Iterable[tuple[str, float]], local: frozenset[str] = frozenset()) -> dict[str, float]:
    """Return the words of a query, each with the weight of the weightiest text that has it.

    Args:
        texts: pairs of a text and its weight.
        local: as of `words`.
    """
    found: dict[str, float] = {}
    for text, weight in texts:
        for word in words(text, local):
            found[word] = max(found.get(word, 0.0), weight)
    return found
