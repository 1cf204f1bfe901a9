"""Prompt formats: one small file for each family of models, `prompts/NAME.toml`.

A format says what a model is told and how its answer is read. Placeholders are written `{{goal}}`; what they stand for
is filled in once and never looked at again, so that a goal may contain braces, placeholders, anything.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lemmata.errors import UsageError
from lemmata.goal import GoalView
from provers.neural import conjecturing, render

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")
_GIVEN = frozenset({"premises"})
_CLOSED = ConfigDict(frozen=True, extra="forbid")


class Sampling(BaseModel):
    """How a model is asked to sample, where nobody says otherwise."""

    model_config = _CLOSED

    method: Literal["sample", "beam"] = "sample"
    temperature: float = Field(default=1.0, ge=0.0, le=10.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    max_tokens: int = Field(default=512, ge=1, le=1_000_000)
    """Most tokens of one answer."""
    samples: int = Field(default=8, ge=1, le=1024)
    """Answers asked for at a time."""


class Message(BaseModel):
    """One turn of a chat."""

    model_config = _CLOSED

    role: Literal["system", "user", "assistant"]
    content: str


class Format(BaseModel):
    """A prompt format; made by `load`."""

    model_config = _CLOSED

    name: str
    version: int = Field(ge=1)
    source: str
    """Page or paper that it follows."""
    verified: bool
    """Whether that page was read when the format was written."""
    systems: tuple[str, ...]
    models: tuple[str, ...]
    """Parts of the names of models that are asked so, in lower case."""
    kind: Literal["step", "whole", "blueprint", "conjectures"]
    """Whether an answer is about the next step, is a whole proof, states lemmas from which the goal follows, or states
    what may be true beside it."""
    messages_: tuple[Message, ...] = Field((), alias="messages")
    template: str = ""
    """Text to complete; a format has this or messages."""
    repair: str = ""
    """Turn that follows where something was refused on this goal."""
    stop: tuple[str, ...] = ()
    answer: Literal["tactic", "line", "list", "proof", "completion", "blueprint", "clauses", "statements"]
    """How an answer is read: one tactic, its first line, several steps, a proof, the rest of one, lemmas with the proof
    that uses them, loop invariants, statements."""
    echo: str = ""
    """Sign behind which the answer begins, where a model repeats its prompt."""
    sampling: Sampling = Sampling()

    @property
    def id(self) -> str:
        """Name and version, as provenance has it."""
        return f"{self.name}/{self.version}"

    @property
    def chat(self) -> bool:
        """Whether a model is given turns rather than a text to complete."""
        return bool(self.messages_)

    def messages(self, view: GoalView, **given: str) -> list[dict[str, str]]:
        """Return the turns for a goal.

        Args:
            view: the goal.
            given: texts for placeholders that no goal has, `premises`.
        """
        turns = self.messages_ or (Message(role="user", content=self.template),)
        told = [{"role": turn.role, "content": self._filled(turn.content, view, given).strip()} for turn in turns]
        if self.repair and view.failures:
            more = self._filled(self.repair, view, given).strip()
            # Many chat templates refuse two turns of a user in a row.
            told[-1] = {"role": told[-1]["role"], "content": f"{told[-1]['content']}\n\n{more}"}
        return told

    def prompt(self, view: GoalView, **given: str) -> str:
        """Return the text to complete; for a format of turns they are written one under the other.

        Args:
            view: the goal.
            given: texts for placeholders that no goal has, `premises`.
        """
        if not self.chat:
            return self._filled(self.template, view, given)
        return "\n\n".join(turn["content"] for turn in self.messages(view, **given)) + "\n\n"

    def _filled(self, text: str, view: GoalView, given: Mapping[str, str]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            return given.get(name, "") if name in _GIVEN else render.FIELDS[name](view)

        return _PLACE.sub(value, text)


def names() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    found = resources.files("provers.neural").joinpath("prompts").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in found if entry.name.endswith(".toml")))


@functools.cache
def load(name: str) -> Format:
    """Read a format.

    Args:
        name: of its file without the ending; `NAME/VERSION` is accepted where it is the version at hand.

    Raises:
        UsageError: there is none of this name or version.
    """
    plain, _, version = name.partition("/")
    if plain not in names():
        raise UsageError(f"there is no prompt format {plain[:60]!r}", hint=f"known are {', '.join(names())}")
    text = resources.files("provers.neural").joinpath("prompts", f"{plain}.toml").read_text(encoding="utf-8")
    found = parse(text)
    if version and version != str(found.version):
        raise UsageError(f"prompt format {plain} is at version {found.version}, not {version[:20]}")
    return found


def parse(text: str) -> Format:
    """Read a format from the text of its file.

    Raises:
        UsageError: it is not well-formed.
    """
    try:
        found = Format.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise UsageError(f"this is no prompt format: {' '.join(str(error).split())[:300]}") from None
    if bool(found.messages_) == bool(found.template):
        raise UsageError(f"prompt format {found.name} needs either messages or a template")
    texts = [found.template, found.repair, *(turn.content for turn in found.messages_)]
    unknown = {name for text in texts for name in _PLACE.findall(text)} - render.FIELDS.keys() - _GIVEN
    if unknown:
        raise UsageError(f"prompt format {found.name} has an unknown placeholder {min(unknown)!r}")
    return found


@functools.cache
def _all() -> tuple[Format, ...]:
    return tuple(load(name) for name in names())


def family(model: str, system: str) -> Format | None:
    """Return the format of a model's family, by the model's name; None where none that we know is for this system."""
    wanted = model.lower()
    fitting = [(len(part), f) for f in _all() for part in f.models if part in wanted and system in f.systems]
    return max(fitting, key=lambda entry: entry[0])[1] if fitting else None


def generic(system: str, kind: str = "step") -> Format | None:
    """Return the format in which any chat model is asked about a system's goals.

    Args:
        system: proof system.
        kind: `step`, `whole`, `blueprint` or `conjectures`; where a system has none of this kind, its first.
    """
    fitting = [f for f in _all() if not f.models and system in f.systems]
    return next((f for f in fitting if f.kind == kind), fitting[0] if fitting else None)


def choose(model: str, view: GoalView) -> tuple[Format, ...]:
    """Return the formats in which a model is asked about a goal: those that it was trained with, or generic ones.

    At the root a chat model is asked for whole proofs, for steps and for a blueprint, below it for steps. Where a
    blueprint of its own came back, it is asked for a better one only. Where conjectures are wanted, none is asked for
    steps, however it was trained.
    """
    if conjecturing.wanted(view):
        form = generic(view.goal.system, conjecturing.KIND)
        return (form,) if form is not None and form.kind == conjecturing.KIND else ()
    own = family(model, view.goal.system)
    if own is not None:
        return (own,)
    wanted: tuple[str, ...] = ("step",)
    if any(failure.accepted for failure in view.failures):
        wanted = ("blueprint",)
    elif view.depth == 0:
        wanted = ("whole", "step", "blueprint")
    found = [generic(view.goal.system, kind) for kind in wanted]
    return tuple(dict.fromkeys(f for f in found if f is not None))
