"""Statements up to renaming: a renamed copy is always found, a theorem that says something else never is."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.curate.statements import statement

CONSTANTS = ("plus", "Nat.mul", "le", "rev", "O", "S", "P0", "Q0")
OPERATORS = ("=", "<", "<=", "+", "*", "/\\", "\\/", "<->", "->", "++", "<>")
TYPES = ("nat", "bool", "list nat", "Z", "nat -> bool")
LEFT = ("+", "*")
NAMES = ("x", "y", "z", "n", "m", "H", "IHn", "l'", "a1", "foo")


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A constant, or a variable by its number."""

    text: str = ""
    variable: int = -1


@dataclasses.dataclass(frozen=True)
class Apply:
    """A function with arguments."""

    function: str
    arguments: tuple


@dataclasses.dataclass(frozen=True)
class Infix:
    """Two terms with an operator between."""

    operator: str
    left: object
    right: object


@dataclasses.dataclass(frozen=True)
class Binder:
    """A quantifier or a function over one variable."""

    kind: str
    variable: int
    type: str
    body: object


@dataclasses.dataclass(frozen=True)
class Theorem:
    """Typed variables, premises with or without names, and a conclusion."""

    variables: tuple
    premises: tuple
    conclusion: object


def terms(bound: tuple[int, ...], depth: int) -> st.SearchStrategy:
    leaf = st.sampled_from(CONSTANTS).map(Leaf)
    if bound:
        leaf = st.one_of(leaf, st.sampled_from(bound).map(lambda number: Leaf(variable=number)))
    if not depth:
        return leaf

    def binder(kind: str, type_: str) -> st.SearchStrategy:
        number = 50 + depth * 10 + len(bound)
        return terms((*bound, number), depth - 1).map(lambda body: Binder(kind, number, type_, body))

    below = terms(bound, depth - 1)
    return st.one_of(
        leaf,
        st.builds(Apply, st.sampled_from(CONSTANTS), st.lists(below, min_size=1, max_size=3).map(tuple)),
        st.builds(Infix, st.sampled_from(OPERATORS), below, below),
        st.tuples(st.sampled_from(("forall", "exists", "fun")), st.sampled_from(TYPES)).flatmap(lambda kt: binder(*kt)),
    )


@st.composite
def theorems(draw: Callable) -> Theorem:
    count = draw(st.integers(0, 3))
    variables = tuple((number, draw(st.sampled_from(TYPES))) for number in range(count))
    bound = tuple(range(count))
    premises = tuple(draw(st.lists(terms(bound, 2), max_size=2)))
    used = Apply("used", tuple(Leaf(variable=number) for number in bound)) if bound else Leaf("O")
    return Theorem(variables, premises, Infix("=", used, draw(terms(bound, 3))))


def written(theorem: Theorem, lots: random.Random) -> str:
    """Write a theorem in one of many ways that say the same."""

    def blank() -> str:
        return lots.choice((" ", "  ", "\n  ", ' (* it holds, (* for *) all "n" *) '))

    fresh = [f"{lots.choice(NAMES)}{number}" for number in range(40)]
    lots.shuffle(fresh)
    names: dict[int, str] = {}

    def name(number: int) -> str:
        return names.setdefault(number, fresh.pop())

    def term(what: object, scope: dict[int, str]) -> str:
        match what:
            case Leaf(text="", variable=number):
                return scope[number]
            case Leaf(text=text):
                return text
            case Apply(function=function, arguments=arguments):
                return f"({function}{blank()}{blank().join(term(argument, scope) for argument in arguments)})"
            case Infix(operator=operator, left=left, right=right):
                space = blank() if operator != "->" else " "
                one = operand(left, scope, nests=isinstance(left, Infix) and left.operator == operator in LEFT)
                return f"({one}{space}{operator}{space}{operand(right, scope)})"
            case Binder(kind=kind, variable=number, type=type_, body=body):
                # A name that is bound again hides the one around it.
                inner = {**scope, number: lots.choice([fresh.pop() if fresh else "w", "again"])}
                if "again" in scope.values() and inner[number] == "again":
                    inner[number] = fresh.pop() if fresh else "w"
                end = "=>" if kind == "fun" else ","
                binder = lots.choice((f"{inner[number]} : {type_}", f"({inner[number]}:{type_})"))
                return f"({kind} {binder}{end}{blank()}{term(body, inner)})"
        raise AssertionError(what)

    def operand(what: object, scope: dict[int, str], *, nests: bool = False) -> str:
        """Write an operand, with brackets or without where they change nothing."""
        text = term(what, scope)
        bare = (isinstance(what, Apply) or nests) and lots.random() < 0.5
        return text[1:-1] if bare else text

    variables, premises = list(theorem.variables), list(theorem.premises)
    lots.shuffle(variables)
    lots.shuffle(premises)
    scope = {number: name(number) for number, _ in variables}
    binders: list[str] = []
    for type_, group in itertools.groupby(variables, key=lambda pair: pair[1]):
        together = [scope[number] for number, _ in group]
        if lots.random() < 0.5:
            binders.append(f"({blank().join(together)} : {type_})")
        else:
            binders += [f"({one}:{type_})" for one in together]
    said = [term(premise, scope) for premise in premises]
    conclusion = term(theorem.conclusion, scope)
    keyword, title = lots.choice(("Lemma", "Theorem", "#[local] Lemma")), f"name{lots.randrange(100)}"
    before = lots.randrange(len(binders) + 1)
    hypotheses = [f"(Hyp{lots.randrange(10)}{at} : {premise})" for at, premise in enumerate(said)]
    named = lots.randrange(len(said) + 1) if before == len(binders) else 0
    head = " ".join([*binders[:before], *hypotheses[:named]])
    body = " -> ".join([*said[named:], conclusion])
    if binders[before:]:
        body = f"forall {blank().join(binders[before:])}, {body}"
    return f"{keyword} {title} {head}{blank()}:{blank()}{body}."


