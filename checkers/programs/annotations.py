"""ACSL comments: contracts, assertions and loop invariants, at the places where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from checkers.programs.acsl import Names, parse_predicate
from checkers.programs.builder import ArraySymbol, Builder, Constant, Scalar
from checkers.programs.flow import Assign, Assume
from checkers.programs.source import Annotation
from checkers.programs.types import CType, IntType, innermost
from lemmata.errors import InputError, Location, UnsupportedError
from lemmata.logic import terms as t
from lemmata.logic.sorts import is_array
from lemmata.logic.terms import Term, free

_KEYWORD = re.compile(r"\s*(loop\s+invariant|loop\s+\w+|[A-Za-z_]+)\b")
_LABEL = re.compile(r"\s*[A-Za-z_]\w*\s*:(?!:)")
# Claims that are about something else than what is proved here; they are reported as not checked.
_UNCHECKED = {"loop assigns", "loop variant", "assigns", "decreases", "terminates"}


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of an ACSL comment."""

    keyword: str
    text: str
    location: Location


def split(annotation: Annotation, file: str) -> list[Clause]:
    """Split a comment into its clauses.

    Raises:
        InputError: a clause does not end in a semicolon.
        UnsupportedError: a keyword is not modelled.
    """
    found: list[Clause] = []
    # A line comment inside of an annotation is no part of it; its columns stay.
    text, offset = re.sub(r"//[^\n]*", lambda m: " " * len(m[0]), annotation.text), 0
    while text[offset:].strip():
        match = _KEYWORD.match(text, offset)
        place = _place(annotation, offset, file)
        if not match:
            raise InputError("this annotation is not ACSL", location=place, hint="write //@ assert ...;")
        keyword = " ".join(match[1].split())
        place = _place(annotation, match.start(1), file)
        start = match.end()
        if label := _LABEL.match(text, start):
            start = label.end()
        end = _clause_end(text, start)
        if end < 0:
            raise InputError(f"the annotation '{keyword}' does not end in ';'", location=place)
        if keyword not in {"assert", "check", "requires", "ensures", "loop invariant", *_UNCHECKED}:
            raise UnsupportedError(f"the ACSL clause '{keyword}' is not supported", location=place)
        begin = start + len(text[start:end]) - len(text[start:end].lstrip())
        found.append(Clause(keyword, text[begin:end].strip(), _place(annotation, begin, file)))
        offset = end + 1
    return found


def _place(annotation: Annotation, offset: int, file: str) -> Location:
    lines = annotation.text.count("\n", 0, offset)
    if lines:
        return Location(file, annotation.line + lines, offset - annotation.text.rfind("\n", 0, offset))
    return Location(file, annotation.line, annotation.column + 3 + offset)


def _clause_end(text: str, start: int) -> int:
    """Find the semicolon that ends a clause; a quantifier's own semicolon does not."""
    owed = 0
    for match in re.finditer(r"\\(?:forall|exists)\b|;", text[start:]):
        if match[0] != ";":
            owed += 1
        elif owed:
            owed -= 1
        else:
            return start + match.start()
    return -1


class Annotations:
    """The annotations of one translation unit, looked up by number.

    Args:
        builder: shared state.
    """

    def __init__(self, builder: Builder) -> None:
        self.b = builder
        self.clauses = [split(a, builder.source.file) for a in builder.source.annotations]
        self.pending: list[Clause] = []

    def predicate(self, clause: Clause, names: Names | None = None) -> Term:
        """Translate a clause's predicate with the names visible here."""
        meaning = names or Names(self.lookup)
        term = parse_predicate(clause.text, meaning, clause.location, self.b.machine)
        if not self.b.machine:
            self._typed(term)
        return term

    def _typed(self, predicate: Term) -> None:
        """Say of the array elements that an annotation mentions what their type guarantees, as reading them does."""
        nodes = list(t.post_order([predicate]))
        bound = {str(n.value).split("\0", maxsplit=1)[0] for n in nodes if n.op == "forall"}
        for node in nodes:
            if node.op != "select" or is_array(node.sort):
                continue
            root = node
            while root.op in ("select", "store"):
                root = root.args[0]
            symbol = self.b.variables.get(str(root.value)) if root.op == "var" else None
            kind = innermost(symbol.type) if isinstance(symbol, ArraySymbol) else None
            if isinstance(kind, IntType) and not self.b.arithmetic.unbounded(kind):
                if bound & free(node).keys():
                    self.b.inexact(t.TRUE)
                else:
                    self.b.flow.do(Assume(self.b.arithmetic.in_range(node, kind)))

    def lookup(self, text: str) -> tuple[Term, bool] | None:
        """Say what a program name means here, as a term and whether it is signed."""
        symbol = self.b.lookup(text)
        match symbol:
            case Scalar():
                return self.b.term(symbol), symbol.type.signed
            case Constant():
                return self.b.arithmetic.literal(symbol.value, self.b.types.int).term, True
            case ArraySymbol() if symbol.base is None:
                return self.b.term(symbol), element_signed(symbol.type)
            case ArraySymbol():
                raise UnsupportedError(
                    f"the annotation mentions '{text}', which may overlap another array parameter",
                    location=self.b.place(),
                    hint="declare the parameters restrict",
                )
        return None

    def statement(self, number: int) -> None:
        """Handle the annotation that stands where a statement could."""
        for clause in self.clauses[number]:
            match clause.keyword:
                case "assert" | "check":
                    self.b.assertion(self.predicate(clause), clause.location)
                case "loop invariant":
                    self.pending.append(clause)
                case keyword if keyword in _UNCHECKED:
                    self.note(clause)
                case keyword:
                    raise UnsupportedError(f"'{keyword}' inside of a function", location=clause.location)

    def note(self, clause: Clause) -> None:
        """Record a claim that is not checked."""
        self.b.notes.append(f"{clause.location}: '{clause.keyword}' is not checked")

    def take_loop(self) -> list[Clause]:
        """Return the loop invariants that wait for the loop that follows."""
        taken, self.pending = self.pending, []
        return taken

    def expect_loop(self) -> None:
        """Refuse loop invariants that no loop follows."""
        if self.pending:
            raise InputError("no loop follows this loop invariant", location=self.pending[0].location)

    def claim_loop(self, hints: list[Clause]) -> None:
        """Claim loop invariants at the current node: they must hold each time control comes here."""
        for clause in hints:
            self.b.assertion(self.predicate(clause), clause.location, "loop invariant may fail")

    def visible(self) -> tuple[tuple[str, str], ...]:
        """Return the program names visible here with the variables they stand for."""
        found: dict[str, str] = {}
        for scope in self.b.scopes:
            for text, symbol in scope.items():
                if isinstance(symbol, Scalar | ArraySymbol):
                    found[text] = symbol.name
        return tuple(found.items())


