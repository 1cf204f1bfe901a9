"""From what a model wrote to candidates for steps. Any text gives a list, and none takes longer than its length allows.

Cleaning is light: the checker's own parser refuses what is no step. Only what obviously is none is dropped here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lemmata.goal import GoalView
from lemmata.step import HOLE, Branch, Step
from lemmata.step import clauses as clauses_step
from provers.neural import answers, blueprint, invariants, layout, statements, whole
from provers.neural.formats import Format
from provers.neural.render import loop_names
from provers.neural.source import theorem

MOST = 64
"""Most candidates that are taken from one answer."""
_LONGEST = 32_768
_KINDS = {"fstar": "definition"}
_LANGUAGES = {
    "coq": ("coq", "rocq", "ltac", "gallina", "v", "ocaml"),
    "lean": ("lean", "lean4", "lean3", "tactics"),
    "isabelle": ("isabelle", "isar", "thy", "hol"),
    "fstar": ("fstar", "f*", "fst", "fsharp", "ocaml"),
}
_REFUSED = {
    "coq": re.compile(r"[A-Z]\w*|.*(?<![\w'.])(?:admit|give_up)(?![\w'])", re.S),
    "lean": re.compile(
        r"#\w|@\[|(?:theorem|lemma|def|example|import|open|namespace|section|end|axiom|variable|instance)\b"
        r"|.*(?<![\w'.])(?:sorry|admit)(?![\w'])|[A-Z]\w* [a-z]+ [a-z]+ ",
        re.S,
    ),
    "isabelle": re.compile(
        r"(?!(?:apply|by|using|unfolding|proof|supply|including|sledgehammer|try0|subgoal|\.\.?(?:\s|$)))"
        r"|.*(?<![\w'])(?:sorry|oops)(?![\w'])",
        re.S,
    ),
    "fstar": re.compile(r"(?:val|module|open|assume|friend|#(?:re)?set-options)\b|[A-Z]\w* [a-z]+ [a-z]+ ", re.S),
}
_METHOD = re.compile(
    r"\(?(?:auto|simp|simp_all|blast|force|fastforce|induct|induction|cases|rule|metis|arith|clarsimp)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step, those meant to follow it, and its rank in the answer."""

    step: Step
    then: tuple[Step, ...] = ()
    rank: int = 0
    sketch: bool = False
    """Whether the answer has a hole behind these steps."""
    branches: tuple[Branch, ...] = ()
    """For a blueprint: what is meant for each goal that the step leaves."""


def candidates(text: str, form: Format, view: GoalView, *, complete: bool = True) -> list[Candidate]:
    """Read an answer.

    Args:
        text: what a model wrote.
        form: the format in which it was asked.
        view: the goal that it was asked about.
        complete: whether the answer came to its end; of one that was cut off, only what is whole counts.

    Returns:
        What it proposes, best first, without repeats; at most `MOST`.
    """
    system = view.goal.system
    text = answers.tidy(text)
    if form.echo and form.echo in text:
        text = text.rpartition(form.echo)[2]
    if form.answer == "completion":
        rest, fence, _ = text.partition("```")
        own = layout.until_command(rest) if view.goal.system == "lean" else rest
        return _listed([own], view, complete=complete or bool(fence) or len(own) < len(rest))
    text = answers.without_thoughts(text)
    if system == "programs":
        found = invariants.parts(text if complete else text.rpartition("\n")[0], loop_names(view))
        return [Candidate(clauses_step(found))] if found else []
    match form.answer:
        case "tactic" | "line":
            if not complete:
                return []
            first = text.strip() if form.answer == "tactic" else text.strip().split("\n", 1)[0]
            return _listed([first], view) if "```" not in first else _listed(_several(text, system), view)
        case "blueprint":
            return _blueprints(text, view, complete=complete) or _listed(_proofs(text, view), view, complete=complete)
        case "statements":
            told = statements.statements(text if complete else text.rpartition("\n")[0], view)
            return [Candidate(Step(one, "statement"), rank=rank) for rank, one in enumerate(told)]
        case "proof":
            return _listed(_proofs(text, view), view, complete=complete)
        case _:
            return _listed(_several(text if complete else text.rpartition("\n")[0], system), view)