def changed(theorem: Theorem, lots: random.Random) -> Theorem:
    """Return a theorem with one constant, operator, function or type of its conclusion changed."""

    def count(what: object) -> int:
        match what:
            case Leaf(variable=number):
                return 1 if number < 0 else 0
            case Apply(arguments=arguments):
                return 1 + sum(map(count, arguments))
            case Infix(left=left, right=right):
                return 1 + count(left) + count(right)
            case Binder(body=body):
                return 1 + count(body)
        raise AssertionError(what)

    left = [0]

    def walk(what: object) -> object:
        match what:
            case Leaf(variable=number):
                if number < 0:
                    left[0] -= 1
                    return Leaf("other") if left[0] == -1 else what
                return what
            case Apply(function=function, arguments=arguments):
                left[0] -= 1
                mine = "other" if left[0] == -1 else function
                return Apply(mine, tuple(walk(argument) for argument in arguments))
            case Infix(operator=operator, left=one, right=two):
                left[0] -= 1
                mine = ">=" if left[0] == -1 else operator
                return Infix(mine, walk(one), walk(two))
            case Binder(kind=kind, variable=number, type=type_, body=body):
                left[0] -= 1
                mine = "Other" if left[0] == -1 else type_
                return Binder(kind, number, mine, walk(body))
        raise AssertionError(what)

    left[0] = lots.randrange(count(theorem.conclusion))
    return Theorem(theorem.variables, theorem.premises, walk(theorem.conclusion))


@settings(max_examples=100, deadline=None)
@given(theorems(), st.integers(0, 2**32))
def test_a_renamed_copy_is_found(theorem: Theorem, seed: int) -> None:
    lots = random.Random(seed)
    first, second = written(theorem, lots), written(theorem, lots)
    assert statement("coq", first).key == statement("coq", second).key, (first, second)


@settings(max_examples=100, deadline=None)
@given(theorems(), st.integers(0, 2**32))
def test_a_theorem_with_one_thing_changed_is_another(theorem: Theorem, seed: int) -> None:
    lots = random.Random(seed)
    first, second = written(theorem, lots), written(changed(theorem, lots), lots)
    assert not statement("coq", first).agrees(statement("coq", second)), (first, second)


