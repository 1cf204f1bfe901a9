"""What kind of claim a printed Lean proposition is: its outermost connective, and what stands on either side.

Connectives bind as in Lean's prelude: `↔` loosest, then `→`, `∨`, `∧`, `¬` and relations; a binder reaches to the end
of its term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN, _CLOSE = "([{⟨⌊⌈‖", ")]}⟩⌋⌉"
_RELATING = (
    ("≠", "ne"),
    ("≤", "le"),
    ("≥", "ge"),
    ("<", "lt"),
    (">", "gt"),
    ("∣", "dvd"),
    ("≡", "congruent"),
    ("∉", "notin"),
    ("∈", "in"),
    ("⊆", "subset"),
    ("=", "eq"),
)
_LEVELS = (
    (("↔", "iff"),),
    (("→", "implies"),),
    (("∨", "or"),),
    (("∧", "and"),),
    _RELATING,
)
_BINDERS = {"∀": "forall", "∃": "exists", "Σ": "other", "λ": "other", "∑": "", "∏": ""}
_RELATIONS = frozenset({"eq", "ne", "le", "ge", "lt", "gt", "dvd", "congruent"})
_NUMBERS = {"ℕ": "nat", "Nat": "nat", "ℤ": "int", "Int": "int", "ℚ": "rat", "ℝ": "real", "ℂ": "complex"}
_BOUND = re.compile(r"[({⦃\[]?\s*([^\s:(){}\[\]⦃⦄,]+(?:\s+[^\s:(){}\[\]⦃⦄,]+)*)\s*(?:[:∈<>≤≥][^(){}]*)?[)}\]⦄]?")
_WORD = re.compile(r"[^\W\d][\w'✝]*(?:\.[\w']+)*")


@dataclass(frozen=True, slots=True)
class Shape:
    """A proposition, taken apart once."""

    kind: str
    """`forall`, `exists`, `iff`, `implies`, `or`, `and`, `not`, a relation such as `le`, `false`, `true` or `other`."""
    left: str = ""
    """What stands left of the connective, or what a binder binds."""
    right: str = ""

    @property
    def relation(self) -> bool:
        """Whether it compares two values."""
        return self.kind in _RELATIONS


def shape(text: str) -> Shape:
    """Return the shape of a proposition."""
    text = _bare(text)
    if text in ("False", "True"):
        return Shape(text.lower())
    if text[:1] in ("∀", "∃"):
        comma = next((at for at, char in _top(text) if char == ","), len(text))
        bound = text[1:comma].strip().removeprefix("!").strip()
        return Shape(_BINDERS[text[0]], bound, text[comma + 1 :].strip())
    if text.startswith("fun ") or text[:1] == "λ":
        return Shape("other")
    places = list(_outside(text))
    for level in _LEVELS:
        if level is _RELATING and text[:1] == "¬":
            return Shape("not", "", text[1:].strip())
        for at, char in places:
            for sign, kind in level:
                if char == sign:
                    return Shape(kind, text[:at].strip(), text[at + 1 :].strip())
    return Shape("other")


def _bare(text: str) -> str:
    """Take away brackets around the whole."""
    text = text.strip()
    while text[:1] == "(" and text[-1:] == ")":
        depth = 0
        for at, char in enumerate(text):
            depth += (char == "(") - (char == ")")
            if depth == 0 and at < len(text) - 1:
                return text
        if depth:
            return text
        text = text[1:-1].strip()
    return text


def _top(text: str) -> Iterator[tuple[int, str]]:
    """Yield the characters outside of brackets."""
    depth = 0
    for at, char in enumerate(text):
        if char in _OPEN and char != "‖":
            depth += 1
        elif char in _CLOSE and depth:
            depth -= 1
        elif not depth:
            yield at, char


def _outside(text: str) -> Iterator[tuple[int, str]]:
    """Yield the characters outside of brackets, up to the first binder that reaches to the end."""
    for at, char in _top(text):
        if char in "∀∃λ" or (char == "f" and re.match(r"fun\s", text[at:]) and (at == 0 or not text[at - 1].isalnum())):
            return
        if char in "=<>" and ((at and text[at - 1] in ":=<>!|") or text[at + 1 : at + 2] in ("=", ">", "<", "|")):
            continue
        yield at, char


def binders(text: str) -> list[str]:
    """Return names for what stands before a proposition's last conclusion: the binders' names, `h` for premises."""
    names: list[str] = []
    for _ in range(12):
        found = shape(text)
        if found.kind == "forall":
            names += bound(found.left)
            text = found.right
        elif found.kind == "implies":
            names.append("h")
            text = found.right
        elif found.kind in ("not", "ne"):
            names.append("h")
            break
        else:
            break
    return names


def bound(text: str) -> list[str]:
    """Return the names that a binder binds; a bound like `x < 5` makes one more, for what it says."""
    names: list[str] = []
    for found in _BOUND.finditer(text):
        own = [name for name in found[1].split() if _WORD.fullmatch(name) or name == "_"]
        names += ["x" if name == "_" else name for name in own]
        if re.search(r"[∈<>≤≥]", found[0]) and own:
            names.append("h" + own[0])
    return names or ["x"]


def numbers(text: str) -> frozenset[str]:
    """Return the kinds of numbers whose types are mentioned."""
    return frozenset(_NUMBERS[word] for word in re.findall(r"[ℕℤℚℝℂ]|\b(?:Nat|Int)\b", text))


def words(text: str) -> frozenset[str]:
    """Return the names in a text."""
    return frozenset(_WORD.findall(text))