def element_signed(kind: CType) -> bool:
    """Say whether an integer, or an array's innermost element, is signed."""
    found = innermost(kind)
    return isinstance(found, IntType) and found.signed


class Contract:
    """A function's `requires` and `ensures`.

    Args:
        annotations: the unit's annotations.
        numbers: which of them stand before the function.
    """

    def __init__(self, annotations: Annotations, numbers: list[int]) -> None:
        self.annotations = annotations
        self.requires: list[Clause] = []
        self.ensures: list[Clause] = []
        for number in numbers:
            for clause in annotations.clauses[number]:
                if clause.keyword == "requires":
                    self.requires.append(clause)
                elif clause.keyword == "ensures":
                    self.ensures.append(clause)
                elif clause.keyword in _UNCHECKED and not clause.keyword.startswith("loop"):
                    annotations.note(clause)
                else:
                    raise UnsupportedError(f"'{clause.keyword}' before a function", location=clause.location)

    def enter(self, top: bool) -> dict[str, tuple[Term, bool]]:
        """Assume (for the function under verification) or claim what is required; save the pre-state."""
        b = self.annotations.b
        if top:
            self._look_for_separated()
        for clause in self.requires:
            if top and clause.text.startswith("\\separated"):
                # The parameters have been declared accordingly.
                continue
            condition = self.annotations.predicate(clause)
            if top:
                b.flow.do(Assume(condition))
            else:
                b.assertion(condition, clause.location, "precondition may fail")
        return self._save() if self.ensures else {}

    def _look_for_separated(self) -> None:
        """Refuse what a contract says of elements of an array that is separate from others in a range only.

        Outside of its range an element may be another array's, so what is known of it at the entry need not last.
        """
        for clause in (*self.requires, *self.ensures):
            if clause.text.startswith("\\separated"):
                continue
            for text in re.findall(r"[A-Za-z_]\w*", clause.text):
                symbol = self.annotations.b.lookup(text)
                if isinstance(symbol, ArraySymbol) and symbol.window is not None:
                    raise UnsupportedError(
                        f"a contract that mentions the elements of '{text}', which is separate in a range only",
                        hint="declare the parameters restrict",
                        location=clause.location,
                    )

    def _save(self) -> dict[str, tuple[Term, bool]]:
        b = self.annotations.b
        saved: dict[str, tuple[Term, bool]] = {}
        wanted = set(re.findall(r"[A-Za-z_]\w*", " ".join(c.text for c in self.ensures)))
        for text in sorted(wanted):
            symbol = b.lookup(text)
            if isinstance(symbol, Scalar | ArraySymbol):
                found = self.annotations.lookup(text)
                assert found is not None
                name = b.unique(f"{text}.old!")
                b.flow.do(Assign(name, found[0]))
                saved[text] = t.var(name, found[0].sort), found[1]
        return saved

    def leave(self, saved: dict[str, tuple[Term, bool]], parameters: set[str], result: Scalar | None) -> None:
        """Claim what is ensured; parameters mean their values before the call (ACSL 2.3.1)."""
        b = self.annotations.b

        def now(text: str) -> tuple[Term, bool] | None:
            if text in parameters and text in saved and isinstance(b.lookup(text), Scalar):
                return saved[text]
            return self.annotations.lookup(text)

        answer = (b.term(result), result.type.signed) if result else None
        for clause in self.ensures:
            names = Names(now, lambda text: saved.get(text) or self.annotations.lookup(text), answer)
            b.assertion(self.annotations.predicate(clause, names), clause.location, "postcondition may fail")
