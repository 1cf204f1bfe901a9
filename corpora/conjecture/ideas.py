"""What may be true beside a theorem: guesses made by changing it, or by joining it with another.

K. Dong and T. Ma, "STP: Self-play LLM Theorem Provers with Iterative Conjecturing and Proving", ICML 2025, have a model
guess, as `corpora.conjecture.asking` does; this is what can be guessed without one. Whether a guess is true, the search
has to find out.
"""

from __future__ import annotations

import enum
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from corpora.conjecture.partners import Partners
from corpora.mutate.bench import Bench, Forms, Path, Target
from provers.symbolic.coq import trees
from provers.symbolic.coq.trees import Tree

_BINDING = frozenset(("forall", "fun", "exists", "match", "let", "if", "fix", "cofix"))
_VALUES = {"nat": ("O", "(S O)"), "bool": ("true", "false"), "list": ("nil",), "option": ("None",), "Z": ("Z0",)}
"""What a variable may be specialised to, by the symbol at the head of its type."""
_TIDY = "1: repeat match goal with x : ?t |- _ => lazymatch type of t with Prop => fail | _ => clear x end end."
"""Forgets variables that nothing mentions any more."""


class Guess(enum.Enum):
    """How a conjecture was made."""

    DROP = "drop hypothesis"
    CONVERSE = "converse"
    SWAP = "swap operator"
    GENERALISE = "generalise"
    SPECIALISE = "specialise"
    CHAIN = "chain"
    """What follows from the theorem by another one."""
    TRANSITIVITY = "transitivity"
    MODEL = "model"
    """A model stated it."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A guess that Coq has not seen yet."""

    guess: Guess
    path: Path = ()
    """Leads to a goal that is the conjecture once its context is reverted; empty where there is a statement."""
    statement: str = ""
    partner: str = ""
    """The other lemma, where there is one."""
    simplified: bool = False
    """Whether the statement is to be simplified, and is of no use where that does nothing."""
    beside: tuple[str, ...] = ()
    """Other lemmas that it may only say again."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """More about where it comes from, for the record; JSON values only."""


_SHARES = {Guess.SWAP: 2, Guess.SPECIALISE: 2, Guess.CHAIN: 3, Guess.TRANSITIVITY: 3}
"""How many guesses of a kind there are in each round, where it is not one: more of what is more often true."""


def ideas(target: Target, partners: Partners, seed: int) -> list[Idea]:
    """Return guesses that need no model about a theorem, in rounds with some of each kind; within one lots decide."""
    lots = random.Random(f"{seed} {target.full}")
    groups: dict[Guess, list[Idea]] = {guess: [] for guess in Guess}
    for idea in _ideas(target, partners):
        groups[idea.guess].append(idea)
    for group in groups.values():
        lots.shuffle(group)
    found: list[Idea] = []
    while any(groups.values()):
        for guess, group in groups.items():
            found += group[: (share := _SHARES.get(guess, 1))]
            del group[:share]
    return found


def _ideas(target: Target, partners: Partners) -> Iterator[Idea]:
    for name, _ in target.hypotheses:
        if name in target.assumed:
            yield Idea(Guess.DROP, (*target.path, f"1: clear {name}.", _TIDY))
            turned = f"let h := type of {name} in match goal with |- ?c => clear {name}; assert (c -> h) end"
            yield Idea(Guess.CONVERSE, (*target.path, f"1: {turned}.", "1: {", _TIDY))
    for constant in dict.fromkeys(trees.tokens(target.closed)):
        for other in partners.alike(constant):
            text = re.sub(rf"(?<![\w'.]){re.escape(constant)}(?![\w']|\.\w)", other, target.explicit)
            yield Idea(Guess.SWAP, statement=text, partner=other)
    reverting = [f"1: revert {' '.join(name for name, _ in target.hypotheses if name in target.assumed)}."]
    for term in _repeated(target):
        path = (*target.path, *(reverting if target.assumed else ()), f"1: generalize ({term}).", "1: intros.", _TIDY)
        yield Idea(Guess.GENERALISE, path)
    for name, kind in target.hypotheses:
        for value in _VALUES.get(trees.head(trees.read(kind)), ()):
            others = [other for other, _ in target.hypotheses if other != name]
            whole = target.applied(**{name: value})
            function = f"fun {' '.join(others)} => {whole}" if others else whole
            yield Idea(Guess.SPECIALISE, statement=_type_of(function), simplified=True)
    for partner, term in partners.following(target):
        yield Idea(Guess.CHAIN, statement=_type_of(term), partner=partner)
    for partner, term in partners.continuing(target):
        yield Idea(Guess.TRANSITIVITY, statement=_type_of(term), partner=partner)


def _type_of(term: str) -> str:
    return f"ltac:(let x := constr:({term}) in let t := type of x in exact t)"


def _repeated(target: Target) -> list[str]:
    """Return the terms that occur more than once, and can be written again."""
    counted: Counter[Tree] = Counter()
    for text in (target.conclusion, *(kind for name, kind in target.hypotheses if name in target.assumed)):
        counted.update(term for term in trees.subterms(trees.read(text)) if isinstance(term, tuple) and _plain(term))
    return [trees.write(term) for term, count in counted.items() if count > 1]


def _plain(tree: Tree) -> bool:
    return all(trees.head(term) not in _BINDING for term in trees.subterms(tree))


async def stated(bench: Bench, target: Target, idea: Idea) -> Forms | None:
    """Return what Coq makes of a guess about a theorem that was taken up; None where it makes no sense."""
    if idea.path:
        return await bench.closed(idea.path) if await bench.reaches(idea.path, len(target.path)) else None
    made = await bench.stated(idea.statement)
    if made is None or not idea.simplified:
        return made[1] if made else None
    path: Path = (*made[0], "1: intros.", "1: progress simpl in *.", _TIDY)
    found = await bench.closed(path) if await bench.reaches(path, len(made[0])) else None
    # A definition that was half unfolded is nothing that anybody would state.
    return None if found is None or "match" in trees.tokens(found.plain.conclusion) else found
