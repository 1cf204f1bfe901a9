"""How a theory is written down in a proof assistant: what they all share, and the seam for what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from checkers.programs.theorems.theory import Formula, Holds, Predicate, Theorem, Theory
from lemmata.logic import terms as t
from lemmata.logic.sorts import BOOL, INT, array_parts, is_array
from lemmata.logic.terms import Term, post_order


class Writer(Protocol):
    """One proof assistant."""

    system: str
    file: str
    """Name of the file, which some systems want to agree with what is in it."""

    def write(self, theory: Theory) -> str:
        """Return the whole file."""
        ...


class Notation:
    """Writes terms; a subclass says what is different in its system.

    The members that are templates are filled with `str.format`.
    """

    integer = "Z"
    boolean = "bool"
    arrow = " -> "
    """Between the types of a function."""
    infix: Mapping[str, str] = {"<": "<", "<=": "<=", "=": "=", "+": "+", "-": "-", "*": "*"}
    opposite: Mapping[str, str] = {"<": ">=", "<=": ">", "=": "<>"}
    conjunction, disjunction, implication, equivalence, negation = "/\\", "\\/", "->", "<->", "~ "
    true, false = "True", "False"
    quantifier = "forall {name} : {type}, {body}"
    truth = "({name} = true)"
    """Says that a Boolean variable is true."""

    nothing = ""
    """What a predicate without parameters is applied to."""

    def type(self, sort: str) -> str:
        """Write a sort."""
        if is_array(sort):
            index, element = array_parts(sort)
            kind = self.type(index)
            return f"({kind})" if self.arrow in kind else kind + self.arrow + self.type(element)
        return self.boolean if sort == BOOL else self.integer

    def text(self, term: Term) -> str:
        """Write a term or formula, with parentheses around all that is composed."""
        done: dict[Term, str] = {}
        for node in post_order((term,)):
            done[node] = self._node(node, [done[a] for a in node.args], done)
        return done[term]

    def formula(self, formula: Formula) -> str:
        """Write a hypothesis or conclusion."""
        if isinstance(formula, Holds):
            arguments = [self.argument(a) for a in formula.arguments] or [self.nothing]
            return self.applied(formula.predicate, list(filter(None, arguments)))
        return self.text(formula)

    def argument(self, term: Term) -> str:
        """Write a value that is handed to a predicate; the variable of a Boolean is no formula there."""
        return str(term.value) if term.op == "var" else self.text(term)

    def binders(self, variables: Sequence[Term]) -> str:
        """Write variables with their types, each in parentheses."""
        return "".join(f" ({v.value} : {self.type(v.sort)})" for v in variables)

    def implications(self, formulas: Sequence[Formula], arrow: str) -> str:
        """Write formulas on a line each, all but the last as hypotheses of what follows."""
        return f" {arrow}\n".join(f"  {self.formula(f)}" for f in formulas)

    def conjuncts(self, clauses: Sequence[Term], indent: str = "  ") -> str:
        """Write clauses on a line each."""
        return f" {self.conjunction}\n".join(indent + self.text(c) for c in clauses) or indent + self.true

    def applied(self, head: str, arguments: Sequence[str]) -> str:
        """Write an application."""
        return f"({head} {' '.join(arguments)})" if arguments else head

    def literal(self, value: int) -> str:
        """Write an integer."""
        return str(value) if value >= 0 else f"({value})"

    def quotient(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean quotient."""
        raise NotImplementedError

    def remainder(self, left: str, right: str, divisor: Term) -> str:
        """Write a Euclidean remainder."""
        raise NotImplementedError

    def _node(self, node: Term, args: Sequence[str], done: dict[Term, str]) -> str:
        match node.op:
            case "var":
                name = str(node.value)
                return self.truth.format(name=name) if node.sort == BOOL else name
            case "const":
                return self._constant(node)
            case "div":
                return self.quotient(args[0], args[1], node.args[1])
            case "mod":
                return self.remainder(args[0], args[1], node.args[1])
            case "select":
                return self.applied(args[0], args[1:])
            case "not" if (inner := node.args[0]).op in self.opposite and inner.args[0].sort == INT:
                return f"({done[inner.args[0]]} {self.opposite[inner.op]} {done[inner.args[1]]})"
            case "not":
                return f"({self.negation}{args[0]})"
            case "and":
                return f"({f' {self.conjunction} '.join(args)})"
            case "or":
                return self._disjunction(node, done)
            case "forall":
                name, sort = str(node.value).split("\0", 1)
                return f"({self.quantifier.format(name=name, type=self.type(sort), body=args[0])})"
            case "=" if node.args[0].sort == BOOL:
                return f"({args[0]} {self.equivalence} {args[1]})"
        return f"({args[0]} {self.infix[node.op]} {args[1]})"

    def _constant(self, node: Term) -> str:
        if node.sort == BOOL:
            return self.true if node.value else self.false
        return self.literal(t.number(node))

    def _disjunction(self, node: Term, done: dict[Term, str]) -> str:
        """Write a disjunction; where some of it is negated, as the implication that people would write."""
        given = [done[a.args[0]] for a in node.args if a.op == "not"]
        rest = [done[a] for a in node.args if a.op != "not"]
        conclusion = f" {self.disjunction} ".join(rest) if rest else self.false
        if len(rest) > 1 and given:
            conclusion = f"({conclusion})"
        return f"({''.join(f'{g} {self.implication} ' for g in given)}{conclusion})"


def comment(text: str, begin: str, end: str) -> str:
    """Return a comment that nothing in its text can end."""
    plain = "".join(c if " " <= c <= "~" and c not in "\"'`\\" else " " for c in text)
    for mark in ("(*", "*)", "/-", "-/", "*/", "/*"):
        plain = plain.replace(mark, f"{mark[0]} {mark[1]}")
    return f"{begin} {plain} {end}".rstrip()


def nonlinear(theory: Theory) -> bool:
    """Say whether some product or quotient is of two variable parts."""

    def wanted(node: Term) -> bool:
        if node.op == "*":
            return all(_variable(a) for a in node.args)
        return node.op in ("div", "mod") and _variable(node.args[1])

    return theory.any(wanted)


def _variable(term: Term) -> bool:
    return any(node.op == "var" for node in post_order((term,)))


def positive(divisor: Term) -> bool:
    """Say whether a divisor is a literal above zero."""
    return divisor.op == "const" and t.number(divisor) > 0


def divides(theory: Theory) -> bool:
    """Say whether there is a quotient or remainder."""
    return theory.any(lambda node: node.op in ("div", "mod"))


def quantified(theory: Theory) -> bool:
    """Say whether there is a quantifier within a formula."""
    return theory.any(lambda node: node.op == "forall")


def lines(
    theory: Theory,
    predicate: Callable[[Predicate], list[str]],
    between: Sequence[str],
    theorem: Callable[[Theorem], list[str]],
) -> list[str]:
    """Return the lines of all predicates, those between, then of all theorems, with empty lines between them."""
    found: list[str] = []
    for one in theory.predicates:
        found += ["", *predicate(one)]
    found += between
    for other in theory.theorems:
        found += ["", *theorem(other)]
    return found
