"""ACSL expressions: terms and predicates over mathematical integers, in both semantics.

In the machine semantics every intermediate result gets as many bits as it can need, so an annotation keeps its
mathematical meaning there too. Grammar: ACSL 1.20, section 2.2 (the part without types, sets and logic functions).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from checkers.programs.exact import Exact, ExactArithmetic
from lemmata.errors import InputError, Location, UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL, INT, array_parts, is_array, width
from lemmata.logic.terms import Term

_DEEPEST = 200

LEXER = re.compile(
    r"""(?P<space>\s+|//[^\n]*)|(?P<number>0[xX][0-9a-fA-F]+[uUlL]*|0[bB][01]+|\d+[uUlL]*(?![\w.]))"""
    r"""|(?P<name>\\?[A-Za-z_]\w*)|(?P<op><==>|==>|&&|\|\||\^\^|==|!=|<=|>=|<<|>>|-->|<-->|[-+*/%<>!~?:()\[\],;&|^])"""
)
"""The tokens of annotations."""


class Names:
    """How an annotation's names are understood.

    Args:
        lookup: returns the term and signedness of a program name, or None.
        old: the same for `\\old(...)`, None where that is not allowed.
        result: term and signedness of `\\result`, None where that is not allowed.
    """

    def __init__(
        self,
        lookup: Callable[[str], tuple[Term, bool] | None],
        old: Callable[[str], tuple[Term, bool] | None] | None = None,
        result: tuple[Term, bool] | None = None,
    ) -> None:
        self.lookup = lookup
        self.old = old
        self.result = result


def parse_predicate(text: str, names: Names, location: Location, machine: bool) -> Term:
    """Translate an ACSL predicate to a Boolean term.

    Args:
        text: the predicate, without the keyword and the closing semicolon.
        names: meaning of the program's names.
        location: where the text begins, for messages.
        machine: bit-vectors rather than integers.

    Raises:
        InputError: it is not a predicate, or a name is unknown.
        UnsupportedError: it uses ACSL that is not modelled.
    """
    parser = _Parser(text, names, location, machine)
    try:
        result = parser.truth(parser.ternary())
    except RecursionError:
        raise InputError("annotation nested too deeply", location=location) from None
    parser.end()
    return result


