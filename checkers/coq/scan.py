"""The theorems of a Coq source, and the holes in their proofs, told from the text alone.

Follows "Definitions", "Proof mode", "Sections", "The Module System", "Typeclasses" and "Program" of the Coq reference
manual. Commands of plugins that open a proof are not known, save those of Function, Equations and Derive.
"""

from __future__ import annotations

import difflib
import enum
import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checkers.coq.sentences import Lines, Sentence, outermost, split, words
from lemmata.errors import InputError, Location

_THEOREMS = frozenset("Theorem Lemma Fact Remark Corollary Proposition Property".split())
_DEFINITIONS = frozenset("Definition Example SubClass Let Instance".split())
_FIXPOINTS = frozenset({"Fixpoint", "CoFixpoint"})
_PLUGINS = frozenset({"Function", "Equations", "Derive"})
_ENDS = frozenset("Qed Defined Save Admitted Abort".split())
_BLOCKS = frozenset("Module Section End".split())
_PREFIXES = frozenset(
    "Local Global Polymorphic Monomorphic Cumulative NonCumulative Private Program Time Instructions".split()
)
_WITH_OPERAND = frozenset({"Timeout", "Redirect"})
_NO_EFFECT = frozenset({"Fail", "Succeed"})
_KNOWN = (
    _THEOREMS | _DEFINITIONS | _FIXPOINTS | _PLUGINS | _ENDS | _BLOCKS | _PREFIXES | _WITH_OPERAND | _NO_EFFECT
) | frozenset("Goal Next Final Obligation Add Proof".split())
_FIRST = re.compile(r"#|[A-Z][A-Za-z_]*")
_NAME = re.compile(r"[^\W\d][\w']*")
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
class _Command:
    words: list[str]
    """Without attributes and prefixes; `:=` is one word."""
    program: bool = False
    refine: bool = False

    @property
    def head(self) -> str:
        return self.words[0] if self.words else ""

    def word(self, index: int) -> str:
        return self.words[index] if index < len(self.words) else ""


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
        near = _nearest(selector, [hole.name for hole in every])
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


def _nearest(selector: str, names: Sequence[str]) -> str:
    if not names:
        return "the file states no theorem"
    near = difflib.get_close_matches(selector, names, n=5, cutoff=0.5) or list(names[:10])
    return f"there is {', '.join(dict.fromkeys(near))}"


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
            command = _command(sentence)
            if command.head in _ENDS or _is_proof_term(command):
                self._end(sentence, command)
            elif command.head in _BLOCKS:
                self._leave()
                self._block(command)
            elif (opened := _opened(command)) is not None:
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

    def _end(self, sentence: Sentence, command: _Command) -> None:
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

    def _block(self, command: _Command) -> None:
        match command.words:
            case ["End", name, *_]:
                if any(open_name == name for _, open_name in self._blocks):
                    while self._blocks.pop()[1] != name:
                        pass
            case ["Section", name, *_]:
                self._blocks.append(("section", name))
            case ["Module", *words]:
                name = _module_name(words)
                if name and not _bodies(command.words):
                    self._blocks.append(("module", name))


def _module_name(words: Sequence[str]) -> str:
    """Return the name in `Type T`, `Import M`, `Export(notations) M` or `M`."""
    position, depth = 0, 0
    while position < len(words):
        word = words[position]
        if word in "()":
            depth += 1 if word == "(" else -1
        elif not depth and word not in ("Type", "Import", "Export", "-"):
            return word if _NAME.fullmatch(word) else ""
        position += 1
    return ""


