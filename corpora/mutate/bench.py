"""A Coq process with a library loaded, on which statements are made, looked at and proved; many a second."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from checkers.coq import assumptions, goals
from checkers.coq.environment import Surroundings, survey
from checkers.coq.goals import Display, Printed
from checkers.coq.installation import Installation
from checkers.coq.line import Line, LoadFailed, unshown
from checkers.coq.loading import load
from checkers.coq.project import Flags
from checkers.coq.toplevel import Interrupted, Reply
from checkers.process import Supervisor
from lemmata.errors import BackendError, Location
from lemmata.goal import Obligation
from lemmata.verdict import Limits

LIMITS = Limits(memory_bytes=4 << 30, file_bytes=64 << 20)
"""What the process may use."""
STEP_SECONDS = 2.0
"""How long one sentence may take; hardly any that is of use takes a tenth of it."""
UNKNOWN = "no theorem of the compiled file"
"""Why a theorem of the text cannot be taken up: it is in a functor, for example, or no proposition."""
_SEED = "lemmata_seed"
_NEW = "lemmata_new"
_LEAVE = "Abort."
"""Leaves the proof that the process was loaded into."""
_REVERT = "1: repeat match goal with H : _ |- _ => revert H end."
_GOAL_IS_PROPOSITION = "1: assert_succeeds (idtac; match goal with |- ?g => let p := constr:(g : Prop) in idtac end)."
_IS_PROOF = "1: assert_succeeds (idtac; let t := type of {name} in let p := constr:(t : Prop) in idtac)."
_FULL = ("Set Printing All.", "Show.", "Unset Printing All.")
_PLAIN = ("Unset Printing Notations.", "Show.", "Set Printing Notations.")

Path = tuple[str, ...]
"""Sentences that lead to a place."""


@dataclass(frozen=True, slots=True)
class Forms:
    """A goal as Coq prints it."""

    pretty: Printed
    """With notations, as people write it."""
    plain: Printed
    """Without notations: what terms are compared by."""
    full: Printed
    """With nothing left out."""


@dataclass(frozen=True, slots=True)
class Target:
    """A theorem, with what it quantifies over and assumes brought into the context."""

    name: str
    """As short as it can be said."""
    full: str
    path: Path
    hypotheses: tuple[tuple[str, str], ...]
    """Names and types, without notations, in order."""
    assumed: frozenset[str]
    """The names among them that are proofs rather than values."""
    conclusion: str
    """Without notations."""
    closed: str
    """The whole statement without notations."""
    explicit: str
    """The whole statement with nothing left out."""
    pretty: str
    """The whole statement as people write it."""

    def applied(self, **other: str) -> str:
        """Return the theorem applied to all of its context, with other terms in the place of some of it."""
        arguments = [other.get(name, name) for name, _ in self.hypotheses]
        return f"@{self.name}{''.join(f' {argument}' for argument in arguments)}"


class Bench:
    """One process; an async context manager.

    Args:
        supervisor: starts it.
        installation: which Coq.
        header: sentences that bring the library into scope.
        flags: how files with this header are compiled.
    """

    def __init__(self, supervisor: Supervisor, installation: Installation, header: Sequence[str], flags: Flags) -> None:
        source = "".join(f"{sentence}\n" for sentence in (*header, f"Lemma {_SEED} : True.", "Proof.", "Admitted."))
        options = (("arguments", json.dumps(list(flags.arguments))), ("top", flags.top))
        self.obligation = Obligation("coq", _SEED, source, Location(f"{flags.top}.v"), options)
        self._loaded = load(self.obligation, installation)
        self._installation = installation
        self._line = Line(supervisor, installation, flags, self._loaded.plain, LIMITS)
        self.premises: list[tuple[str, str]] = []
        """The lemmas in scope: names and statements without notations."""
        self.tactics: frozenset[str] = frozenset()
        """The automation that is there, such as `lia`."""
        self._full: dict[str, str] = {}
        self._place: Path = (_LEAVE,)
        """Leads to where things are stated."""

    async def __aenter__(self) -> Bench:
        """Start it and ask what is in scope.

        Raises:
            InputError: Coq refuses the header.
            BackendError: Coq cannot be run.
        """
        try:
            replies = await self._line.start()
            context, _ = await survey(self._line, Surroundings(self._loaded, replies), self._installation.where)
        except LoadFailed as error:
            await self._line.close()
            raise self._loaded.refused(error) from None
        except BaseException:
            await self._line.close()
            raise
        self.premises = [(str(name), str(text)) for name, text in context["premises"]]
        self.tactics = frozenset(context["tactics"])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._line.close()

    async def settle(self, sentences: Sequence[str]) -> tuple[str, ...]:
        """State everything from now on below sentences that are no proofs; return those that Coq takes."""
        self._place = (_LEAVE,)
        # What a name means may be another thing there.
        self._full.clear()
        taken = []
        for sentence in sentences:
            try:
                (reply,) = await self._line.check(self._place, sentence, lambda _: (), STEP_SECONDS)
            except (Interrupted, BackendError):
                await self._line.start()
                continue
            if not reply.failed:
                taken.append(sentence)
                self._place = (*self._place, sentence)
        return tuple(taken)

    async def proposition(self, path: Path) -> bool:
        """Say whether the goal at the end of a path is a proposition."""
        return await self.attempt(path, _GOAL_IS_PROPOSITION) is not None

    async def attempt(self, path: Path, step: str) -> Display | None:
        """Take a step at the end of a path; None where Coq refuses it or takes too long."""
        try:
            replies = await self._line.check(path, step, unshown, STEP_SECONDS)
        except Interrupted:
            return None
        except BackendError:
            # A sentence may kill Coq; where Coq cannot be started any more, that is told from here.
            await self._line.start()
            return None
        return None if replies[0].failed else goals.display(replies[-1].text)

    async def reaches(self, path: Path, known: int) -> bool:
        """Say whether Coq takes every sentence of a path, of which the first `known` ones are known to be fine."""
        for end in range(known, len(path)):
            if await self.attempt(path[:end], path[end]) is None:
                return False
        return True

    async def holds(self, path: Path, tactic: str) -> bool:
        """Say whether a tactic closes the goal at the end of a path."""
        seen = await self.attempt(path, f"1: {tactic}.")
        return seen is not None and seen.complete

    async def forms(self) -> Forms | None:
        """Return the goal where the process is; None where there is none."""
        replies = await self._ask([*goals.SETTINGS, "Show.", *_PLAIN, *_FULL])
        shown = [goals.display(reply.text) for reply in (replies[3], replies[5], replies[8])] if replies else []
        first = [seen.first for seen in shown if seen is not None and seen.first is not None]
        return Forms(*first) if len(first) == 3 else None

    async def _ask(self, sentences: Sequence[str]) -> list[Reply]:
        """Send sentences that change no goal, where the process is; empty where they take too long."""
        try:
            return await self._line.show(sentences, STEP_SECONDS) if sentences else []
        except (Interrupted, BackendError):
            await self._line.start()
            return []

    async def closed(self, path: Path) -> Forms | None:
        """Return the goal at the end of a path with its whole context reverted into it; None where that fails."""
        seen = await self.attempt(path, _REVERT)
        if seen is None or seen.count != 1 or seen.shelved:
            return None
        found = await self.forms()
        if found is None or found.pretty.hypotheses or goals.existentials(found.full.conclusion):
            return None
        return found

    async def stated(self, statement: str) -> tuple[Path, Forms] | None:
        """State something; return where, and what Coq made of it; None where it is no proposition.

        Args:
            statement: a term, or an `ltac:(...)` that makes one.
        """
        path: Path = (*self._place, f"Lemma {_NEW} : {statement}.")
        if await self.attempt(path[:-1], path[-1]) is None or (found := await self.forms()) is None:
            return None
        said = await self._ask([_GOAL_IS_PROPOSITION])
        return (path, found) if said and not said[0].failed else None

    async def named(self, full: str) -> tuple[str, Path, Forms] | None:
        """State what a theorem states; return its short name, where that is, and what it is; None as of `target`."""
        # Names are asked for where they will be used.
        await self.attempt(self._place, f"Lemma {_NEW} : True.")
        name = await self._short(full)
        made = await self.stated(f"ltac:(let t := type of @{name} in exact t)")
        return None if made is None else (name, *made)

    async def target(self, full: str) -> Target | None:
        """Take up a theorem; None where there is none of this full name, or it is no proposition."""
        made = await self.named(full)
        if made is None:
            return None
        name, path, whole = made
        path = (*path, "1: intros.")
        seen = await self.attempt(path[:-1], path[-1])
        found = await self.forms() if seen is not None else None
        if found is None or any(h.text.startswith(":= ") for h in found.plain.hypotheses):
            return None
        names = [h.name for h in found.plain.hypotheses]
        said = await self._ask([_IS_PROOF.format(name=name) for name in names])
        assumed = frozenset(name for name, reply in zip(names, said, strict=False) if not reply.failed)
        hypotheses = tuple((h.name, h.text) for h in found.plain.hypotheses)
        return Target(
            name,
            full,
            path,
            hypotheses,
            assumed,
            found.plain.conclusion,
            whole.plain.conclusion,
            whole.full.conclusion,
            whole.pretty.conclusion,
        )

    async def proves(self, statement: str, steps: Sequence[str], seconds: float = STEP_SECONDS) -> bool:
        """Say whether steps prove a statement within a time, `Qed` included."""
        sentences = [*self._place, f"Lemma {_NEW} : {statement}.", *(f"1: {step}." for step in steps)]
        try:
            return await self._line.closes(sentences, "Qed.", seconds) is not None
        except (Interrupted, BackendError):
            await self._line.start()
            return False

    async def _short(self, full: str) -> str:
        """Return the shortest name that means what a full name means."""
        parts = full.split(".")
        for count in range(1, len(parts)):
            if await self.full_name(name := ".".join(parts[-count:])) == full:
                return name
        return full

    async def full_name(self, name: str) -> str:
        """Return the full name of a lemma, empty where it has none."""
        if name not in self._full:
            said = await self._ask([f"About {name}."])
            self._full[name] = assumptions.full_name(said[0].text) if said else ""
        return self._full[name]