SAME = [
    ("coq", "Lemma a : forall n m : nat, n + m = m + n.", "Theorem b (x y:nat) : x+y = (* sum *) y + x"),
    ("coq", "Lemma a n (m : nat) : n = 0 -> m = n.", "Lemma b : forall (k : nat) (j : nat) (H : k = 0), j = k."),
    ("coq", "Lemma a (l : list A) : {x : A | In x l} + {l = nil}.", "Lemma b k : {z : A | In z k} + {k = nil}."),
    (
        "coq",
        "Lemma a n : match n with 0 => True | S k => k < n end.",
        "Lemma b m : match m with | 0 => True | S j => j < m end.",
    ),
    ("coq", "Lemma a n : let (p, q) := f n in p = q.", "Lemma b m : let (r, s) := f m in r = s."),
    ("coq", "Lemma a n : let k := n + 1 in k = k.", "Lemma b m : let n := m + 1 in n = n."),
    (
        "coq",
        "Lemma a n : let f x := x + n in let k := f 1 in k = n.",
        "Lemma b m : let g y := y + m in let j := g 1 in j = m.",
    ),
    ("lean", "theorem a : let x := 3\n let y := x\n y = x", "theorem a : let u := 3\n let v := u\n v = u"),
    ("coq", "Lemma a m : \\sum_(i < m) f i = m.", "Lemma a i : \\sum_(m < i) f m = i."),
    ("coq", "Lemma a : ∀ x, ∃ y, x ≤ y ∧ y ≠ x.", "Lemma a : forall u, exists v, u <= v /\\ v <> u."),
    ("coq", "Lemma a `{Equiv A} (x : A) : x = x.", "Lemma b `{Equiv A} (y : A) : (y = y)."),
    ("coq", "Goal forall P : Prop, P -> P.", "Example e (Q : Prop) : Q -> Q."),
    ("coq", "forall n : nat, n = n", "Fact f : forall k : nat, k = k."),
    ("lean", "theorem a (n : ℕ) (h : n > 0) : n * n ≥ n := by sorry", "lemma b : ∀ m : ℕ, m > 0 → m * m ≥ m"),
    (
        "lean",
        "theorem a {α : Type*} [Group α] (a : α) : ∃ x ∈ s, x * a = 1",
        "lemma b {G : Type*} [inst : Group G] (g : G) : ∃ y ∈ s, y * g = 1",
    ),
    ("lean", "theorem a : ∑ i in range 3, f i = 0", "theorem a : ∑ k in range 3, f k = 0"),
    ("lean", "theorem a (f : ℕ → ℕ) : f = fun x ↦ f x", "/-- doc -/ @[simp] theorem b (g : ℕ → ℕ) : g = λ y => g y"),
    ("lean", "theorem a (h : p ∧ q) : foo h.1", "theorem a (k : p ∧ q) : foo k.1"),
    ("coq", "Lemma a (n m : nat) : n - m = 0.", "Lemma a (n m : nat) : m - n = 0."),
    ("coq", "Lemma a n m p : n <= m -> m < p -> n < p.", "Lemma b p n m : m < p -> n <= m -> n < p."),
    (
        "coq",
        "Lemma a n m p : n <= m -> m <= p -> n <= p.",
        "Lemma b : forall x y : nat, x <= y -> forall z, z <= x -> z <= y.",
    ),
    (
        "coq",
        "Lemma a A (l k : list A) x : In x l -> In x (l ++ k).",
        "Lemma b T (x : T) k l (H : In x k) : (In x (k ++ (l))).",
    ),
    (
        "coq",
        "Lemma a n m : n * m + n = m ^ 2 * n -> ~ n = m.",
        "Lemma b n m : ((n * m) + n = (m ^ 2) * n) -> ~ (n = m).",
    ),
    (
        "coq",
        "Lemma a n m p : n + m + p = p /\\ n = 0 \\/ n = m.",
        "Lemma b n m p : (((n + m) + p = p) /\\ (n = 0)) \\/ (n = m).",
    ),
    (
        "coq",
        "Lemma a (l : list nat) : rev (x :: l) = rev l ++ x :: nil.",
        "Lemma b l : (rev (x :: l)) = (rev l) ++ (x :: nil).",
    ),
    ("coq", "Lemma a x y z : x = y + z -> z = y + x -> x = y.", "Lemma b x y z : x = (y + z) -> z = (y + x) -> x = y."),
    ("coq", "Lemma a P : ~ P 0 -> exists n, P n.", "Lemma b Q : (~ (Q 0)) -> (exists m, (Q m))."),
    ("coq", "Lemma a f x y : (f x) y = - x + y.", "Lemma b f x y : f x y = (- x) + y."),
    (
        "lean",
        "theorem a (x y : ℝ) (h : x * y + x = 2) : x = y ∧ y = x",
        "theorem b (x y : ℝ) (h : (x * y) + x = 2) : (x = y) ∧ (y = x)",
    ),
    (
        "lean",
        "theorem a (x y : ℝ) (h : x < y) (k : y < 2) : x < 2",
        "theorem b (y x : ℝ) (k : y < 2) (h : x < y) : x < 2",
    ),
]


@pytest.mark.parametrize(("system", "first", "second"), SAME)
def test_ways_to_say_the_same(system: str, first: str, second: str) -> None:
    assert statement(system, first).agrees(statement(system, second)), (
        statement(system, first),
        statement(system, second),
    )