def _command(sentence: Sentence) -> _Command:
    """Read a command without its attributes and prefixes; nothing for a tactic, or what has no lasting effect."""
    first = _FIRST.match(sentence.text)
    if first is None or (first.group() != "#" and first.group() not in _KNOWN):
        return _Command([])
    command = _Command(words(sentence.text))
    position = 0
    while position < len(command.words):
        word = command.words[position]
        if word == "#":
            behind = _behind_attributes(command.words, position)
            attributes = command.words[position:behind]
            command.program |= "program" in attributes
            command.refine |= "refine" in attributes
            position = behind
        elif word in _PREFIXES:
            command.program |= word == "Program"
            position += 1
        elif word in _WITH_OPERAND:
            position += 2
        else:
            break
    del command.words[:position]
    return _Command([]) if command.head in _NO_EFFECT else command


def _behind_attributes(words: Sequence[str], position: int) -> int:
    depth = 0
    for index in range(position + 1, len(words)):
        depth += (words[index] == "[") - (words[index] == "]")
        if depth <= 0:
            return index + 1
    return len(words)


def _opened(command: _Command) -> tuple[str, bool] | None:
    """Return the name of what a command opens a proof of, and whether that is sure; None where it opens none."""
    words = command.words
    head, second = command.head, command.word(1)
    if head == "Let" and second in _FIXPOINTS:
        words = words[1:]
        head, second = second, command.word(2)
    name = second if _NAME.fullmatch(second) else head
    if head in _THEOREMS:
        return None if _bodies(words) else (name, True)
    if head in _DEFINITIONS:
        if head == "Instance" and command.program:
            return None
        return (name, head != "Instance" and not command.program) if command.refine or not _bodies(words) else None
    if head in _FIXPOINTS:
        return (name, False) if _bodies(words) < 1 + _clauses(words) else None
    if head == "Goal":
        return "Unnamed_thm", True
    if head in ("Next", "Final") and second == "Obligation":
        return f"{head}_Obligation", True
    if head == "Obligation" and second.isdigit():
        return (f"{words[3]}_obligation_{second}" if command.word(2) == "of" and len(words) > 3 else "Obligation"), True
    return _opened_by_plugin(words)


def _opened_by_plugin(words: Sequence[str]) -> tuple[str, bool] | None:
    match words:
        case ["Add", "Morphism", *_] | ["Add", "Parametric", "Morphism", *_]:
            return _behind(words, ("as",)) or _behind(words, (":",)) or "Add_Morphism", False
        case ["Function", name, *_] if any(
            words[i] == "{" and words[i + 1] in ("measure", "wf") for i in range(len(words) - 1)
        ):
            return name, False
        case ["Equations", "?", name, *_]:
            return name, False
        case ["Derive", *_] if {"SuchThat", "in"} & set(words) and (name := _behind(words, ("As", "as"))):
            return name, False
    return None


def _behind(words: Sequence[str], marks: Sequence[str]) -> str:
    """Return the name behind the last of some words, "" where there is none."""
    for index in range(len(words) - 2, 0, -1):
        if words[index] in marks and _NAME.fullmatch(words[index + 1]):
            return words[index + 1]
    return ""


def _bodies(words: Sequence[str]) -> int:
    """Count the `:=` that belong to the command itself, not to a term or a `with Definition` in it."""
    count = inner = 0
    previous = ""
    for word in outermost(words):
        match previous, word:
            case [_, "let"] | ["with", "Definition" | "Module"]:
                inner += 1
            case [before, "fix" | "cofix"] if before != "let":
                inner += 1
            case [_, ":="] if inner:
                inner -= 1
            case [_, ":="]:
                count += 1
        previous = word
    return count


def _clauses(words: Sequence[str]) -> int:
    return outermost(words).count("with")


def _is_header(command: _Command) -> bool:
    return command.head == "Proof" and command.word(1) in (".", "using", "with", "")


def _is_proof_term(command: _Command) -> bool:
    return command.head == "Proof" and not _is_header(command) and command.word(1) != "Mode"


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
        if _is_header(_command(sentence)):
            return sentence.end, proof.script[index + 1 :]
        if not sentence.text[0].isupper():
            break
    return proof.statement.end, proof.script