class _Parser(ExactArithmetic):
    def __init__(self, text: str, names: Names, location: Location, machine: bool) -> None:
        super().__init__(machine)
        self.names = names
        self.base = location
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        self.at = 0
        self.depth = 0
        self.bound: dict[str, Term] = {}
        self.fresh = 0
        offset = 0
        while offset < len(text):
            match = LEXER.match(text, offset)
            if not match:
                # Kept as a token: what stands before it may be refused with a better reason.
                self.tokens.append(("bad", text[offset], offset))
                offset += 1
                continue
            if match.lastgroup != "space":
                self.tokens.append((match.lastgroup or "", match[0], offset))
            offset = match.end()

    def _place(self, offset: int) -> Location:
        lines = self.text.count("\n", 0, offset)
        column = offset - self.text.rfind("\n", 0, offset) if lines else self.base.column + offset
        return Location(self.base.file, self.base.line + lines, column)

    def here(self) -> Location:
        offset = self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)
        return self._place(offset)

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str | None:
        if self.peek() in wanted and self.at < len(self.tokens):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def need(self, wanted: str) -> None:
        if not self.take(wanted):
            raise self.fail(f"expected '{wanted}' in an annotation, found '{self.peek() or 'its end'}'")

    def end(self) -> None:
        if self.at < len(self.tokens):
            raise self.fail(f"unexpected '{self.peek()}' in an annotation")

    # Predicates, from the weakest binding to the strongest.

    def ternary(self) -> Exact:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail("annotation nested too deeply")
        if self.peek() in ("\\forall", "\\exists"):
            result = self.quantifier()
        else:
            result = self.equivalence()
            if self.take("?"):
                then = self.ternary()
                self.need(":")
                other = self.ternary()
                condition = self.truth(result)
                if then.term.sort == other.term.sort == BOOL:
                    result = Exact(t.ite(condition, then.term, other.term))
                else:
                    a, b = self.align(then, other)
                    result = Exact(t.ite(condition, a, b))
        self.depth -= 1
        return result

    def quantifier(self) -> Exact:
        place = self.here()
        word = self.take("\\forall", "\\exists")
        if self.machine:
            raise UnsupportedError("quantifiers are not supported with machine integers", location=place)
        while self.take("integer", "int", "long", "short", "char", "unsigned", "signed") in (
            "unsigned",
            "signed",
            "long",
        ):
            pass
        if self.tokens[self.at - 1][1] != "integer":
            raise UnsupportedError("only 'integer' variables can be quantified", location=place)
        added: list[tuple[str, Term, Term | None]] = []
        while True:
            kind, name, _ = self.tokens[self.at] if self.at < len(self.tokens) else ("", "", 0)
            if kind != "name":
                raise self.fail("expected the name of a quantified variable")
            self.at += 1
            self.fresh += 1
            variable = t.var(f"{name}!{self.fresh}", INT)
            added.append((name, variable, self.bound.get(name)))
            self.bound[name] = variable
            if not self.take(","):
                break
        self.need(";")
        body = self.truth(self.ternary())
        quantify = t.forall if word == "\\forall" else t.exists
        for name, variable, before in reversed(added):
            body = quantify(str(variable.value), INT, body)
            if before is None:
                del self.bound[name]
            else:
                self.bound[name] = before
        return Exact(body)

    def equivalence(self) -> Exact:
        left = self.implication()
        while self.take("<==>"):
            left = Exact(t.eq(self.truth(left), self.truth(self.implication())))
        return left

    def implication(self) -> Exact:
        left = self.disjunction()
        if self.take("==>"):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise self.fail("annotation nested too deeply")
            operand = self.quantifier() if self.peek() in ("\\forall", "\\exists") else self.implication()
            self.depth -= 1
            return Exact(t.implies(self.truth(left), self.truth(operand)))
        return left

    def disjunction(self) -> Exact:
        left = self.exclusive()
        while self.take("||"):
            left = Exact(t.disj((self.truth(left), self.truth(self.exclusive()))))
        return left

    def exclusive(self) -> Exact:
        left = self.conjunction()
        while self.take("^^"):
            left = Exact(t.neg(t.eq(self.truth(left), self.truth(self.conjunction()))))
        return left

    def conjunction(self) -> Exact:
        left = self.bits()
        while self.take("&&"):
            left = Exact(t.conj((self.truth(left), self.truth(self.bits()))))
        return left

    def bits(self) -> Exact:
        left = self.relation()
        if self.peek() in ("&", "|", "^", "-->", "<-->"):
            raise UnsupportedError(f"'{self.peek()}' in annotations is not supported", location=self.here())
        return left

    def relation(self) -> Exact:
        """Comparisons; a chain such as `0 <= i < n` is the conjunction of its links (ACSL 2.2.1)."""
        left = self.shift()
        links: list[Term] = []
        direction = ""
        while op := self.take("==", "!=", "<", "<=", ">", ">="):
            way = op[0] if op[0] in "<>" else op
            if direction and (
                way == "!=" or "!=" in (direction, way) or (way in "<>" and direction in "<>" and way != direction)
            ):
                raise self.fail(f"'{op}' cannot continue a chain of comparisons; use parentheses and &&")
            direction = way if way != "==" or not direction else direction
            right = self.shift()
            links.append(self.compare(op, left, right))
            left = right
        return Exact(t.conj(links)) if links else left

    # Terms.

    def shift(self) -> Exact:
        left = self.sum()
        while op := self.take("<<", ">>"):
            right = self.sum()
            if right.term.op != "const" or not 0 <= t.number(right.term) < 128:
                raise UnsupportedError("shifts by an amount that is not constant", location=self.here())
            power = self.number(1 << t.number(right.term))
            left = self.arithmetic("*", left, power) if op == "<<" else self.floor(left, power)
        return left

    def sum(self) -> Exact:
        left = self.product()
        while op := self.take("+", "-"):
            left = self.arithmetic(op, left, self.product())
        return left

    def product(self) -> Exact:
        left = self.unary()
        while op := self.take("*", "/", "%"):
            left = self.arithmetic(op, left, self.unary())
        return left

    def unary(self) -> Exact:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.fail("annotation nested too deeply")
        if self.take("!"):
            result = Exact(t.neg(self.truth(self.unary())))
        elif self.take("-"):
            result = self.arithmetic("-", self.number(0), self.unary())
        elif self.take("+"):
            result = self.unary()
        elif self.take("~"):
            result = self.arithmetic("-", self.number(-1), self.unary())
        elif self.peek() in ("&", "*"):
            raise UnsupportedError("pointers in annotations are not supported", location=self.here())
        else:
            result = self.postfix()
        self.depth -= 1
        return result

    def postfix(self) -> Exact:
        value = self.primary()
        while self.take("["):
            index = self.ternary()
            self.need("]")
            if not is_array(value.term.sort):
                raise self.fail("only an array can be indexed")
            key = self.integer(index)
            if self.machine:
                key = self.fitted(key, width(array_parts(value.term.sort)[0]))
            value = Exact(t.select(value.term, key), value.sign)
            if not is_array(value.term.sort):
                value = self.widened(value.term, value.sign)
        return value

    def primary(self) -> Exact:
        place = self.here()
        if self.at >= len(self.tokens):
            raise self.fail("an annotation ends too early")
        kind, text, _ = self.tokens[self.at]
        self.at += 1
        if text == "(":
            value = self.ternary()
            self.need(")")
            return value
        if kind == "number":
            digits = text.rstrip("uUlL")
            base = (
                16 if digits[:2].lower() == "0x" else 2 if digits[:2].lower() == "0b" else 8 if digits[0] == "0" else 10
            )
            try:
                return self.number(int(digits, base))
            except ValueError:
                raise InputError(f"invalid number '{text}'", location=place) from None
        if kind != "name":
            self.at -= 1
            raise self.fail(f"unexpected '{text}' in an annotation")
        match text:
            case "\\true":
                return Exact(t.TRUE)
            case "\\false":
                return Exact(t.FALSE)
            case "\\result" if self.names.result:
                return self.widened(*self.names.result)
            case "\\old" if self.names.old:
                return self._old()
        if text.startswith("\\"):
            raise UnsupportedError(f"'{text}' is not supported here", location=place)
        if text in self.bound:
            return Exact(self.bound[text])
        found = self.names.lookup(text)
        if found is None:
            raise InputError(f"unknown name '{text}' in an annotation", location=place)
        return self.widened(*found)

    def _old(self) -> Exact:
        inner = Names(self.names.old, None, None) if self.names.old else self.names
        before, self.names = self.names, inner
        self.need("(")
        value = self.ternary()
        self.need(")")
        self.names = before
        return value