def _blueprints(text: str, view: GoalView, *, complete: bool) -> list[Candidate]:
    system = view.goal.system
    if system not in blueprint.SYSTEMS:
        return []
    name = re.split(r"[#@]", view.obligation.name)[0]
    lemmas = blueprint.read(system, _proofs(text, view)[0], name, complete=complete)
    if not lemmas:
        return []
    branches = tuple(
        dataclasses.replace(branch, steps=tuple(_sound(branch.steps, system)))
        for branch in blueprint.branches(system, lemmas)
    )
    sketch = any(not branch.steps or HOLE in branch.steps for branch in branches)
    return [Candidate(blueprint.step(system, lemmas, theorem(view)), sketch=sketch, branches=branches)]


def _proofs(text: str, view: GoalView) -> list[str]:
    """Return the proofs that an answer holds: that in its last block of code, or the answer itself."""
    fenced = [block for block in answers.blocks(text) if block.text.strip()]
    known = [block for block in fenced if block.language in _LANGUAGES.get(view.goal.system, ())] or fenced
    if known:
        # Models that think aloud quote pieces before; the whole proof comes last.
        named = [block for block in known if _about(block.text, view)]
        return [(named or known)[-1].text]
    value = answers.json_values(text)
    told = [entry for entry in answers.texts(value) if entry.strip()] if value is not None else []
    return told[:MOST] or [text]


def _about(text: str, view: GoalView) -> bool:
    name = re.split(r"[#@]", view.obligation.name)[0]
    return bool(name) and name in text


def _several(text: str, system: str) -> list[str]:
    """Return the alternatives that an answer lists."""
    fenced = [block for block in answers.blocks(text) if block.text.strip()]
    bodies = [(block.text, block.language) for block in fenced] or [(text, "json")]
    found: list[str] = []
    for body, language in bodies:
        value = answers.json_values(body) if body.lstrip()[:1] in ("[", "{") or language == "json" else None
        told = list(answers.texts(value)) if value is not None else []
        # `{ tac }` is no JSON, and a list pattern such as `[a b]` holds no texts.
        if told:
            found += told
        elif fenced and language != "tactics":
            found.append(body)
        else:
            found += [answers.bare(item) for item in answers.items(body)]
    if not fenced and len(found) > MOST:
        return found[:MOST]
    return found


def _listed(found: Iterable[str], view: GoalView, *, complete: bool = True) -> list[Candidate]:
    listed: dict[tuple[Step, ...], Candidate] = {}
    for text in found:
        script = _script(text, view, complete=complete)
        kind = _KINDS.get(view.goal.system, "tactic")
        made = (HOLE if one is None else Step(one.strip(), kind) for one in script.steps)
        steps = tuple(_sound(made, view.goal.system))
        key = tuple(Step(" ".join(one.text.split()), one.kind) for one in steps)
        if steps and steps[0] is not HOLE and key not in listed:
            sketch = script.sketch or len(steps) < len(script.steps)
            listed[key] = Candidate(steps[0], steps[1:], len(listed), sketch)
        if len(listed) >= MOST:
            break
    return list(listed.values())


def _script(text: str, view: GoalView, *, complete: bool) -> whole.Script:
    system = view.goal.system
    text = answers.bare(text) if "\n" not in text.strip() else text
    if system == "isabelle" and _METHOD.match(text.strip()):
        method = text.strip()
        text = f"apply {method}" if method.startswith("(") or " " not in method else f"apply ({method})"
    return whole.cut(system, text, view.obligation.name, complete=complete)


def _sound(steps: Iterable[Step], system: str) -> Iterator[Step]:
    """Yield steps up to the first that obviously is none."""
    refused = _REFUSED.get(system)
    for step in steps:
        text = step.text
        if step is not HOLE and (not text or len(text) > _LONGEST or (refused is not None and refused.match(text))):
            return
        yield step
