"""The theorems of a Coq source, and the holes in their proofs, told from the text alone."""

from __future__ import annotations

import enum
import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checkers.coq import commands
from checkers.coq.sentences import Lines, Sentence, split, words
from checkers.nearest import nearest
from lemmata.errors import InputError, Location

_SELECTOR = re.compile(r"(?P<name>[^@#]+)(?:@(?P<line>\d+)(?::(?P<column>\d+))?)?(?:#(?P<number>\d+))?")


class HoleKind(enum.Enum):
    """What a hole is."""

    THEOREM = "theorem"
    """A statement with its whole proof."""
    ADMITTED = "admitted"
    """The `Admitted.` of a proof: what stands before it is kept."""
    ADMIT = "admit"
    """One `admit.` sentence within a proof."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place of a source where a proof can be put."""

    name: str
    """What selects it: the theorem's name, with its modules or its line where needed; `name#k` for the k-th admit."""
    theorem: str
    """The bare name of the theorem."""
    kind: HoleKind
    """What it is."""
    line: int
    """The line of the statement, or of the `admit.`, from 1."""
    column: int
    """The column of the same place, from 1."""
    statement: tuple[int, int]
    """Where the sentence of the statement begins and ends."""
    prefix: int
    """`source[:prefix]` is what a session loads to stand before the hole."""
    start: int
    """Where the span begins that a proof replaces."""
    end: int
    """Where that span ends."""
    terminator: str
    """What ends the proof: `Qed.` or `Defined.`."""
    admitted: tuple[int, int] | None
    """The span of the proof's `Admitted.`, where it has one."""
    others: tuple[tuple[int, int], ...]
    """For an `admit.`: the spans of the other ones of the same proof."""
    modules: tuple[str, ...]
    """The modules and module types around it, outermost first."""
    sections: tuple[str, ...]
    """The sections around it, outermost first."""


@dataclass(slots=True)
class _Proof:
    name: str
    statement: Sentence
    sure: bool
    """Whether the command opens a proof whatever the state of Coq."""
    blocks: list[tuple[str, str]]
    script: list[Sentence] = field(default_factory=list)
    end: Sentence | None = None
    ended_by: str = ""
    inside: int = 0
    """How many nested proofs are open."""


def holes(source: str, file: str) -> list[Hole]:
    """Return the theorems of a file and the holes in their proofs, in order of position.

    Every theorem gives a THEOREM; a proof with `admit.` sentences an ADMIT for each, and any other proof that ends in
    `Admitted.` an ADMITTED of the same name. Proofs that end in `Abort.` give nothing, nested proofs neither.

    Args:
        source: the text of a `.v` file.
        file: its name, for messages.

    Raises:
        InputError: a comment or a string does not end.
    """
    return list(_holes_of(source, file))


@functools.lru_cache(maxsize=4)
def _holes_of(source: str, file: str) -> tuple[Hole, ...]:
    # The same text is asked for again for every theorem in it.
    try:
        proofs = _Scanner(source).proofs(split(source))
    except InputError as error:
        line, column = (error.location.line, error.location.column) if error.location else (0, 0)
        raise InputError(error.message, hint=error.hint, location=Location(file, line, column)) from None
    lines = Lines(source)
    names = _names(proofs, lines)
    found = [hole for proof, name in zip(proofs, names, strict=True) for hole in _holes(proof, name, lines)]
    return tuple(sorted(found, key=lambda hole: (hole.line, hole.column)))


def find(source: str, selector: str, file: str) -> Hole:
    """Return the hole that a selector names.

    Where the proof ends in `Admitted.` and has no `admit.`, its name selects the `Admitted.`, not the theorem.

    Args:
        source: the text of a `.v` file.
        selector: `name`, `Module.name`, `name@line`, `name@line:column`, each also with `#k` for the k-th `admit.`.
        file: its name, for messages.

    Raises:
        InputError: nothing or more than one thing has that name; the hint lists what there is.
    """
    every = holes(source, file)
    wanted = _SELECTOR.fullmatch(selector.strip())
    place = Location(file)
    if wanted is None:
        raise InputError(f"{selector!r} selects nothing", location=place, hint="write name, name@line or name#1")
    *modules, name = wanted["name"].split(".")
    lines = Lines(source)
    proofs: dict[int, list[Hole]] = {}
    for hole in every:
        if hole.theorem != name or (modules and list(hole.modules[-len(modules) :]) != modules):
            continue
        line, column = lines.place(hole.statement[0])
        if wanted["line"] in (None, str(line)) and wanted["column"] in (None, str(column)):
            proofs.setdefault(hole.statement[0], []).append(hole)
    if not proofs:
        near = nearest(selector, [hole.name for hole in every])
        raise InputError(f"no theorem {selector}", location=place, hint=near)
    if len(proofs) > 1:
        candidates = ", ".join(group[0].name for group in proofs.values())
        raise InputError(f"{selector} is ambiguous", location=place, hint=f"write one of {candidates}")
    (group,) = proofs.values()
    if wanted["number"] is None:
        whole = [hole for hole in group if hole.kind is not HoleKind.ADMIT]
        return next((hole for hole in whole if hole.kind is HoleKind.ADMITTED), whole[0])
    admits = [hole for hole in group if hole.kind is HoleKind.ADMIT]
    if not 1 <= int(wanted["number"]) <= len(admits):
        raise InputError(f"the proof of {group[0].name} has {len(admits)} admit sentences", location=place)
    return admits[int(wanted["number"]) - 1]


