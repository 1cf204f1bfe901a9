"""A prover that proposes bodies for F* lemmas and definitions by the shape of their types."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lemmata.goal import GoalView
from provers.symbolic.fstar.shapes import Parameter, Shape, cases, explicit_types, formula, is_lemma
from provers.symbolic.tactics import Move, TacticProver

_SECONDS = 10.0
_MOST_CALLS = 40
_MOST_NEAR = 24
"""Lemmas above the goal that are tried, the nearest first."""
_EFFORTS = (
    ("--z3rlimit 40", -1.6),
    ("--fuel 4 --ifuel 2 --z3rlimit 40", -2.0),
    ("--fuel 0 --ifuel 0 --z3rlimit 40", -2.8),
    ("--fuel 8 --ifuel 4 --z3rlimit 100", -3.2),
)
"""What the solver is given where its defaults may not do, and how likely that helps."""
_VALUES = {
    "bool": ("true", "false"),
    "int": ("0", "1"),
    "nat": ("0", "1"),
    "pos": ("1",),
    "string": ('""',),
    "unit": ("()",),
    "list": ("[]",),
    "option": ("None",),
}


class FstarPortfolioProver(TacticProver):
    """Proposes what the solver does alone, case analysis and recursion, calls of lemmas, and plain values."""

    name = "fstar-portfolio"
    systems = ("fstar",)
    kind = "definition"

    def moves(self, view: GoalView) -> Iterator[Move]:
        """Return the bodies that may fill a hole of this type."""
        shape = Shape.of(view)
        for text, likely in self._bodies(shape, view.context, view.depth):
            yield text, likely, _SECONDS

    def _bodies(self, shape: Shape, context: Mapping[str, Any], depth: int) -> Iterator[tuple[str, float]]:
        if shape.present:
            yield shape.present, -0.2
        if is_lemma(shape.result) or shape.kind == "assume":
            yield "()", -0.4
            yield from ((f'#push-options "{effort}"\n()', likely) for effort, likely in _EFFORTS)
            yield from self._of_lemma(shape, context)
        else:
            yield from self._values(shape)
        if shape.tail:
            yield from self._cases(shape, context, depth)
        yield from self._recursive_calls(shape)

    def _of_lemma(self, shape: Shape, context: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
        calls = list(itertools.islice(_calls(shape, context), _MOST_CALLS))
        for rank, call in enumerate(calls):
            yield call, -1.4 - 0.06 * rank
        if goal := formula(shape.result):
            yield f"assert_norm ({goal})", -2.2
        recursive = list(_recursions(shape))[:4]
        for rank, (own, call) in enumerate(itertools.product(recursive, calls[:8])):
            yield f"{own};\n{call}", -2.4 - 0.06 * rank
        for rank, (first, second) in enumerate(itertools.permutations(calls[:5], 2)):
            yield f"{first};\n{second}", -3.0 - 0.06 * rank
        for rank, name in enumerate(_lemma_names(context)[:_MOST_NEAR]):
            yield f"FStar.Classical.forall_intro {name}", -3.0 - 0.06 * rank

    def _values(self, shape: Shape) -> Iterator[tuple[str, float]]:
        head = re.match(r"(?:Tot\s+|GTot\s+)?\(?(?:\w+\s*:\s*)?(?:Prims\.)?(\w+)", shape.result)
        wanted = head[1] if head else ""
        for value in _VALUES.get(wanted, ()):
            yield value, -1.0
        same = [p.name for p in shape.explicit if p.type.split("{")[0].strip().split(" ")[0] == wanted]
        for name in [*same, *(n for n in shape.scope if n not in same)][:8]:
            yield name, -1.2
        if wanted in ("int", "nat", "pos"):
            for a, b in itertools.islice(itertools.product(same, repeat=2), 6):
                yield f"{a} + {b}", -2.0
            for name in same[:3]:
                yield from ((f"{name} + 1", -1.8), (f"{name} - 1", -2.4), (f"-{name}", -2.8))
        yield "()", -3.0

    def _cases(self, shape: Shape, context: Mapping[str, Any], depth: int) -> Iterator[tuple[str, float]]:
        for rank, parameter in enumerate(shape.explicit):
            split = cases(parameter.type, parameter.name, context.get("types", ()), shape.names)
            if not split:
                continue
            yield split.with_holes(), -1.1 - 0.3 * rank - 0.8 * depth
            if shape.recursive and is_lemma(shape.result):
                yield split.closed(functools.partial(_smaller, shape, parameter)), -0.8 - 0.3 * rank - 0.5 * depth

    def _recursive_calls(self, shape: Shape) -> Iterator[tuple[str, float]]:
        for rank, call in enumerate(itertools.islice(_recursions(shape), 12)):
            yield call, -1.0 - 0.1 * rank


def _smaller(shape: Shape, parameter: Parameter, name: str) -> str:
    return shape.call({parameter.name: name})


def _recursions(shape: Shape) -> Iterator[str]:
    """Yield calls of what is defined itself, on something smaller: a name that a pattern bound, or a predecessor."""
    if not shape.recursive:
        return
    for name in reversed(shape.scope):
        for parameter in shape.explicit:
            if name not in {p.name for p in shape.explicit}:
                yield shape.call({parameter.name: name})
    for parameter in shape.explicit:
        if re.match(r"(?:Prims\.)?(?:nat|pos)\b", parameter.type):
            yield shape.call({parameter.name: f"({parameter.name} - 1)"})


def _calls(shape: Shape, context: Mapping[str, Any]) -> Iterator[str]:
    """Yield calls of lemmas above the goal, with arguments of fitting types first."""
    names = [*shape.scope, *(p.name for p in shape.explicit)]
    own = {p.name: p.type for p in shape.explicit}
    lemmas = [head for head in context.get("heads", ()) if is_lemma(head["type"]) and head["name"] != shape.name]
    for head in lemmas[:_MOST_NEAR]:
        wanted = explicit_types(head["type"])
        if len(wanted) > 3:
            continue
        if not wanted:
            yield f"{head['name']} ()"
            continue
        choices = [_fitting(kind, own, names) for kind in wanted]
        for arguments in itertools.islice(itertools.product(*choices), 6):
            yield " ".join([head["name"], *arguments])


def _fitting(kind: str, own: Mapping[str, str], names: Sequence[str]) -> list[str]:
    if kind == "unit":
        return ["()"]
    same = [name for name, type_ in own.items() if type_ and type_ == kind]
    return [*same, *(name for name in names if name not in same)][:4] or ["()"]


def _lemma_names(context: Mapping[str, Any]) -> list[str]:
    return [
        head["name"]
        for head in context.get("heads", ())
        if is_lemma(head["type"]) and len(explicit_types(head["type"])) == 1
    ]
