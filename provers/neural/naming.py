"""What stands behind the colon of `--prover NAME:MODEL` for the provers that take a prompt format there."""

from __future__ import annotations

from dataclasses import dataclass

from lemmata.errors import UsageError
from lemmata.goal import GoalView
from provers.neural import conjecturing, formats
from provers.neural.formats import Format

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Named:
    """A model and how it is asked: `MODEL[#FORMAT]`."""

    model: str
    format: Format | None = None
    """The only format to ask it in; None chooses by its name and by the goal."""

    def formats(self, view: GoalView) -> tuple[Format, ...]:
        """Return the formats in which it is asked about a goal; none where the goal is not for it."""
        if self.format is None:
            return formats.choose(self.model, view)
        return (self.format,) if view.goal.system in self.format.systems else ()

    def check_conjecturer(self) -> None:
        """Raise `UsageError` where it is named with a format that asks for something else than conjectures."""
        if self.format is not None:
            conjecturing.refuse_steps(self.format.name, self.format.kind)


def named(text: str) -> Named:
    """Read `MODEL[#FORMAT]`.

    Raises:
        UsageError: there is no model in it, or no such format.
    """
    model, _, form = text.strip().partition("#")
    if not model or len(model) > _LONGEST or not model.isprintable():
        raise UsageError("this prover needs the name of a model", hint="write --prover NAME:MODEL")
    return Named(model, formats.load(form) if form else None)
