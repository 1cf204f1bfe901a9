"""How a local model is asked: the prompts that a goal becomes, in the format of the model's training or family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from lemmata.errors import UsageError
from lemmata.goal import GoalView
from provers.neural import conjecturing, formats
from provers.neural.formats import Format
from provers.neural.local_generation import Sampling
from provers.neural.local_loading import Loaded
from provers.neural.local_manifest import Manifest

STATE_TO_TACTIC = "reprover/1"
"""Format of encoder-decoder models that we train: the goal as text, answered by the text of one step."""
GOAL_THEN_STEP = "bfs-prover/1"
"""Format of decoder-only models that we train: a sign after the goal says where it ends."""
_DIRECT = ("tactic", "line")
"""Ways to read an answer of which each is one step."""


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt for one goal."""

    form: Format
    text: str
    marked: bool
    """Whether the tokens that begin a text are already written in it, as chat templates do."""

    def answers(self, n: int) -> int:
        """Return how many answers are worth while for so many steps: an answer may hold several of them."""
        return n if self.form.answer in _DIRECT else min(n, self.form.sampling.samples)


@dataclass(frozen=True, slots=True)
class Asking:
    """The way in which a model is asked.

    Args:
        model: its name.
        manifest: what it says of itself; models from elsewhere have none, and are asked by their name.

    Raises:
        UsageError: it is no model that proposes steps, or its format is not known.
    """

    model: str
    manifest: Manifest | None

    def __post_init__(self) -> None:
        if self.manifest is None:
            return
        if self.manifest.kind != "prover":
            message = f"{self.model} is a {self.manifest.kind}, not a prover"
            raise UsageError(message, hint="`lemmata train prover` makes one")
        formats.load(self.manifest.format)

    def systems(self, otherwise: tuple[str, ...]) -> tuple[str, ...]:
        """Return the proof systems that the model was trained for; `otherwise` where it does not say."""
        return (self.manifest.systems if self.manifest else ()) or otherwise

    def check_conjecturer(self) -> None:
        """Raise `UsageError` where the model was trained to answer with something else than conjectures."""
        if self.manifest is not None and formats.load(self.manifest.format).kind != conjecturing.KIND:
            hint = "name one that does what a text asks for, such as a chat model"
            raise UsageError(f"{self.model} was trained to propose steps, not to make conjectures", hint=hint)

    def limited(self, loaded: Loaded) -> Loaded:
        """Return a model that is given no longer prompts than it was trained with."""
        run = self.manifest.training.get("run") if self.manifest else None
        most = run.get("longest_prompt") if isinstance(run, Mapping) else None
        return replace(loaded, longest=min(loaded.longest, most)) if isinstance(most, int) and most > 1 else loaded

    def questions(self, view: GoalView, loaded: Loaded) -> list[Question]:
        """Return what the model is asked about a goal."""
        forms = (formats.load(self.manifest.format),) if self.manifest else formats.choose(self.model, view)
        return [self._question(form, view, loaded) for form in forms]

    def _question(self, form: Format, view: GoalView, loaded: Loaded) -> Question:
        if form.chat and loaded.tokenizer.chat_template:
            turns = form.messages(view)
            text = loaded.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            return Question(form, str(text), True)
        return Question(form, form.prompt(view), False)

    def sampling(self, form: Format, changes: Mapping[str, Any]) -> Sampling:
        """Return a format's settings with some changed.

        Raises:
            UsageError: there is no such setting.
        """
        unknown = set(changes) - {field.name for field in fields(Sampling)}
        if unknown:
            raise UsageError(f"there is no sampling setting {min(unknown)!r}")
        usual = form.sampling
        longest = usual.max_tokens
        if self.manifest is not None and isinstance(seen := self.manifest.training.get("longest_answer"), int):
            # Where all beams are about nonsense, they go on to the very end.
            longest = min(longest, seen + seen // 2 + 8)
        own = Sampling(usual.method, usual.temperature, usual.top_p, longest, form.stop)
        return replace(own, **changes)


def separator(style: str) -> str:
    """Return what stands between a goal and its step in a format that we train with."""
    return ":::" if style == GOAL_THEN_STEP else ""


def with_premises(premises: Sequence[str], goal: str) -> str:
    """Return a goal with what may be of use before it, so that the end of a long text is what is kept."""
    return "\n\n".join([*premises, goal])