class _Scanner:
    """Follows the sentences of a file: what is open, and which proofs there were."""

    def __init__(self, source: str) -> None:
        self._nested_allowed = "Nested Proofs Allowed" in source
        self._blocks: list[tuple[str, str]] = []
        self._open: _Proof | None = None
        self._done: list[_Proof] = []

    def proofs(self, sentences: Sequence[Sentence]) -> list[_Proof]:
        """Return the proofs, in order; what `Abort.` ends is left out."""
        for sentence in sentences:
            command = commands.read(sentence)
            if command.head in commands.ENDS or commands.is_proof_term(command):
                self._end(sentence, command)
            elif command.head in commands.BLOCKS:
                self._leave()
                self._block(command)
            elif (opened := commands.opened(command)) is not None:
                self._start(sentence, *opened)
            elif self._open and not self._open.inside:
                self._open.script.append(sentence)
        self._leave()
        return self._done

    def _start(self, sentence: Sentence, name: str, sure: bool) -> None:
        if self._open and self._open.sure and self._nested_allowed:
            self._open.inside += 1
            return
        self._leave()
        self._open = _Proof(name, sentence, sure, list(self._blocks))

    def _end(self, sentence: Sentence, command: commands.Command) -> None:
        proof = self._open
        if proof is None:
            return
        if proof.inside:
            proof.inside -= 1
        elif command.head == "Proof" and proof.script:
            proof.script.append(sentence)
        else:
            proof.end, proof.ended_by = sentence, command.head
            self._open = None
            if command.head != "Abort":
                self._done.append(proof)

    def _leave(self) -> None:
        """Something follows that cannot stand within a proof: the proof is unfinished, or was none."""
        if self._open and self._open.sure:
            self._done.append(self._open)
        self._open = None

    def _block(self, command: commands.Command) -> None:
        match command.words:
            case ["End", name, *_]:
                if any(open_name == name for _, open_name in self._blocks):
                    while self._blocks.pop()[1] != name:
                        pass
            case ["Section", name, *_]:
                self._blocks.append(("section", name))
            case ["Module", *words]:
                name = commands.module_name(words)
                if name and not commands.bodies(command.words):
                    self._blocks.append(("module", name))


def _names(proofs: Sequence[_Proof], lines: Lines) -> list[str]:
    """Return the shortest selectors that are unambiguous."""
    count: Counter[str] = Counter()
    forms: list[list[str]] = []
    for proof in proofs:
        modules = [name for kind, name in proof.blocks if kind == "module"]
        line, column = lines.place(proof.statement.start)
        dotted = [".".join((*modules[i:], proof.name)) for i in range(len(modules), -1, -1)]
        own = [proof.name, dotted[-1], f"{proof.name}@{line}", f"{proof.name}@{line}:{column}"]
        forms.append(own)
        count.update({*dotted, *own})
    return [next((form for form in own if count[form] == 1), own[-1]) for own in forms]


def _holes(proof: _Proof, name: str, lines: Lines) -> Iterator[Hole]:
    """Yield the holes of one proof."""
    behind, script = _body(proof)
    admits = [i for i, s in enumerate(script) if words(s.text) == ["admit", "."]]
    spans = [(script[i].start, script[i].end) for i in admits]
    last = [proof.statement, *proof.script][-1]
    end = proof.end or last
    admitted = (end.start, end.end) if proof.ended_by == "Admitted" else None

    def hole(kind: HoleKind, name: str, at: int, prefix: int, span: tuple[int, int]) -> Hole:
        return Hole(
            name,
            proof.name,
            kind,
            *lines.place(at),
            statement=(proof.statement.start, proof.statement.end),
            prefix=prefix,
            start=span[0],
            end=span[1],
            terminator="Defined." if proof.ended_by == "Defined" else "Qed.",
            admitted=admitted,
            others=tuple(s for s in spans if s != span) if kind is HoleKind.ADMIT else (),
            modules=tuple(name for kind, name in proof.blocks if kind == "module"),
            sections=tuple(name for kind, name in proof.blocks if kind == "section"),
        )

    start = proof.statement.start
    yield hole(HoleKind.THEOREM, name, start, behind, (behind, max(end.end, behind)))
    if admitted and not admits:
        yield hole(HoleKind.ADMITTED, name, start, script[-1].end if script else behind, admitted)
    for number, (index, span) in enumerate(zip(admits, spans, strict=True), 1):
        before = script[index - 1].end if index else behind
        yield hole(HoleKind.ADMIT, f"{name}#{number}", span[0], before, span)


def _body(proof: _Proof) -> tuple[int, list[Sentence]]:
    """Return where the statement with its `Proof` sentence ends, and what follows of the script."""
    for index, sentence in enumerate(proof.script):
        if commands.is_header(commands.read(sentence)):
            return sentence.end, proof.script[index + 1 :]
        if not sentence.text[0].isupper():
            break
    return proof.statement.end, proof.script
