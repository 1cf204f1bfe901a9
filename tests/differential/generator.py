"""Random C programs with a known meaning: every order of evaluation that matters is fixed by the standard.

A generated program computes with variables of all integer types, arrays, helper functions and loops, and observes the
variables at the end of ``main``. Unsequenced side effects are avoided by construction (an expression knows what it
reads and writes); signed overflow may occur and is found by running the program, see ``reference``.

In the mathematical mode nothing leaves the range of its type, so that machine and mathematical integers agree: narrow
variables only take values reduced to their range and are read as ``int``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

RANGES = {
    "int": (-(2**31), 2**31 - 1),
    "unsigned": (0, 2**32 - 1),
    "_Bool": (0, 1),
    "char": (-128, 127),
    "unsigned char": (0, 255),
    "short": (-(2**15), 2**15 - 1),
    "unsigned short": (0, 2**16 - 1),
    "long": (-(2**63), 2**63 - 1),
}
INPUT = "<input>"
ARRAY = 4
FUEL = 40


@dataclass(frozen=True, slots=True)
class Variable:
    """A scalar, or an array of four elements."""

    name: str
    type: str
    array: bool = False
    fixed: bool = False
    """A loop counter: read, never written."""


@dataclass(frozen=True, slots=True)
class Expression:
    """The text of an expression and the variables that its evaluation touches."""

    text: str
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()

    def conflicts(self, other: Expression) -> bool:
        """Tell whether the result depends on which of the two is evaluated first."""
        return bool(self.writes & (other.reads | other.writes) or other.writes & self.reads)


@dataclass(frozen=True, slots=True)
class Function:
    """A helper function and the globals that a call touches."""

    name: str
    arity: int
    reads: frozenset[str]
    writes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Program:
    """A generated program: ``source(tail)`` is the C text with ``tail`` as the last statements of ``main``."""

    head: str
    body: str
    observed: tuple[tuple[str, str], ...]
    """Expression and type of everything observed at the end."""
    inputs: tuple[int, ...]
    """What the nondeterministic functions return, in order."""

    def source(self, tail: str) -> str:
        return f"{self.head}int main(void) {{\n{self.body}{tail}  return 0;\n}}\n"


@dataclass(slots=True)
class Generator:
    """Writes one program; two generators with equal seeds write the same one."""

    random: Random
    mathematical: bool
    scopes: list[list[Variable]] = field(default_factory=lambda: [[]])
    functions: list[Function] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    names: int = 0
    loops: int = 0
    fuel: int = FUEL

    # variables

    def fresh(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"

    def visible(self) -> list[Variable]:
        """Return the variables in scope, without those that are hidden."""
        found: dict[str, Variable] = {}
        for scope in self.scopes:
            found |= {variable.name: variable for variable in scope}
        return list(found.values())

    def pick(self, *, array: bool = False, writable: bool = False) -> Variable | None:
        fitting = [v for v in self.visible() if v.array == array and not (writable and v.fixed)]
        return self.random.choice(fitting) if fitting else None

    # expressions

    def literal(self) -> Expression:
        value = self.random.choice([0, 1, 2, 3, 5, 7, 10, 31, 100, self.random.randrange(300)])
        forms = [str(value)] * 5 + [f"(-{value})"] * 2 + [hex(value), f"0{value:o}"]
        if not self.mathematical:
            forms.append(f"{value}u")
        if 48 <= value < 58:
            forms.append(f"'{value - 48}'")
        return Expression(self.random.choice(forms))

    def read(self, variable: Variable, text: str) -> str:
        if not self.mathematical or variable.type in ("int", "_Bool"):
            return text
        return f"(int)({text} % 1000)" if variable.type == "long" else f"(int){text}"

    def leaf(self) -> Expression:
        variable = self.pick()
        if variable is None or self.random.random() < 0.25:
            return self.literal()
        return Expression(self.read(variable, variable.name), frozenset({variable.name}))

    def index(self, inner: Expression) -> str:
        return f"((({inner.text}) % {ARRAY} + {ARRAY}) % {ARRAY})"

    def element(self, depth: int) -> Expression:
        array = self.pick(array=True)
        if array is None:
            return self.leaf()
        inner = self.expression(depth - 1)
        text = self.read(array, f"{array.name}[{self.index(inner)}]")
        return Expression(text, inner.reads | {array.name}, inner.writes)

    def pair(self, depth: int) -> tuple[Expression, Expression]:
        """Return two expressions whose order of evaluation does not matter."""
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        return (left, self.literal()) if left.conflicts(right) else (left, right)

    def arithmetic(self, depth: int) -> Expression:
        left, right = self.pair(depth)
        a, b = left.text, right.text
        forms = [f"({a} + {b})", f"({a} - {b})", f"({a} % 90 * ({b} % 90))", f"({a} * {self.literal().text})"]
        divisors = [self.random.choice(["3", "7", "(-2)", "(-5)"]), f"({b} % 5 + 6)"]
        forms += [f"({a} {self.random.choice('/%')} {divisor})" for divisor in divisors]
        forms.append(f"({a} {self.random.choice(['<', '<=', '>', '>=', '==', '!='])} {b})")
        forms.append(f"({self.random.choice(['-', '+', '!'])}{a})")
        if not self.mathematical:
            forms += [f"({a} {op} {b})" for op in "&|^"] + [f"(~{a})"]
            forms += [f"((unsigned){a} << ({b} & 31))", f"({a} >> ({b} & 15))", f"((unsigned){a} >> ({b} & 31))"]
            forms += [f"({self.random.choice(list(RANGES))})({a})"]
        return Expression(self.random.choice(forms), left.reads | right.reads, left.writes | right.writes)

    def sequenced(self, depth: int) -> Expression:
        """Return an expression with sequence points between its operands."""
        a, b, c = (self.expression(depth - 1) for _ in range(3))
        forms = [f"({a.text} && {b.text})", f"({a.text} || {b.text})", f"({a.text} ? {b.text} : {c.text})"]
        forms.append(f"({a.text}, {b.text})")
        reads, writes = a.reads | b.reads | c.reads, a.writes | b.writes | c.writes
        return Expression(self.random.choice(forms), reads, writes)

    def effect(self, depth: int) -> Expression:
        """Return an expression with a side effect of its own."""
        variable = self.pick(writable=True)
        if variable is None or variable.type in ("_Bool",):
            return self.leaf()
        self.writes.add(variable.name)
        touched = frozenset({variable.name})
        if self.random.random() < 0.5 and (not self.mathematical or variable.type == "int"):
            step = self.random.choice(["++", "--"])
            text = self.random.choice([f"{variable.name}{step}", f"{step}{variable.name}"])
            return Expression(f"({text})", touched, touched)
        value = self.expression(depth - 1)
        if variable.name in value.writes:
            value = self.literal()
        text = f"({variable.name} = {self.fit(variable, value)})"
        cast = "(int)" if self.mathematical and variable.type != "int" else ""
        return Expression(cast + text, value.reads | touched, value.writes | touched)

    def call(self, depth: int) -> Expression:
        if not self.functions or self.random.random() < 0.2:
            name = self.random.choice(["unknown_int"] + ["unknown_uint"] * (not self.mathematical))
            self.writes.add(INPUT)
            return Expression(f"{name}()", frozenset(), frozenset({INPUT}))
        function = self.random.choice(self.functions)
        arguments = [self.expression(min(depth - 1, 1)) for _ in range(function.arity)]
        if len(arguments) == 2 and arguments[0].conflicts(arguments[1]):
            arguments[1] = self.literal()
        self.reads |= function.reads
        self.writes |= function.writes
        reads = function.reads.union(*(argument.reads for argument in arguments))
        writes = function.writes.union(*(argument.writes for argument in arguments))
        bound = ", ".join(f"({argument.text}) % 500" for argument in arguments)
        return Expression(f"{function.name}({bound})", reads, writes)

    def expression(self, depth: int) -> Expression:
        if depth <= 0:
            return self.leaf()
        kinds = [self.leaf] * 2 + [lambda: self.arithmetic(depth)] * 6 + [lambda: self.sequenced(depth)] * 2
        kinds += [lambda: self.element(depth), lambda: self.effect(depth)]
        if self.loops == 0 or self.random.random() < 0.3:
            kinds.append(lambda: self.call(depth))
        return self.random.choice(kinds)()

    def full(self, depth: int = 2) -> Expression:
        """Return a full expression and note what it touches."""
        found = self.expression(depth)
        self.reads |= found.reads
        self.writes |= found.writes
        return found

    def fit(self, variable: Variable, value: Expression) -> str:
        """Return the value reduced to what the variable holds, always in the mathematical mode."""
        if not self.mathematical:
            keep = self.random.random() < 0.5 or variable.type not in ("int", "long")
            return value.text if keep else f"({value.text}) % 1000"
        match variable.type:
            case "_Bool":
                return value.text
            case "int" | "long" | "short":
                return f"({value.text}) % 1000"
            case "char":
                return f"({value.text}) % 128"
            case _:
                return f"(({value.text}) % 100 + 100)"
