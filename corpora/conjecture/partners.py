"""Pairs of lemmas that fit together: one concludes what the other assumes, or begins where the other ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from checkers.coq.samples import binders
from corpora.mutate.bench import Target
from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Statement, Tree

_MOST_PREMISES = 4
_HOLE = "_"
_EQUALITIES = frozenset(("eq", "iff"))
_CONNECTIVES = frozenset(("and", "or", "not"))


class Partners:
    """The lemmas in scope, by what they assume and by the left sides of what they conclude.

    Args:
        premises: names and statements without notations.
    """

    def __init__(self, premises: Sequence[tuple[str, str]]) -> None:
        self._assuming: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        self._beginning: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._transitive: dict[tuple[str, str], str] = {}
        self._alike: dict[str, list[str]] = defaultdict(list)
        self._types: dict[str, str] = {}
        for name, text in premises:
            if "Private_" not in name:
                self._add(name, text)

    def _add(self, name: str, text: str) -> None:
        whole = trees.statement(text)
        local = frozenset(whole.variables)
        self._types[name] = text
        self._alike[text].append(name)
        if not isinstance(whole.conclusion, tuple) or len(whole.premises) > _MOST_PREMISES:
            return
        for number, premise in enumerate(whole.premises):
            symbol = trees.head(premise)
            if isinstance(premise, tuple) and symbol not in local and not _congruence(symbol, whole):
                self._assuming[symbol].append((name, text, number))
        if len(whole.conclusion) > 2:
            relation, left = trees.head(whole.conclusion), trees.head(whole.conclusion[-2])
            if relation not in local and left not in local:
                self._beginning[relation, left].append((name, text))
            if found := _transitivity(whole):
                self._transitive.setdefault(found, name)

    def alike(self, name: str) -> list[str]:
        """Return the other constants of the same type."""
        return [other for other in self._alike.get(self._types.get(name, ""), ()) if other != name]

    def following(self, target: Target) -> Iterator[tuple[str, str]]:
        """Yield lemmas that assume what a theorem concludes, each with a term for what follows then."""
        conclusion = trees.read(target.conclusion)
        for name, text, number in self._assuming.get(trees.head(conclusion), ()):
            whole = trees.statement(text)
            if trees.matches(whole.premises[number], conclusion, frozenset(whole.variables)):
                settled = set(trees.tokens(trees.write(whole.premises[number])))
                yield name, _function(target, name, text, settled, number, "{}")

    def continuing(self, target: Target) -> Iterator[tuple[str, str]]:
        """Yield lemmas that begin where a theorem ends, each with a term for both together by transitivity."""
        conclusion = trees.read(target.conclusion)
        if not isinstance(conclusion, tuple) or len(conclusion) < 3:
            return
        relation, right = trees.head(conclusion), conclusion[-1]
        for (first, second), together in self._transitive.items():
            if first != relation:
                continue
            for name, text in self._beginning.get((second, trees.head(right)), ()):
                whole = trees.statement(text)
                left = whole.conclusion[-2]
                if trees.matches(left, right, frozenset(whole.variables)):
                    settled = set(trees.tokens(trees.write(left)))
                    join = f"ltac:(eapply @{together}; [ exact ({target.applied()}) | exact ({{}}) ])"
                    yield name, _function(target, name, text, settled, None, join)


def _function(target: Target, name: str, text: str, settled: set[str], own: int | None, join: str) -> str:
    """Return a function of what a theorem and a lemma still need, whose value is what follows from both.

    Args:
        target: the theorem.
        name: of the lemma.
        text: its statement.
        settled: the lemma's variables that the theorem settles.
        own: which premise of the lemma the theorem is, None where it is none.
        join: how the lemma's instance is used, with `{}` for it.
    """
    given = [known for known, _ in target.hypotheses]
    arguments = []
    nameless = -1
    for variable, _ in binders(text)[0]:
        nameless += variable == _HOLE
        if variable == _HOLE and nameless == own:
            arguments.append(f"({target.applied()})")
        elif variable in settled and variable != _HOLE:
            arguments.append(_HOLE)
        else:
            fresh = f"{'h' if variable == _HOLE else variable}{len(given)}"
            given.append(fresh)
            arguments.append(fresh)
    call = join.format(f"@{name}{''.join(f' {argument}' for argument in arguments)}")
    return f"fun {' '.join(given)} => {call}" if given else call


def _congruence(symbol: str, whole: Statement) -> bool:
    """Say whether a lemma only carries an equation or equivalence over to larger terms, of which there is no end."""
    return symbol in _EQUALITIES and trees.head(whole.conclusion) in {*_EQUALITIES, *_CONNECTIVES, *whole.variables}


def _transitivity(whole: Statement) -> tuple[str, str] | None:
    """Return the relations that a law of transitivity joins, None for what is none."""
    match whole.premises, whole.conclusion:
        case ((tuple() as one, tuple() as two), tuple() as both) if len(one) > 2 and len(two) > 2 and len(both) > 2:
            ends: tuple[Tree, ...] = (one[-2], one[-1], two[-1])
            fits = one[-1] == two[-2] and both[-2:] == (one[-2], two[-1]) and len(set(ends)) == 3
            if fits and all(end in whole.variables for end in ends):
                return trees.head(one), trees.head(two)
    return None