OTHER = [
    ("coq", "Lemma a (n m : nat) : n - m = n.", "Lemma a (n m : nat) : n - m = m."),
    ("coq", "Lemma a n m p : n - (m - p) = 0.", "Lemma a n m p : n - m - p = 0."),
    ("coq", "Lemma a n m p : (n + m) * p = 0.", "Lemma a n m p : n + m * p = 0."),
    ("coq", "Lemma a (A B C : Prop) : A /\\ (B \\/ C).", "Lemma a (A B C : Prop) : A /\\ B \\/ C."),
    ("coq", "Lemma a (A B : Prop) : ~ (A /\\ B).", "Lemma a (A B : Prop) : ~ A /\\ B."),
    ("coq", "Lemma a (A : Prop) : (exists n, P n) /\\ A.", "Lemma a (A : Prop) : exists n, P n /\\ A."),
    ("coq", "Lemma a f g x : f (g x) = 0.", "Lemma a f g x : f g x = 0."),
    ("coq", "Lemma a n : (- n) ^ 2 = 0.", "Lemma a n : - n ^ 2 = 0."),
    ("coq", "Lemma a n m : n @@ (m @@ n) = 0.", "Lemma a n m : n @@ m @@ n = 0."),
    ("coq", "Lemma a n m p : n <= m -> m <= p -> n <= p.", "Lemma a n m p : n <= m -> m <= p -> p <= n."),
    ("coq", "Lemma a n m : P n m -> P m n -> Q n.", "Lemma a n m : P n m -> P m n -> Q2 n."),
    ("lean", "theorem a (x : ℝ) : (-x) ^ 2 = 0", "theorem a (x : ℝ) : -x ^ 2 = 0"),
    ("coq", "Lemma a (n : nat) : n = n.", "Lemma a (n : Z) : n = n."),
    ("coq", "Lemma a : (fun x => x, x) = y.", "Lemma a : (fun x => x, z) = y."),
    ("coq", "Lemma a (n : nat) : P n -> Q n.", "Lemma a (n : nat) : Q n -> P n."),
    ("coq", "Lemma a : forall n, exists m, n < m.", "Lemma a : exists m, forall n, n < m."),
    (
        "coq",
        "Lemma a n : match n with true => P | false => Q end.",
        "Lemma a n : match n with false => P | true => Q end.",
    ),
    ("coq", "Lemma a n : foo (x := n).", "Lemma a n : foo (y := n)."),
    ("coq", "Lemma a (A B : Prop) : (A -> B) -> A.", "Lemma a (A B : Prop) : A -> B -> A."),
    ("lean", "theorem a : A → B ↔ C", "theorem a (h : A) : B ↔ C"),
    ("lean", "theorem a (x : ℝ) : x ^ 2 ≥ 0", "theorem a (x : ℝ) : x ^ 2 > 0"),
]


@pytest.mark.parametrize(("system", "first", "second"), OTHER)
def test_what_is_only_similar_differs(system: str, first: str, second: str) -> None:
    assert not statement(system, first).agrees(statement(system, second))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "Lemma",
        "Lemma a",
        "Lemma a :",
        "((((",
        "forall",
        "forall ,",
        "let",
        '"open',
        "(* open",
        "match",
        "{ x",
        "\\sum_(",
        "∃!",
        "Lemma a (n : nat := 3",
        "(" * 5000,
        "forall x, " * 1500,
        "(* " * 6000,
        "let x := " * 200 + "in",
        "let x := " * 40 + "y in z",
    ],
)
def test_any_text_has_a_form(text: str) -> None:
    for system in ("coq", "lean", "fstar", "isabelle", "unheard-of"):
        assert statement(system, text).agrees(statement(system, text))


@pytest.mark.parametrize(
    ("system", "one", "other"),
    [
        (
            "lean",
            "theorem a (x y : ℕ) (hx : 0 < x) (hy : 0 < y) (h : Nat.Coprime x (y + 1)) : False",
            "theorem b (x y : ℕ) (k : 0 < y) (h : Nat.Coprime x (y + 1)) (j : 0 < x) : False",
        ),
        (
            "coq",
            "Lemma a : forall x y, 0 < x -> 0 < y -> D x y -> P.",
            "Lemma b : forall u v, 0 < v -> 0 < u -> D u v -> P.",
        ),
        ("lean", "@[to_additive (attr := simp)] theorem x (b : G) : b * 1 = b", "theorem y (a : G) : a * 1 = a"),
        ("lean", "@[aesop (rule_sets := [X]) safe, simp] lemma x (b : G) : b = b", "@[simp] theorem y (a : G) : a = a"),
        ("coq", "#[universes(polymorphic)] Lemma x : forall b : G, f b = b", "Lemma y : forall a : G, f a = a"),
    ],
)
def test_premises_that_look_alike_and_attributes_hide_nothing(system: str, one: str, other: str) -> None:
    assert statement(system, one).key == statement(system, other).key


def test_premises_that_look_alike_are_told_apart_by_what_comes_later() -> None:
    one = "Lemma a : forall x y z, 0 < x -> 0 < y -> 0 < z -> D x y -> D y z -> P."
    other = "Lemma a : forall x y z, 0 < x -> 0 < y -> 0 < z -> D x y -> D x z -> P."
    assert statement("coq", one).key != statement("coq", other).key
    many = [f"x{i}" for i in range(12)]
    assert statement("coq", f"Lemma a : forall {' '.join(many)}, {' -> '.join(f'0 < {x}' for x in many)} -> P.").key
