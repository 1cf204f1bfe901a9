r"""Refutations: that a theorem's statement leads to `False`, proved in Isabelle.

`quickcheck` and `nitpick` only give hints: which statements are worth it, and the names of their variables. What counts
is a lemma `assumes "\<And>x y. P" shows False`, proved without the theorem, and that `False` follows by that lemma from
the theorem as the source states it: Isabelle itself sees that the lemma denies the statement, no text is compared.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.isabelle import audit, commands, copies, project
from checkers.isabelle.scan import Hole
from checkers.isabelle.steps import NotAStep, StepKind, parse
from checkers.isabelle.tokens import QUOTED, meaningful, tokens
from lemmata import strict_json
from lemmata.errors import InputError

ASSUMED = "lemmata_it"
"""What the denied statement is called in a refutation's proof."""

_KEYS = {"system", "statement", "denied", "proof", "explanation"}
_VALUE = re.compile(r"^\s*([^\W\d_][\w']*) = (.+)$", re.M)
_LONGEST = 8192
_MOST_VARIABLES = 12
_EXPLANATION = "The statement leads to False: its negation is proved."


class NoRefutation(InputError):
    """Something is no refutation, or there can be none; the message says why."""


@dataclass(frozen=True, slots=True)
class Refutation:
    """A claim that nobody has checked yet."""

    statement: str
    """The proposition as it stands in the source."""
    denied: str
    """The proposition for all values of its variables."""
    proof: str
    """A whole proof of `False` from that, a plain step."""

    def values(self) -> dict[str, Any]:
        """Return the JSON values."""
        return {
            "system": "isabelle",
            "statement": self.statement,
            "denied": self.denied,
            "proof": self.proof,
            "explanation": _EXPLANATION,
        }

    def lemma(self, name: str) -> str:
        """Return the lemma that denies the statement, with its proof."""
        lines = [
            f"lemma {name}:",
            f"assumes {ASSUMED}: \\<open>{self.denied}\\<close>",
            "shows \\<open>HOL.False\\<close>",
            *self.proof.split("\n"),
        ]
        return "\n  ".join(lines) + "\n"


def proposition(source: str, hole: Hole) -> str:
    """Return the one proposition that a theorem states.

    Raises:
        NoRefutation: it is stated in another form, or within a block.
    """
    if not hole.goal or hole.schematic or hole.open_blocks or hole.target or "." in hole.theorem:
        raise NoRefutation("only theorems outside of all blocks are refuted")
    words = meaningful(source[hole.binding_end : hole.statement_end])
    if len(words) != 1 or words[0].kind not in QUOTED:
        raise NoRefutation("only statements that are one proposition are refuted")
    if len(list(tokens(f"\\<open>{words[0].content}\\<close>"))) != 1:
        raise NoRefutation("the statement cannot be quoted")
    return words[0].content


def deny(statement: str, variables: Sequence[str]) -> str:
    """Return a proposition for all values of some variables."""
    return f"\\<And>{' '.join(variables)}. ({statement})" if variables else statement


def variables(messages: Sequence[str]) -> dict[str, str]:
    """Return the values of variables that a tool printed; only ever taken as hints."""
    found: dict[str, str] = {}
    for message in messages:
        found.update({hit[1]: hit[2].strip() for hit in _VALUE.finditer(message)})
    return dict(list(found.items())[:_MOST_VARIABLES])


def proofs(values: Mapping[str, str]) -> Iterator[str]:
    """Yield proofs that are worth trying, with the values that a tool reported or without."""
    if values and all(re.fullmatch(r"[\w\s()\[\],.:'+*/-]+", value) for value in values.values()):
        listed = " ".join(f'"{value}"' for value in values.values())
        yield f"using {ASSUMED}[of {listed}] by simp"
        yield f"using {ASSUMED}[of {listed}] by (auto simp: numeral_eq_Suc)"
    yield f"using {ASSUMED} by simp"
    yield f"using {ASSUMED} by auto"
    yield f"using {ASSUMED} by blast"
    yield f"using {ASSUMED} by fastforce"


def read(artefact: str) -> Refutation:
    """Read a refutation of unknown origin.

    Raises:
        NoRefutation: it is malformed, or its proof is no plain step.
    """
    try:
        document = strict_json.parse(artefact)
    except ValueError as error:
        raise NoRefutation(f"the counterexample is malformed: {error}") from None
    if (
        not isinstance(document, dict)
        or set(document) != _KEYS
        or not all(isinstance(v, str) for v in document.values())
    ):
        raise NoRefutation("the counterexample is not one of an Isabelle theorem")
    found = Refutation(document["statement"], document["denied"], document["proof"])
    if document != found.values() or max(map(len, document.values())) > _LONGEST:
        raise NoRefutation("the counterexample is not one of an Isabelle theorem")
    try:
        quoted = list(tokens(f"\\<open>{found.denied}\\<close>"))
        proof = parse(found.proof)
    except (NotAStep, InputError) as error:
        raise NoRefutation(f"the refutation is not made of plain steps: {error.message}") from None
    if len(quoted) != 1 or re.search(r"\\<\^(?!su[bp]>)|[\x00-\x08\x0b-\x1f]", found.denied):
        raise NoRefutation("the denied statement is not one text")
    if proof.kind is not StepKind.CLOSING or proof.text != found.proof:
        raise NoRefutation("the refutation is not one whole proof")
    return found


@dataclass(frozen=True, slots=True)
class Copy:
    """The theory that is built to check a refutation."""

    name: str
    text: str
    lemma: str
    """What the lemma is called that is asked about."""
    question: str
    """Stands in the text where it is asked about."""


def copy(source: str, hole: Hole, found: Refutation, names: Sequence[str], file: str) -> Copy:
    """Write the theory in which a refutation is checked.

    The lemma stands above the statement, so it cannot use that, and `sorry` is off for it. Then the statement is taken
    for granted, and `False` has to follow from both by nothing but resolution.

    Raises:
        NoRefutation: the theorem is not one that can be refuted, or the refutation is about another statement.
        InputError: the source cannot be read.
    """
    if proposition(source, hole) != found.statement:
        raise NoRefutation("the refutation is about another statement")
    theory = commands.read(source, file)
    token = secrets.token_hex(8)
    lemma, theorem, question = f"lemmata_denial_{token}", f"lemmata_theorem_{token}", f"lemmata_question_{token}"
    above = project.header(theory, names) + copies.relaxed(source, theory, theory.header.end, hole.command)
    # Attributes could make another theorem of what is stated: neither they nor the name are taken over.
    stated = source[hole.binding_end : hole.statement_end]
    text = (
        f"{above}\ndeclare [[quick_and_dirty = false]]\n{found.lemma(lemma)}{question}\n"
        f"lemma {theorem}: {stated}\n  {copies.SORRY}\n"
        f"lemma lemmata_false_{token}: \\<open>HOL.False\\<close>\n  by (rule {lemma}[OF {theorem}])\nend\n"
    )
    return Copy(theory.header.name, text, lemma, question)


def asked(made: Copy, nonce: str, answer: Any) -> str:
    """Return the text with the question put in."""
    return made.text.replace(made.question, audit.command(made.lemma, nonce, answer))
