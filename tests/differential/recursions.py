"""Random C programs with functions that call themselves and each other, and touch globals on the way.

Every function's first parameter says how deep it may still go. Calls stand alone, behind `&&` and `?:`, in arguments
of other calls, in loops, and in sums where no function touches globals; locals sometimes hide globals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from generator import Program

GLOBALS = ("g", "h")
INPUTS = 400
LARGEST = 60


@dataclass(slots=True)
class Writer:
    """Writes one program."""

    random: Random
    chance: bool
    """Whether functions read inputs."""
    count: int = 0
    pure: bool = False
    names: list[str] = field(default_factory=list)
    written: int = 0

    def program(self) -> Program:
        """Write functions and a `main` that calls them."""
        self.count = self.random.randrange(1, 4)
        self.pure = self.random.random() < 0.3
        head = "".join(f"int f{i}(int k, int a);\n" for i in range(self.count))
        head = (
            "extern int unknown_int(void);\n" + "".join(f"int {g} = {i + 1};\n" for i, g in enumerate(GLOBALS)) + head
        )
        for i in range(self.count):
            head += f"int f{i}(int k, int a) {{\n{self.body()}}}\n"
        lines, observed = [], []
        for i in range(self.random.randrange(1, 3)):
            start = "unknown_int() % 7" if self.chance else str(self.random.randrange(-3, 9))
            lines.append(
                f"  int r{i} = f{self.random.randrange(self.count)}({self.random.randrange(1, 5)}, {start});\n"
            )
            observed.append((f"r{i}", "int"))
            if self.random.random() < 0.4:
                lines.append(f"  g = h + r{i} % 5;\n")
        observed += [(g, "int") for g in GLOBALS]
        inputs = tuple(self.random.randrange(-20, 20) for _ in range(INPUTS))
        return Program(head, "".join(lines), tuple(observed), inputs)

    def body(self) -> str:
        """Write a function's body."""
        self.names, self.written = ["a", *(() if self.pure else GLOBALS)], 0
        lines = [f"  if (k <= 0) return {self.expression()};"]
        for _ in range(self.random.randrange(2, 5)):
            lines += self.statement("  ", 2)
        return "\n".join([*lines, f"  return {self.expression()};", ""])

    def expression(self, depth: int = 2) -> str:
        """Write an expression without side effects."""
        kind = self.random.random()
        if depth == 0 or kind < 0.3:
            return self.random.choice([*self.names, "k", str(self.random.randrange(-5, 10))])
        left, right = self.expression(depth - 1), self.expression(depth - 1)
        if kind < 0.4:
            return f"({left} {self.random.choice(['<', '==', '>='])} {right})"
        if kind < 0.5:
            return f"({self.random.randrange(-4, 5)} * {right}) % {LARGEST}"
        return f"({left} {self.random.choice('+-')} {right}) % {LARGEST}"

    def call(self, depth: int = 1) -> str:
        """Write a call one or two levels deeper."""
        inner = self.call(depth - 1) if depth and self.random.random() < 0.2 else self.expression()
        step = self.random.choice(["k - 1", "k - 2"])
        return f"f{self.random.randrange(self.count)}({step}, {inner})"

    def value(self) -> str:
        """Write what is assigned."""
        kind = self.random.random()
        condition = f"{self.expression(1)} > {self.random.randrange(-3, 6)}"
        if kind < 0.35:
            return self.call()
        if kind < 0.45:
            return f"({condition} && {self.call()} > 2)"
        if kind < 0.55:
            return f"({condition} ? {self.call()} : {self.expression(1)})"
        if kind < 0.65 and self.pure:
            return f"{self.call()} - {self.call()}"
        if kind < 0.7 and self.chance:
            return "unknown_int() % 9"
        return self.expression()

    def statement(self, indent: str, depth: int) -> list[str]:
        """Write a statement."""
        kind = self.random.random()
        if kind < 0.15 or not self.names:
            self.written += 1
            value = self.value()
            self.names.append(f"x{self.written}")
            return [f"{indent}int x{self.written} = {value};"]
        if kind < 0.5 or depth == 0:
            return [f"{indent}{self.random.choice(self.names)} = {self.value()};"]
        if kind < 0.6:
            return [f"{indent}{self.call()};"]
        before = list(self.names)
        if kind < 0.7:
            head = f"for (int i = 0; i < {self.random.randrange(1, 3)}; i++)"
        else:
            head = f"if ({self.expression(1)} < {self.random.randrange(-2, 6)})"
        lines = [f"{indent}{head} {{"]
        if self.random.random() < 0.2:
            # A name that hides a global is taken for it when effects are foreseen.
            hidden = "a" if self.pure else self.random.choice([*GLOBALS, "a"])
            lines.append(f"{indent}  int {hidden} = 4;")
            self.names = [*self.names, hidden]
        for _ in range(self.random.randrange(1, 3)):
            lines += self.statement(indent + "  ", depth - 1)
        if self.random.random() < 0.2:
            lines.append(f"{indent}  return {self.expression()};")
        self.names = before
        return [*lines, f"{indent}}}"]


def generate(seed: str, chance: bool) -> Program:
    """Return the program of a seed.

    Args:
        seed: of all choices.
        chance: whether it reads inputs.
    """
    return Writer(Random(seed), chance).program()
