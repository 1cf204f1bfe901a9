"""The statements, functions and whole programs of the random generator."""

from __future__ import annotations

from random import Random

from generator import ARRAY, INPUT, RANGES, Expression, Function, Generator, Program, Variable

INPUTS = 80


class Writer(Generator):
    """Writes statements as indented lines."""

    def declaration(self, indent: str, prefix: str) -> list[str]:
        """Declare a scalar or an array, sometimes with a name that hides another one."""
        kind = self.random.choice(list(RANGES))
        array = self.random.random() < 0.25
        hidden = [v.name for scope in self.scopes[:-1] for v in scope]
        hidden = [name for name in hidden if name not in {v.name for v in self.scopes[-1]}]
        name = self.random.choice(hidden) if hidden and self.random.random() < 0.25 else self.fresh(prefix)
        variable = Variable(name, kind, array)
        if array:
            values = ", ".join(str(self.random.randrange(0, 2 if kind == "_Bool" else 100)) for _ in range(ARRAY))
            text = f"{name}[{ARRAY}] = {{{values}}}"
        else:
            # The scope of the name begins before its initialiser, which must not read it.
            value = self.full(1)
            value = Expression("1") if name in value.reads | value.writes else value
            text = f"{name} = {self.fit(variable, value)}"
        self.scopes[-1].append(variable)
        return [f"{indent}{kind} {text};"]

    def assignment(self, indent: str) -> list[str]:
        variable = self.pick(array=self.random.random() < 0.3, writable=True)
        if variable is None:
            return [f"{indent}{self.full().text};"]
        target, value = Expression(variable.name), self.full()
        if variable.array:
            inner = self.full(1)
            inner = Expression("1") if inner.conflicts(value) else inner
            target = Expression(f"{variable.name}[{self.index(inner)}]", inner.reads, inner.writes)
        if variable.name in value.writes | target.writes:
            value = Expression("3")
            target = Expression(f"{variable.name}[2]" if variable.array else variable.name)
        self.writes.add(variable.name)
        if self.mathematical and variable.type != "int":
            return [f"{indent}{target.text} = {self.fit(variable, value)};"]
        return [f"{indent}{self.store(variable, target, value)};"]

    def store(self, variable: Variable, target: Expression, value: Expression) -> str:
        """Assign, plainly or compound."""
        operators = ["+=", "-="] + ["&=", "|=", "^="] * (not self.mathematical)
        forms = [f"{target.text} = {self.fit(variable, value)}"] * 4
        forms += [f"{target.text} {operator} ({value.text}) % 200" for operator in operators]
        forms += [f"{target.text} {operator} {self.random.choice([3, 7, -4])}" for operator in ("/=", "%=")]
        if not self.mathematical:
            forms += [f"{target.text} >>= {self.random.randrange(4)}"]
            if variable.type.startswith("unsigned"):
                forms += [f"{target.text} <<= {self.random.randrange(5)}"]
        if variable.type != "_Bool":
            forms += [f"{target.text}++", f"--{target.text}"]
        return self.random.choice(forms)

    def block(self, indent: str, size: int, before: list[Variable] | None = None) -> list[str]:
        """Write the statements of a block, which has a scope of its own."""
        self.scopes.append(list(before or []))
        lines = [line for _ in range(self.random.randint(1, size)) for line in self.statement(indent + "  ")]
        self.scopes.pop()
        return lines

    def branch(self, indent: str) -> list[str]:
        lines = [f"{indent}if ({self.full().text}) {{", *self.block(indent, 2)]
        if self.random.random() < 0.5:
            lines += [f"{indent}}} else {{", *self.block(indent, 2)]
        return [*lines, f"{indent}}}"]

    def choice(self, indent: str) -> list[str]:
        """Write a switch, with the default anywhere or nowhere and some missing breaks."""
        labels = [f"case {value}:" for value in self.random.sample(range(-2, 4), 3)] + ["default:"]
        self.random.shuffle(labels)
        if self.random.random() < 0.3:
            labels.remove("default:")
        lines = [f"{indent}switch (({self.full().text}) % 4) {{"]
        for label in labels:
            lines += [f"{indent}  {label} {{", *self.block(indent + "  ", 2), f"{indent}  }}"]
            if self.random.random() < 0.6:
                lines.append(f"{indent}  break;")
        return [*lines, f"{indent}}}"]

    def loop(self, indent: str) -> list[str]:
        bound = self.random.randint(1, 5)
        counter = Variable(self.fresh("k"), "int", fixed=True)
        self.loops += 1
        match self.random.randrange(3):
            case 0:
                step = self.random.choice([f"{counter.name}++", f"{counter.name} += 2"])
                head = f"for (int {counter.name} = 0; {counter.name} < {bound}; {step}) {{"
                lines = [f"{indent}{head}", *self.block(indent, 3, [counter]), f"{indent}}}"]
            case 1:
                test = f"{counter.name}++ < {bound}"
                if self.random.random() < 0.4:
                    test = f"{test} && {self.full().text}"
                body = self.block(indent, 3, [counter])
                lines = [f"{indent}int {counter.name} = 0;", f"{indent}while ({test}) {{", *body, f"{indent}}}"]
            case _:
                body = self.block(indent, 3, [counter])
                lines = [f"{indent}int {counter.name} = 0;", f"{indent}do {{", *body]
                lines.append(f"{indent}}} while (++{counter.name} < {bound});")
        self.loops -= 1
        return lines

    def jump(self, indent: str) -> list[str]:
        if not self.loops:
            return self.assignment(indent)
        return [f"{indent}if ({self.full(1).text}) {self.random.choice(['break', 'continue'])};"]

    def statement(self, indent: str) -> list[str]:
        self.fuel -= 1
        if self.fuel < 0:
            return self.assignment(indent)
        kinds = [self.assignment] * 5 + [self.branch] * 2 + [self.choice, self.jump]
        kinds += [lambda place: self.declaration(place, "t")]
        if self.loops < 2:
            kinds += [self.loop] * 2
        return self.random.choice(kinds)(indent)

    def function(self) -> list[str]:
        """Write a helper function; what it touches of the globals becomes part of every call."""
        name = self.fresh("f")
        before = self.reads, self.writes, self.fuel
        self.reads, self.writes, self.fuel = set(), set(), 8
        types = ["int", "long"] if self.mathematical else list(RANGES)
        parameters = [Variable(self.fresh("p"), self.random.choice(types)) for _ in range(self.random.randint(1, 2))]
        self.scopes.append(list(parameters))
        early = self.full(1).text
        lines = [f"  if (({early}) % 3 == 2) return {self.leaf().text};", *self.statement("  "), *self.statement("  ")]
        lines.append(f"  return ({self.full().text}) % 1000;")
        self.scopes.pop()
        names = {variable.name for variable in self.scopes[0]} | {INPUT}
        reads, writes = frozenset(self.reads & names), frozenset(self.writes & names)
        self.reads, self.writes, self.fuel = before
        self.functions.append(Function(name, len(parameters), reads, writes))
        result = "int" if self.mathematical else self.random.choice(list(RANGES))
        signature = ", ".join(f"{variable.type} {variable.name}" for variable in parameters)
        return [f"{result} {name}({signature}) {{", *lines, "}"]

    def global_declaration(self) -> list[str]:
        variable = Variable(self.fresh("g"), self.random.choice(list(RANGES)), self.random.random() < 0.3)
        self.scopes[0].append(variable)
        size = f"[{ARRAY}]" if variable.array else ""
        start = "" if variable.array or self.random.random() < 0.3 else f" = {self.random.randrange(2)}"
        return [f"{variable.type} {variable.name}{size}{start};"]

    def program(self) -> Program:
        head = ["extern int unknown_int(void);", "extern unsigned unknown_uint(void);"]
        for _ in range(self.random.randint(1, 3)):
            head += self.global_declaration()
        for _ in range(self.random.randint(0, 2)):
            head += self.function()
        self.scopes.append([])
        body: list[str] = []
        for _ in range(self.random.randint(2, 4)):
            body += self.declaration("  ", "v")
        for _ in range(self.random.randint(3, 7)):
            body += self.statement("  ")
        inputs = tuple(self.random.randint(0, 40) - (0 if self.random.random() < 0.5 else 40) for _ in range(INPUTS))
        return Program("\n".join(head) + "\n", "\n".join(body) + "\n", self.observed(), inputs)

    def observed(self) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for variable in self.visible():
            names = [f"{variable.name}[{i}]" for i in range(ARRAY)] if variable.array else [variable.name]
            found += [(name, variable.type) for name in names]
        return tuple(found)


def generate(seed: str, mathematical: bool) -> Program:
    """Return the program of a seed, see ``reference.accepted`` for one without undefined behaviour."""
    return Writer(Random(seed), mathematical).program()
