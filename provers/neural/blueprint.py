"""Blueprints: a model states lemmas, proves what it can of them, and proves the goal from them.

In one step the lemmas become hypotheses of the goal, and goals of their own. Of the lemmas above it, each is given
those that it uses and no others, as far as the system allows, so that a lemma which another blueprint states again is
the same goal. What a lemma uses is said in a comment `uses: NAME, NAME`, or seen from its proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lemmata.step import HOLE, Branch, Step
from provers.neural import whole
from provers.neural.source import definition_sign

SYSTEMS = ("coq", "lean")
MOST = 24
"""Most lemmas of a blueprint."""
_LONGEST = 4000

_DECLARES = {
    "coq": re.compile(
        r"^[ \t]*(?:Theorem|Lemma|Fact|Remark|Corollary|Proposition|Property)[ \t]+([^\W\d][\w']*)(?![\w'])", re.M
    ),
    "lean": re.compile(
        r"^[ \t]*(?:@\[[^\]\n]*\]\s*)?(?:(?:private|protected)[ \t]+)*"
        r"(?:theorem|lemma)[ \t]+([^\W\d][\w'.]*)(?![\w'.])",
        re.M,
    ),
}
_COMMENT = {
    "coq": re.compile(r"\(\*|\*\)"),
    "lean": re.compile(r"/-|-/|--[^\n]*"),
}
_USES = re.compile(r"\buses\s*:\s*([\w', \t]*)")
_SENTENCE_END = re.compile(r"\.(?=\s|$)")
_BRACKET = re.compile(r"[(\[{⟨]|[)\]}⟩]|:(?!=)")
_BINDER = re.compile(r"[({\[⦃]\s*([^:()\[\]{}⦃⦄]*?)\s*(?::|[)}\]⦄]\s*$)")
_NAME = re.compile(r"[^\W\d][\w']*|_")


@dataclass(frozen=True, slots=True)
class Lemma:
    """A declaration of a blueprint."""

    name: str
    binders: str
    """What stands between its name and the colon."""
    claim: str
    """What stands behind the colon."""
    proof: tuple[str | None, ...]
    """Its steps as far as they were written down; None is a hole."""
    uses: frozenset[str] | None
    """Names that it uses; None where nothing says so."""

    def statement(self, system: str) -> str:
        """Return it as one closed statement."""
        word = "∀" if system == "lean" else "forall"
        return f"{word} {self.binders}, {self.claim}" if self.binders else self.claim

    def steps(self, system: str) -> tuple[Step, ...]:
        """Return its proof as steps on the closed statement; none where it is left to the search."""
        if not self.proof or self.proof[0] is None:
            return ()
        intro = (Step(_intros(self.binders, system)),) if self.binders else ()
        return (*intro, *(HOLE if text is None else Step(text) for text in self.proof))


def read(system: str, text: str, name: str, *, complete: bool = True) -> list[Lemma]:
    """Read declarations, the goal itself last; none where the text has no lemma beside it.

    Args:
        system: proof system, one of `SYSTEMS`.
        text: what a model wrote, as code.
        name: of the theorem that is to be proved; without it, the last declaration is taken for it.
        complete: whether the text is whole; otherwise its last declaration is left out.
    """
    lemmas = declarations(system, text, complete=complete)
    bare = name.rpartition(".")[2]
    own = [i for i, lemma in enumerate(lemmas) if lemma.name.rpartition(".")[2] == bare]
    last = own[-1] if own else len(lemmas) - 1
    lemmas = lemmas[: last + 1]
    fresh = len({lemma.name for lemma in lemmas}) == len(lemmas)
    return lemmas if 1 < len(lemmas) <= MOST + 1 and fresh else []


def declarations(system: str, text: str, *, complete: bool = True) -> list[Lemma]:
    """Return the lemmas that a text declares, in order; what it says beside is passed over.

    Args:
        system: proof system, one of `SYSTEMS`.
        text: what a model wrote, as code.
        complete: whether the text is whole; otherwise its last declaration is left out.
    """
    plain = without_comments(text, system)
    found = list(_DECLARES[system].finditer(plain))
    ends = [*(match.start() for match in found), len(text)][1:]
    lemmas: list[Lemma] = []
    for match, end in zip(found, ends, strict=False):
        if end == len(text) and not complete:
            break
        lemma = _lemma(system, match, end)
        if lemma is not None:
            said = _USES.search(text, match.start(), end)
            told = frozenset(_NAME.findall(said[1])) if said else None
            lemmas.append(_with_uses(lemma, plain[match.end() : end], told))
    return lemmas


def step(system: str, lemmas: Sequence[Lemma], theorem: str) -> Step:
    """Return the step that states the lemmas; it leaves each of them and then the goal itself.

    Args:
        system: proof system.
        lemmas: as `read` returns them, the goal itself last.
        theorem: the declaration of the goal as it stands in its file; its variables are no lemma's business.
    """
    stated = lemmas[:-1]
    if system == "lean":
        # With `have ... := ?_` as a tactic the lemma would come behind the goal.
        return Step("refine (" + "".join(f"have {m.name} : {m.statement(system)} := ?_; " for m in stated) + "?_)")
    text = ""
    own = _variables(system, theorem)
    for place in reversed(range(len(stated))):
        lemma = stated[place]
        unused = [m.name for m in stated[:place] if lemma.uses is not None and m.name not in lemma.uses]
        clear = f"try clear {' '.join([*own, *unused])}" if own or unused else ""
        rest = f"; [ {clear} | {text} ]" if clear or text else ""
        text = f"assert ({lemma.name} : {lemma.statement(system)}){rest}"
    return Step(text)


def branches(system: str, lemmas: Sequence[Lemma]) -> tuple[Branch, ...]:
    """Return what is meant for each goal that the step leaves."""
    goal = lemmas[-1]
    own = tuple(HOLE if text is None else Step(text) for text in goal.proof)
    found = [Branch(lemma.name, lemma.statement(system), lemma.steps(system)) for lemma in lemmas[:-1]]
    return (*found, Branch("", "", own if goal.proof and goal.proof[0] is not None else ()))


def _variables(system: str, theorem: str) -> list[str]:
    """Return the names of the variables that a declaration has before its colon."""
    declared = _DECLARES[system].search(theorem)
    lemma = _lemma(system, declared, len(theorem)) if declared else None
    return [name for name in _names(lemma.binders, "") if name] if lemma else []


def _lemma(system: str, declared: re.Match[str], stop: int) -> Lemma | None:
    """Read one declaration, which goes no further than `stop`."""
    text, head = declared.string[declared.start() : stop], declared.end() - declared.start()
    if system == "lean":
        end = definition_sign(text)
        if not text.startswith(":=", end):
            return None
    else:
        dot = _SENTENCE_END.search(text, head)
        if dot is None:
            return None
        end = dot.start()
    colon = _colon(text, head, end)
    if colon is None or end - head > _LONGEST:
        return None
    binders, claim = (" ".join(part.split()) for part in (text[head:colon], text[colon + 1 : end]))
    if not claim:
        return None
    script = whole.cut(system, text, declared[1])
    return Lemma(declared[1], binders, claim, script.steps, None)


def _with_uses(lemma: Lemma, text: str, told: frozenset[str] | None) -> Lemma:
    """Add what a lemma uses: as it was told, or else what its text mentions; unknown where it has a hole."""
    if told is None and lemma.proof and None not in lemma.proof:
        told = frozenset(_NAME.findall(text))
    return Lemma(lemma.name, lemma.binders, lemma.claim, lemma.proof, told)


def _colon(text: str, begin: int, end: int) -> int | None:
    """Return where the statement's colon stands, outside of all brackets."""
    depth = 0
    for match in _BRACKET.finditer(text, begin, end):
        sign = match.group()
        if sign == ":":
            if depth == 0:
                return match.start()
        else:
            depth += 1 if sign in "([{⟨" else -1
    return None


