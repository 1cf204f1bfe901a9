"""The statements that are there already, up to the names of their variables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from corpora.curate.statements import statement
from provers.symbolic.coq import trees

_Shape = tuple[int, frozenset[str]]


class Known:
    """Lemmas in scope and what was made of them so far, with the names that were given.

    Args:
        premises: names and statements of the lemmas, without notations.
    """

    def __init__(self, premises: Sequence[tuple[str, str]]) -> None:
        self._constants = frozenset(name for name, _ in premises)
        self._shaped: dict[_Shape, list[str]] = defaultdict(list)
        """Statements that were not read yet: reading all of a library takes long, and few are ever compared."""
        self._keys: set[str] = set()
        self._names: Counter[str] = Counter()
        for _, text in premises:
            self._shaped[self._shape(text)].append(text)

    def _shape(self, text: str) -> _Shape:
        """Return what statements have in common that are equal up to renaming."""
        words = [token for token in trees.tokens(text) if token[0].isalpha()]
        return len(words), self._constants.intersection(words)

    def add(self, text: str) -> str:
        """Take note of a statement.

        Args:
            text: without notations.

        Returns:
            A key that is equal for statements equal up to renaming; empty where there is such a statement already.
        """
        for other in self._shaped.pop(self._shape(text), ()):
            self._keys.add(statement("coq", other).key)
        key = statement("coq", text).key
        if key in self._keys:
            return ""
        self._keys.add(key)
        return key

    def name(self, wanted: str) -> str:
        """Return a name that nothing else was given."""
        self._names[wanted] += 1
        count = self._names[wanted]
        return wanted if count == 1 else f"{wanted}_{count}"
