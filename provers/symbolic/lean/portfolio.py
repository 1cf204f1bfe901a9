"""A prover that proposes tactics by the shape of the goal, and by what the imports of its file provide.

The numbers are estimates of how often a tactic does something useful at a goal of that shape.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from lemmata.goal import GoalView
from provers.symbolic.lean.shapes import Shape, binders, bound, numbers, shape, words
from provers.symbolic.tactics import Move, TacticProver

_GRIND_SINCE = (4, 22)
_MOST_HYPOTHESES = 12
"""So many of the latest hypotheses are looked at."""
_MOST_PREMISES = 8
_MOST_HINTS = 6
_SUREST = -0.2
"""No proposal is more certain than this, or a path would cost nothing."""

_CORE: tuple[Move, ...] = (
    ("rfl", -1.2, 2.0),
    ("trivial", -2.2, 1.0),
    ("assumption", -2.0, 1.0),
    ("simp", -0.8, 4.0),
    ("simp_all", -1.1, 5.0),
    ("omega", -1.3, 4.0),
    ("decide", -1.9, 4.0),
    ("contradiction", -2.8, 1.0),
    ("constructor", -2.6, 1.0),
    ("exact?", -2.9, 12.0),
    ("ext", -3.4, 1.0),
    ("funext x", -3.6, 1.0),
    ("split", -3.2, 2.0),
    ("and_intros", -4.5, 1.0),
    ("infer_instance", -4.5, 2.0),
)
_MATHLIB: tuple[Move, ...] = (
    ("norm_num", -0.9, 5.0),
    ("linarith", -1.3, 5.0),
    ("ring", -1.7, 4.0),
    ("nlinarith", -2.0, 10.0),
    ("positivity", -2.1, 3.0),
    ("aesop", -1.8, 8.0),
    ("field_simp", -2.7, 4.0),
    ("ring_nf", -2.6, 4.0),
    ("norm_num at *", -2.9, 5.0),
    ("push_cast", -3.6, 2.0),
    ("norm_cast", -3.2, 2.0),
    ("gcongr", -3.0, 3.0),
    ("push_neg", -3.4, 2.0),
    ("tauto", -3.0, 4.0),
)


class LeanTacticsProver(TacticProver):
    """Proposes automation, introductions, case analysis, induction, rewriting and use of the hypotheses."""

    name = "lean-tactics"
    systems = ("lean",)

    def moves(self, view: GoalView) -> Iterator[Move]:
        """Return what goals of this shape may take."""
        goal = _Goal(view)
        for text, likely, seconds in itertools.chain(
            goal.automation(), goal.logic(), goal.from_hypotheses(), goal.arithmetic(), goal.from_file()
        ):
            yield text, min(likely, _SUREST), seconds


class _Goal:
    """A goal, looked at for what may be tried on it."""

    def __init__(self, view: GoalView) -> None:
        self._view = view
        self._imports = [str(name) for name in view.context.get("imports", ())]
        self._conclusion = view.goal.conclusion.split("\n\n")[0]
        self._shape = shape(self._conclusion)
        usable = [h for h in view.goal.hypotheses if "✝" not in h.name and h.name not in ("_", "")]
        self._used = {h.name for h in view.goal.hypotheses}
        self._given = [(h.name, h.text, shape(_type(h.text))) for h in usable][-_MOST_HYPOTHESES:]
        self._mathlib = any(name == "Mathlib" or name.startswith("Mathlib.") for name in self._imports)
        self._numbers = numbers(self._conclusion) | frozenset().union(*(numbers(t) for _, t, _ in self._given))
        self._order = self._shape.kind in ("le", "ge", "lt", "gt")

    def _newer(self, since: tuple[int, int]) -> bool:
        found = re.match(r"v?(\d+)\.(\d+)", str(self._view.context.get("version", "")))
        return found is None or (int(found[1]), int(found[2])) >= since

    def _fresh(self, name: str) -> str:
        """Return a name that no hypothesis has."""
        name = re.sub(r"[^\w']", "", name.replace("✝", "")) or "x"
        if name[0].isdigit():
            name = "h" + name
        return next(
            n for n in itertools.chain((name,), (f"{name}{i}" for i in itertools.count(1))) if n not in self._used
        )

    def automation(self) -> Iterator[Move]:
        """Tactics that take no argument."""
        kind, numeric = self._shape.kind, bool(self._numbers & {"nat", "int"})
        for text, likely, seconds in _CORE:
            yield text, likely + self._fits(text, kind, numeric), seconds
        if self._newer(_GRIND_SINCE):
            yield "grind", -1.6, 6.0
        if self._mathlib:
            for text, likely, seconds in _MATHLIB:
                yield text, likely + self._fits(text, kind, numeric), seconds
        elif any(name == "Aesop" or name.startswith("Aesop.") for name in self._imports):
            yield "aesop", -1.6, 8.0

    def _fits(self, text: str, kind: str, numeric: bool) -> float:
        """Return how much better, or worse, a tactic fits this goal than goals in general."""
        relation = self._shape.relation or kind == "false"
        match text:
            case "omega":
                return 0.5 if numeric and relation else -1.0 if self._numbers or not relation else 0.0
            case "rfl":
                return 0.3 if kind in ("eq", "iff") else -2.0
            case "ring" | "ring_nf":
                return 0.6 if kind == "eq" else -1.5
            case "linarith" | "nlinarith":
                return 0.5 if self._order or kind == "false" else 0.0 if kind == "eq" else -2.5
            case "positivity":
                return 0.5 if self._order and re.match(r"0 [<≤]", self._conclusion) else -2.0
            case "gcongr":
                return 0.3 if self._order else -3.0
            case "field_simp":
                return 0.5 if "/" in self._conclusion or "⁻¹" in self._conclusion else -2.0
            case "decide":
                return 0.4 if not self._given else -0.8
            case "constructor" | "and_intros":
                return 1.6 if kind in ("and", "iff") else -1.0
            case "contradiction" | "tauto":
                return 0.6 if kind == "false" else 0.0
            case "funext x" | "ext":
                return 0.8 if kind == "eq" and not self._numbers else -1.5
            case "split":
                return 1.5 if re.search(r"\b(?:if|match)\b", self._conclusion) else -2.5
            case "push_cast" | "norm_cast":
                return 1.0 if "↑" in self._conclusion else -1.5
            case "push_neg":
                return 0.8 if "¬" in self._conclusion else -2.0
        return 0.0

    def logic(self) -> Iterator[Move]:
        """Steps that follow the outermost connective."""
        kind = self._shape.kind
        names = binders(self._conclusion)
        if names:
            fresh = self._several(names)
            yield f"intro {' '.join(fresh)}", -0.4, 1.0
            if len(fresh) > 1:
                yield f"intro {fresh[0]}", -1.8, 1.0
            yield "intros", -3.0, 1.0
            if kind in ("not", "implies"):
                pair = f"⟨{self._fresh('a')}, {self._fresh('b')}⟩"
                yield f"rintro {' '.join([*fresh[:-1], pair])}", -3.4, 1.0
        match kind:
            case "and":
                yield "refine ⟨?_, ?_⟩", -0.7, 1.0
            case "iff":
                yield "refine ⟨?_, ?_⟩", -1.8, 1.0
                yield f"refine ⟨fun {self._fresh('h')} => ?_, fun {self._fresh('h')} => ?_⟩", -1.4, 1.0
            case "or":
                yield from (("left", -1.0, 1.0), ("right", -1.0, 1.0))
            case "exists":
                for name, text, _ in self._given:
                    if words(_type(text)) & {"ℕ", "ℤ", "ℝ", "ℚ", "Nat", "Int"} and shape(text).kind == "other":
                        yield f"exact ⟨{name}, by simp⟩", -3.0, 3.0
                        yield f"refine ⟨{name}, ?_⟩", -2.2, 1.0
                yield from ((f"refine ⟨{n}, ?_⟩", -2.4 - 0.3 * n, 1.0) for n in range(3))
                yield "refine ⟨_, ?_⟩", -3.2, 1.0
            case "false":
                yield "exfalso", -5.0, 1.0
            case _:
                yield "exfalso", -4.0, 1.0
        if self._mathlib and (self._order or kind in ("eq", "or", "ne", "not", "exists")):
            yield f"by_contra {self._fresh('h')}", -2.6, 1.0
        yield f"refine Classical.byContradiction fun {self._fresh('h')} => ?_", -6.0, 1.0

    def _several(self, names: Sequence[str]) -> list[str]:
        found: list[str] = []
        before = set(self._used)
        for name in names:
            fresh = self._fresh(name)
            self._used.add(fresh)
            found.append(fresh)
        self._used = before
        return found

    def from_hypotheses(self) -> Iterator[Move]:
        """Steps that use or take apart a hypothesis; the latest ones are likeliest to matter."""
        for back, (name, text, own) in enumerate(reversed(self._given)):
            for tactic, likely in self._use(name, text, own):
                yield tactic, likely - 0.1 * back, 2.0
            for tactic, likely in self._apart(name, text, own):
                yield tactic, likely - 0.1 * back, 2.0

    def _use(self, name: str, text: str, own: Shape) -> Iterator[tuple[str, float]]:
        if " ".join(text.split()) == " ".join(self._conclusion.split()):
            yield f"exact {name}", -0.2
        if own.kind in ("implies", "forall", "not", "iff"):
            aims = own.kind == "not" and self._shape.kind == "false"
            yield f"apply {name}", -0.8 if aims or own.right.endswith(self._conclusion) else -2.0
            yield f"exact {name} _", -3.6
        if own.kind in ("eq", "iff"):
            there = bool(own.left) and own.left in self._conclusion
            yield f"rw [{name}]", -1.2 if there else -2.8
            yield f"rw [← {name}]", -2.6
            yield f"simp [{name}]", -1.7
        elif own.kind == "forall":
            yield f"simp [{name}]", -2.4
            yield f"rw [{name}]", -2.6
            yield f"simp only [{name}]", -3.0
        if own.kind != "other" and not own.relation:
            return
        if own.relation:
            yield f"simp at {name}", -2.6
            if self._mathlib:
                yield f"norm_num at {name}", -2.6
                yield f"simp_all [{name}]", -3.4
        for other, _, theirs in self._given:
            if (
                other != name
                and own.kind == "eq"
                and theirs.relation
                and own.left
                and own.left in (theirs.left + theirs.right)
            ):
                yield f"rw [{name}] at {other}", -2.7

    def _apart(self, name: str, text: str, own: Shape) -> Iterator[tuple[str, float]]:
        left, right = self._fresh(name + "l"), self._fresh(name + "r")
        match own.kind:
            case "and":
                yield f"obtain ⟨{left}, {right}⟩ := {name}", -0.9
                yield f"exact {name}.1", -2.4
                yield f"exact {name}.2", -2.4
            case "iff":
                yield f"obtain ⟨{left}, {right}⟩ := {name}", -2.8
            case "or":
                yield f"rcases {name} with {left} | {right}", -0.9
            case "exists":
                variable = self._fresh(next(iter(bound(own.left)), "x"))
                yield f"obtain ⟨{variable}, {self._fresh('h' + variable)}⟩ := {name}", -0.8
            case "false":
                yield f"exact {name}.elim", -0.2
            case "not":
                yield f"exact absurd ‹_› {name}", -3.4
            case "eq":
                yield f"subst {name}", -2.4
                yield f"injection {name}", -4.0
        kind = _type(text)
        if kind in ("ℕ", "Nat"):
            inner, step = self._fresh("n"), self._fresh("ih")
            mentioned = name in words(self._conclusion)
            yield f"induction {name} with\n| zero => ?_\n| succ {inner} {step} => ?_", -1.7 if mentioned else -4.0
            yield f"cases {name} with\n| zero => ?_\n| succ {inner} => ?_", -2.8
            if self._mathlib:
                yield f"interval_cases {name}", -2.6
        elif re.match(r"(?:List|Array|Option|Bool|Fin|Finset|Tree)\b", kind):
            yield f"induction {name}", -2.2
            yield f"cases {name}", -1.9
        elif (
            own.kind == "other"
            and kind not in ("ℝ", "ℚ", "ℤ", "ℂ", "Prop", "Int")
            and not kind.startswith(("Type", "Sort"))
        ):
            yield f"cases {name}", -3.2

    def arithmetic(self) -> Iterator[Move]:
        """Nonlinear arithmetic with squares and products, which Mathlib's `nlinarith` does not guess all of."""
        if not (self._mathlib and (self._order or self._shape.kind in ("eq", "false", "and", "or"))):
            return
        facts = [name for name, _, own in self._given if own.kind in ("le", "ge", "lt", "gt", "eq")]
        if facts:
            yield f"linarith [{', '.join(facts[-_MOST_HINTS:])}]", -2.8, 5.0
        variables = [n for n, t, _ in self._given if t.strip() in ("ℝ", "ℚ", "ℤ", "ℕ", "Int", "Nat")][:4]
        squares = [f"sq_nonneg ({a} - {b})" for a, b in itertools.combinations(variables, 2)]
        squares += [f"sq_nonneg ({a} + {b})" for a, b in itertools.combinations(variables, 2)]
        plain = [f"sq_nonneg {a}" for a in variables]
        if plain:
            yield f"nlinarith [{', '.join((squares + plain)[:_MOST_HINTS])}]", -1.9, 12.0
            yield f"nlinarith [{', '.join(plain)}]", -2.6, 10.0
        positive = [n for n, _, own in self._given if own.kind in ("lt", "le") and own.left == "0"]
        products = [f"mul_pos {a} {b}" for a, b in itertools.combinations(positive[-3:], 2)]
        if products:
            yield f"nlinarith [{', '.join((products + squares)[:_MOST_HINTS])}]", -2.1, 12.0

    def from_file(self) -> Iterator[Move]:
        """Steps by the theorems that stand above the goal in its file."""
        for back, name in enumerate(
            reversed([str(n) for n in self._view.context.get("theorems", ())][-_MOST_PREMISES:])
        ):
            yield f"exact {name}", -3.4 - 0.2 * back, 2.0
            yield f"apply {name}", -2.8 - 0.2 * back, 2.0
            yield f"rw [{name}]", -3.2 - 0.2 * back, 2.0
            yield f"simp [{name}]", -2.9 - 0.2 * back, 3.0
        after = self._view.goal.details.get("after")
        if isinstance(after, str) and after.startswith(("induction", "cases")):
            yield "simp_all", -0.7, 5.0


def _type(text: str) -> str:
    """Return the type of a hypothesis, without the value that a local definition has."""
    return text.split(" := ", maxsplit=1)[0].strip()