def _intros(binders: str, system: str) -> str:
    word, unnamed = ("intro", "_") if system == "lean" else ("intros", "?")
    names = list(_names(binders, unnamed))
    return f"{word} {' '.join(names)}" if names else "intros"


def _names(binders: str, unnamed: str) -> Iterator[str]:
    """Yield the names that binders bind, in their order."""
    at = 0
    for begin, end in _groups(binders):
        yield from _NAME.findall(binders[at:begin])
        group = binders[begin:end]
        found = _BINDER.match(group)
        names = _NAME.findall(found[1]) if found and (":" in group or not group.startswith("[")) else []
        yield from (unnamed if name == "_" else name for name in names or ["_"])
        at = end
    yield from _NAME.findall(binders[at:])


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the outermost brackets of a text begin and end."""
    depth, begin = 0, 0
    for match in re.finditer(r"[(\[{⦃]|[)\]}⦄]", text):
        if match.group() in "([{⦃":
            begin = match.start() if depth == 0 else begin
            depth += 1
        elif depth > 0:
            depth -= 1
            if depth == 0:
                yield begin, match.end()


def without_comments(text: str, system: str) -> str:
    """Return a text of the same length with blanks in place of comments.

    Args:
        text: what a model wrote.
        system: proof system, one of `SYSTEMS`.
    """
    out: list[str] = []
    at, depth = 0, 0
    for sign in _COMMENT[system].finditer(text):
        kept = depth == 0
        out.append(text[at : sign.start()] if kept else _blank(text[at : sign.start()]))
        if sign.group() in ("(*", "/-"):
            depth += 1
        elif sign.group() in ("*)", "-/"):
            depth = max(depth - 1, 0)
        out.append(_blank(sign.group()))
        at = sign.end()
    out.append(text[at:] if depth == 0 else _blank(text[at:]))
    return "".join(out)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
