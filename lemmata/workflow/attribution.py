"""Who found what: follows a search and remembers which prover first proposed each accepted part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lemmata import codec
from lemmata.events import Event, StepChecked
from lemmata.goal import Obligation
from lemmata.protocols import EventSink
from lemmata.step import Step


class Attribution:
    """An event sink that remembers origins and hands every event on.

    Args:
        sinks: where the events go from here.
    """

    def __init__(self, *sinks: EventSink) -> None:
        self._sinks = sinks
        self._parts: dict[tuple[str, str], str] = {}
        self._steps: dict[str, str] = {}
        self._origins: dict[str, Mapping[str, Any]] = {}
        """By a step's or a part's text, where its prover has it from."""

    def emit(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, StepChecked):
            self._steps.setdefault(event.key, event.prover)
            # Also an empty one: whoever proposed a text first is its origin.
            for text in (event.step, *(part[1] for part in event.parts)):
                self._origins.setdefault(text, event.provenance)
            if event.replacement is not None:
                self._steps.setdefault(codec.step_from_json(event.replacement).key, event.prover)
            for label, text, *_ in event.parts:
                self._parts.setdefault((label, text), event.prover)
        for sink in self._sinks:
            sink.emit(event)

    def provers(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """Return the provers that contributed to a proof, sorted."""
        found = {self._parts.get((part.label, part.text)) for step in steps for part in step.parts}
        found |= {self._steps.get(step.key) for step in steps if not step.parts}
        return tuple(sorted(name for name in found if name))

    def model(self, steps: Sequence[Step]) -> str | None:
        """Return the models that contributed to a proof, separated by commas; None where there was none."""
        texts = [text for step in steps for text in (step.text, *(part.text for part in step.parts))]
        found = {str(origin["model"]) for text in texts if (origin := self._origins.get(text)) and "model" in origin}
        return ", ".join(sorted(found)) or None

    def _alone(self, step: Step) -> str | None:
        """Return the prover of a step that was put together from the parts of others, where all are one prover's."""
        found = {self._parts.get((part.label, part.text)) for part in step.parts}
        return found.pop() if len(found) == 1 else None

    def proof(self, steps: Sequence[Step], where: Mapping[str, str]) -> dict[str, Any]:
        """Return a proof as the `proof` member of a result: each part with its place and its prover.

        Args:
            steps: root first.
            where: `file:line` of the loops, by the labels of the parts.
        """
        return {
            "steps": [
                {
                    "kind": step.kind,
                    "text": step.text,
                    "prover": self._steps.get(step.key) or self._alone(step),
                    **({"provenance": dict(origin)} if (origin := self._origins.get(step.text)) else {}),
                    "parts": [
                        {
                            "label": part.label,
                            "place": where.get(part.label),
                            "text": part.text,
                            "language": part.language,
                            "prover": self._parts.get((part.label, part.text)),
                            **({"provenance": dict(origin)} if (origin := self._origins.get(part.text)) else {}),
                        }
                        for part in step.parts
                    ],
                }
                for step in steps
            ]
        }


def places(obligation: Obligation, context: Mapping[str, Any]) -> dict[str, str]:
    """Return `file:line` of each loop and recursive function of a program, by its label; empty for what has none.

    Args:
        obligation: what is proved.
        context: of the session; for programs, it has the transition system with its cuts.
    """
    system = context.get("system")
    cuts = system.get("cuts", ()) if isinstance(system, Mapping) else ()
    kinds = ("loop", "start", "return")
    return {cut["name"]: f"{obligation.location.file}:{cut['line']}" for cut in cuts if cut.get("kind") in kinds}
